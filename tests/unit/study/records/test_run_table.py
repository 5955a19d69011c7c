"""Runs as tables with units."""

from __future__ import annotations

import numpy as np

from dcsim.study.records.run_table import run_series_table, run_table

KEY = "orders.first.lead_time"


def test_units_come_from_inputs_figures_and_names(rows_of):
    rows = rows_of(
        {
            f"input.{KEY}": [2.0, 3.0],
            "input.note": ["a", "b"],
            "milestone.all.met": [1.0, 0.0],
            "milestone.all.margin_days": [5.0, -5.0],
            "gpu_days.on_order": [1.0, 2.0],
            "carbon_free_hourly_frac": [0.5, 0.6],
            "npv_krw": [1.0, 2.0],
        }
    )
    table = run_table(rows, {KEY: "h", "note": "h"}, ("replication",))
    assert table.units == {
        f"input.{KEY}": "h",
        "milestone.all.met": "1",
        "milestone.all.margin_days": "day",
        "gpu_days.on_order": "GPU-day",
        "carbon_free_hourly_frac": "1",
        "npv_krw": "KRW",
    }
    assert table.terms["npv_krw"] == "net present value of all lines"
    assert table["replication"].dtype.kind == "i"
    assert table.index == ("replication",)


def test_series_have_a_row_for_each_run_and_month(rows_of):
    rows = rows_of(series={"gpus_online": [[1, 2], [3, 4]], "spent_usd": [[5, 6], [7, 8]]})
    table = run_series_table(rows, ("replication",))
    assert table["replication"].tolist() == [1, 1, 2, 2]
    assert table["month"].astype(str).tolist() == ["2030-01", "2030-02"] * 2
    assert table.units == {"gpus_online": "GPU", "spent_usd": "USD"}
    dataset = table.to_xarray()
    assert dict(dataset.sizes) == {"replication": 2, "month": 2}
    np.testing.assert_array_equal(dataset["spent_usd"], [[5, 6], [7, 8]])
