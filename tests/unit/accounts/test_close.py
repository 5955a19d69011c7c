from __future__ import annotations

import numpy as np
import pytest

from dcsim.accounts import close_accounts
from dcsim.gpu_states import STATES
from dcsim.types import Steps

DAY = 1440
MONEY = {
    "price_year": 2030,
    "discount_rate": 0.08,
    "rates": {"KRW": 1400},
    "costs": {"operator": "SK", "rental": "2 USD/GPU/h", "rental_reference": 1},
    "capital": [{"name": "land", "amount": "1400 KRW", "on": "2030-01-01", "paid_by": "SK"}],
}


@pytest.fixture
def close(make_plan, build):
    """Accounts of two years in which 16 GPUs wait a day, then run at 8 MW, 10 MW at the meter."""

    def run(*, start="2030-01-01", end="2032-01-01", money=None, **site):
        calendar = build.calendar(start, end)
        moves = build.moves(
            (0, 16, None, "on_order"),
            (DAY, 16, "on_order", "power"),
            (2 * DAY, 16, "power", "online"),
            (365 * DAY, 8, "online", "retired"),
        )
        timeline = build.timeline(calendar, moves, capacity={"energized": Steps.of([(DAY, 12.0)])})
        on = np.arange(calendar.n_hours) >= 48
        online = timeline.hourly_gpus("online")[None]
        load = build.load(calendar, np.where(on, 10.0, 0.0), online_gpus=online,
                          busy_gpus=online / 2, wanted_gpus=online)  # fmt: skip
        flows = build.flows(calendar, grid_import_mw=np.where(on, 10.0, 0.0))
        plan = make_plan(start=start, end=end, **({"money": money} if money else {}), **site)
        return close_accounts(plan, timeline, load, flows)

    return run


def test_the_years_of_the_run_add_up_to_the_run(close):
    accounts = close(money=MONEY)
    assert accounts.yearly["year"].tolist() == [2030.0, 2031.0]
    for name in ("facility_mwh", "import_mwh", "gpu_hours_online", "carbon_location_t",
                 "income_usd", "capex_usd", "cash_flow_usd"):  # fmt: skip
        assert accounts.key_figures[name] == pytest.approx(accounts.yearly[name].sum())


def test_figures_of_the_run(close):
    figures = close(money=MONEY).key_figures
    assert figures["gpus_online_end"] == 8.0
    assert figures["gpus_online_max"] == figures["gpus_in_service_max"] == 16.0
    assert figures["stranded_gpu_days"] == 16.0
    assert figures["mean_facility_mw"] == figures["peak_facility_mw"] == 10.0
    assert figures["pue_mean"] == pytest.approx(1.25)
    # 12 MW from the second day on, GPUs from the third: from then on 2 MW.
    assert figures["stranded_power_mw_mean"] == pytest.approx(2.0)
    assert figures["carbon_location_t"] == pytest.approx(728 * 240 * 0.417)
    assert figures["carbon_free_hourly_frac"] == pytest.approx(0.39)
    assert figures["renewable_hourly_frac"] == 0.0
    assert figures["capex_usd"] == 1.0
    assert figures["income_usd"] == pytest.approx(8 * 24 * 363 * 2 + 4 * 24 * 365 * 2)


def test_counts_at_the_end_of_each_year(close):
    yearly = close().yearly
    assert yearly["gpus_online_end"].tolist() == [16.0, 8.0]
    assert yearly["gpus_retired_end"].tolist() == [0.0, 8.0]
    assert yearly["gpus_in_service_end"].tolist() == [16.0, 8.0]


def test_gpu_minutes_have_every_state_in_order(close):
    minutes = close().gpu_minutes
    assert tuple(minutes) == STATES
    assert minutes["power"] == 16 * DAY


def test_a_scenario_without_money_has_no_ledger_and_no_figures_of_money(close):
    accounts = close()
    assert not any(accounts.ledger.values())
    assert accounts.key_figures["npv_usd"] is None
    assert not any(name.endswith("_usd") for name in accounts.yearly)


def test_figures_without_and_with_money_have_the_same_names(close):
    assert set(close().key_figures) == set(close(money=MONEY).key_figures)


def test_money_is_reported_in_the_currency_of_the_scenario(close):
    money = MONEY | {"currency": "KRW", "rates": {"USD": 1 / 1400}}
    figures = close(money=money).key_figures
    assert figures["capex_krw"] == pytest.approx(1400.0)
    assert "levelized_cost_krw_per_gpu_hour" in figures


def test_a_run_without_load_has_no_ratios(make_plan, build):
    calendar = build.calendar("2030-01-01", "2030-01-03")
    plan = make_plan(start="2030-01-01", end="2030-01-03", money=MONEY)
    accounts = close_accounts(
        plan, build.timeline(calendar), build.load(calendar), build.flows(calendar)
    )
    for name in ("pue_mean", "renewable_hourly_frac", "mean_facility_mw", "utilization_frac",
                 "stranded_power_mw_mean", "levelized_cost_usd_per_gpu_hour"):  # fmt: skip
        assert accounts.key_figures[name] is None
    assert np.isnan(accounts.yearly["pue"]).all()


def test_a_run_may_begin_and_end_within_a_month(close):
    accounts = close(start="2030-11-17", end="2031-02-11", money=MONEY)
    assert accounts.yearly["year"].tolist() == [2030.0, 2031.0]
    dates = ["2030-11-01", "2030-11-17", "2030-12-01", "2031-01-01", "2031-02-01"]
    assert sorted(set(accounts.ledger["date"])) == dates


def test_milestones_are_handed_on(close):
    milestone = {"name": "all", "metric": "gpus_online", "gpus": "16 GPU", "by": "2030-01-05"}
    [result] = close(milestones=[milestone]).milestones
    assert result == ("all", "gpus_online", 16.0, "2030-01-05", "2030-01-03", True, 2.0)
