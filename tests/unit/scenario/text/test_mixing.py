from __future__ import annotations

import pytest

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.text.document import Node, parse
from dcsim.scenario.text.merge import Change
from dcsim.scenario.text.mixing import correlations_in, mixed, without_correlations

OWN = """
name: own
sources: {a: {title: A}}
grid: {carbon: 400 kg/MWh, carbon_free: 0.3}
solar: {value: [{name: roof, capacity: 1 MW}], source: a}
halls: [{name: one, racks: 1}, {name: two, racks: 2}]
correlations: [{between: [halls.one.racks, grid.carbon], rank: 0.5}]
"""
OTHER = """
name: other
sources: {b: {title: B}}
grid: {carbon: 300 kg/MWh, export: 1 MW}
solar: [{name: roof, capacity: 2 MW}, {name: field, capacity: 3 MW}]
halls: [{name: two, racks: 20}]
wind: [{name: hill, capacity: 4 MW}]
correlations:
  - {between: [halls.one.racks, grid.carbon], rank: 0.5}
  - {between: [wind.hill.capacity, grid.carbon], rank: 0.1}
"""


def mix(*sections: str) -> tuple[Node, list[str]]:
    changes: list[Change] = []
    own, other = parse(OWN, "own.yaml"), parse(OTHER, "other.yaml")
    node = mixed(own, other, sections, changes)
    assert own.plain == parse(OWN, "own.yaml").plain
    return node, [str(change) for change in changes]


def test_a_key_and_an_item_are_taken_alone() -> None:
    node, changes = mix("grid.carbon", "halls.two")
    assert node.plain["grid"] == {"carbon": "300 kg/MWh", "carbon_free": 0.3}
    assert node.plain["halls"] == [{"name": "one", "racks": 1}, {"name": "two", "racks": 20}]
    assert changes[0] == "other.yaml:4 grid.carbon 400 kg/MWh -> 300 kg/MWh"
    assert node.value["grid"].value["carbon"].where == "other.yaml:4"
    assert node.value["grid"].value["carbon_free"].where == "own.yaml:4"


def test_what_the_other_lacks_is_taken_away_and_an_empty_section_with_it() -> None:
    node, changes = mix("halls.one", "grid.carbon_free")
    assert [hall["name"] for hall in node.plain["halls"]] == ["two"]
    assert "carbon_free" not in node.plain["grid"]
    assert changes[1].endswith("grid.carbon_free 0.3 -> nothing")
    own, other = parse("a: {b: 1}\nc: 1", "x"), parse("c: 2", "y")
    assert mixed(own, other, ["a.b"], []).plain == {"c": 1}


def test_a_section_that_only_the_other_has_is_begun() -> None:
    assert mix("wind.hill")[0].plain["wind"] == [{"name": "hill", "capacity": "4 MW"}]


def test_a_sourced_section_keeps_its_source() -> None:
    solar = mix("solar.roof", "solar.field")[0].plain["solar"]
    assert [plant["capacity"] for plant in solar["value"]] == ["2 MW", "3 MW"]
    assert solar["source"] == "a"


def test_sources_of_both_stay_known() -> None:
    assert set(mix()[0].plain["sources"]) == {"a", "b"}
    assert "sources" not in mixed(parse("a: 1", "x"), parse("a: 2", "y"), ["a"], []).plain


def test_plugins_of_both_stay_known() -> None:
    own, other = parse("plugins: [a, b]\nx: 1", "own"), parse("plugins: [B, c]\nx: 2", "other")
    assert mixed(own, other, ["x"], []).plain == {"plugins": ["b", "c", "a"], "x": 2}
    alone = mixed(own, parse("x: 2", "y"), ["plugins", "x"], [])
    assert alone.plain == {"plugins": ["a", "b"], "x": 2}


@pytest.mark.parametrize(
    ("sections", "ranks"),
    [
        ((), [0.5]),
        (("name",), [0.5]),
        (("grid",), [0.5]),
        (("grid", "wind"), [0.5, 0.1]),
        (("wind", "correlations"), [0.5, 0.1]),
        (("halls", "wind"), [0.1]),
        (("halls",), None),
    ],
)
def test_correlations_follow_what_is_taken(sections: tuple[str, ...], ranks: list[float]) -> None:
    entries = mix(*sections)[0].plain.get("correlations")
    assert (entries and [entry["rank"] for entry in entries]) == ranks


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("grid.none", "grid.none: is in neither of the two scenarios"),
        ("none", "none: is in neither of the two scenarios"),
    ],
)
def test_a_section_of_neither_is_refused(section: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        mix(section)
    assert str(caught.value) == message


def test_a_value_without_keys_below_it_is_refused() -> None:
    with pytest.raises(ScenarioError, match="x:1: a: has no keys below it"):
        mixed(parse("a: 1", "x"), parse("a: {b: 2}", "y"), ["a.b"], [])


def test_correlations_are_left_out_by_their_number() -> None:
    node = parse(OTHER, "other.yaml")
    problems = [Problem("", "correlations.0.between.1", ""), Problem("", "grid.carbon", "")]
    assert correlations_in(problems) == {0}
    assert without_correlations(node, {0}).plain["correlations"][0]["rank"] == 0.1
    assert "correlations" not in without_correlations(node, {0, 1}).plain
    assert without_correlations(parse("a: 1", "x"), {0}).plain == {"a": 1}
