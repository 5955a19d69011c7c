"""A reactor by hand: what it gives, when it stops for fuel, how it follows, what it counts as."""

from __future__ import annotations

import copy
import datetime

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.pipeline import run_stages
from dcsim.scenario.load import from_plain, load

WORK = {"name": "built", "label": "Built", "finish": "2027-03-01"}


@pytest.fixture
def run_of(scenarios):
    """The stages of the minimal scenario with a reactor that its work brings on 1 March 2027."""
    minimal = load(scenarios / "minimal.yaml").resolved

    def run(policy="self-consumption", **keys):
        plain = copy.deepcopy(dict(minimal)) | {
            "start": "2027-01-01",
            "end": "2029-01-01",
            "works": [WORK],
            "dispatch": {"policy": policy},
            "reactors": [{"name": "a", "capacity": "2 MW", "works": "built", **keys}],
        }
        return run_stages(from_plain(plain).plan(1))

    return run


def reactor_mw(run):
    return run.flows.asset_generation_mw["reactors.a"]


def test_it_gives_its_available_share_once_it_is_built(run_of):
    run = run_of(availability="90 %")
    calendar = run.timeline.calendar
    built = calendar.minute_of(datetime.date(2027, 3, 1)) // 60
    assert not reactor_mw(run)[:built].any()
    loaded = run.load.facility_power_mw > 1.8
    np.testing.assert_allclose(reactor_mw(run)[loaded], 1.8)


def test_it_stops_for_fuel_each_time_it_has_served_so_long(run_of):
    run = run_of(refuelling={"every": "6 months", "duration": "20 days"})
    calendar = run.timeline.calendar
    since = calendar.minute_of(datetime.date(2027, 3, 1))
    every, stop = round(0.5 * 365.25 * 1440), 20 * 1440
    starts = [since + k * every + (k - 1) * stop for k in (1, 2, 3)]
    outages = [(o.start_min, o.end_min, o.cause) for o in run.timeline.outages]
    assert outages == [
        (start, min(start + stop, calendar.n_minutes), "refuelling") for start in starts
    ]
    first, last = -(-starts[0] // 60), (starts[0] + stop) // 60
    assert not reactor_mw(run)[first:last].any()
    assert reactor_mw(run)[last + 1] > 0


def test_it_changes_by_its_ramp_and_gives_at_least_its_minimum(run_of):
    run = run_of(ramp="0.1 1/h", minimum="50 %")
    made = reactor_mw(run)
    in_service = made > 0
    assert np.abs(np.diff(made[in_service])).max() <= 0.2 + 1e-12
    full_since = np.flatnonzero(made >= 1.0)[0]
    assert made[full_since:].min() >= 1.0


def test_forced_outages_are_those_of_its_rate(run_of):
    run = run_of(outages={"rate": "12 1/year", "repair": "48 h"})
    outages = run.timeline.outages
    assert {outage.cause for outage in outages} == {"forced"}
    assert 8 <= len(outages) <= 40  # 22 in 22 months


@pytest.mark.parametrize("policy", ["self-consumption", "cfe-first", "optimal"])
def test_its_energy_is_carbon_free_and_not_renewable(run_of, policy):
    run = run_of(policy)
    figures = run.accounts.key_figures
    assert figures["reactors_mwh"] == pytest.approx(reactor_mw(run).sum())
    assert figures["reactors_mwh"] > 1000
    assert figures["renewable_mwh"] == figures["contracts_mwh"] == figures["chp_mwh"] == 0
    bought = figures["import_mwh"]
    assert figures["carbon_free_mwh"] == pytest.approx(
        figures["reactors_mwh"] + 0.39 * bought, rel=1e-9
    )
    assert figures["carbon_market_t"] == pytest.approx(0.417 * bought, rel=1e-9)


def test_its_energy_is_paid_under_its_own_kind(run_of, scenarios):
    plain = copy.deepcopy(dict(load(scenarios / "minimal.yaml").resolved)) | {
        "end": "2028-01-01",
        "reactors": [{"name": "a", "capacity": "1 MW", "price": "100 USD/MWh"}],
        "money": {"price_year": 2027, "discount_rate": "8 %"},
    }
    run = run_stages(from_plain(plain).plan())
    ledger = run.accounts.ledger
    assert set(ledger["kind"]) == {"reactor_energy"}
    assert -sum(ledger["amount"]) == pytest.approx(100 * reactor_mw(run).sum())


def test_a_rule_for_fuel_needs_one_rhythm(run_of):
    with pytest.raises(ScenarioError, match="needs month or every, and not both"):
        run_of(refuelling={"duration": "20 days"})
