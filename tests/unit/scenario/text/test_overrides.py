from __future__ import annotations

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import load
from dcsim.scenario.text.document import Node, parse, parse_value
from dcsim.scenario.text.merge import Change
from dcsim.scenario.text.overrides import (
    OptionText,
    Override,
    overrides_from,
    put,
    put_all,
    spelled,
)

ON_BASE = "extends: base.yaml\n"


def changes(scenario):
    return [str(change) for change in scenario.changes]


@pytest.mark.parametrize(
    ("override", "key", "change"),
    [
        ("power.basis=it", ("power", "basis"), "power.basis facility -> it"),
        ("seed=7", ("seed",), "seed nothing -> 7"),
        (" seed = 7", ("seed",), "seed nothing -> 7"),
        ("description=a=b", ("description",), "description nothing -> a=b"),
        ("confidence=null", None, "confidence assumption -> nothing"),
        ("grid={carbon: 1 kg/MWh, carbon_free: 1}", ("grid", "carbon"),
         "grid {'carbon': '417 kg/MWh', 'carbon_free': '39 %'} -> "
         "{'carbon': '1 kg/MWh', 'carbon_free': 1}"),
    ],
)  # fmt: skip
def test_a_value_is_set_by_a_text(read, override, key, change):
    scenario = read(ON_BASE, override)
    assert changes(scenario) == [f"override {override.partition('=')[0].strip()} {change}"]
    assert scenario.overrides == (override,)
    if key is None:
        assert change.split()[0] not in scenario.resolved


def test_taking_away_what_is_not_there_changes_nothing(read):
    assert read(ON_BASE, "fleet=null").changes == ()


def test_items_of_lists_are_set_by_name_or_number(read):
    scenario = read(
        ON_BASE,
        "halls.hall.racks=500",
        "power.steps.0.adds=12 MW",
        "weather.climate.temp_mean.0=1 degC",
    )
    assert scenario.site.halls[0].racks == 500
    assert scenario.site.power.steps[0].adds_mw == 12.0
    assert scenario.site.weather.climate.temp_mean_c[:2] == (1.0, 4.0)
    assert [change.key for change in scenario.changes] == [
        "halls.hall.racks",
        "power.steps.0.adds",
        "weather.climate.temp_mean.0",
    ]


def test_overrides_lie_on_top_in_their_order(read):
    assert read(ON_BASE + "seed: 5\n", "seed=6", "seed=7").site.seed == 7


def test_what_was_typed_as_an_option_is_told_as_one(folder):
    assert str(load("base.yaml", overrides=[OptionText("seed=7")]).changes[0]).startswith("--set ")
    with pytest.raises(ScenarioError, match=r"^--set seed: write it as key\.path=value$"):
        load("base.yaml", overrides=[OptionText("seed")])


def test_an_item_is_taken_away_with_null(read):
    text = ON_BASE + "halls: [{name: new, racks: 5, it_power: 1 MW}]\n"
    assert [hall.name for hall in read(text, "halls.hall=null").site.halls] == ["new"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("name", "override name: write it as key.path=value"),
        ("=5", "override =5: write it as key.path=value"),
        ("..=5", "override ..=5: write it as key.path=value"),
        ("a..b=5", "override a..b=5: write it as key.path=value"),
        (".".join("a" * 17) + "=5", f"override {'.'.join('a' * 17)}=5: write it as key.path=value"),
        ("seed=[1",
         "override seed: is not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("seed=.nan", "override seed: .nan is not a finite number"),
        ("seed=!a 1", "override seed: tags (!) are not allowed; a scenario is plain data"),
        ("seed=1\nname: x", "override seed: must be one value, on one line"),
        ("halls.hal.racks=5",
         "override halls.hal.racks: halls.hal: no such item; did you mean hall?"),
        ("halls.7.racks=5", "override halls.7.racks: halls.7: no such item; there are hall"),
        ("name.x=5", "override name.x: name.x: name has no keys below it"),
        ("extends=base.yaml", "override extends: extends can only be written in a scenario"),
        ("seed=x", "override seed: seed = x: must be a number"),
    ],
)  # fmt: skip
def test_a_broken_override_says_what_is_wrong(complaint, override, message):
    assert complaint(ON_BASE, override) == message


@pytest.mark.parametrize(
    "value",
    [
        "6 months",
        "1.20",
        "true",
        "",
        " x ",
        "a: b",
        "a\nb",
        "#1",
        "null",
        "[1]",
        "ü",
        '"q"',
        "~",
        "é: 1",
    ],
)
def test_a_text_is_spelled_so_that_it_is_read_as_the_same_text(value):
    assert parse_value(spelled(value), "x").plain == value


@pytest.mark.parametrize("value", [3, 1.5, 1e-7, True, None, [1, "2", None], {"2030": "1 MW"}, []])
def test_plain_data_are_spelled_so_that_they_are_read_as_the_same(value):
    assert parse_value(spelled(value), "x").plain == value


def test_texts_and_values_by_key_path_are_the_same_overrides():
    texts = ["a.b=6 months", "seed = 3", "c=null"]
    values = {"a.b": "6 months", "seed": 3, "c": None}
    assert overrides_from(texts) == overrides_from(values)
    assert [one.text for one in overrides_from(values)] == ["a.b=6 months", "seed=3", "c=null"]


def test_a_node_keeps_its_place():
    node = Node("6 months", "studies/s.yaml:7")
    assert overrides_from({"a.b": node}) == [Override("a.b", node)]


def test_overrides_are_put_in_their_order():
    changes: list[Change] = []
    node = put_all(parse("a: 1", "x"), overrides_from(["a=2", "a=3", "b.c=4"]), changes)
    assert node.plain == {"a": 3, "b": {"c": 4}}
    assert [str(change) for change in changes] == [
        "override a a 1 -> 2",
        "override a a 2 -> 3",
        "override b.c b.c nothing -> 4",
    ]


def test_a_path_goes_through_the_source_of_a_value():
    node = parse("price: {value: {2030: 5}, source: a}", "x")
    put_in = put(node, "price.2030", Node(6, "y"), [])
    assert put_in.plain == {"price": {"value": {"2030": 6}, "source": "a"}}
    assert put(node, "price.source", Node("b", "y"), []).plain["price"]["source"] == "b"


def test_what_becomes_certain_leaves_its_correlations():
    text = """
a: {uniform: [1 h, 2 h]}
b: {value: {uniform: [1 h, 2 h]}, source: x}
c: {uniform: [1 h, 2 h]}
correlations: [{between: [a, b, c], rank: 0.5}, {between: [a, b], rank: 0.1}]
"""
    changes: list[Change] = []
    node = put(parse(text, "x"), "a", Node("1 h", "y"), changes)
    assert node.plain["correlations"] == [{"between": ["b", "c"], "rank": 0.5}]
    assert [change.key for change in changes] == ["a", "correlations of a", "correlations of a"]
    assert (
        put(parse(text, "x"), "b", parse_value("{normal: [1 h, 2 h]}", "y"), []).plain[
            "correlations"
        ]
        == parse(text, "x").plain["correlations"]
    )
