from __future__ import annotations

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.text.data import from_data
from dcsim.scenario.text.merge import Sibling, join, merge

ON_BASE = "extends: base.yaml\n"


def changes(scenario):
    return [str(change) for change in scenario.changes]


def test_named_items_are_merged_by_name_and_new_ones_follow(read):
    text = "halls:\n  - {name: new, racks: 5, it_power: 1 MW}\n  - {name: hall, racks: 500}\n"
    scenario = read(ON_BASE + text)
    assert [(hall.name, hall.racks) for hall in scenario.site.halls] == [("hall", 500), ("new", 5)]
    assert scenario.site.halls[0].it_power_mw == 8.0
    assert changes(scenario) == ["plan.yaml:4 halls.hall.racks 400 -> 500"]


def test_null_takes_a_key_away(read):
    scenario = read(ON_BASE + "confidence: null\n")
    assert "confidence" not in scenario.resolved
    assert changes(scenario) == ["plan.yaml:2 confidence assumption -> nothing"]


def test_a_named_item_can_be_removed(read):
    text = "halls:\n  - {name: hall, remove: true}\n  - {name: new, racks: 5, it_power: 1 MW}\n"
    scenario = read(ON_BASE + text)
    assert [hall.name for hall in scenario.site.halls] == ["new"]
    assert changes(scenario) == ["plan.yaml:3 halls.hall present -> removed"]


def test_an_item_that_is_not_there_cannot_be_removed(complaint):
    told = complaint(ON_BASE + "halls: [{name: hal, remove: true}]\n")
    assert told == "plan.yaml:2: halls.hal: no such item; did you mean hall?"


@pytest.mark.parametrize("word", ["false", "maybe", "1"])
def test_only_true_removes(complaint, word):
    told = complaint(ON_BASE + f"halls: [{{name: hall, remove: {word}}}]\n")
    assert told.startswith("plan.yaml:2: halls.hall.remove: not a key of halls.hall")


def test_an_empty_list_takes_all_items_away(read):
    more = {"more.yaml": ON_BASE + "works: [{name: a, duration: 3 weeks}]\n"}
    scenario = read("extends: more.yaml\nworks: []\n", files=more)
    assert scenario.site.works == ()
    assert len(scenario.changes) == 1


@pytest.mark.parametrize(
    ("low", "high", "key"),
    [
        ("{uniform: [1 week, 2 weeks]}", "{empirical: [3 weeks]}", "lead_time"),
        ("{value: 3 weeks, confidence: stated}", "{value: 4 weeks}", "lead_time"),
        ("{value: 3 weeks}", "5 weeks", "lead_time"),
        ("5 weeks", "{uniform: [1 week, 2 weeks]}", "lead_time"),
        ("{chance: {probability: 0.9, then: 1 h, otherwise: 2 h}}",
         "{chance: {probability: 0.9, then: 3 h}}", "lead_time"),
    ],
)  # fmt: skip
def test_values_sources_and_distributions_are_replaced_whole(read, low, high, key):
    more = {"more.yaml": ON_BASE + f"orders: [{{name: first, {key}: {low}}}]\n"}
    text = f"extends: more.yaml\norders: [{{name: first, {key}: {high}}}]\n"
    found = read(text, files=more).resolved["orders"][0][key]
    assert (
        found
        == read(ON_BASE + f"orders: [{{name: first, {key}: {high}}}]\n").resolved["orders"][0][key]
    )


def test_a_table_of_years_is_replaced_whole(read):
    more = {"more.yaml": ON_BASE + "grid: {carbon: {2025: 400 kg/MWh, 2035: 200 kg/MWh}}\n"}
    text = "extends: more.yaml\ngrid: {carbon: {2030: 100 kg/MWh}}\n"
    assert read(text, files=more).site.grid.carbon_kg_per_mwh.years == (2030.0,)


def test_a_plain_list_is_replaced_whole(read):
    text = "demand: [{name: training, weekday: [0.5]}]\n"
    more = {"more.yaml": ON_BASE + "demand: [{name: training, weekday: [1.5]}]\n"}
    assert read("extends: more.yaml\n" + text, files=more).site.demand[0].weekday == (0.5,)


DIAMOND = {
    "left.yaml": ON_BASE + "power: {basis: it}\n",
    "right.yaml": ON_BASE + "grid: {carbon: 300 kg/MWh}\nhalls: [{name: hall, racks: 500}]\n",
}


@pytest.mark.parametrize("order", ["left.yaml, right.yaml", "right.yaml, left.yaml"])
def test_two_overrides_of_one_plan_can_be_combined(read, order):
    site = read(f"extends: [{order}]\n", files=DIAMOND).site
    assert site.power.basis == "it"
    assert site.grid.carbon_kg_per_mwh.values == (300.0,)
    assert site.halls[0].racks == 500


@pytest.mark.parametrize("order", ["left.yaml, base.yaml", "base.yaml, left.yaml"])
def test_an_override_beside_its_own_parent_wins(read, order):
    assert read(f"extends: [{order}]\n", files=DIAMOND).site.power.basis == "it"


@pytest.mark.parametrize("order", ["less.yaml, right.yaml", "right.yaml, less.yaml"])
def test_what_one_override_takes_away_the_other_does_not_bring_back(read, order):
    files = {**DIAMOND, "less.yaml": ON_BASE + "confidence: null\n"}
    scenario = read(f"extends: [{order}]\n", files=files)
    assert "confidence" not in scenario.resolved


def test_siblings_that_set_the_same_key_are_in_conflict(complaint):
    files = {**DIAMOND, "other.yaml": ON_BASE + "\npower: {basis: {value: it, note: x}}\n"}
    assert complaint("extends: [left.yaml, other.yaml]\n", files=files) == (
        "left.yaml:2: power.basis: is set by two siblings: it here, "
        "{'value': 'it', 'note': 'x'} at other.yaml:3; let one extend the other"
    )


def test_siblings_in_conflict_inside_a_list_are_told_the_item(complaint):
    files = {"more.yaml": "halls: [{name: hall, racks: 5}]\n"}
    told = complaint("extends: [base.yaml, more.yaml]\n", files=files)
    assert told.startswith("base.yaml:9: halls.hall.racks: is set by two siblings: 400 here, 5 at")


def test_siblings_may_each_have_a_title(read):
    files = {name: text + f"name: {name}\n" for name, text in DIAMOND.items()}
    scenario = read("extends: [left.yaml, right.yaml]\nname: both\n", files=files)
    assert scenario.name == "both"


def test_plugins_of_a_file_come_to_those_it_extends():
    changed = []
    old = from_data({"plugins": ["dcsim-a", "dcsim-b >= 1"]}, "old")
    new = from_data({"plugins": ["DCSIM_b >= 2", "dcsim-c"]}, "new")
    assert merge(old, new, changed).plain == {"plugins": ["dcsim-a", "DCSIM_b >= 2", "dcsim-c"]}
    assert [(one.key, one.old, one.new) for one in changed] == [
        ("plugins", "dcsim-b >= 1", "DCSIM_b >= 2")
    ]
    none = from_data({"plugins": []}, "new")
    assert merge(old, none, changed).plain == {"plugins": []}


def test_plugins_of_siblings_are_joined_and_their_versions_may_not_differ():
    def sibling(name, *plugins):
        return Sibling(from_data({"plugins": list(plugins)}, name), frozenset((name,)))

    both = join(sibling("a", "dcsim-a", "dcsim-b"), sibling("b", "dcsim-b", "dcsim-c"))
    assert both.node.plain == {"plugins": ["dcsim-a", "dcsim-b", "dcsim-c"]}
    with pytest.raises(ScenarioError, match="is set by two siblings: dcsim-a here, dcsim-a > 1 at"):
        join(sibling("a", "dcsim-a"), sibling("b", "dcsim-a > 1"))
