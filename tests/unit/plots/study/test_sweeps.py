"""Maps of sweeps hold medians, chances or days."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from dcsim.errors import ModelError
from dcsim.plots.study.sweeps import heat_map_figure
from dcsim.study.records.rows import RUN_OK, Rows, text_column


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


SIZES = {"key": "battery", "label": "Battery: energy", "values": ["0 MWh", "200 MWh"]}

SUNS = {"key": "solar", "label": "Solar: capacity", "values": ["10 MW", "20 MW", "30 MW"]}

WINDS = {"key": "wind", "label": "Wind: capacity", "values": ["5 MW", "9 MW", "12 MW", "15 MW"]}


def texts(ax):
    return [text.get_text() for text in ax.texts]


def sweep(*axes, n=2):
    grids = np.meshgrid(*(np.arange(len(axis["values"])) for axis in axes), indexing="ij")
    places = np.repeat(np.column_stack([grid.ravel() for grid in grids]), n, axis=0)
    columns = {
        axis["key"]: text_column([axis["values"][place] for place in places[:, at]])
        for at, axis in enumerate(axes)
    }
    count = len(places)
    return Rows(
        {
            **columns,
            "replication": np.tile(np.arange(1.0, n + 1), count // n),
            "status": text_column([RUN_OK] * count),
            "cause": text_column([None] * count),
            "carbon_free_hourly_frac": places.sum(axis=1) / 10,
            "milestone.all.met": (places.sum(axis=1) > 1).astype(float),
            "milestone.all.margin_days": np.where(places.sum(axis=1) > 0, 30.0, np.nan),
        },
        {},
        np.empty(0, dtype="datetime64[M]"),
    )


def test_a_map_of_two_axes_holds_the_medians_in_the_unit_people_read():
    ax = heat_map_figure(sweep(SIZES, SUNS), [SIZES, SUNS], "carbon_free_hourly_frac")
    (panel,) = ax.child_axes
    assert texts(panel) == ["0.0", "10.0", "20.0", "10.0", "20.0", "30.0"]
    assert ax.get_title(loc="left") == "Carbon-free, same hour: 0.0 to 30.0 %"


def test_a_map_of_a_milestone_holds_confidence():
    ax = heat_map_figure(sweep(SIZES, SUNS), [SIZES, SUNS], "milestone.all")
    assert texts(ax.child_axes[0]) == ["0", "0", "100", "0", "100", "100"]
    assert ax.get_title(loc="left") == "all is met in time in 0 to 100 % of the runs"


def test_a_map_of_single_runs_holds_days_and_never():
    ax = heat_map_figure(sweep(SIZES, SUNS, n=1), [SIZES, SUNS], "milestone.all")
    assert texts(ax.child_axes[0]) == ["never", *["-30"] * 5]


def test_the_shortest_of_three_axes_becomes_panels_of_one_scale():
    axes = [SIZES, SUNS, WINDS]
    ax = heat_map_figure(sweep(*axes), axes, "carbon_free_hourly_frac")
    assert [panel.get_title() for panel in ax.child_axes] == [
        "Battery: energy 0 MWh",
        "Battery: energy 200 MWh",
    ]
    for panel in ax.child_axes:
        assert panel.images[0].get_clim() == pytest.approx((0.0, 0.6))


def test_a_study_of_one_axis_has_no_map():
    with pytest.raises(ModelError, match="two or three axes, the study has 1"):
        heat_map_figure(sweep(SIZES), [SIZES], "carbon_free_hourly_frac")


@pytest.mark.parametrize(
    ("key", "label", "words"),
    [
        ("power.design_pue", "power design_pue", "Design PUE (power)"),
        ("money.costs.it_maintenance", "costs it_maintenance", "IT maintenance (money, costs)"),
        ("works.step.slip", "Grid step: slip", "Grid step: slip"),
        ("gpu", "gpu", "GPU"),
    ],
)
def test_axes_are_named_in_words(key, label, words):
    axis = {"key": key, "label": label, "values": ["1", "2"]}
    ax = heat_map_figure(sweep(axis, SUNS), [axis, SUNS], "carbon_free_hourly_frac")
    assert words in texts(ax)
