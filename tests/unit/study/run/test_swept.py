"""A sweep as a result: cases, runs, and a dataset over its axes."""

from __future__ import annotations

import numpy as np
import pytest

import dcsim

PLACED = ["2027-03-01", "2027-01-15"]
DESIGN = {
    "name": "crews-and-orders",
    "replications": 2,
    "grid": {"deployment.crews": [2, 1], "orders.first.placed": PLACED},
}


@pytest.fixture(scope="module")
def swept(small_site):
    return dcsim.sweep(small_site, DESIGN)


def test_cases_hold_parameters_counts_dates_and_medians(swept):
    cases = swept.cases.to_pandas()
    assert cases.index.tolist() == [
        f"deployment.crews={crews},first.placed={placed}" for crews in (2, 1) for placed in PLACED
    ]
    assert cases["deployment.crews"].tolist() == [2, 2, 1, 1]
    assert cases["orders.first.placed"].tolist() == PLACED * 2
    assert (cases["runs"].tolist(), cases["failed"].tolist()) == ([2] * 4, [0] * 4)
    mine = swept.table["case"] == cases.index[1]
    days = swept.table["milestone.gpus-1200.reached"][mine].astype("datetime64[D]")
    assert cases["milestone.gpus-1200.p50"].iloc[1] == days.min()
    met = swept.table["milestone.gpus-1200.met"][mine]
    assert cases["milestone.gpus-1200.probability"].iloc[1] == met.mean()
    peak = swept.table["peak_facility_mw"][mine]
    assert cases["peak_facility_mw"].iloc[1] == np.median(peak)
    assert swept.cases.units["peak_facility_mw"] == "MW"
    assert "npv_usd" not in cases, "the site has no money"


def test_a_grid_is_a_dataset_over_its_axes_in_their_order(swept):
    dataset = swept.to_xarray()
    assert dict(dataset.sizes) == {
        "deployment.crews": 2, "orders.first.placed": 2, "replication": 2
    }  # fmt: skip
    assert dataset["deployment.crews"].values.tolist() == [2, 1]
    assert dataset["orders.first.placed"].values.tolist() == PLACED
    peak = dataset["peak_facility_mw"]
    np.testing.assert_array_equal(peak.values.ravel(), swept.table["peak_facility_mw"])
    assert peak.attrs["units"] == "MW"


def test_one_axis_is_one_dimension(small_site):
    dataset = dcsim.sweep(small_site, {"grid": {"deployment.crews": [2, 1]}}).to_xarray()
    assert dict(dataset.sizes) == {"deployment.crews": 2, "replication": 1}
    assert dataset["deployment.crews"].values.tolist() == [2, 1]
    assert dataset["deployment.crews"].attrs["long_name"] == "deployment crews"


def test_entries_of_a_list_are_cases_with_their_values(small_site):
    entries = [{"deployment.crews": 1}, {"deployment.crews": 2, "deployment.install": "4 h"}]
    swept = dcsim.sweep(small_site, {"list": entries})
    assert swept.parameters == ("list", "deployment.crews", "deployment.install")
    dataset = swept.to_xarray()
    assert dict(dataset.sizes) == {"case": 2, "replication": 1}
    assert dataset["deployment.crews"].values.tolist() == [1, 2]
    assert dataset["deployment.install"].values.tolist()[1] == "4 h"
    assert swept.cases["deployment.install"].tolist() == [None, "4 h"]


def test_other_designs_are_datasets_over_their_cases(small_site):
    steps = {"zip": {"deployment.crews": [1, 2], "orders.first.placed": PLACED}}
    dataset = dcsim.sweep(small_site, steps).to_xarray()
    assert dict(dataset.sizes) == {"case": 2, "replication": 1}
    assert dataset["orders.first.placed"].values.tolist() == PLACED
    sample = {"sample": {"method": "latin-hypercube", "n": 2}}
    swept = dcsim.sweep(small_site, sample)
    quantile = swept.to_xarray()["orders.first.lead_time"]
    assert quantile.dims == ("case",)
    assert ((quantile.values > 0) & (quantile.values < 1)).all()
    assert "orders.first.lead_time" not in swept.table.units, "a quantile, not the value"
    assert swept.table.units["input.orders.first.lead_time"] == "h"


def test_a_shard_of_a_grid_is_a_dataset_over_its_cases(small_site):
    part = dcsim.sweep(small_site, {**DESIGN, "replications": 0}, shard="1/3")
    assert part.cases["deployment.crews"].tolist() == [2, 1]
    assert dict(part.to_xarray().sizes) == {"case": 2, "replication": 1}


def test_series_are_over_cases_runs_and_months(swept):
    assert dict(swept.series.to_xarray().sizes) == {"case": 4, "replication": 2, "month": 8}


def test_it_is_short_in_a_console_and_shows_its_cases_in_a_notebook(swept):
    assert repr(swept) == (
        "<Sweep crews-and-orders, 4 cases over deployment.crews (2) and orders.first.placed (2), "
        "8 runs>"
    )
    assert "<strong>Cases</strong>" in swept._repr_html_()
    assert (swept.n_cases, swept.n_failed, len(swept.failures), swept.store) == (4, 0, 0, None)
    assert swept.axes == {"deployment.crews": (2.0, 1.0), "orders.first.placed": tuple(PLACED)}


def test_polars_reads_it_as_it_is(swept):
    polars = pytest.importorskip("polars")
    assert polars.DataFrame(swept).shape == (8, len(swept.table.columns))
