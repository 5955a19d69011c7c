"""The models of the plug-in: numbers in closed form, and the contract of all models."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.plugins import contract_faults

SCENARIO = Path(__file__).parents[1] / "scenario.yaml"


@pytest.fixture(scope="module")
def result() -> dcsim.Result:
    """Return the run of the scenario with a current of the moon alone."""
    return dcsim.simulate(dcsim.load(SCENARIO, overrides=["tidal.strait.solar_speed=0 m/s"]))


def test_the_mean_power_is_that_of_the_cube_of_a_sine(result: dcsim.Result) -> None:
    """The mean of ``|sin|^3`` is ``4 / (3 pi)``; the farm is there from its work on."""
    made_mw = result.hourly["tidal_generation_mw"]
    there = np.flatnonzero(made_mw)[0]
    assert made_mw[there:].mean() == pytest.approx(2 * 4 / (3 * math.pi), rel=1e-3)
    assert str(result.calendar.local_time[there])[:10] == "2027-10-01"
    assert result.figure("tidal_mwh") == pytest.approx(made_mw.sum())
    assert result.figure("renewable_generation_mwh") == pytest.approx(made_mw.sum())


def test_the_tide_does_not_go_by_the_day_a_run_begins(result: dcsim.Result) -> None:
    """A run that begins later meets the same tide."""
    overrides = [
        "tidal.strait.solar_speed=0 m/s",
        "start=2027-06-01",
        "orders.first.placed=2027-06-01",
    ]
    later = dcsim.simulate(dcsim.load(SCENARIO, overrides=overrides))
    n_steps = later.hourly["tidal_generation_mw"].size
    np.testing.assert_array_equal(
        later.hourly["tidal_generation_mw"], result.hourly["tidal_generation_mw"][-n_steps:]
    )


def test_cooling_is_heat_over_the_cop_and_the_pumps(result: dcsim.Result) -> None:
    """Heat is IT power and electrical losses."""
    heat_mw = result.hourly["it_power_mw"] + result.hourly["electrical_loss_mw"]
    np.testing.assert_allclose(result.hourly["cooling_power_mw"], heat_mw * (1 / 5.82 + 0.04))


def test_the_battery_holds_its_share(result: dcsim.Result) -> None:
    """It never falls below 60 % of 8 MWh once it was charged: the grid is never short."""
    stored_mwh = result.hourly["battery_stored_mwh"]
    first = int(np.argmax(stored_mwh >= 4.8 - 1e-9))
    assert stored_mwh[first:].min() >= 4.8 - 1e-9
    assert result.figure("unserved_mwh") == 0


def test_figures_of_the_plugin_are_in_the_summary(result: dcsim.Result) -> None:
    """The largest rise of import, of the run and of its years; the milestone of the farm."""
    rises_mw = np.diff(result.hourly["grid_import_mw"], prepend=0.0)
    assert result.figure("import_rise_max_mw") == rises_mw.max()
    assert max(result.summary["yearly"]["import_rise_max_mw"]) == rises_mw.max()
    assert result.milestones[0]["reached"] == "2027-10-01"
    assert result.summary["provenance"]["plugins"]["dcsim-tidal"].startswith("0.1.0+")


def test_the_models_keep_the_contract() -> None:
    """What dcsim's own models keep."""
    assert contract_faults(dcsim.load(SCENARIO)) == []
