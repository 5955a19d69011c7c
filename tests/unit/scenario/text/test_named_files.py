from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import load
from dcsim.scenario.text.named_files import MAX_DATA_BYTES, KnownFiles, file_digest, find


@pytest.fixture
def named_text(minimal_text):
    """A scenario that names a weather file and a power curve."""
    wind = "wind: [{name: hill, capacity: 3 MW, turbine: own.csv, hub_height: 110 m}]\n"
    factors = f"monthly_factor: [{', '.join(['1'] * 12)}]"
    at_hub = "mean: 7 m/s, height: 100 m, weibull_shape: 2, shear: 0.1, memory: 10 h"
    at_hub = f"{{{at_hub}, {factors}}}"
    weather = f"weather:\n  file: year.csv\n  wind: {at_hub}\n"
    return minimal_text.replace("weather:\n", weather) + wind


@pytest.fixture
def scenario(folder, named_text):
    (folder / "plan.yaml").write_text(named_text)
    for name in ("year.csv", "own.csv"):
        (folder / name).write_text(name)
    return load("plan.yaml")


def found(scenario, known=None):
    root = Path()
    known = known or KnownFiles({})
    return find(scenario.site, scenario.values, root, root, known)


def test_files_of_all_sections_are_found(scenario):
    assert found(scenario) == {"year.csv": Path("year.csv"), "own.csv": Path("own.csv")}


def test_a_known_file_is_not_looked_up_unless_its_value_was_set_since(scenario, folder):
    (folder / "year.csv").unlink()
    elsewhere = {"year.csv": Path("elsewhere.csv")}
    assert found(scenario, KnownFiles(elsewhere))["year.csv"] == Path("elsewhere.csv")
    where = scenario.values.places["weather", "file"]
    with pytest.raises(ScenarioError, match=r"weather.file: year.csv: no such file"):
        found(scenario, KnownFiles(elsewhere, frozenset({where})))


def test_a_file_set_by_hand_is_relative_to_the_current_folder(folder, named_text):
    (folder / "plans").mkdir()
    (folder / "plans" / "plan.yaml").write_text(named_text)
    for name in ("plans/year.csv", "plans/own.csv", "year.csv"):
        (folder / name).write_text(name)
    files = load("plans/plan.yaml", overrides=["weather.file=year.csv"], root=".").files
    assert files == {"year.csv": folder / "year.csv", "own.csv": Path("plans/own.csv")}


@pytest.mark.parametrize("name", ["../year.csv", "/etc/hostname"])
def test_a_file_outside_the_root_is_refused(folder, named_text, name):
    (folder / "own.csv").write_text("")
    (folder / "plan.yaml").write_text(named_text.replace("year.csv", name))
    with pytest.raises(ScenarioError, match="lies outside"):
        load("plan.yaml")


def test_a_file_beyond_the_limit_is_refused(scenario, folder):
    os.truncate(folder / "year.csv", MAX_DATA_BYTES)
    assert load("plan.yaml").files == scenario.files
    os.truncate(folder / "year.csv", MAX_DATA_BYTES + 1)
    with pytest.raises(ScenarioError, match=r"year.csv: larger than 256 MiB"):
        load("plan.yaml")


def test_a_digest_is_that_of_the_content(folder):
    for name, text in (("a", "x"), ("b", "x"), ("c", "y")):
        (folder / name).write_text(text)
    assert file_digest(folder / "a") == file_digest(folder / "b") != file_digest(folder / "c")
    # printf x | sha256sum
    assert file_digest(folder / "a").startswith("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db")
