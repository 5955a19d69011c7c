from __future__ import annotations

import pytest

from dcsim.scenario.text.document import Node, parse
from dcsim.scenario.text.nodes import (
    child_of,
    is_atom,
    names_of,
    no_such_item,
    node_at,
    short,
    unsourced,
    with_child,
)

TEXT = """
name: plan
power: {value: {basis: it, pue: {value: 1.2, source: a}}, source: b}
halls: [{name: one, racks: 3}, {name: two, racks: 4}]
hours: [7, 8]
"""


@pytest.fixture
def node() -> Node:
    return parse(TEXT, "plan.yaml")


@pytest.mark.parametrize(
    ("text", "atom"),
    [
        ("{value: 3, source: a}", True),
        ("{uniform: [1 h, 2 h]}", True),
        ("{2027: 3, 2028: 4}", True),
        ("[1, 2]", True),
        ("3", True),
        ("{basis: it}", False),
        ("{}", False),
        ("[{name: one}]", False),
    ],
)
def test_an_atom_is_replaced_whole(text: str, atom: bool) -> None:
    assert is_atom(parse(f"key: {text}", "x").value["key"]) is atom


def test_only_a_list_of_named_mappings_has_names(node: Node) -> None:
    assert names_of(node.value["halls"]) == ["one", "two"]
    assert names_of(node.value["hours"]) is None
    assert names_of(parse("a: [{name: one}, {racks: 3}]", "x").value["a"]) is None


def test_a_child_is_found_by_key_name_or_number(node: Node) -> None:
    halls, hours = node.value["halls"], node.value["hours"]
    assert child_of(node, "name") is node.value["name"]
    assert child_of(halls, "two") is child_of(halls, "1") is halls.value[1]
    assert child_of(hours, "0") is hours.value[0]
    for missing in ("three", "2", "-1", "1.0"):
        assert child_of(halls, missing) is None
    assert child_of(node.value["name"], "x") is None


def test_a_path_looks_through_sources(node: Node) -> None:
    found = node_at(node, ("power", "pue"))
    assert found is not None
    assert found.plain == {"value": 1.2, "source": "a"}
    assert unsourced(found).plain == 1.2
    assert node_at(node, ()) is node
    assert node_at(node, ("power", "none", "below")) is None


def test_a_child_keeps_its_place_a_new_one_comes_last_and_none_takes_it_away(node: Node) -> None:
    halls, new = node.value["halls"], Node({"name": Node("new", "x")}, "x")
    assert [h.value["name"].value for h in with_child(halls, "one", new).value] == ["new", "two"]
    assert [h.value["name"].value for h in with_child(halls, "new", new).value][2] == "new"
    assert with_child(halls, "one", None).value == halls.value[1:]
    assert with_child(halls, "three", None).value == halls.value
    assert list(with_child(node, "name", new).value) == list(node.value)
    assert list(with_child(node, "seed", new).value)[-1] == "seed"
    assert "name" not in with_child(node, "name", None).value
    assert node.plain["name"] == "plan"


def test_a_long_value_is_cut_and_a_missing_one_named() -> None:
    assert short(None) == "nothing"
    assert short(Node("x" * 60, "")) == "x" * 60
    assert short(Node("x" * 61, "")) == "x" * 57 + "..."


@pytest.mark.parametrize(
    ("key", "known", "hint"),
    [
        ("halls.hal", ["hall", "annex"], "did you mean hall?"),
        ("halls.zzz", ["hall", "annex"], "there are hall, annex"),
        ("halls.zzz", [], "the list is empty"),
    ],
)
def test_a_missing_item_is_refused_with_what_there_is(
    key: str, known: list[str], hint: str
) -> None:
    assert str(no_such_item("x:1", key, known)) == f"x:1: {key}: no such item; {hint}"
