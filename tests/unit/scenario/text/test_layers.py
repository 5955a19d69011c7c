from __future__ import annotations

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.scenario import load

ON_BASE = "extends: base.yaml\n"


def changes(scenario):
    return [str(change) for change in scenario.changes]


def test_a_layer_changes_what_it_names_and_keeps_the_rest(read):
    scenario = read(ON_BASE + "power: {design_pue: 1.3}\n")
    assert scenario.site.power.design_pue == 1.3
    assert scenario.site.power.steps[0].adds_mw == 10.0
    assert changes(scenario) == ["plan.yaml:2 power.design_pue 1.2 -> 1.3"]


def test_a_value_said_again_is_no_change(read):
    assert changes(read(ON_BASE + "power: {design_pue: 1.2}\n")) == []


def test_extends_is_no_key_of_the_scenario(read):
    assert "extends" not in read(ON_BASE).resolved


def test_what_is_resolved_runs_as_a_file_of_its_own(read, folder):
    import json

    scenario = read(ON_BASE + "power: {basis: it}\n", "halls.hall.racks=500")
    (folder / "resolved.yaml").write_text(json.dumps(scenario.resolved), encoding="utf-8")
    again = load("resolved.yaml")
    assert again.site == scenario.site
    assert again.digest == scenario.digest


def test_layers_lie_on_layers(read):
    files = {"middle.yaml": ON_BASE + "power: {design_pue: 1.3}\nseed: 7\n"}
    scenario = read("extends: middle.yaml\npower: {design_pue: 1.4}\n", files=files)
    assert (scenario.site.power.design_pue, scenario.site.seed) == (1.4, 7)
    assert changes(scenario) == [
        "middle.yaml:2 power.design_pue 1.2 -> 1.3",
        "plan.yaml:2 power.design_pue 1.3 -> 1.4",
    ]


def test_several_parents_are_joined(read):
    files = {"more.yaml": "halls: [{name: annex, racks: 5, it_power: 1 MW}]\nseed: 9\n"}
    scenario = read("extends: [base.yaml, more.yaml]\n", files=files)
    assert [hall.name for hall in scenario.site.halls] == ["hall", "annex"]
    assert scenario.site.seed == 9


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


def test_a_file_that_many_extend_is_read_once(read):
    names = [f"layer-{n}.yaml" for n in range(6)]
    files = {
        name: f"extends: [{', '.join([above] * 10)}]\n"
        for name, above in zip(names, [*names[1:], "base.yaml"], strict=True)
    }
    assert read("extends: layer-0.yaml\n", files=files).site.seed == 1


def test_a_circle_names_its_files(complaint):
    files = {"a.yaml": "extends: b.yaml\n", "b.yaml": "seed: 1\nextends: a.yaml\n"}
    assert complaint("extends: a.yaml\n", files=files) == (
        "b.yaml:2: extends: goes round in a circle: plan.yaml -> a.yaml -> b.yaml -> a.yaml"
    )
    told = complaint("extends: plan.yaml\n")
    assert told == "plan.yaml:1: extends: goes round in a circle: plan.yaml -> plan.yaml"


def test_a_chain_has_an_end(complaint):
    files = {f"c{n}.yaml": f"extends: c{n + 1}.yaml\n" for n in range(20)}
    told = complaint("extends: c0.yaml\n", files=files)
    assert told == "c6.yaml:1: extends: is more than 8 files deep"


def test_the_number_of_files_is_bounded(complaint):
    files = {f"w{n}.yaml": f"seed: 1\nsources: {{s{n}: {{title: x}}}}\n" for n in range(40)}
    told = complaint(f"extends: [{', '.join(files)}]\n", files=files)
    assert told == "w31.yaml: extends: reads more than 32 files"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("''", "must be a file name or a list of them"),
        ("5", "must be a file name or a list of them"),
        ("{a: 1}", "must be a file name or a list of them"),
        ("[base.yaml, 5]", "must be a file name or a list of them"),
        ("[]", "names no file"),
        ("bas.yaml", "bas.yaml: no such file; did you mean base.yaml?"),
        ("qqqqqqqqq", "qqqqqqqqq: no such file"),
        ("'.'", ".: no such file"),
    ],
)
def test_extends_names_files(complaint, value, message):
    assert complaint(f"extends: {value}\n") == f"plan.yaml:1: extends: {message}"


@pytest.mark.parametrize(
    "value",
    ["../base.yaml", "/etc/hostname", "/no/such/file", "sub/../../x.yaml", "//host/x", "link.yaml"],
)
def test_a_file_outside_the_root_is_refused_whether_it_is_there_or_not(complaint, folder, value):
    (folder / "link.yaml").symlink_to("/etc/hostname")
    told = complaint(f"extends: {value}\n")
    expected = "where the scenario may read; give --root to widen that"
    assert told.startswith("plan.yaml:1: extends: lies outside ")
    assert told.endswith(expected)


@pytest.mark.parametrize("value", ["~/x.yaml", "file:///etc/passwd", "https://example.org/x.yaml"])
def test_no_home_and_no_address_is_followed(complaint, value):
    assert "no such file" in complaint(f"extends: {value}\n")


def test_a_name_too_long_is_no_file(complaint):
    told = complaint(f"extends: {'x' * 5000}\n")
    assert told.startswith("plan.yaml:1: extends: xxx")
    assert len(told) < 1200


def test_links_in_a_circle_are_no_file(complaint, folder):
    (folder / "a.link").symlink_to("b.link")
    (folder / "b.link").symlink_to("a.link")
    assert complaint("extends: a.link\n")


def test_a_link_inside_the_root_is_followed(read, folder):
    (folder / "link.yaml").symlink_to(folder / "base.yaml")
    assert read("extends: link.yaml\n").site.seed == 1


def test_a_wider_root_lets_a_scenario_read_beside_its_folder(folder, minimal_text):
    (folder / "plans").mkdir()
    (folder / "plans" / "plan.yaml").write_text("extends: ../base.yaml\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"lies outside plans"):
        load("plans/plan.yaml")
    assert load("plans/plan.yaml", root=".").site.seed == 1


def test_the_scenario_itself_lies_in_the_root(folder):
    (folder / "plans").mkdir()
    with pytest.raises(ScenarioError, match=r"^base.yaml: lies outside plans"):
        load("base.yaml", root="plans")


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
def test_a_value_is_set_on_the_command_line(read, override, key, change):
    scenario = read(ON_BASE, override)
    assert changes(scenario) == [f"--set {override.partition('=')[0].strip()} {change}"]
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


def test_an_item_is_taken_away_with_null(read):
    text = ON_BASE + "halls: [{name: new, racks: 5, it_power: 1 MW}]\n"
    assert [hall.name for hall in read(text, "halls.hall=null").site.halls] == ["new"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("name", "--set name: write it as key.path=value"),
        ("=5", "--set =5: write it as key.path=value"),
        ("..=5", "--set ..=5: write it as key.path=value"),
        ("a..b=5", "--set a..b=5: write it as key.path=value"),
        (".".join("a" * 17) + "=5", f"--set {'.'.join('a' * 17)}=5: write it as key.path=value"),
        ("seed=[1", "--set seed: is not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("seed=.nan", "--set seed: .nan is not a finite number"),
        ("seed=!a 1", "--set seed: tags (!) are not allowed; a scenario is plain data"),
        ("seed=1\nname: x", "--set seed: must be one value, on one line"),
        ("halls.hal.racks=5", "--set halls.hal.racks: halls.hal: no such item; did you mean hall?"),
        ("halls.7.racks=5", "--set halls.7.racks: halls.7: no such item; there are hall"),
        ("name.x=5", "--set name.x: name.x: name has no keys below it"),
        ("extends=base.yaml", "--set extends: extends can only be written in a file"),
        ("seed=x", "--set seed: seed = x: must be a number"),
    ],
)  # fmt: skip
def test_a_broken_override_says_what_is_wrong(complaint, override, message):
    assert complaint(ON_BASE, override) == message
