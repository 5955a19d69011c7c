"""Scenarios that are loaded from plain data instead of a file."""

from __future__ import annotations

import copy
import datetime
import re
from pathlib import Path

import numpy as np
import pint
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import load

SCENARIOS = Path(__file__).parents[3] / "scenarios"
FILES = sorted(SCENARIOS.glob("*.yaml"))
UNITS = pint.UnitRegistry()


def refused(source, **how):
    with pytest.raises(ScenarioError) as caught:
        load(source, **how)
    return str(caught.value)


@pytest.fixture
def plain(folder):
    return load("base.yaml").resolved


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_resolved_scenario_loads_as_the_file_it_is_from(path, monkeypatch, tmp_path):
    scenario = load(path)
    given = scenario.resolved
    before = copy.deepcopy(given)
    monkeypatch.chdir(tmp_path)
    loaded = load(given, base=path.parent)
    assert given == before
    assert loaded.digest == scenario.digest
    assert loaded.resolved == scenario.resolved
    assert {name: file.resolve() for name, file in loaded.files.items()} == {
        name: file.resolve() for name, file in scenario.files.items()
    }
    for replication in (0, 1, 17):
        assert loaded.plan(replication).site == scenario.plan(replication).site
        assert loaded.plan(replication).inputs == scenario.plan(replication).inputs


def test_objects_have_the_digest_of_their_texts(plain):
    objects = copy.deepcopy(plain)
    assert (plain["start"], plain["products"][0]["power"]) == ("2027-01-01", "1.79 kW")
    objects["start"] = datetime.date(2027, 1, 1)
    objects["products"] = ({**plain["products"][0], "power": UNITS.Quantity(1.79, "kW")},)
    objects["halls"][0]["racks"] = np.int16(plain["halls"][0]["racks"])
    assert load(objects).digest == load(plain).digest == load("base.yaml").digest


def test_problems_are_told_by_key_path(plain):
    plain["power"]["basis"] = "meter"
    plain["halls"][0]["rackz"] = 3
    plain["products"][0]["power"] = UNITS.Quantity(3, "week")
    assert refused(plain).splitlines() == [
        "scenario: power.basis = meter: must be one of 'facility', 'it'",
        "scenario: halls.hall.rackz: not a key of halls.hall; did you mean racks?",
        "scenario: products.server.power = 3 week: is not a quantity in kW: 'week' measures "
        "another thing",
    ]


def test_files_are_looked_for_in_the_base(plain, folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "year.csv").write_text("x")
    plain["weather"]["file"] = Path("year.csv")
    assert refused(plain) == "scenario: weather.file: year.csv: no such file"
    assert load(plain, base=elsewhere).files == {"year.csv": elsewhere / "year.csv"}
    assert load(plain, base=str(elsewhere)).path.parent == elsewhere
    assert load(plain, check_files=False).files == {}


def test_files_of_overrides_lie_in_the_base_too(plain, folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "year.csv").write_text("x")
    named = {"weather.file": "year.csv"}
    found = {"year.csv": elsewhere / "year.csv"}
    assert load(plain, base=elsewhere, overrides=named).files == found
    assert load(plain, base=elsewhere).with_overrides(named).files == found


def test_files_must_lie_in_the_root(plain, folder):
    (folder / "sub").mkdir()
    plain["weather"]["file"] = "../year.csv"
    (folder / "year.csv").write_text("x")
    assert "lies outside sub, where the scenario may read" in refused(plain, base="sub")
    assert list(load(plain, base="sub", root=folder).files) == ["../year.csv"]


def test_a_mapping_extends_files_of_the_base(folder):
    (folder / "sub").mkdir()
    Path("base.yaml").rename("sub/plan.yaml")
    late = {"extends": "plan.yaml", "orders": [{"name": "first", "lead_time": "40 weeks"}]}
    loaded = load(late, base="sub")
    (folder / "sub" / "late.yaml").write_text(
        "extends: plan.yaml\norders: [{name: first, lead_time: 40 weeks}]\n"
    )
    assert loaded.digest == load("sub/late.yaml").digest
    assert [str(change) for change in loaded.changes] == [
        "scenario orders.first.lead_time 26 weeks -> 40 weeks"
    ]


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("plam.yaml", "plam.yaml: no such file; did you mean plan.yaml?"),
        ([], "names no file"),
        ([3], "must be a file name or a list of them"),
        ("../plan.yaml", "lies outside sub, where the scenario may read; give --root (root= in"),
    ],
)
def test_what_a_mapping_cannot_extend_is_refused(folder, extends, message):
    (folder / "sub").mkdir()
    Path("base.yaml").rename("sub/plan.yaml")
    told = refused({"extends": extends}, base="sub")
    assert told.startswith(f"scenario: extends: {message}")


def test_overrides_are_laid_on_top_in_both_forms(plain):
    by_text = load(plain, overrides=["seed=7", "halls.hall.racks=600"])
    by_key = load(plain, overrides={"seed": 7, "halls.hall.racks": 600})
    assert (
        by_text.digest
        == by_key.digest
        == load("base.yaml", overrides=["seed=7"]).with_overrides({"halls.hall.racks": 600}).digest
    )
    assert by_text.overrides == by_key.overrides == ("seed=7", "halls.hall.racks=600")
    assert refused(plain, overrides={"deployment.slotz": 3}) == (
        "override deployment.slotz: deployment.slotz: not a key of deployment; did you mean slots?"
    )


def test_a_mapping_is_as_large_as_it_may(plain):
    plain["orders"][0]["gpus"] = "40000000 GPU"
    assert "--allow-large (allow_large=True in Python)" in refused(plain)
    assert load(plain, allow_large=True).site.orders[0].gpus == 40_000_000


def test_a_mapping_has_a_name_in_the_place_of_its_file(plain):
    scenario = load(plain)
    assert (scenario.path, scenario.name) == (Path("scenario"), "One hall")


@pytest.mark.parametrize(
    ("source", "how", "message"),
    [
        ("base.yaml", {"base": "."}, "base= is for a mapping; base.yaml names files in its own"),
        (3, {}, "load() takes a path or a mapping, not int"),
        (None, {}, "load() takes a path or a mapping, not NoneType"),
        ([("name", "x")], {}, "load() takes a path or a mapping, not list"),
        (b"base.yaml", {}, "load() takes a path or a mapping, not bytes"),
    ],
)
def test_another_source_is_refused(folder, source, how, message):
    with pytest.raises(TypeError, match=f"^{re.escape(message)}"):
        load(source, **how)


def test_a_scenario_is_not_loaded_again(folder):
    with pytest.raises(TypeError, match=r"not a Scenario; vary it by with_overrides$"):
        load(load("base.yaml"))
