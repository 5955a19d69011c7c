"""Figures of the results that studies return."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt

import dcsim
from dcsim.errors import ModelError

GRID = {
    "replications": 2,
    "grid": {
        "deployment.crews": [1, 2],
        "orders.first.placed": ["2027-01-15", "2027-03-01"],
    },
}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def plan(scenarios):
    return dcsim.load(scenarios.parent / "tests" / "faults" / "data" / "kill-site.yaml")


@pytest.fixture(scope="module")
def replications(plan):
    return dcsim.replicate(plan, 30)


@pytest.fixture(scope="module")
def swept(plan):
    return dcsim.sweep(plan, GRID)


def finding(axes):
    return axes.get_title(loc="left")


def test_bands_of_replications_mark_the_milestones(replications):
    chance = replications.milestones["probability"][0]
    axes = dcsim.plots.bands(replications)
    assert finding(axes) == f"gpus-1200 is met in time in {chance:.0%} of the runs"
    assert "gpus-1200" in [text.get_text() for text in axes.texts]


def test_bands_of_a_comparison_lie_over_one_another(plan):
    crew = plan.with_overrides({"deployment.crews": 1})
    found = dcsim.compare({"two crews": plan, "one crew": crew}, replications=2)
    axes = dcsim.plots.bands(found, "facility_power_mw")
    assert finding(axes).endswith(": two crews against one crew")
    with pytest.raises(ModelError, match="no monthly series 'x'; there is gpus_online, "):
        dcsim.plots.bands(found, "x")


def test_milestones_are_drawn_over_time_on_axes_that_are_given(replications):
    _, ax = plt.subplots()
    assert dcsim.plots.milestones(replications, ax=ax) is ax
    assert "least certain milestone" in finding(ax)


def test_a_tornado_needs_runs_enough(replications, swept):
    axes = dcsim.plots.tornado(replications, "milestone.gpus-1200")
    assert finding(axes) == "Lead time of first moves the day of gpus-1200 most"
    with pytest.raises(ModelError, match="needs 30 runs with inputs of their own, there are 2"):
        dcsim.plots.tornado(swept, "facility_mwh")
    with pytest.raises(ModelError, match=r"no column 'facility_mw'; near are .*facility_mwh"):
        dcsim.plots.tornado(replications, "facility_mw")


def test_a_heat_map_is_of_the_axes_of_a_sweep(swept):
    medians = swept.cases["facility_mwh"]
    axes = dcsim.plots.heat_map(swept, "facility_mwh")
    assert finding(axes) == f"Facility energy: {min(medians):,.0f} to {max(medians):,.0f} MWh"


def test_indices_are_of_a_sobol_or_morris_design(plan, swept):
    pytest.importorskip("SALib")
    uniform = {"deployment.commissioning": {"uniform": ["14 days", "28 days"]}}
    sample = {"method": "morris", "n": 2, "uncertain": ["orders"], "parameters": uniform}
    axes = dcsim.plots.indices(dcsim.sweep(plan, {"sample": sample}), "facility_mwh")
    assert finding(axes).endswith(" moves facility energy most")
    with pytest.raises(ModelError, match="a study whose sample has the method sobol or morris"):
        dcsim.plots.indices(swept, "facility_mwh")


def test_a_figure_of_something_else_says_what_it_is_of(replications, swept):
    for draw, given, message in (
        (dcsim.plots.bands, swept, "bands() takes Replications or a Comparison, not Sweep"),
        (dcsim.plots.milestones, swept, "milestones() takes Replications, not Sweep"),
        (dcsim.plots.tornado, replications.single, "takes Replications or a Sweep, not Result"),
        (dcsim.plots.heat_map, replications, "heat_map() takes a Sweep, not Replications"),
        (dcsim.plots.indices, replications, "indices() takes a Sweep, not Replications"),
    ):
        words = (given,) if draw in (dcsim.plots.bands, dcsim.plots.milestones) else (given, "pue")
        with pytest.raises(TypeError) as caught:
            draw(*words)
        assert message in str(caught.value)
