"""A comparison as a result: its numbers are those of the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dcsim
from dcsim.cli.main import main

LATE = "42 days"


@pytest.fixture(scope="module")
def late_file(small_site):
    path = small_site.path.with_name("later.yaml")
    path.write_text(f"extends: site.yaml\ndeployment: {{commissioning: {LATE}}}\n")
    return path


@pytest.fixture(scope="module")
def compared(small_site, late_file):
    return dcsim.compare(small_site, dcsim.load(late_file), replications=8)


def test_its_summary_is_what_the_command_prints(small_site, late_file, compared, tmp_path, capsys):
    files = [str(small_site.path), str(late_file)]
    options = ["--replications", "8", "--store", str(tmp_path / "st"), "--json"]
    with pytest.raises(SystemExit, match="0"):
        main(["compare", *files, *options])
    printed = json.loads(capsys.readouterr().out)
    mine = json.dumps(compared.summary).replace("NaN", "null").replace("Infinity", "null")
    assert json.loads(mine) == printed


def test_assumptions_name_what_differs(compared):
    assert compared.assumptions.to_pandas().reset_index().to_dict("records") == [
        {
            "scenario": "later",
            "key": "deployment.commissioning",
            "before": "21 days",
            "after": LATE,
            "source": None,
        }
    ]


def test_milestones_move_by_the_difference_where_both_reach_them(compared):
    moved = compared.milestones.to_pandas().loc[("later", "gpus-1200")]
    before, after = (one.rows.columns["milestone.gpus-1200.met"].mean()
                     for one in compared.replications.values())  # fmt: skip
    assert (moved["probability_before"], moved["probability_after"]) == (before, after)
    assert moved["change"] == after - before
    assert (moved["days"], moved["n"]) == (42, 8)
    assert compared.milestones.units["days"] == "day"


def test_figures_are_paired(compared):
    figures = compared.figures.to_pandas().loc["later"]
    one, other = (found.table["facility_mwh"] for found in compared.replications.values())
    assert figures.loc["facility_mwh", "median"] == np.median(other - one) < 0
    assert figures.loc["facility_mwh", "share_lower"] == 1
    assert figures.loc["facility_mwh", "unit"] == "MWh"
    assert "npv_usd" not in figures.index, "the site has no money"
    assert compared.to_pandas().equals(compared.figures.to_pandas())


def test_equal_scenarios_have_tables_without_changes(small_site):
    same = dcsim.compare({"a": small_site, "b": small_site}, replications=2)
    assert len(same.assumptions) == 0
    assert list(same.assumptions) == ["scenario", "key", "before", "after", "source"]
    assert "Changed assumptions" not in same._repr_html_()


def test_it_shows_its_tables_in_a_notebook(compared):
    text = compared._repr_html_()
    for title in ("Changed assumptions", "Milestones", "Key figures"):
        assert f"<strong>{title}</strong>" in text


def test_it_is_a_dataset_over_scenarios_and_figures(compared):
    dataset = compared.to_xarray()
    assert set(dataset.dims) == {"scenario", "figure"}


def test_polars_reads_it_as_it_is(compared):
    polars = pytest.importorskip("polars")
    assert polars.DataFrame(compared).shape[0] == len(compared.figures)
