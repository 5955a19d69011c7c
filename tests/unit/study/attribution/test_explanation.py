"""Explanations as tables: shares in the unit of the metric, and the assumptions behind them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

import dcsim
from dcsim.cli.main import main
from dcsim.study.attribution.explanation import Explanation

CHANGES = """orders: [{name: first, lead_time: 40 weeks}]
deployment: {commissioning: 42 days}
cooling: {overhead: 30 %}
"""


@pytest.fixture
def files(pair):
    path, write = pair
    return path, write(CHANGES)


@pytest.fixture
def explained(files):
    def call(metric: str, **keywords) -> Explanation:
        before, after = map(dcsim.load, files)
        return dcsim.explain(before, after, metric, **keywords)

    return call


def test_shares_are_rows_the_largest_first_and_add_up_to_the_change(explained):
    found = explained("milestone.half.reached")
    table = found.table
    assert table["group"].tolist() == ["orders", "deployment", "cooling"]
    assert table["share"].sum() == found.change == found.after - found.before
    assert table["share_frac"].sum() == pytest.approx(1)
    assert table["error"].tolist() == [0, 0, 0]
    assert (found.metric, found.unit, table.units["alone"]) == (
        *("milestone.half.reached", "day"),
        "day",
    )
    assert found.to_pandas().index.name == "group"


def test_assumptions_are_rows_with_their_group(explained):
    rows = explained("pue_mean").assumptions.to_pandas()
    assert rows.loc[("orders", "orders.first.lead_time"), ["before", "after"]].tolist() == [
        "26 weeks",
        "40 weeks",
    ]
    assert set(rows.index.get_level_values("group")) == {"orders", "deployment", "cooling"}


def test_without_a_change_there_are_no_parts_of_it(explained):
    found = explained("gpus_online_2029")
    assert found.change == 0
    assert np.isnan(found.table["share_frac"]).all()
    assert repr(found).endswith("; nothing moves it>")


def test_it_equals_what_the_command_prints(files, explained):
    words = ["explain", *map(str, files), "--metric", "pue_mean", "--json"]
    printed = json.loads(CliRunner().invoke(main, words).stdout)
    found = explained("pue_mean")
    assert printed["change"] == found.change
    assert [part["share"] for part in printed["parts"]] == found.table["share"].tolist()
    assert [part["changed"] for part in printed["parts"]] == found.table["group"].tolist()


def test_it_reads_well_in_a_notebook(explained):
    found = explained("milestone.half.reached")
    assert repr(found) == (
        f"<Explanation milestone.half.reached: {found.run_metric.shown(found.before)} in a, "
        f"{found.run_metric.shown(found.after)} in b; +98 days of "
        f"{found.run_metric.change(found.change)} by orders>"
    )
    page = found._repr_html_()
    assert "Parts of the change" in page
    assert "share [day]" in page
    assert "Changed assumptions" in page


def test_it_becomes_a_dataset_with_units(explained):
    pytest.importorskip("xarray")
    dataset = explained("pue_mean").to_xarray()
    assert float(dataset["share"].sum()) == pytest.approx(explained("pue_mean").change)
    assert dataset["share"].attrs["units"] == "1"


def test_scenarios_of_one_file_are_told_apart(files):
    plan = dcsim.load(files[0])
    found = dcsim.explain(plan, plan.with_overrides(["cooling.overhead=30 %"]), "pue_mean")
    assert found.names == ("a before", "a after")
