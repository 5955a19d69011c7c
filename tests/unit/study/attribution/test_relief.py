"""`dcsim.relief`: gains and dates by constraint, on a site small enough to work out by hand."""

from __future__ import annotations

import datetime
import shutil

import numpy as np
import pytest

import dcsim
from dcsim.errors import ScenarioError
from dcsim.gpu_states import LIFTABLE
from dcsim.study.attribution.relief_gain import Relief

TEXT = """
extends: minimal.yaml
name: Two blocks
start: 2030-01-01
end: 2031-01-01
time_zone: UTC
power: {basis: it, design_pue: 1, steps: [{name: connection, adds: 1 MW}]}
halls: [{name: hall, racks: 50, it_power: 1 MW}]
products:
  - {name: server, power: 1 kW, server_size: 8 GPU, rack_size: 16 GPU, peak: 1, life: 20 year}
orders:
  - {name: first, product: server, gpus: 160 GPU, placed: 2030-01-01, lead_time: 10 days}
deployment: {crews: 1, install: 1 day, slots: 99, commissioning: 0 h}
demand: [{name: training, use: training, gpus: 160 GPU, at: 2030-01-01}]
milestones:
  - {name: half, metric: gpus_online, gpus: 80 GPU, by: 2030-01-14}
  - {name: power, metric: facility_power_mw, power: 20 kW, by: 2030-12-31}
  - {name: more, metric: gpus_online, gpus: 170 GPU, by: 2030-12-31}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, scenarios):
    folder = tmp_path_factory.mktemp("relief")
    shutil.copy(scenarios / "minimal.yaml", folder)
    (folder / "site.yaml").write_text(TEXT)
    return dcsim.load(folder / "site.yaml")


@pytest.fixture(scope="module")
def found(site) -> Relief:
    return dcsim.relief(site)


def test_gains_are_rows_of_a_table_the_largest_first(found):
    # Ten racks arrive on day 10; one crew brings one a day online, on days 11 to 20.
    planned = 16 * sum(365 - day for day in range(11, 21))
    assert found.gpu_days == planned
    assert found.gpus_online_max == 160
    rows = found.table.to_pandas()
    assert list(rows.index[:2]) == ["delivery", "crews"]
    assert rows["gpu_days"].iloc[:2].tolist() == [160 * 10, 16 * sum(range(10))]
    assert rows["share_frac"].iloc[0] == pytest.approx(1600 / planned)
    assert rows["label"].tolist()[0] == LIFTABLE["delivery"]
    assert found.table.units["gpu_days"] == "GPU-day"


def test_a_milestone_has_the_day_it_is_reached_without_each_constraint(found):
    days = found.dates.to_pandas()
    assert set(days.index.get_level_values("constraint")) == set(LIFTABLE)
    half = days.loc["half"]
    half = half.assign(reached=half["reached"].dt.strftime("%Y-%m-%d"))
    assert half["planned"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2030-01-16"]
    assert half.loc["delivery", ["reached", "days_earlier", "met"]].tolist() == [
        "2030-01-06",
        10.0,
        True,
    ]
    assert half.loc["crews", ["reached", "days_earlier", "met"]].tolist() == ["2030-01-12", 4, True]
    assert half.loc["hall", ["reached", "days_earlier", "met"]].tolist() == ["2030-01-16", 0, False]


def test_a_milestone_of_facility_power_has_dates_too(found):
    assert found.dates.to_pandas().loc[("power", "delivery"), "days_earlier"] == 10


def test_what_is_never_reached_has_no_date(found):
    more = found.dates.to_pandas().loc["more"]
    assert more["reached"].isna().all()
    assert more["days_earlier"].isna().all()


def test_the_single_run_reaches_its_milestones_on_the_planned_days(site, found):
    planned = [one.reached for one in found.milestones]
    assert planned == [one["reached"] for one in dcsim.simulate(site).milestones]


def test_it_reads_well_in_a_notebook(found):
    gain = "lifting lead times of orders alone gains 1,600 GPU-days online (+2.9%)"
    assert repr(found) == f"<Relief Two blocks: {gain}>"
    page = found._repr_html_()
    assert "Lifted alone" in page
    assert "days_earlier [day]" in page


def test_it_becomes_a_dataset_with_units(found):
    pytest.importorskip("xarray")
    dataset = found.to_xarray()
    assert float(dataset["gpu_days"].sel(constraint="crews")) == 720
    assert dataset["gpu_days"].attrs["units"] == "GPU-day"


def test_a_replication_has_its_own_random_numbers(scenarios):
    plan = dcsim.load(scenarios / "ulsan-103mw.yaml")
    assert dcsim.relief(plan, np.int64(3)).gpu_days != dcsim.relief(plan).gpu_days


def test_wrong_input_is_refused_with_what_is_allowed(site):
    with pytest.raises(TypeError, match=r"relief\(\) takes a Scenario, not str; read the file"):
        dcsim.relief("site.yaml")
    with pytest.raises(ScenarioError, match=r"replication 1\.5: must be a whole number, 0 or more"):
        dcsim.relief(site, 1.5)
    with pytest.raises(ScenarioError, match=r"replications -1: must be a whole number, from 0"):
        dcsim.relief(site, replications=-1)
    with pytest.raises(ScenarioError, match="cannot be given together with replication"):
        dcsim.relief(site, 3, replications=5)
    for day in ("2030-01-01", "2031-01-02"):
        within = rf"horizon {day}: must lie within the run, after 2030-01-01 and up to 2031-01-01"
        with pytest.raises(ScenarioError, match=within):
            dcsim.relief(site, horizon=day)
    with pytest.raises(ScenarioError, match="horizon 'soon': must be a day, such as 2030-06-01"):
        dcsim.relief(site, horizon="soon")


def test_days_that_are_never_reached_are_missing_days():
    late = [{"name": "late", "metric": "gpus_online", "gpus": "9999 GPU", "by": "2027-06-01"}]
    plan = dcsim.load("scenarios/minimal.yaml", overrides={"milestones": late})
    dates = dcsim.relief(plan).dates
    assert np.isnat(dates["planned"]).all()
    assert np.isnan(dates["days_earlier"]).all()


def test_over_a_run_in_which_gpus_retire_the_gain_is_that_of_the_time_before(scenarios):
    plan = dcsim.load(scenarios / "ulsan-103mw.yaml")
    whole = {gain.constraint: gain for gain in dcsim.relief(plan).gains}["power"]
    short = plan.with_overrides(["end=2031-01-01"])
    before = {gain.constraint: gain for gain in dcsim.relief(short).gains}["power"]
    assert before.gpu_days == pytest.approx(before.gpu_days_run)
    assert whole.gpu_days == pytest.approx(before.gpu_days, rel=0.005)
    assert whole.gpu_days_run < 0.6 * whole.gpu_days


def test_a_horizon_counts_as_a_run_that_ends_there(site):
    early = dcsim.relief(site, horizon=datetime.date(2030, 1, 19))
    assert early.horizon == "2030-01-19"
    assert early.gpu_days == 16 * sum(18 - day for day in range(11, 19))
    gains = {gain.constraint: gain.gpu_days for gain in early.gains}
    # With crews enough, all ten racks are online from day 11 to day 18.
    assert gains["crews"] == 16 * 10 * 7 - early.gpu_days
    assert dcsim.relief(site).horizon == "2031-01-01"


@pytest.fixture(scope="module")
def many(site) -> Relief:
    slower = ["orders.first.lead_time={uniform: [5 days, 15 days]}"]
    return dcsim.relief(site.with_overrides(slower), replications=5)


def test_replications_have_medians_spread_and_the_share_that_gains(site, many):
    slower = ["orders.first.lead_time={uniform: [5 days, 15 days]}"]
    single = [dcsim.relief(site.with_overrides(slower), number) for number in range(1, 6)]
    of = [next(g for g in one.gains if g.constraint == "delivery").gpu_days for one in single]
    gain = next(g for g in many.gains if g.constraint == "delivery")
    assert many.replications == 5
    assert gain.gpu_days == np.median(of)
    assert (gain.low, gain.high) == tuple(np.quantile(of, (0.1, 0.9)))
    assert gain.share_gaining == 1.0
    assert min(of) < max(of)
    table = many.table.to_pandas()
    assert table.loc["cooling", "share_gaining"] == 0.0
    assert {"low", "high"} <= set(table)


def test_replications_have_the_chances_of_milestones_in_pairs(many):
    half = many.dates.to_pandas().loc["half"]
    # Half of the racks are online six days after the first delivery; the goal is day 13.
    assert 0 < half.loc["hall", "chance_planned"] < 1
    assert half.loc["delivery", "chance_lifted"] == 1.0
    assert half.loc["crews", "days_earlier"] == 4.0
    assert half.loc["crews", ["days_low", "days_high"]].tolist() == [4.0, 4.0]


def test_progress_counts_replications(site):
    seen = []
    dcsim.relief(site, replications=2, watch=lambda *state: seen.append(state))
    assert seen == [(1, 2), (2, 2)]


def test_a_single_run_has_neither_spread_nor_chance(found):
    assert "low" not in found.table
    assert "chance_planned" not in found.dates
