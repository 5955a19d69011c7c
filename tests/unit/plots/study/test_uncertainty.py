"""Figures of many runs say how sure the dates are, and what moves them."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from dcsim.plots.study.uncertainty import (
    band_figure,
    indices_figure,
    s_curve_figure,
    tornado_figure,
)
from dcsim.study.records.rows import RUN_OK, Rows, text_column
from dcsim.study.sensitivity.indices import MorrisIndex, SobolIndex

N = 60


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def rows():
    late = np.linspace(-100, 99, N)
    reached = np.datetime64("2030-07-01", "s") + late.astype("timedelta64[D]")
    noise = np.random.default_rng(1).permutation(late)
    columns = {
        "replication": np.arange(1.0, N + 1),
        "status": text_column([RUN_OK] * N),
        "cause": text_column([None] * N),
        "input.works.grid.slip": late,
        "input.fleet.repair": noise,
        "milestone.all.met": (late <= 0).astype(float),
        "milestone.all.reached": reached,
        "milestone.all.margin_days": -late,
    }
    months = np.datetime64("2030-01", "M") + np.arange(24)
    level = np.array([np.where(months > r.astype("datetime64[M]"), 1000.0, 0.0) for r in reached])
    return Rows(columns, {"gpus_online": level, "spent_usd": level * 1e9}, months)


SUMMARY = {"milestones": [{"name": "all", "by": "2030-07-01"}]}


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_a_band_says_in_its_title_the_milestone_confidence(rows):
    ax = band_figure({"site": rows}, targets=[("all", "2030-07-01", 1000.0)])
    assert ax.get_title(loc="left") == "all is met in time in 50% of the runs"
    assert ax.get_ylabel() == "GPUs online"


def test_money_is_drawn_in_billions(rows):
    ax = band_figure({"site": rows}, "spent_usd")
    assert ax.get_ylabel() == "Spent so far [bn USD]"
    assert ax.get_ylim()[1] < 2000


def test_a_series_without_values_at_the_end_says_of_which_month_it_speaks(rows):
    share = np.where(rows.months < np.datetime64("2031-06"), 0.5, np.nan)
    rows.series["cfe_frac"] = np.tile(share, (N, 1))
    title = band_figure({"site": rows}, "cfe_frac").get_title(loc="left")
    said = title.replace("\n", " ")
    assert said.endswith("50 in 2031-05 (none later), 50 to 50 in eight of ten runs")
    rows.series["cfe_frac"][:] = np.nan
    title = band_figure({"site": rows}, "cfe_frac").get_title(loc="left")
    assert title.replace("\n", " ").endswith("no month in which eight of ten runs have it")


def test_two_scenarios_are_told_apart_by_color_and_label(rows):
    ax = band_figure({"a": rows, "b": rows})
    assert len({line.get_color() for line in ax.lines}) == 2


def test_an_s_curve_ends_at_all_runs_and_marks_the_milestone_date(rows):
    ax = s_curve_figure(rows, SUMMARY)
    line, diamond = ax.lines
    assert line.get_ydata()[-1] == 1.0
    assert diamond.get_ydata()[0] == pytest.approx(0.5)


def test_the_interval_of_an_s_curve_begins_before_the_first_run_that_gets_there(rows):
    ax = s_curve_figure(rows, SUMMARY)
    x, y = ax.lines[0].get_data()
    (interval,) = ax.collections
    (path,) = interval.get_paths()
    assert path.vertices[:, 0].min() == x[np.flatnonzero(y > 0)[0] - 1]


def test_a_tornado_of_a_milestone_shows_confidence_and_leaves_noise_out(rows):
    ax = tornado_figure(rows, "milestone.all")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["slip of grid"]
    assert ax.get_title(loc="left") == "Slip of grid moves the day of all most"


def test_a_tornado_where_nothing_stands_out_says_so(rows):
    del rows.columns["input.works.grid.slip"]
    ax = tornado_figure(rows, "milestone.all")
    assert texts(ax) == ["No input moves all more than chance would"]


def test_indices_stand_with_the_largest_on_top():
    ax = indices_figure(
        [SobolIndex("a", 0.1, 0.05, 0.2, 0.05), SobolIndex("b", 0.6, 0.1, 0.7, 0.1)], "npv_usd"
    )
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "a"]
    assert ax.get_title(loc="left") == "B moves net present value most"
    assert ax.get_xlabel() == "Share of the variance"


def test_effects_of_a_screening_have_names_in_words_and_the_unit_people_read():
    names = ["money.costs.it_maintenance", "works.grid.slip"]
    ax = indices_figure([MorrisIndex(name, 2e9, 1e8, 1e9, 5e8) for name in names], "npv_usd")
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels == ["IT maintenance (money, costs)", "slip of grid"]
    assert ax.get_xlabel() == "Mean absolute effect over the whole range [bn USD]"
    assert [bar.get_width() for bar in ax.patches] == [2.0, 2.0]
