from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

import dcsim
from dcsim.cli import main
from dcsim.errors import ScenarioError
from dcsim.scenario.json_schema import json_schema
from dcsim.scenario.load import from_plain, load
from dcsim.scenario.text import file_format
from dcsim.scenario.text.document import parse
from dcsim.scenario.text.file_format import content, with_format
from dcsim.study.definition.spec import read_spec

THIS = f"dcsim {version('dcsim')}"
ROOT = Path(__file__).parents[4]
SHIPPED = sorted([*(ROOT / "scenarios").rglob("*.yaml"), *(ROOT / "examples").rglob("*.yaml")])


def refused(path: Path, **options) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path, **options)
    return str(caught.value)


@pytest.fixture
def plan(tmp_path, minimal_text):
    """Write the least scenario with some text in the place of its format."""

    def write(lines: str, name: str = "plan.yaml") -> Path:
        path = tmp_path / name
        path.write_text(lines + "\n" + minimal_text.partition("\n")[2], encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_file_that_ships_says_its_format(path):
    assert parse(path.read_text(encoding="utf-8"), path.name).plain["format"] == 1


def test_a_file_without_a_format_is_of_format_1(plan):
    assert load(plan("")).digest == load(plan("format: 1")).digest


def test_the_format_is_no_part_of_the_plan(plan):
    scenario = load(plan("format: 1"))
    assert "format" not in scenario.resolved
    assert [leaf.key for leaf in scenario.leaves if leaf.key.startswith("format")] == []


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("format: 2", f"plan.yaml:1: format = 2: is newer than {THIS} reads (1): upgrade dcsim"),
        ("format: 0", f"plan.yaml:1: format = 0: is older than {THIS} reads (1)"),
        ("# a\nformat: -3", f"plan.yaml:2: format = -3: is older than {THIS} reads (1)"),
        ("format: one", f"plan.yaml:1: format = one: must be a whole number; {THIS} reads 1"),
        ('format: "1"', f"plan.yaml:1: format = 1: must be a whole number; {THIS} reads 1"),
        ("format: 1.0", f"plan.yaml:1: format = 1.0: must be a whole number; {THIS} reads 1"),
        ("format: true", f"plan.yaml:1: format: must be a whole number; {THIS} reads 1"),
        ("format:", f"plan.yaml:1: format: must be a whole number; {THIS} reads 1"),
        ("format: {value: 1}", f"plan.yaml:1: format: must be a whole number; {THIS} reads 1"),
    ],
)
def test_another_format_is_one_clear_message(plan, monkeypatch, lines, message):
    path = plan(f"{lines}\nkey_of_a_later_format: 3")
    monkeypatch.chdir(path.parent)
    assert refused(Path(path.name)) == message


def test_each_file_of_a_scenario_is_checked_by_itself(plan, monkeypatch):
    monkeypatch.chdir(plan("format: 7", "base.yaml").parent)
    top = Path("top.yaml")
    top.write_text("format: 1\nextends: base.yaml\n", encoding="utf-8")
    assert refused(top).startswith("base.yaml:1: format = 7: is newer")
    plan("format: 1", "base.yaml")
    top.write_text("extends: base.yaml\n", encoding="utf-8")
    assert load(top).name == "One hall"


def test_older_formats_are_named_once_there_are_some(plan, monkeypatch):
    monkeypatch.setattr(file_format, "FILE_FORMAT", 3)
    assert "is newer than " + THIS + " reads (1 to 3)" in refused(plan("format: 4"))


def test_the_format_of_a_file_cannot_be_set(plan):
    path = plan("format: 1")
    assert refused(path, overrides=["format=1"]) == (
        "override format: format: can only be written in a file"
    )
    with pytest.raises(ScenarioError, match="can only be written in a file"):
        load(path).with_overrides({"format": None})


def test_plain_data_may_say_their_format(plan):
    scenario = load(plan("format: 1"))
    assert from_plain(with_format(scenario.resolved)).digest == scenario.digest
    with pytest.raises(ScenarioError, match=r"data: format = 2: is newer"):
        from_plain(scenario.resolved | {"format": 2}, name="data")


def test_a_study_file_has_a_format_too(tmp_path, plan, monkeypatch):
    monkeypatch.chdir(plan("format: 1").parent)
    study = Path("study.yaml")
    study.write_text("format: 1\nscenario: plan.yaml\n", encoding="utf-8")
    assert read_spec(study)[0].scenario == "plan.yaml"
    study.write_text("format: 2\nscenario: plan.yaml\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"^study\.yaml:1: format = 2: is newer than dcsim"):
        read_spec(study)


def test_what_is_written_says_its_format_and_is_the_same_plan(plan, tmp_path):
    path = plan("")
    scenario = load(path, overrides=["end=2027-03-01"])
    dcsim.simulate(scenario).save(tmp_path / "run")
    written = tmp_path / "run" / "scenario.yaml"
    assert written.read_text(encoding="utf-8").startswith("format: 1\n")
    assert load(written).digest == scenario.digest
    assert dcsim.read_run(tmp_path / "run").resolved == scenario.resolved
    shown = CliRunner().invoke(main, ["show", str(path), "--json", "--no-defaults"]).stdout
    assert json.loads(shown) == {"format": 1, **load(path).resolved}
    assert CliRunner().invoke(main, ["show", str(path)]).stdout.startswith("format: 1\n")


def test_the_json_schema_knows_the_format():
    checker = jsonschema.Draft202012Validator(json_schema())
    assert checker.is_valid({"format": 1})
    assert not checker.is_valid({"format": 2})
    assert not checker.is_valid({"format": "1"})


def test_content_leaves_a_node_as_it_is():
    node = parse("format: 1\na: 2", "x")
    assert content(node).plain == {"a": 2}
    assert node.plain == {"format": 1, "a": 2}
