from __future__ import annotations

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import load

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
    expected = "where the scenario may read; give --root (root= in Python) to widen that"
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
