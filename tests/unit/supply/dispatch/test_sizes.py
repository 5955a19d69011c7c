from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch import sizes as sizes_module
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
from dcsim.supply.dispatch.sizes import AT_ONCE, Sizes, balance_sizes, sized

N_STEPS = 24
DAY_PU = np.maximum(np.sin((np.arange(N_STEPS) - 6) / 12 * np.pi), 0)
LOAD_MW = np.full(N_STEPS, 10.0)
OFFER = AvailableSupply(
    connection_mw=np.full(N_STEPS, 12.0),
    export_mw=np.full(N_STEPS, 1.0),
    onsite_mw={"solar.roof": 20 * DAY_PU},
    wheeled_mw={"wind.far": np.full(N_STEPS, 2.0), "contracts.hydro": np.full(N_STEPS, 1.0)},
    stores={
        "batteries.a": BatteryUnit(np.full(N_STEPS, 3.0), 12.0, 0.8, 3.0, 6.0),
        "batteries.b": BatteryUnit(np.full(N_STEPS, 1.0), 4.0, 0.9),
    },
)


@pytest.fixture(params=["compiled where it can be", "in arrays"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in arrays":
        monkeypatch.setattr(sizes_module, "compiled_loops", lambda: None)


def sizes_of(
    solar: object = 1.0, wind: object = 1.0, power: object = 4.0, energy: object = 16.0
) -> Sizes:
    columns = np.broadcast_arrays(*(np.atleast_1d(v) for v in (solar, wind, power, energy)))
    return Sizes._make(columns)


@pytest.mark.usefixtures("way")
def test_without_sun_wind_and_batteries_the_grid_serves_what_contracts_leave() -> None:
    totals = balance_sizes(LOAD_MW, OFFER, sizes_of(0, 0, 0, 0), 0.5)
    assert totals.import_mwh == pytest.approx(9 * N_STEPS * 0.5)
    assert totals.renewable_mwh == totals.renewable_used_mwh == pytest.approx(N_STEPS * 0.5)
    assert totals.peak_import_mw == pytest.approx(9)
    assert totals.charged_mwh == totals.discharged_mwh == totals.unserved_h == 0


@pytest.mark.usefixtures("way")
def test_unserved_is_counted_in_energy_and_in_hours() -> None:
    island = dataclasses.replace(OFFER, connection_mw=np.zeros(N_STEPS), wheeled_mw={})
    totals = balance_sizes(LOAD_MW, island, sizes_of(0.0, 1.0, 0, 0), 2.0)
    assert totals.unserved_mwh == LOAD_MW.sum() * 2
    assert totals.unserved_h == N_STEPS * 2


@pytest.mark.usefixtures("way")
def test_batteries_take_renewable_surplus_before_that_of_chp() -> None:
    # 10 MW of minimum and 4 MW of sun for 10 MW of load: 4 MW left, of which a battery takes 3.
    dispatchable = {"chp.a": DispatchableUnit(np.array([10.0]), 1.0)}
    unit = {"batteries.a": BatteryUnit(np.ones(1), 1.0, 1.0)}
    available = AvailableSupply(
        np.zeros(1), np.zeros(1), {"solar.a": np.array([13.0])}, {}, dispatchable, unit
    )
    totals = balance_sizes(np.array([10.0]), available, sizes_of(1, 1, 7, 100), 1.0)
    assert totals.renewable_used_mwh == pytest.approx(13)  # 10 to load, 3 of the 7 stored
    assert totals.charged_mwh == pytest.approx(7)
    assert totals.chp_mwh == pytest.approx(10)


@pytest.mark.usefixtures("way")
def test_batteries_keep_their_shares_of_power_energy_reserve_and_start() -> None:
    twice = sized(OFFER, sizes_of(power=8.0, energy=8.0), 0)
    first, second = twice.stores.values()
    assert (first.power_mw[0], second.power_mw[0]) == (6, 2)
    assert (first.energy_mwh, second.energy_mwh) == (6, 2)
    assert (first.reserve_mwh, first.start_mwh) == (1.5, 3)


@pytest.mark.usefixtures("way")
def test_a_battery_of_no_power_gives_nothing_of_what_it_would_start_with() -> None:
    night = np.zeros(N_STEPS)
    island = dataclasses.replace(OFFER, connection_mw=night, onsite_mw={}, wheeled_mw={})
    totals = balance_sizes(LOAD_MW, island, sizes_of(power=[0.0, 4.0, 4.0], energy=[9, 0, 16]), 1.0)
    np.testing.assert_allclose(totals.discharged_mwh, [0, 0, 6])


@pytest.mark.usefixtures("way")
def test_calls_of_gensets_keep_their_luck_in_every_case() -> None:
    # Short in steps 0 to 1 and 4 to 5; without its battery the second case is short throughout.
    load_mw = np.array([4.0, 4.0, 0.0, 0.0, 4.0, 4.0])
    luck = np.array([0.99, 0.0, 0.0, 0.0, 0.1, 0.99])
    available = AvailableSupply(
        np.zeros(6),
        np.zeros(6),
        wheeled_mw={"wind.a": np.zeros(6)},
        backup={"gensets.a": BackupUnit(np.full(6, 4.0), 2, 0.2, luck.take)},
    )
    totals = balance_sizes(load_mw, available, sizes_of([1.0, 2.0], 1, 0, 0), 1.0)
    np.testing.assert_allclose(totals.genset_mwh, 8)  # none of the first call, all of the second
    np.testing.assert_allclose(totals.unserved_h, 2)


def test_more_cases_than_are_run_at_once_come_back_in_their_order() -> None:
    factor = np.linspace(0, 2, AT_ONCE + 3)
    many = balance_sizes(LOAD_MW, OFFER, sizes_of(factor), 1.0)
    last = balance_sizes(LOAD_MW, OFFER, sizes_of(factor[-2:]), 1.0)
    assert many.import_mwh.shape == factor.shape
    np.testing.assert_array_equal(many.import_mwh[-2:], last.import_mwh)
    assert (np.diff(many.renewable_mwh) > 0).all()


@pytest.mark.usefixtures("way")
def test_no_case_gives_empty_totals() -> None:
    totals = balance_sizes(LOAD_MW, OFFER, Sizes._make([np.zeros(0)] * 4), 1.0)
    assert [total.shape for total in totals] == [(0,)] * len(totals)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_sizes_that_cannot_be_are_refused_by_name(bad: float) -> None:
    with pytest.raises(ModelError, match="need finite wind_factor of 0 or more"):
        balance_sizes(LOAD_MW, OFFER, sizes_of(wind=bad), 1.0)


def test_columns_of_different_length_are_refused() -> None:
    sizes = sizes_of()._replace(solar_factor=np.ones(3))
    with pytest.raises(ModelError, match=r"as many cases .* got shapes \(3,\), \(1,\)"):
        balance_sizes(LOAD_MW, OFFER, sizes, 1.0)


def test_a_battery_that_the_offer_does_not_have_is_refused() -> None:
    bare = dataclasses.replace(OFFER, stores={})
    with pytest.raises(ModelError, match="ask for a battery"):
        balance_sizes(LOAD_MW, bare, sizes_of(), 1.0)
    balance_sizes(LOAD_MW, bare, sizes_of(power=0.0), 1.0)
