"""The capacity curve says what the result says."""

from __future__ import annotations

import datetime

import numpy as np
from matplotlib.dates import date2num

from dcsim.gpu_states import CAUSE_COLORS
from dcsim.plots import capacity_curve
from dcsim.plots.run.capacity import carried_gpus


def _diamonds(ax):
    return {float(d.get_ydata()[0]): d for d in ax.get_lines() if d.get_marker() == "D"}


def mpl_color(rgba):
    return "#" + "".join(f"{round(255 * part):02X}" for part in rgba[:3])


def test_a_milestone_is_filled_when_met_and_hollow_when_missed(result):
    met = {m["target"]: m["met"] for m in result.milestones}
    assert (met[2000], met[4000]) == (True, False)
    diamonds = _diamonds(capacity_curve(result))
    assert diamonds[2000].get_markerfacecolor() == "#000000"
    assert diamonds[4000].get_markerfacecolor() == "white"
    assert diamonds[4000].get_xdata()[0] == date2num(datetime.date(2027, 10, 31))


def test_the_title_says_when_the_largest_milestone_was_met(result):
    all_gpus = next(m for m in result.milestones if m["name"] == "all")
    reached = datetime.date.fromisoformat(all_gpus["reached"])
    said = capacity_curve(result).get_title(loc="left")
    assert f"4,000 GPUs online on {reached.day} " in said
    assert f"{-all_gpus['margin_days']:.0f} days late" in said


def test_the_power_in_the_end_carries_the_gpus_that_the_summary_says(result):
    end = np.array([result.calendar.n_minutes])
    fits = result.summary["gpus_fit"]["gpus"]["server"]
    assert 0 <= carried_gpus(result, end)[0] - fits < 1


def test_the_strip_shows_each_cause_that_bound_in_its_own_color(result):
    ax = capacity_curve(result)
    strip = ax.child_axes[0]
    bound = {entry["state"] for entry in result.summary["binding"] if entry["state"]}
    drawn = {mpl_color(patch.get_facecolor()) for patch in strip.patches}
    assert drawn == {CAUSE_COLORS[state] for state in bound}
