"""The waterfall leads from one scenario's level to the other's."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot as plt

import dcsim
from dcsim.plots.study.waterfall import waterfall
from dcsim.study.attribution.explanation import Explanation

METRIC = SimpleNamespace(
    words="GPUs",
    is_day=False,
    shown=lambda value: f"{value:,.0f} GPU",
    change=lambda value: f"{value:+,.0f} GPU",
    scale=lambda most: (1.0, "GPU"),
)


def part(label, share, error=0.0):
    return SimpleNamespace(group=SimpleNamespace(label=label), share=share, error=error)


def explained(*parts, before=100.0, names=("a", "b")):
    change = sum(one.share for one in parts)
    return Explanation(
        run_metric=METRIC,
        names=names,
        before=before,
        after=before + change,
        change=change,
        change_error=0.0,
        parts=parts,
        exact=True,
        n_orders=2,
        n_runs=4,
    )


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_each_bar_begins_where_the_one_before_ends():
    ax = waterfall(explained(part("orders", -30.0), part("crews", 10.0)))
    ends = np.cumsum([100, *(bar.get_width() for bar in ax.patches)])
    assert [bar.get_width() for bar in ax.patches] == [-30.0, 10.0]
    assert ends.tolist() == [100, 70, 80]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "crews", "orders", "a"]
    diamonds = [line for line in ax.lines if line.get_marker() == "D"]
    assert [float(line.get_xdata()[0]) for line in diamonds] == [100.0, 80.0]


def test_the_title_names_the_largest_part():
    ax = waterfall(explained(part("orders", -30.0), part("crews", 10.0)))
    assert ax.get_title(loc="left") == "-30 GPU of -20 GPU by orders"
    assert ax.get_xlabel() == "GPUs"


def test_a_change_of_nothing_is_called_so():
    ax = waterfall(explained(part("works", 0.0)))
    assert ax.get_title(loc="left") == f"No change of {METRIC.words}"


def test_many_parts_end_in_one_bar_of_the_others(monkeypatch):
    monkeypatch.setattr("dcsim.plots.study.waterfall.MAX_WATERFALL_BARS", 1)
    ax = waterfall(explained(part("a", 5.0), part("b", 3.0), part("c", 2.0), names=("x", "y")))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["y", "2 others", "a", "x"]
    assert [bar.get_width() for bar in ax.patches] == [5.0, 5.0]


def test_a_part_with_an_error_has_an_interval():
    ax = waterfall(explained(part("orders", 10.0, error=1.0)))
    assert len(ax.containers) == 2  # the bar and its error bar


def test_an_explanation_is_drawn_under_the_names_of_its_scenarios(scenarios):
    plan = dcsim.load(scenarios / "minimal.yaml")
    found = dcsim.explain(plan, plan.with_overrides(["cooling.overhead=25 %"]), "pue_mean")
    ax = dcsim.plots.waterfall(found)
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels == ["minimal after", "cooling", "minimal before"]
    assert ax.get_xlabel() == "PUE, energy-weighted"
