"""Relief as a table: gains, shares, shifts of milestones, in words and for notebooks."""

from __future__ import annotations

import math

import pytest

from dcsim.study.attribution.relief_gain import (
    ConstraintGain,
    MilestoneShift,
    Relief,
    days_between,
    moved_milestones,
)
from dcsim.types import MilestoneResult


def milestone(reached: str | None) -> MilestoneResult:
    return MilestoneResult("half", "gpus_online", 80.0, "2030-01-14", reached, True, 0.0)


def shift(constraint: str, reached: str | None, days: float, **keys: float) -> MilestoneShift:
    return MilestoneShift(
        "half", constraint, constraint, "2030-01-16", reached, days, met=True, **keys
    )


def relief(*shifts: MilestoneShift, **keys: object) -> Relief:
    gains = (
        ConstraintGain("power", "power", 200.0, 10.0, (), 0.0, 210.0, 10.0, 70.0),
        ConstraintGain("crews", "crews", -50.0, 10.0, (), 0.0, 0.0, 50.0, 0.0, reason="so"),
    )
    planned = (milestone("2030-01-16"),)
    return Relief("Site", 0, 1000.0, 10.0, planned, gains, "2031-01-01", shifts=shifts, **keys)


def test_days_between_two_days_are_positive_if_it_is_earlier():
    assert days_between("2030-01-11", "2030-01-01") == 10.0
    assert days_between("2030-01-01", None) is None


def test_moved_milestones_name_the_constraint_that_gains_most_days_first():
    found = relief(
        shift("crews", "2030-01-12", 4.0),
        shift("hall", "2030-01-16", 0.0),
        shift("delivery", "2030-01-06", 10.0),
        shift("failures", None, math.nan),
    )
    ((planned, moved),) = moved_milestones(found)
    assert planned.reached == "2030-01-16"
    assert [one.constraint for one in moved] == ["delivery", "crews", "failures"]


def test_a_milestone_with_another_chance_on_the_same_day_is_moved():
    same = shift("hall", "2030-01-16", 0.0, chance_planned=0.4, chance_lifted=0.4)
    more = shift("crews", "2030-01-16", 0.0, chance_planned=0.4, chance_lifted=0.7)
    ((_, moved),) = moved_milestones(relief(same, more, replications=10))
    assert [one.constraint for one in moved] == ["crews"]
    assert relief(same, replications=10).chance_of("half") == 0.4


def test_the_table_has_the_parts_of_a_gain_and_the_mean_delay():
    table = relief().table.to_pandas()
    assert table.loc["power", ["share_frac", "gpu_days_earlier", "gpus_earlier"]].tolist() == [
        0.2,
        210.0,
        70.0,
    ]
    assert table.loc["power", "days_earlier"] == pytest.approx(3.0)
    assert math.isnan(table.loc["crews", "days_earlier"])
    assert table.loc["crews", "reason"] == "so"


def test_a_site_without_gpus_has_no_shares():
    gain = ConstraintGain("power", "power", 0.0, 0.0, ())
    empty = Relief("Site", 0, 0.0, 0.0, (), (gain,))
    assert empty.share_of(gain) == 0.0
    assert repr(empty) == "<Relief Site: no constraint alone costs GPU-days online>"
