"""Budgets of compiled dispatch, each a ratio to a yardstick measured in the same run.

Outside the default tests: ``python -m pytest tests/bench``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.power import make_load
from dcsim.ramp import run_ramp
from dcsim.supply import make_flows
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.sizes import Sizes, balance_sizes
from dcsim.supply.kernels import compiled
from dcsim.weather import make_weather

sys.path.insert(0, str(Path(__file__).parent))
from yardsticks import ratio

numba = pytest.importorskip("numba", reason="needs the extra speed")

ROOT = Path(__file__).parents[2]
YEARS = 12
N_STEPS = 105_192
N_CASES = 200
ROUND_TRIP_FRAC = 0.85
LIMIT_MW = 75.0
N_SAM_RUNS = 2


@pytest.fixture(scope="module")
def site():
    """Load, solar and wind of 12 years, in MW and per unit of rating."""
    rng = np.random.default_rng(1)
    hour = np.arange(N_STEPS) % 24
    load_mw = np.resize(60 + 20 * rng.random(8760), N_STEPS)  # the same every year
    solar_pu = np.maximum(np.sin((hour - 6) / 12 * np.pi), 0) * rng.random(N_STEPS)
    wind_pu = np.clip(rng.normal(0.4, 0.3, N_STEPS), 0, 1)
    return load_mw, solar_pu, wind_pu


@pytest.fixture(scope="module")
def sizes():
    rng = np.random.default_rng(2)
    power_mw = rng.uniform(1, 80, N_CASES)
    return Sizes(
        solar_factor=rng.uniform(0, 200, N_CASES),
        wind_factor=rng.uniform(0, 200, N_CASES),
        battery_mw=power_mw,
        battery_mwh=power_mw * rng.uniform(2, 8, N_CASES),
    )


def offer_of(site):
    _, solar_pu, wind_pu = site
    return AvailableSupply(
        connection_mw=np.full(N_STEPS, LIMIT_MW),
        export_mw=np.zeros(N_STEPS),
        onsite_mw={"solar.a": solar_pu, "wind.a": wind_pu},
        stores={"batteries.a": BatteryUnit(np.ones(N_STEPS), 1.0, ROUND_TRIP_FRAC)},
    )


def by_hand(load_mw, solar_pu, wind_pu, sizes, totals):
    """The loop one would write for this one question, summing as it goes."""
    solar, wind, power, energy = sizes
    for case in range(solar.size):
        level = imported = curtailed = unserved = charged = discharged = peak = 0.0
        for step in range(load_mw.size):
            net = solar[case] * solar_pu[step] + wind[case] * wind_pu[step] - load_mw[step]
            if net > 0:
                charge = min(net, power[case], (energy[case] - level) / ROUND_TRIP_FRAC)
                level += charge * ROUND_TRIP_FRAC
                charged += charge
                curtailed += net - charge
            else:
                discharge = min(-net, power[case], level)
                level -= discharge
                discharged += discharge
                need = -net - discharge
                bought = min(need, LIMIT_MW)
                imported += bought
                unserved += need - bought
                peak = max(peak, bought)
        totals[:, case] = imported, curtailed, unserved, charged, discharged, peak


def test_200_cases_of_the_balance_take_less_than_ten_times_a_loop_by_hand(site, sizes):
    available, totals = offer_of(site), np.zeros((6, N_CASES))
    loop = numba.njit(by_hand, error_model="numpy")

    def plain():
        loop(*site, tuple(sizes), totals)

    # The same work: as much bought, curtailed and stored, before any time is compared.
    plain()
    ours = balance_sizes(site[0], available, sizes, 1.0)
    same = ours.import_mwh, ours.curtailed_mwh, ours.unserved_mwh, ours.charged_mwh
    for mine, theirs in zip((*same, ours.discharged_mwh, ours.peak_import_mw), totals, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-6)
    found = ratio(lambda: balance_sizes(site[0], available, sizes, 1.0), plain)
    print(f"\n{N_CASES} cases: {found:.2f} of the loop by hand, budget 10")
    assert found < 10


def sam_case(sam, site, sizes, case):
    """Return discharge in MWh and seconds of SAM's self-consumption over the 12 years, in one run.

    Lifetime mode: one run over 12 years of 8,760 h. Wear is switched off and replacement too; what
    it models of voltage, temperature and converters stays, since it cannot be left out.
    """
    load_mw, solar_pu, wind_pu = (series[: YEARS * 8760] for series in site)
    made_mw = sizes.solar_factor[case] * solar_pu + sizes.wind_factor[case] * wind_pu
    run = sam.default("CustomGenerationBatteryCommercial")
    run.Lifetime.system_use_lifetime_output = 1
    run.Lifetime.analysis_period = YEARS
    run.SystemOutput.gen = (1e3 * made_mw).tolist()
    run.Load.load = (1e3 * load_mw[:8760]).tolist()  # taken again every year
    run.BatteryDispatch.batt_dispatch_choice = 5  # self-consumption
    run.BatteryCell.batt_calendar_choice = 0
    run.BatteryCell.batt_minimum_SOC = 5
    run.BatterySystem.batt_replacement_option = 0
    battery = run.BatterySystem
    power = 1e3 * sizes.battery_mw[case] / battery.batt_power_charge_max_kwdc
    energy = 1e3 * sizes.battery_mwh[case] / (0.9 * battery.batt_computed_bank_capacity)
    for name in ("charge_max_kwac", "charge_max_kwdc", "discharge_max_kwac", "discharge_max_kwdc"):
        key = f"batt_power_{name}"
        setattr(battery, key, power * getattr(battery, key))
    battery.batt_current_charge_max *= power
    battery.batt_current_discharge_max *= power
    battery.batt_computed_strings = round(energy * battery.batt_computed_strings)
    battery.batt_computed_bank_capacity *= energy
    battery.batt_mass *= energy
    battery.batt_surface_area *= energy
    begin = time.perf_counter()
    run.execute(0)
    seconds = time.perf_counter() - begin
    return np.maximum(run.Outputs.batt_power, 0).sum() / 1e3, seconds


def test_200_cases_are_at_least_twenty_times_faster_than_sam(site, sizes):
    sam = pytest.importorskip("PySAM.Battery", reason="needs the extra bench")
    available = offer_of(site)
    ours = balance_sizes(site[0], available, sizes, 1.0)
    # Two cases are timed and stand for all: those whose batteries move the most.
    timed = np.argsort(ours.discharged_mwh)[-N_SAM_RUNS:]
    sam_s, ours_s = [], []
    for case in timed:
        moved_mwh, seconds = sam_case(sam, site, sizes, case)
        sam_s.append(seconds)
        # The same work: the same policy on the same battery, but for how losses are modeled.
        assert moved_mwh == pytest.approx(ours.discharged_mwh[case], rel=0.25)
        begin = time.perf_counter()
        balance_sizes(site[0], available, sizes, 1.0)
        ours_s.append(time.perf_counter() - begin)
    found = N_CASES * min(sam_s) / min(ours_s)
    print(f"\n{N_CASES} cases: {found:.0f} times faster than SAM ({min(sam_s):.2f} s a case)")
    assert found > 20


def test_make_flows_is_faster_compiled():
    plan = dcsim.load(ROOT / "scenarios" / "ulsan-103mw.yaml").plan(0)
    timeline, weather = run_ramp(plan), make_weather(plan)
    load = make_load(plan, timeline, weather)

    def plain():
        compiled.prefer_plain()
        make_flows(plan, timeline, weather, load)

    def fast():
        assert compiled.prefer_compiled()
        make_flows(plan, timeline, weather, load)

    try:
        fast()
        found = ratio(fast, plain, rounds=15)
    finally:
        compiled.prefer_plain()
    print(f"\nmake_flows compiled: {found:.2f} of plain, budget 0.75")
    assert found < 0.75
