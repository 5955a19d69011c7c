"""Dispatch, storage, tariff, money."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dcsim.accounts.money.finance import levelized_cost, present_value
from dcsim.clock import Floats
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.backup.machines import GensetGroup, running_chance
from dcsim.supply.backup.outage import Replay, replayed
from dcsim.supply.dispatch.battery import (
    Balance,
    BatteryRun,
    BatteryUnit,
    StorageLimits,
    after,
    reserve_limits,
    run_battery,
)
from dcsim.supply.dispatch.policies import POLICIES, self_consumption
from dcsim.supply.optimum.rolling import optimal
from dcsim.types import Flows
from tests.validation.case import Case

LOAD_MW, STEP_H, N_STEPS = 103.0, 3.0, 2920
AMPLE_MW = 1e6
VESSIM = "unit tests of vessim"
VECTORS = {
    "vessim_step_1": 80.0,
    "vessim_step_2": 81.0,
    "vessim_step_3": 100.0,
    "vessim_step_4": 79.0,
    "vessim_step_5": 10.0,
    "vessim_crate_1": 6.0,
    "vessim_crate_2": 4.0,
    "vessim_crate_3": 10.0,
    "vessim_crate_4": 0.0,
    "vessim_dispatch_1": 90.0,
    "vessim_dispatch_2": 100.0,
    "vessim_dispatch_3": 70.0,
    "vessim_dispatch_4": 10.0,
}
EXCHANGES = {
    "vessim_dispatch_1": 0.0,
    "vessim_dispatch_2": 5.0,
    "vessim_dispatch_3": 0.0,
    "vessim_dispatch_4": -5.0,
}


def cases() -> Iterator[Case]:
    yield from _dispatch()
    yield from _optimum()
    yield from _storage()
    yield from _outages()
    yield from _money()


def _dispatch() -> Iterator[Case]:
    source = "PyPSA model-energy series 2019, arithmetic"
    solar = {"wind": 0.0, "solar": 500.0, "battery": False}
    both = {"wind": 300.0, "solar": 300.0, "battery": True}
    for name, case, what, expected, unit, tolerance in (
        ("500 MW solar, import", solar, "import", 571_360.5, "MWh", 0.001),
        ("500 MW solar, curtailed", solar, "curtailed", 259_515.0, "MWh", 0.001),
        ("500 MW solar, coverage", solar, "coverage", 36.676, "%", 0.001),
        ("solar, wind, battery, import", both, "import", 149_228.1, "MWh", 0.005),
        ("solar, wind, battery, curtailed", both, "curtailed", 195_805.3, "MWh", 0.005),
        ("solar, wind, battery, coverage", both, "coverage", 83.461, "%", 0.005),
        ("solar, wind, battery, energy at the end", both, "stored", 299.3, "MWh", 0.005),
    ):
        found = functools.partial(_year, what=what, **case)
        told = source if not case["battery"] else f"{source}; a linear program has the same import"
        yield Case("Dispatch", name, told, expected, unit, tolerance, found, needs_data=True)


def _offer(data: Path, wind: float, solar: float, battery: bool) -> AvailableSupply:
    with (data / "series" / "pypsa_model_energy_2019_3h.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    onsite = {
        "solar.a": solar * np.array([float(row["solar_pu"]) for row in rows]),
        "wind.a": wind * np.array([float(row["wind_pu"]) for row in rows]),
    }
    unit = BatteryUnit(np.full(N_STEPS, 100.0), 400, 0.96**2, 0.0, 200, discharge_frac=0.96)
    stores = {"batteries.a": unit} if battery else {}
    return AvailableSupply(
        np.full(N_STEPS, AMPLE_MW), np.zeros(N_STEPS), onsite_mw=onsite, stores=stores
    )


@functools.cache
def _flows(data: Path, wind: float, solar: float, battery: bool) -> Flows:
    available = _offer(data, wind, solar, battery)
    return self_consumption(np.full(N_STEPS, LOAD_MW), available, STEP_H)


def _year(data: Path, what: str, **case: float) -> float:
    flows = _flows(data, **case)  # type: ignore[arg-type]
    imported = flows.grid_import_mw.sum() * STEP_H
    return float(
        {
            "import": imported,
            "curtailed": flows.curtailed_mw.sum() * STEP_H,
            "coverage": 100 * (1 - imported / (LOAD_MW * 8760)),
            "stored": flows.battery_stored_mwh[-1],
        }[what]
    )


def _storage() -> Iterator[Case]:
    for vector, expected in VECTORS.items():
        found = functools.partial(_vector, vector=vector, exchange=False)
        name = f"Battery {vector}, level"
        yield Case("Storage", name, VESSIM, expected, "Wh", 1e-9, found, False, True)
    for vector, expected in EXCHANGES.items():
        found = functools.partial(_vector, vector=vector, exchange=True)
        name = f"Battery {vector}, left to the grid"
        yield Case("Storage", name, VESSIM, expected, "W", 1e-9, found, False, True)
    source = "closed form: 800 kWh x 0.95 / 100 kW; 800 kWh / (50 kW x 0.95)"
    yield Case("Storage", "Hours from 90 to 10 % at constant load", source, 7.6, "h", 1e-9, _empty)
    yield Case("Storage", "Hours back at constant power", source, 16.842105263, "h", 0.01, _fill)


def _vector(data: Path, vector: str, exchange: bool) -> float:
    with (data / "tables" / "battery_vectors.csv").open(encoding="utf-8") as table:
        row = next(row for row in csv.DictReader(table) if row["case"] == vector)
    capacity = float(row["capacity_wh"])
    unit = BatteryUnit(
        np.array([float(row["c_rate_per_h"] or "inf") * capacity]),
        capacity,
        1.0,
        float(row["min_soc"]) * capacity,
        float(row["soc_start"]) * capacity,
    )
    balance = _balance([float(row["power_request_w"])])
    done, _ = run_battery(unit, balance, reserve_limits(unit), float(row["duration_s"]) / 3600)
    left = after(balance, done)
    level = done.stored_mwh[-1]
    return float(left.surplus_mw[0] - left.need_mw[0] if exchange else level)


def _balance(surplus_mw: list[float]) -> Balance:
    net = np.array(surplus_mw)
    need = np.maximum(-net, 0.0)
    return Balance(np.maximum(net, 0.0), need, np.zeros_like(net), np.full_like(net, AMPLE_MW))


def _unit(n_steps: int, start: float) -> BatteryUnit:
    return BatteryUnit(
        np.full(n_steps, 100.0), 900, 0.95**2, 0.0, start, discharge_frac=0.95, minimum_mwh=100.0
    )


def _run(unit: BatteryUnit, net_mw: list[float], step_h: float) -> BatteryRun:
    run, _ = run_battery(unit, _balance(net_mw), StorageLimits(100.0, 0.0), step_h)
    return run


def _empty(_: Path) -> float:
    run = _run(_unit(100, 900.0), [-100.0] * 100, 0.1)
    return float(run.discharge_mw.sum() * 0.1 / 100)


def _fill(_: Path) -> float:
    run = _run(_unit(2000, 100.0), [50.0] * 2000, 0.01)
    return float(run.surplus_charge_mw.sum() * 0.01 / 50)


def _optimum() -> Iterator[Case]:
    source = "PyPSA model-energy series 2019, least import by a linear program"
    name = "solar, wind, battery, least import with foresight"
    yield Case("Dispatch", name, source, 149_228.1, "MWh", 0.001, _least, needs_data=True)
    source = "greedy dispatch and HiGHS on sixty evenings under 80 MW; 85 % of the gap is the aim"
    yield Case("Dispatch", "reserve, share of the gap closed", source, 1.0, "1", 0.15, _closed)


def _least(data: Path) -> float:
    available = _offer(data, 300.0, 300.0, battery=True)
    flows = optimal(np.full(N_STEPS, LOAD_MW), available, STEP_H)
    return float(flows.grid_import_mw.sum() * STEP_H)


def _closed(_: Path) -> float:
    rng = np.random.default_rng(11)
    hour, day = np.arange(24 * 60) % 24, np.arange(24 * 60) // 24
    load_mw = (70 + 6 * rng.standard_normal(60))[day] + 22 * np.exp(-(((hour - 20) / 2.5) ** 2))
    unit = BatteryUnit(np.full(load_mw.size, 30.0), 120.0, 0.85, 0.0, 60.0)
    available = AvailableSupply(
        np.full(load_mw.size, 80.0), np.zeros(load_mw.size), stores={"batteries.a": unit}
    )
    greedy = float(self_consumption(load_mw, available, 1.0).unserved_mw.sum())
    kept = float(POLICIES["reserve"](load_mw, available, 1.0).unserved_mw.sum())
    least = float(optimal(load_mw, available, 1.0).unserved_mw.sum())
    return (greedy - kept) / (greedy - least)


def _outages() -> Iterator[Case]:
    source = "well maintained machines in two weeks (Marqusee and Jenket 2020): MTTF 1,500 h"
    found = lambda _: 1 - float(running_chance(GensetGroup(1, 1.0, 0.0, 1500.0), _two_weeks())[0])  # noqa: E731
    name = "Gensets that fail in two weeks of running"
    yield Case("Outages", name, source, 0.20, "1", 0.01, found)
    found = functools.partial(_replayed_failures, mttf_h=1500.0)
    yield Case("Outages", f"{name}, replayed by the dispatch", source, 0.20, "1", 0.05, found)
    source = "poorly maintained machines in two days (Marqusee and Jenket 2020): MTTF 69 h"
    found = lambda _: 1 - float(running_chance(GensetGroup(1, 1.0, 0.0, 69.0), np.array([48.0]))[0])  # noqa: E731
    yield Case(
        "Outages", "Gensets that fail in two days of running", source, 0.50, "1", 0.01, found
    )


def _two_weeks() -> Floats:
    return np.array([336.0])


def _replayed_failures(_: Path, mttf_h: float) -> float:
    replay = Replay(n_hours=336, n_replications=4000, seed=1, step_h=12.0)
    return float(1 - replayed([GensetGroup(1, 1.0, 0.0, mttf_h)], 1.0, replay).carried_frac[-1])


def _money() -> Iterator[Case]:
    source = "1 GW: IT 25.6 bn, facility 12.4 bn over 14 years, 7 %, 0.9 bn to run (Epoch AI 2026)"
    for life, expected in ((3, 12.0), (5, 8.5), (7, 7.0)):
        found = functools.partial(_cost_of_a_gigawatt, life=life)
        name = f"Yearly cost of a gigawatt, servers of {life} years"
        yield Case("Money", name, source, expected, "bn USD", 0.03, found)
    found = lambda _: 1 / _present(20, 0.07)  # noqa: E731  (a case each)
    source = "closed form of the annuity, 7 %, 20 years"
    yield Case("Money", "Capital recovery factor", source, 0.094392925743, "1", 1e-9, found)
    source = "closed form, 8 %, -1000 and ten times 150"
    found = lambda _: 150 * _present(10, 0.08) - 1000  # noqa: E731  (a case each)
    yield Case("Money", "Net present value", source, 6.512209841, "1", 1e-9, found)


def _cost_of_a_gigawatt(_: Path, life: int) -> float:
    def yearly(cost: float, years: int) -> float:
        output = np.ones(years)
        at = np.arange(1.0, years + 1)
        found = levelized_cost(np.array([cost]), np.zeros(1), output, at, 0.07)
        assert found is not None
        return found

    return yearly(25.6, life) + yearly(12.4, 14) + 0.9


def _present(years: int, rate: float) -> float:
    return present_value(np.ones(years), np.arange(1.0, years + 1), rate)
