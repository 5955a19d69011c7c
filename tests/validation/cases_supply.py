"""Dispatch, storage, tariff, money."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dcsim.accounts.finance import levelized_cost, present_value
from dcsim.stages import Flows
from dcsim.supply.battery import Balance, BatteryUnit, after, run_battery
from dcsim.supply.dispatch import self_consumption
from dcsim.supply.offer import Offer
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
    yield from _storage()
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


@functools.cache
def _flows(data: Path, wind: float, solar: float, battery: bool) -> Flows:
    with (data / "series" / "pypsa_model_energy_2019_3h.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    onsite = {
        "solar.a": solar * np.array([float(row["solar_pu"]) for row in rows]),
        "wind.a": wind * np.array([float(row["wind_pu"]) for row in rows]),
    }
    # 4 % are lost each way; here all loss is on charging, so it is a battery that gives 0.96 of
    # its energy, and 0.96 x 0.96 of what goes in.
    unit = BatteryUnit(np.full(N_STEPS, 100.0), 400 * 0.96, 0.96**2, 0.0, 200 * 0.96)
    batteries = {"batteries.a": unit} if battery else {}
    offer = Offer(
        np.full(N_STEPS, AMPLE_MW), np.zeros(N_STEPS), onsite_mw=onsite, batteries=batteries
    )
    return self_consumption(np.full(N_STEPS, LOAD_MW), offer, STEP_H)


def _year(data: Path, what: str, **case: float) -> float:
    flows = _flows(data, **case)  # type: ignore[arg-type]
    imported = flows.grid_import_mw.sum() * STEP_H
    return float(
        {
            "import": imported,
            "curtailed": flows.curtailed_mw.sum() * STEP_H,
            "coverage": 100 * (1 - imported / (LOAD_MW * 8760)),
            "stored": flows.battery_stored_mwh[-1] / 0.96,
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
    done = run_battery(unit, balance, float(row["duration_s"]) / 3600)
    left = after(balance, done)
    level = done.stored_mwh[-1]
    return float(left.surplus_mw[0] - left.need_mw[0] if exchange else level)


def _balance(surplus_mw: list[float]) -> Balance:
    net = np.array(surplus_mw)
    need = np.maximum(-net, 0.0)
    return Balance(np.maximum(net, 0.0), need, np.zeros_like(net), np.full_like(net, AMPLE_MW))


def _unit(n_steps: int, start: float) -> BatteryUnit:
    # 0.95 each way: see the dispatch above.
    return BatteryUnit(np.full(n_steps, 100.0), 1000 * 0.95, 0.95**2, 100 * 0.95, start * 0.95)


def _empty(_: Path) -> float:
    run = run_battery(_unit(100, 900.0), _balance([-100.0] * 100), 0.1)
    return float(run.discharge_mw.sum() * 0.1 / 100)


def _fill(_: Path) -> float:
    run = run_battery(_unit(2000, 100.0), _balance([50.0] * 2000), 0.01)
    return float(np.searchsorted(run.stored_mwh, 900 * 0.95) * 0.01)


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
