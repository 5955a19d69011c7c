"""Time steps and the length of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

import dcsim
from dcsim.errors import ScenarioError

MINIMAL = Path(__file__).parents[4] / "scenarios" / "minimal.yaml"
HALF_A_YEAR = {"start": "2027-07-01", "end": "2027-12-01", "orders.first.lead_time": "1 week"}


def load(zone, step, **keys):
    return dcsim.load(MINIMAL, overrides={**HALF_A_YEAR, "time_zone": zone, "step": step, **keys})


@pytest.mark.parametrize(
    ("zone", "step", "length", "instead"),
    [
        ("Europe/Berlin", "3 h", "3,673 h", "1 h"),
        ("Europe/Berlin", "24 h", "3,673 h", "1 h"),
        ("America/New_York", "2 h", "3,673 h", "1 h"),
        ("Australia/Lord_Howe", "1 h", "3,671.5 h", "30 min"),
        ("Australia/Lord_Howe", "24 h", "3,671.5 h", "30 min"),
        ("Australia/Sydney", "6 h", "3,671 h", "1 h"),
    ],
)
def test_a_last_step_beyond_the_end_is_refused_with_the_step_to_write(zone, step, length, instead):
    with pytest.raises(ScenarioError, match="no whole number of steps") as caught:
        load(zone, step)
    assert f"the run is {length} long" in str(caught.value)
    assert f"write 'step: {instead}'" in str(caught.value)
    assert load(zone, instead).site.step_h <= 1.0


@pytest.mark.parametrize(
    ("zone", "step"),
    [
        ("Europe/Berlin", "1 h"),
        ("Europe/Berlin", "15 min"),
        ("Australia/Lord_Howe", "30 min"),
        ("Asia/Kolkata", "24 h"),
        ("Asia/Kathmandu", "3 h"),
    ],
)
def test_the_figures_of_a_run_agree_at_every_step(zone, step):
    scenario = load(zone, step)
    calendar = scenario.plan().calendar
    assert calendar.n_hours * calendar.step_min == calendar.n_minutes
    summary = dcsim.simulate(scenario).summary
    assert summary["gpu_hours_online"] == pytest.approx(24 * summary["gpu_days"]["online"])
    assert summary["gpu_hours_online"] > 0


def test_whole_years_take_any_step():
    assert load("Europe/Berlin", "24 h", end="2028-07-01").site.step_h == 24.0


def test_a_finished_run_stays_readable():
    far = {**HALF_A_YEAR, "time_zone": "Europe/Berlin", "step": "24 h"}
    assert dcsim.load(MINIMAL, overrides=far, check_files=False).site.step_h == 24.0
