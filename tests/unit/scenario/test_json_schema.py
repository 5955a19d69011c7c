from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from dcsim.scenario.json_schema import json_schema
from dcsim.scenario.text.document import read_node

SCENARIOS = Path(__file__).parents[3] / "scenarios"
FILES = sorted(
    path.relative_to(SCENARIOS)
    for path in SCENARIOS.rglob("*.yaml")
    if path.parent.name != "studies"  # another kind of file
)
SCHEMA = json_schema()


@pytest.fixture(scope="module")
def validator():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_has_a_name_that_changes_with_the_format_only():
    assert SCHEMA["$id"] == "urn:dcsim:scenario:1"


def test_the_schema_beside_the_scenarios_is_the_one_that_is_printed():
    text = (SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8")
    assert text == json.dumps(SCHEMA, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_shipped_scenario_is_valid(validator, path):
    plain = read_node(SCENARIOS / path, str(path)).plain
    assert [error.json_path for error in validator.iter_errors(plain)] == []


def test_every_field_is_described():
    sections = {"top": SCHEMA, **SCHEMA["$defs"]}
    without = [
        f"{name}.{key}"
        for name, section in sections.items()
        if name != "drawn"
        for key, field in section["properties"].items()
        if len(field.get("description", "")) < 4
    ]
    assert without == []


def test_a_layer_may_leave_out_anything_and_take_anything_away(validator):
    layer = {
        "extends": ["a.yaml", "b.yaml"],
        "fleet": None,
        "halls": [{"name": "a", "remove": True}, {"name": "b", "racks": {"uniform": [1, 2]}}],
        "grid": {"carbon": {"2025": "400 kg/MWh", "2030": {"value": "1 kg/MWh", "source": "x"}}},
        "start": {"value": "2027-01-01", "confidence": "stated", "note": "x"},
        "sources": {"x": {"title": "X"}},
        "correlations": [{"between": ["a.b", "c"], "rank": 0.3, "source": "x"}],
    }
    assert list(validator.iter_errors(layer)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"hallz": []},
        {"power": {"bassis": "it"}},
        {"power": {"basis": "meter"}},
        {"halls": {"name": "a"}},
        {"halls": [{"name": "a", "rackz": 5}]},
        {"seed": {"value": 3, "confidence": "sure"}},
        {"seed": {"value": 3, "src": "x"}},
        {"cooling": {"model": "fixt"}},
        {"extends": []},
        {"correlations": [{"between": ["a.b", "c"], "ranks": 0.3}]},
        {"correlations": [{"between": "a.b", "rank": 0.3}]},
        {"orders": [{"name": "a", "lead_time": {"unifrom": ["1 h", "2 h"]}}]},
        {"orders": [{"name": "a", "lead_time": 5}]},
        {"grid": {"carbon": {"soon": "400 kg/MWh"}}},
    ],
    ids=str,
)
def test_an_editor_marks_what_is_wrong(validator, wrong):
    assert list(validator.iter_errors(wrong))
