"""Replications as a result: its numbers are those of the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dcsim
from dcsim.cli.main import main
from dcsim.errors import ModelError
from dcsim.study.run.replicated import Replications
from dcsim.study.run.runner import RunReport


@pytest.fixture(scope="module")
def run_folder(small_site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    arguments = ["run", str(small_site.path), "--replications", "12"]
    arguments += ["--out", str(folder / "run"), "--store", str(folder / "st"), "--json"]
    with pytest.raises(SystemExit, match="0"):
        main(arguments)
    return folder / "run"


def test_it_saves_what_the_command_line_writes(small_replications, run_folder, tmp_path):
    small_replications.save(tmp_path / "run", extra={"note.txt": b"1"})
    mine = {path.name: path for path in (tmp_path / "run").iterdir()}
    theirs = {path.name: path for path in run_folder.iterdir()}
    assert mine.pop("note.txt").read_bytes() == b"1"
    assert mine.keys() == theirs.keys()
    same = ("bands.csv", "replications.parquet", "summary.json", "hourly.parquet", "timeline.csv")
    assert [name for name in same if mine[name].read_bytes() != theirs[name].read_bytes()] == []
    assert dcsim.read_run(tmp_path / "run").summary == small_replications.result.summary


def test_milestones_have_chance_interval_and_dates(small_replications, run_folder):
    (known,) = json.loads((run_folder / "summary.json").read_text())["milestones"]
    table = small_replications.milestones
    assert table["name"].tolist() == ["gpus-1200"]
    assert table["by"].astype(str).tolist() == [known["by"]]
    for name in ("probability", "probability_low", "probability_high"):
        assert table[name].tolist() == [known[name]]
    for level in ("p50", "p80", "p90"):
        assert table[level].astype(str).tolist() == [known["promised"][f"{level[1:]} %"]]


def test_a_date_that_no_run_reaches_is_missing(small_site):
    never = dcsim.replicate(small_site.with_overrides({"orders.first.gpus": "800 GPU"}), 3)
    assert never.milestones["probability"].tolist() == [0]
    assert np.isnat(never.milestones["p50"]).all()
    assert "<td>–</td>" in never.milestones._repr_html_()


def test_figures_are_the_bands_of_the_whole_run(small_replications):
    figures = small_replications.figures.to_pandas()
    assert figures.loc["peak_facility_mw", "unit"] == "MW"
    single = small_replications.single.figures.to_pandas()
    assert figures["unit"].to_dict() == single["unit"].loc[figures.index].to_dict()
    assert figures.loc["carbon_free_hourly_frac", "unit"] == "1"
    values = np.sort(small_replications.table["peak_facility_mw"])
    assert figures.loc["peak_facility_mw", "p50"] == values[5:7].mean()


def test_bands_go_over_months(small_replications):
    bands = small_replications.bands("energized_mw")
    assert list(bands) == ["month", "p10", "p50", "p90"]
    assert bands.units == {"p10": "MW", "p50": "MW", "p90": "MW"}
    assert len(bands) == 8
    wide = small_replications.series.to_xarray()
    assert dict(wide.sizes) == {"replication": 12, "month": 8}
    np.testing.assert_array_equal(bands["p50"], np.median(wide["energized_mw"].values, axis=0))
    with pytest.raises(ModelError, match="no monthly series 'gpus'; there is gpus_online, "):
        small_replications.bands("gpus")


def test_losses_name_their_causes(small_replications):
    losses = small_replications.losses.to_pandas()
    assert losses["p50"].to_dict() == {
        cause: band["p50"] for cause, band in small_replications.summary["lost_gpu_days"].items()
    }


def test_it_is_handed_to_pandas_and_xarray_with_units(small_replications):
    frame = small_replications.to_pandas()
    assert frame.index.name == "replication"
    assert frame.index.tolist() == list(range(1, 13))
    assert frame.attrs["units"]["peak_facility_mw"] == "MW"
    dataset = small_replications.to_xarray()
    assert dataset["peak_facility_mw"].attrs["units"] == "MW"
    assert dict(dataset.sizes) == {"replication": 12}


def test_polars_reads_it_as_it_is(small_replications):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(small_replications)
    assert frame.shape == (12, len(small_replications.table.columns))
    assert frame["milestone.gpus-1200.reached"].dtype == polars.Datetime("us")


def test_it_is_short_in_a_console_and_has_tables_in_a_notebook(small_replications):
    short = "<Replications One hall, 12 replications: gpus-1200 58% in time>"
    assert repr(small_replications) == short
    text = small_replications._repr_html_()
    assert all(
        f"<strong>{title}</strong>" in text for title in ("Milestones", "Key figures", "Runs")
    )


def test_failed_runs_are_named_and_all_of_them_leave_no_figures(small_site, rows_of):
    rows = rows_of({"npv_usd": [1.0, 2.0]}, failed=[2], cause="hall: too small")
    some = Replications(small_site, rows, RunReport(2), dcsim.simulate(small_site))
    assert (some.n, some.n_failed) == (2, 1)
    assert some.failures["replication"].tolist() == [2]
    assert some.failures["cause"].tolist() == ["hall: too small"]
    none = Replications(small_site, rows.where(~rows.ok), RunReport(1), some.single)
    assert repr(none) == "<Replications One hall, 1 replications, 1 failed>"
    assert "hall: too small" in none._repr_html_()
    with pytest.raises(ModelError, match="every replication failed, the first for this reason"):
        _ = none.figures
