from __future__ import annotations

from pathlib import Path

import pytest

import dcsim
from dcsim.errors import OutputError
from dcsim.scenario.shipped import shipped_scenarios

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def installed(place: Path) -> Path:
    (place / "scenarios").mkdir(parents=True)
    (place / "scenarios" / "scenario.schema.json").touch()
    return place / "scenarios"


def test_a_checkout_has_them_beside_the_package():
    assert dcsim.Scenario.shipped_folder() == SCENARIOS
    assert dcsim.load(dcsim.Scenario.shipped_folder() / "minimal.yaml").name


def test_a_wheel_has_them_in_the_package(tmp_path):
    package = tmp_path / "site-packages" / "dcsim"
    inside = installed(package)
    installed(package.parent)
    assert shipped_scenarios(package) == inside


def test_a_folder_of_the_same_name_is_not_taken_for_them(tmp_path):
    (tmp_path / "scenarios").mkdir()
    with pytest.raises(OutputError, match="the scenarios that ship are not installed"):
        shipped_scenarios(tmp_path / "dcsim")
