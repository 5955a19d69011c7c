from __future__ import annotations

import re
import warnings
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from dcsim.cli import main
from dcsim.errors import RenamedKeyWarning, ScenarioError
from dcsim.scenario.json_schema import json_schema
from dcsim.scenario.load import load
from dcsim.scenario.text import file_format
from dcsim.scenario.text.document import parse
from dcsim.scenario.text.renamed_keys import (
    RENAMED,
    RenamedKey,
    new_key,
    release_of,
    with_new_keys,
)
from dcsim.study.definition.expand import read_study
from dcsim.study.definition.spec import Spec, read_spec

WATTS = RenamedKey("products.*.watts", "products.*.power", since="0.2.0", gone="0.4.0")
OPEN = RenamedKey("power.open_pue", "power.design_pue", since="0.2.0", gone="0.4.0")
CREW = RenamedKey("rollout", "deployment", since="0.2.0", gone="0.4.0")
RUNS = RenamedKey("runs", "replications", since="0.2.0", gone="0.4.0")


@pytest.fixture(autouse=True)
def rows(monkeypatch):
    """Some keys have other names since version 0.2.0; this is 0.3.1."""
    monkeypatch.setitem(RENAMED, "scenario", (WATTS, OPEN, CREW))
    monkeypatch.setitem(RENAMED, "study", (RUNS,))
    monkeypatch.setattr(file_format, "__version__", "0.3.1")


@pytest.fixture
def later(monkeypatch):
    """This is the version that does not read the old names any more."""
    monkeypatch.setattr(file_format, "__version__", "0.4.0")


@pytest.fixture
def old_plan(tmp_path, minimal_text, monkeypatch) -> Path:
    """The least scenario by its old names."""
    text = minimal_text.replace("name: server, power:", "name: server, watts:")
    text = text.replace("design_pue:", "open_pue:").replace("deployment:", "rollout:")
    monkeypatch.chdir(tmp_path)
    path = Path("old.yaml")
    path.write_text(text, encoding="utf-8")
    return path


def told(caught) -> list[str]:
    return [str(one.message.problem) for one in caught if one.category is RenamedKeyWarning]


def test_a_file_with_old_names_is_the_same_plan(old_plan, scenarios):
    with pytest.warns(RenamedKeyWarning) as caught:
        scenario = load(old_plan)
    assert scenario.digest == load(scenarios / "minimal.yaml").digest
    ending = "dcsim 0.4.0 will not read the old name"
    assert sorted(told(caught)) == [
        f"old.yaml:10: products.server.watts: is called power since 0.2.0; {ending}",
        f"old.yaml:12: rollout: is called deployment since 0.2.0; {ending}",
        f"old.yaml:8: power.open_pue: is called design_pue since 0.2.0; {ending}",
    ]


def test_python_shows_the_line_of_the_file(old_plan):
    with pytest.warns(RenamedKeyWarning) as caught:
        load(old_plan)
    assert ("old.yaml", 8) in [(one.filename, one.lineno) for one in caught]


def test_a_value_under_its_old_name_keeps_its_place(old_plan):
    text = old_plan.read_text(encoding="utf-8").replace("open_pue: 1.2", "open_pue: 0.2")
    old_plan.write_text(text, encoding="utf-8")
    with pytest.warns(RenamedKeyWarning), pytest.raises(ScenarioError) as caught:
        load(old_plan)
    assert str(caught.value).startswith("old.yaml:8: power.design_pue = 0.2: must be")


def test_a_layer_may_use_another_name_than_the_file_below_it(old_plan):
    top = Path("top.yaml")
    top.write_text("extends: old.yaml\npower: {design_pue: 1.3}\n", encoding="utf-8")
    with pytest.warns(RenamedKeyWarning):
        assert load(top).site.power.design_pue == 1.3


def test_both_names_in_one_file_are_refused(old_plan):
    text = old_plan.read_text(encoding="utf-8").replace("{basis", "{design_pue: 1.1, basis")
    old_plan.write_text(text, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ScenarioError) as caught:
            load(old_plan)
    assert str(caught.value) == (
        "old.yaml:8: power.open_pue: is the old name of design_pue, "
        "which stands at old.yaml:8 already"
    )


@pytest.mark.parametrize(
    ("override", "where"),
    [
        ("power.open_pue=1.4", "power.open_pue"),
        (
            "power={basis: facility, open_pue: 1.4, steps: [{name: a, adds: 10 MW}]}",
            "power",
        ),
    ],
)
def test_an_override_may_use_an_old_name(scenarios, override, where):
    with pytest.warns(RenamedKeyWarning) as caught:
        scenario = load(scenarios / "minimal.yaml", overrides=[override])
    assert scenario.site.power.design_pue == 1.4
    assert told(caught) == [
        f"override {where}: power.open_pue: is called design_pue since 0.2.0; "
        "dcsim 0.4.0 will not read the old name"
    ]


def test_a_correlation_may_name_a_value_by_its_old_name(old_plan):
    text = old_plan.read_text(encoding="utf-8")
    text = text.replace("watts: 1.79 kW", "watts: {uniform: [1.7 kW, 1.8 kW]}")
    text = text.replace("install: 8 h", "install: {uniform: [7 h, 9 h]}")
    pair = "correlations: [{between: [products.server.watts, rollout.install], rank: 0.5}]\n"
    old_plan.write_text(text + pair, encoding="utf-8")
    with pytest.warns(RenamedKeyWarning):
        pairs = load(old_plan).correlations
    assert [(pair.one, pair.other) for pair in pairs] == [
        ("products.server.power", "deployment.install")
    ]


def test_an_axis_of_a_study_may_use_an_old_name(old_plan, scenarios):
    study = Path("study.yaml")
    plain = (scenarios / "minimal.yaml").read_text(encoding="utf-8")
    Path("plan.yaml").write_text(plain, encoding="utf-8")
    study.write_text(
        "scenario: plan.yaml\nruns: 2\ngrid:\n  power.open_pue: [1.2, 1.3]\n", encoding="utf-8"
    )
    with pytest.warns(RenamedKeyWarning) as caught:
        cases = [*read_study(study).cases()]
    assert [case.resolved["power"]["design_pue"] for case in cases] == [1.2, 1.3]
    assert told(caught)[0].startswith("study.yaml:2: runs: is called replications since 0.2.0")
    assert "study.yaml:4: power.open_pue: is called design_pue" in told(caught)[1]


def test_a_sample_may_name_uncertain_values_by_their_old_names(old_plan):
    study = Path("study.yaml")
    study.write_text(
        "scenario: old.yaml\nsample:\n  method: sobol\n  n: 4\n  uncertain: all\n"
        "  groups:\n    power: [products.*.watts, rollout]\n    rest: true\n",
        encoding="utf-8",
    )
    with pytest.warns(RenamedKeyWarning) as caught:
        spec, _ = read_spec(study)
    assert spec.sample.uncertain == "all"
    assert spec.sample.groups == {"power": ("products.*.power", "deployment"), "rest": True}
    assert told(caught)[0].startswith("study.yaml:7: products.*.watts: is called power since")
    study.write_text(
        "scenario: old.yaml\n"
        "sample: {method: latin-hypercube, n: 4, uncertain: [power.open_pue]}\n",
        encoding="utf-8",
    )
    with pytest.warns(RenamedKeyWarning):
        assert read_spec(study)[0].sample.uncertain == ("power.design_pue",)


@pytest.mark.usefixtures("later")
def test_afterwards_the_new_name_is_suggested(old_plan):
    with pytest.raises(ScenarioError) as caught:
        load(old_plan)
    found = str(caught.value).splitlines()
    assert "old.yaml:12: rollout: not a key of a scenario; did you mean deployment?" in found
    assert (
        "old.yaml:10: products.server.watts: not a key of products.server; did you mean power?"
        in found
    )
    study = Path("study.yaml")
    study.write_text("scenario: old.yaml\nruns: 2\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="not a key of a study; did you mean replications"):
        read_spec(study)


def test_the_command_line_tells_each_old_name_on_a_line(old_plan):
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        done = CliRunner().invoke(main, ["show", "old.yaml"])
    lines = done.stderr.splitlines()
    assert sorted(line.partition(" is called")[0] for line in lines) == [
        "old.yaml:10: products.server.watts:",
        "old.yaml:12: rollout:",
        "old.yaml:8: power.open_pue:",
    ]
    assert "design_pue: 1.2" in done.stdout
    assert "open_pue" not in done.stdout


def test_whoever_turns_warnings_into_errors_gets_a_message(old_plan):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = CliRunner().invoke(main, ["show", "old.yaml"])
    assert done.exit_code == 2
    assert re.fullmatch(r"old\.yaml:\d+: .* will not read the old name\n", done.stderr)


def test_the_json_schema_marks_old_names():
    schema = json_schema()
    assert schema["properties"]["rollout"]["deprecated"] is True
    assert schema["$defs"]["Product"]["properties"]["watts"]["description"] == (
        "Old name of power; not read from dcsim 0.4.0 on."
    )
    checker = jsonschema.Draft202012Validator(schema)
    assert checker.is_valid({"products": [{"name": "a", "watts": "1 kW"}]})
    assert not checker.is_valid({"products": [{"name": "a", "open_pue": 1}]})


@pytest.mark.usefixtures("later")
def test_the_json_schema_drops_names_that_are_gone():
    assert "rollout" not in json_schema()["properties"]


def test_old_names_are_found_through_sources_and_numbers():
    text = "products: {value: [{watts: 1 kW}, {watts: 2 kW}], source: a}"
    with pytest.warns(RenamedKeyWarning) as caught:
        node = with_new_keys(parse(text, "x"), [WATTS])
    assert node.plain["products"]["value"] == [{"power": "1 kW"}, {"power": "2 kW"}]
    assert [one.message.problem.key for one in caught] == ["products.0.watts", "products.1.watts"]


def test_a_key_path_below_a_renamed_section_is_read():
    with pytest.warns(RenamedKeyWarning):
        assert new_key("rollout.crews", "x", [CREW]) == "deployment.crews"
    assert new_key("deployment.rollout", "x", [CREW]) == "deployment.rollout"


def scenario_keys(schema: dict, path: str) -> bool:
    sections = [schema]
    *above, last = path.split(".")
    for part in above:
        if part != "*":
            names = re.findall(r"#/\$defs/(\w+)", str([s["properties"][part] for s in sections]))
            found = [schema["$defs"][name] for name in names]
            sections = [section for section in found if "properties" in section]
    return any(last in section["properties"] for section in sections)


def test_the_table_that_ships_is_sound(monkeypatch):
    monkeypatch.undo()
    schemas = {"scenario": json_schema(), "study": Spec.model_json_schema(by_alias=True)}
    for kind, table in RENAMED.items():
        assert len({row.old for row in table}) == len(table)
        for row in table:
            assert row.old.rpartition(".")[0] == row.new.rpartition(".")[0]
            assert scenario_keys(schemas[kind], row.new)
            (major, minor, _), gone = release_of(row.since), release_of(row.gone)
            assert gone >= (major, minor + 2, 0) or gone[0] > major
