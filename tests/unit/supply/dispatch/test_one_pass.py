from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dcsim.clock import Floats
from dcsim.power import make_load
from dcsim.ramp import run_ramp
from dcsim.scenario.scenario import load
from dcsim.supply.availability import AvailableSupply, available_supply
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.checks import check_flows
from dcsim.supply.dispatch.one_pass import (
    first_step,
    self_consumption_in_one_pass,
    site_of,
    stacked,
)
from dcsim.supply.dispatch.policies import IN_ONE_PASS, POLICIES, self_consumption
from dcsim.supply.dispatch.sizes import Sizes, balance_sizes, sized
from dcsim.supply.kernels import dispatch as loops
from dcsim.supply.kernels.compiled import compiled_loops
from dcsim.types import Flows
from dcsim.weather import make_weather

SCENARIOS = Path(__file__).parents[4] / "scenarios"
WINDOW = slice(40_000, 52_000)
"""Steps of the plain text, which takes microseconds a step over arrays."""


@functools.cache
def shipped(name: str) -> tuple[Floats, AvailableSupply]:
    """Load and available supply of a shipped scenario in replication 1, which has outages."""
    plan = load(SCENARIOS / f"{name}.yaml").plan(1)
    timeline, weather = run_ramp(plan), make_weather(plan)
    site_load = make_load(plan, timeline, weather)
    return site_load.facility_power_mw, available_supply(plan, timeline, weather, site_load)


def part_of(available: AvailableSupply, window: slice) -> AvailableSupply:
    """Some steps of available supply; batteries begin anew and gensets never fail."""

    def cut(parts, name):
        return {k: v._replace(**{name: getattr(v, name)[window]}) for k, v in parts.items()}

    return dataclasses.replace(
        available,
        connection_mw=available.connection_mw[window],
        export_mw=available.export_mw[window],
        onsite_mw={key: made[window] for key, made in available.onsite_mw.items()},
        wheeled_mw={key: made[window] for key, made in available.wheeled_mw.items()},
        dispatchable=cut(available.dispatchable, "available_mw"),
        stores=cut(available.stores, "power_mw"),
        backup={k: v._replace(luck=None) for k, v in cut(available.backup, "available_mw").items()},
    )


def assert_same_bits(one: Flows, other: Flows) -> None:
    for field in dataclasses.fields(Flows):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, dict):
            assert list(mine) == list(theirs)
            pairs = [(mine[key], theirs[key]) for key in mine]
        else:
            pairs = [(mine, theirs)]
        for a, b in pairs:
            np.testing.assert_array_equal(a.view(np.int64), b.view(np.int64), field.name)


def fast(name: str) -> Callable[..., None]:
    found = compiled_loops()
    if found is None:
        pytest.skip("needs the extra speed")
    return getattr(found, name)


@pytest.mark.parametrize("name", ["minimal", "ulsan-103mw", "ulsan"])
def test_compiled_dispatch_of_shipped_scenarios_has_the_bits_of_the_arrays(name: str) -> None:
    load_mw, available = shipped(name)
    dispatch_steps = fast("dispatch_steps")
    flows = self_consumption_in_one_pass(load_mw, available, 1.0, dispatch_steps=dispatch_steps)
    check_flows(flows, load_mw, available)
    assert_same_bits(flows, self_consumption(load_mw, available, 1.0))


@pytest.mark.parametrize("name", ["ulsan-103mw", "ulsan"])
def test_plain_text_of_shipped_scenarios_has_the_bits_of_the_arrays(name: str) -> None:
    load_mw, available = shipped(name)
    load_mw, available = load_mw[WINDOW], part_of(available, WINDOW)
    flows = self_consumption_in_one_pass(load_mw, available, 1.0)
    assert_same_bits(flows, self_consumption(load_mw, available, 1.0))


@pytest.mark.parametrize("name", ["ulsan-103mw", "ulsan"])
def test_sizes_of_shipped_scenarios_add_up_to_their_dispatches(name: str) -> None:
    fast("sum_cases")
    load_mw, available = shipped(name)
    sizes = Sizes(*np.array([[1.0, 0, 2], [1, 3, 0.5], [100, 0, 400], [400, 0, 900]]))
    totals = balance_sizes(load_mw, available, sizes, 1.0)
    for case in range(3):
        flows = self_consumption(load_mw, sized(available, sizes, case), 1.0)
        wanted = {
            "import_mwh": flows.grid_import_mw.sum(),
            "export_mwh": flows.grid_export_mw.sum(),
            "curtailed_mwh": flows.curtailed_mw.sum(),
            "unserved_mwh": flows.unserved_mw.sum(),
            "charged_mwh": flows.battery_charge_mw.sum(),
            "discharged_mwh": flows.battery_discharge_mw.sum(),
            "chp_mwh": flows.generation_mw["chp"].sum(),
            "genset_mwh": flows.generation_mw["genset"].sum(),
            "peak_import_mw": flows.grid_import_mw.max(),
            "unserved_h": np.count_nonzero(flows.unserved_mw > 0),
        }
        for key, value in wanted.items():
            found = getattr(totals, key)[case]
            np.testing.assert_allclose(found, value, rtol=1e-9, atol=1e-9, err_msg=key)


def test_every_policy_in_one_pass_is_a_policy() -> None:
    assert set(IN_ONE_PASS) <= set(POLICIES)


def test_a_battery_without_power_or_energy_has_no_first_step() -> None:
    power_mw = np.array([0.0, 0.0, 5.0, 0.0])
    assert first_step(BatteryUnit(power_mw, 9.0, 0.8)) == 2
    assert first_step(BatteryUnit(power_mw, 0.0, 0.8)) == 4
    assert first_step(BatteryUnit(0 * power_mw, 9.0, 0.8)) == 4


def test_the_loops_meet_one_kind_of_array_whatever_they_are_handed() -> None:
    every_other = np.arange(8)[::2]
    available = AvailableSupply(
        every_other, every_other, stores={"b": BatteryUnit(every_other, 1.0, 1.0)}
    )
    site = site_of(every_other, available, 1)
    for array in (site.load_mw, site.connection_mw, site.export_mw, site.stores.power_mw):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
    assert site.plants.available_mw.shape == (0, 4)
    assert isinstance(site.step_h, float)


def test_one_row_is_not_copied() -> None:
    row = np.ones(3)
    assert np.shares_memory(stacked([row], 3), row)
    assert stacked([row, row], 3).shape == (2, 3)


def test_the_first_case_of_a_battery_is_the_one_that_is_run() -> None:
    available = AvailableSupply(
        np.zeros(1), np.zeros(1), stores={"b": BatteryUnit(np.ones(1), 5.0, 1.0)}
    )
    units = site_of(np.ones(1), available, 1.0).stores
    assert units.power_factor.shape == units.energy_mwh.shape == (1, 1)
    assert isinstance(units, loops.Batteries)
