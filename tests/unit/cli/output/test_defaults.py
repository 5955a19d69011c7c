"""Defaults in the plain data of a scenario."""

from __future__ import annotations

import dcsim
from dcsim.cli.output.defaults import commented, leaf_of, mark_of, noted, with_defaults
from dcsim.results.run_folder import Commented, yaml_text
from dcsim.scenario.defaults import Default

ONE = Default(("halls", "hall", "rack_limit"), "2000 kW", "")


def test_a_default_stands_in_the_item_it_belongs_to(minimal_text, tmp_path):
    text = minimal_text.replace("{name: hall,", "{name: {value: hall, note: x},")
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    scenario = dcsim.load(tmp_path / "plan.yaml")
    data = with_defaults(scenario, [ONE], noted)
    assert data["halls"][0]["rack_limit"] == {"value": "2000 kW", "note": "default"}
    assert "rack_limit" not in scenario.resolved["halls"][0]


def test_a_section_with_a_source_of_its_own_takes_its_defaults_inside(minimal_text, tmp_path):
    (tmp_path / "plan.yaml").write_text(
        minimal_text.replace("{model: fixed,", "{value: {model: fixed,").replace(
            "overhead: 15 %}", "overhead: 15 %}, confidence: stated}"
        ),
        encoding="utf-8",
    )
    scenario = dcsim.load(tmp_path / "plan.yaml")
    data = with_defaults(scenario, [Default(("cooling", "x"), 1, "")], commented)
    assert data["cooling"]["value"]["x"] == Commented(1, "default")


def test_yaml_has_the_mark_as_a_comment():
    origin = "the same as power"
    data = {"batteries": [{"name": "a", "charge_power": Commented("2 MW", origin)}]}
    assert yaml_text(data) == (
        'batteries:\n  - name: a\n    charge_power: "2 MW"  # the same as power\n'
    )


def test_nothing_in_a_place_is_null():
    assert leaf_of(ONE._replace(value=None)).text == "null"
    assert mark_of(ONE._replace(origin="the same as at")) == "default: the same as at"
