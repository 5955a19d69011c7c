"""Bars of relief: one a constraint, the largest on top, with its gain beside it."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt

import dcsim
from dcsim.study.attribution.relief_gain import ConstraintGain, Relief


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def relief(*gains: tuple[str, float], planned: float = 1000.0) -> Relief:
    rows = tuple(ConstraintGain(name, name, gain, 10.0, ()) for name, gain in gains)
    return Relief("Site", 0, planned, 10.0, (), rows)


def test_each_constraint_has_a_bar_and_the_largest_is_on_top():
    ax = dcsim.plots.relief_bars(relief(("power", 200.0), ("crews", 50.0), ("cooling", -30.0)))
    assert [bar.get_width() for bar in ax.patches] == [-30.0, 50.0, 200.0]
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels == ["cooling", "crews", "power"]
    assert [text.get_text() for text in ax.texts[:3]] == [
        "-30 (-3.0%)",
        "+50 (+5.0%)",
        "+200 (+20.0%)",
    ]
    assert ax.get_xlabel() == "GPU-days gained"
    assert ax.get_title(loc="left") == "Power: +200 GPU-days if lifted alone"


def test_without_a_gain_the_title_says_so():
    ax = dcsim.plots.relief_bars(relief(("power", 0.0), ("crews", 0.0)))
    assert ax.get_title(loc="left") == "No constraint alone costs GPU-days online"
    low, high = ax.get_xlim()
    assert low < high


def test_it_draws_on_the_axes_it_is_given(scenarios):
    _, ax = plt.subplots()
    found = dcsim.relief(dcsim.load(scenarios / "minimal.yaml"))
    assert dcsim.plots.relief_bars(found, ax=ax) is ax
    assert len(ax.patches) == len(found.gains)


def test_the_horizon_stands_at_the_axis(scenarios):
    found = dcsim.relief(dcsim.load(scenarios / "minimal.yaml"), horizon="2028-06-01")
    ax = dcsim.plots.relief_bars(found)
    assert ax.get_xlabel() == "GPU-days gained, to 2028-06-01"


def test_replications_have_a_line_from_the_low_to_the_high_tenth():
    gain = ConstraintGain("power", "power", 200.0, 10.0, (), low=-20.0, high=300.0)
    found = Relief("Site", 0, 1000.0, 10.0, (), (gain,), replications=9)
    ax = dcsim.plots.relief_bars(found)
    assert [list(line.get_xdata()) for line in ax.lines[:1]] == [[-20.0, 300.0]]
    assert "medians of 9 replications" in ax.texts[-1].get_text() + ax.get_title()
