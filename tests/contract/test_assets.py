"""A site with one asset, for every kind and every policy: what any source or store must keep."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcsim.pipeline import Run, run_stages, simulate
from dcsim.scenario.load import from_plain, load
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.assets.registry import KINDS
from dcsim.scenario.schema.dispatch import Dispatch
from dcsim.supply.dispatch.checks import balance_residual_mw
from dcsim.types import Outage

POLICIES = Dispatch.model_fields["policy"].annotation.__args__
MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
TARIFF = {
    "seller": "utility",
    "price_year": 2027,
    "demand_charge": "10 USD/kW/month",
    "seasons": [
        {
            "name": "year",
            "months": list(range(1, 13)),
            "light": "50 USD/MWh",
            "middle": "100 USD/MWh",
            "peak": "200 USD/MWh",
            "weekday": "LLLLLLLLLMMMPPPPPMMMMMLL",
            "saturday": "L" * 24,
            "sunday": "L" * 24,
        }
    ],
}
WIND_SITE = {
    "mean": "7.5 m/s",
    "height": "100 m",
    "weibull_shape": 2,
    "shear": 0.1,
    "monthly_factor": [1] * 12,
    "memory": "10 h",
}
SHORT_GRID = {"rate": "40 1/year", "repair": "9 h"}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
each_policy = pytest.mark.parametrize("policy", POLICIES)
each_source = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not kind.is_store], ids=lambda kind: kind.section
)


def site_keys(kind: AssetKind, policy: str = "self-consumption", **keys: Any) -> dict[str, Any]:
    """A month of the minimal site with full halls, a grid that fails, and one asset."""
    keys_now = copy.deepcopy(dict(load(MINIMAL).resolved))
    keys_now |= {"start": "2027-08-01", "end": "2027-09-10", "dispatch": {"policy": policy}}
    keys_now["orders"][0] |= {"placed": "2027-07-01", "lead_time": "4 weeks"}
    keys_now["deployment"] |= {"crews": 60, "slots": 400, "commissioning": "1 day"}
    keys_now["demand"][0]["at"] = "2027-07-01"
    keys_now["weather"]["wind"] = WIND_SITE
    keys_now["grid"]["outages"] = SHORT_GRID
    keys_now["money"] = {"price_year": 2027, "discount_rate": "8 %", "tariff": TARIFF}
    keys_now[kind.section] = [{**kind.sample_keys, **keys}]
    return json.loads(json.dumps(keys_now, default=str))


@functools.cache
def run_of(section: str, policy: str = "self-consumption", extra: str = "{}") -> Run:
    """All stages of such a site."""
    kind = next(kind for kind in KINDS if kind.section == section)
    keys = site_keys(kind, policy) | json.loads(extra)
    return run_stages(from_plain(keys).plan(1))


def made_mw(run: Run, kind: AssetKind) -> np.ndarray:
    return run.flows.asset_generation_mw[f"{kind.section}.a"]


@each_policy
@each_kind
def test_energy_closes_in_every_step(kind, policy):
    run = run_of(kind.section, policy)
    served_mw = run.load.facility_power_mw
    assert served_mw.max() > 1
    assert np.abs(balance_residual_mw(run.flows, served_mw)).max() < 1e-6
    if kind.is_store:
        assert run.flows.battery_discharge_mw.sum() >= 0
        assert run.flows.battery_stored_mwh.max() > 0
    elif "backup" not in kind.classes and policy != "cfe-first":
        assert made_mw(run, kind).sum() > 0


@each_policy
@each_source
def test_its_energy_stands_in_its_own_column_and_figure_and_in_no_other(kind, policy):
    run = run_of(kind.section, policy)
    (column,) = kind.columns(run.plan.site.assets(kind.section))
    energy_mwh = made_mw(run, kind).sum() * run.timeline.calendar.step_h
    np.testing.assert_array_equal(run.flows.generation_mw[column], made_mw(run, kind))
    figures = run.accounts.key_figures
    assert figures[f"{kind.figure}_mwh"] == pytest.approx(energy_mwh, rel=1e-9)
    for other in KINDS:
        if other is not kind and not other.is_store and f"{other.figure}_mwh" in figures:
            assert figures[f"{other.figure}_mwh"] == 0
    others = [made for name, made in run.flows.generation_mw.items() if name != column]
    assert not any(made.any() for made in others)


@each_kind
def test_a_kind_without_assets_adds_no_column_unless_it_always_had_one(kind):
    other = next(k for k in KINDS if k is not kind)
    run = run_of(other.section)
    has_column = kind.kept_column and not kind.column_of_each and not kind.is_store
    assert (kind.figure in run.flows.generation_mw) == has_column
    assert (f"{kind.figure}_mwh" in run.accounts.key_figures) == (
        kind.kept_column and not kind.is_store
    )


@each_policy
@each_source
def test_its_cleanliness_is_kept(kind, policy):
    run = run_of(kind.section, policy)
    cleanliness = kind.cleanliness_of(run.plan.site.assets(kind.section)[0])
    accounts, made = run.accounts, made_mw(run, kind)
    sums = {name: float(values.sum()) for name, values in accounts.yearly.items()}
    grid_free = run.plan.site.grid.carbon_free_frac.at(2027.5)
    if cleanliness.name == "renewable":
        assert sums["renewable_generation_mwh"] == pytest.approx(made.sum())
        assert sums["renewable_mwh"] > 0
    else:
        assert sums["renewable_generation_mwh"] == sums["renewable_mwh"] == 0
    import_mwh = sums["import_mwh"]
    clean_mwh = sums["carbon_free_mwh"] - float(grid_free) * import_mwh
    if cleanliness.name == "emitting":
        assert clean_mwh == pytest.approx(0, abs=1e-6 * max(import_mwh, 1))
        # Emissions of what is burnt on the site count whole; of a contract, what the site takes.
        surplus = run.flows.curtailed_mw + run.flows.grid_export_mw
        wheeled = kind.wheeled(run.plan.site.assets(kind.section)[0])
        used = made - np.minimum(made, surplus) if wheeled else made
        own_t = used.sum() * cleanliness.kg_per_mwh / 1000
        bought_t = import_mwh * 417 / 1000
        assert sums["carbon_market_t"] == pytest.approx(own_t + bought_t, rel=1e-9)
    else:
        taken = min(made.sum(), float(np.minimum(made, run.load.facility_power_mw).sum()))
        assert clean_mwh == pytest.approx(taken, rel=1e-6)
        assert sums["carbon_market_t"] == pytest.approx(import_mwh * 417 / 1000, rel=1e-9)


@each_source
def test_its_price_stands_in_the_ledger_under_its_kind(kind):
    fields = kind.schema.model_fields
    prices = {"price_per_mwh": ("price", {"2027": "80 USD/MWh"}),
              "fuel_price_per_mwh": ("fuel_price", "80 USD/MWh")}  # fmt: skip
    ((key, value),) = [found for name, found in prices.items() if name in fields]
    keys = site_keys(kind, **{key: value})
    run = run_stages(from_plain(keys).plan(1))
    ledger = run.accounts.ledger
    paid = [
        -amount
        for asset, name, amount in zip(
            ledger["asset"], ledger["kind"], ledger["amount"], strict=True
        )
        if asset == f"{kind.section}.a" and name == kind.ledger_kind
    ]
    assert sum(paid) == pytest.approx(80 * made_mw(run, kind).sum(), rel=1e-9)


@each_source
def test_an_outage_of_the_asset_stops_it(kind):
    run = run_of(kind.section)
    key = f"{kind.section}.a"
    stopped = Outage(key, 0, run.timeline.calendar.n_minutes, 1.0, "planned")
    timeline = run.timeline.__class__(**{**vars(run.timeline), "outages": (stopped,)})
    assert not timeline.available_mw(key).any()
    from dcsim.supply import make_flows

    flows = make_flows(run.plan, timeline, run.weather, run.load)
    assert not flows.asset_generation_mw[key].any()


@each_kind
def test_an_asset_gives_nothing_before_its_work_is_done(kind):
    works = [{"name": "late", "label": "Late", "finish": "2027-08-20"}]
    keys = site_keys(kind, works="late") | {"works": works}
    run = run_stages(from_plain(keys).plan(1))
    first = int(run.timeline.capacity[f"{kind.section}.a"].time_min[0]) // 60
    assert 0 < first < run.timeline.calendar.n_hours
    if kind.is_store:
        assert not run.flows.battery_stored_mwh[:first].any()
        assert run.flows.battery_stored_mwh[first:].any()
    else:
        assert not made_mw(run, kind)[:first].any()


@each_kind
def test_an_asset_whose_work_never_comes_gives_nothing(kind):
    works = [{"name": "late", "label": "Late", "finish": "2027-08-20", "probability": 0}]
    keys = site_keys(kind, works="late") | {"works": works}
    run = run_stages(from_plain(keys).plan(1))
    if kind.is_store:
        assert not run.flows.battery_stored_mwh.any()
    else:
        assert not made_mw(run, kind).any()


@each_kind
def test_the_optimum_leaves_no_more_unserved_than_any_policy(kind):
    least = run_of(kind.section, "optimal").flows.unserved_mw.sum()
    for policy in POLICIES:
        assert least <= run_of(kind.section, policy).flows.unserved_mw.sum() + 1e-3


@each_kind
def test_what_the_optimum_decides_the_replay_does(kind):
    """Flows of the optimum are those of a replay of its decisions: every limit is kept in them."""
    run = run_of(kind.section, "optimal")
    if not kind.is_store:
        rated = run.timeline.capacity[f"{kind.section}.a"].level.max()
        assert made_mw(run, kind).max() <= rated + 1e-9
    else:
        rise = np.diff(run.flows.battery_stored_mwh)
        (store,) = run.plan.site.assets(kind.section)
        into, out_of = store.efficiencies
        moved = run.flows.battery_charge_mw * into - run.flows.battery_discharge_mw / out_of
        np.testing.assert_allclose(rise, moved, atol=1e-6)


@each_kind
def test_a_whole_run_can_be_written_and_read(kind, tmp_path):
    import dcsim

    path = tmp_path / "site.yaml"
    path.write_text(json.dumps(site_keys(kind)), encoding="utf-8")
    result = simulate(load(path))
    result.save(tmp_path / "run")
    assert dcsim.read_run(tmp_path / "run").digest() == result.digest()
