from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dcsim.scenario.schema.assets.kind import CARBON_FREE, ClassByDate
from dcsim.scenario.schema.assets.registry import kind_of
from dcsim.supply import make_flows
from dcsim.supply.assets.models import MODELS
from dcsim.supply.availability import AvailableSupply, available_supply
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit
from dcsim.types import Outage

CaseOf = Callable[..., Any]
OUT_5_TO_8 = Outage("grid", 300, 480, 1.0, "forced")
BATTERY = {"name": "b", "power": "4 MW", "energy": "20 MWh", "initial": 0.5, "reserve": 0.25}
GENSETS = {"name": "g", "units": 4, "unit_power": "1 MW", "carbon": "700 kg/MWh"}


def offer_of(case: Any) -> AvailableSupply:
    return available_supply(*case)


def test_connection_is_the_energized_power_less_outages(case_of: CaseOf) -> None:
    half = Outage("grid", 600, 630, 1.0, "forced")
    case = case_of(capacity={"energized": [(0, 8.0), (1440, 4.0)]}, outages=[OUT_5_TO_8, half])
    connection_mw = offer_of(case).connection_mw
    np.testing.assert_allclose(connection_mw[[0, 5, 7, 8, 10, 24]], [8, 0, 0, 8, 4, 12])


def test_power_contracted_at_the_servers_is_scaled_to_the_meter(case_of: CaseOf) -> None:
    steps = [{"name": "only", "adds": "10 MW"}]
    power = {"power": {"basis": "it", "design_pue": 1.3, "steps": steps}}
    at_noon = {"energized": [(720, 10.0)]}
    design = offer_of(case_of(power, load_mw=9.0, capacity=at_noon)).connection_mw
    np.testing.assert_allclose(design[[11, 12]], [0, 13])
    hot = offer_of(case_of(power, load_mw=14.0, capacity=at_noon)).connection_mw
    np.testing.assert_allclose(hot[[11, 12]], [0, 14])


def test_delivery_says_whether_a_plant_needs_the_connection(case_of: CaseOf) -> None:
    solar = [
        {"name": "roof", "capacity": "4 MW", "delivery": "onsite", "degradation": 0},
        {"name": "far", "capacity": "8 MW", "degradation": 0},
    ]
    contracts = [{"name": "hydro", "capacity": "3 MW", "renewable": True}]
    capacity = {"solar.roof": [(0, 4.0)], "solar.far": [(0, 8.0)], "contracts.hydro": [(0, 3.0)]}
    case = case_of(
        {"solar": solar, "contracts": contracts}, capacity=capacity, outages=[OUT_5_TO_8]
    )
    available = offer_of(case)
    np.testing.assert_allclose(available.onsite_mw["solar.roof"][[0, 6]], [1, 1])
    np.testing.assert_allclose(available.wheeled_mw["solar.far"][[0, 6]], [2, 0])
    np.testing.assert_allclose(available.wheeled_mw["contracts.hydro"][[0, 6]], [3, 0])


def test_plants_wear_from_the_day_they_stand(case_of: CaseOf) -> None:
    wind = [{"name": "w", "capacity": "10 MW", "turbine": "any", "degradation": 0.5}]
    case = case_of({"wind": wind, "end": "2031-06-01"}, capacity={"wind.w": [(1440, 10.0)]})
    made_mw = offer_of(case).wheeled_mw["wind.w"]
    np.testing.assert_allclose(made_mw[[23, 24, 24 + 8766]], [0, 5, 2.5])


def test_a_plant_that_never_comes_asks_for_no_profile(
    case_of: CaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("profile was made")

    case = case_of({"solar": [{"name": "s", "capacity": "4 MW"}]})
    monkeypatch.setattr("dcsim.supply.assets.solar.solar_available_pu", refuse)
    assert not offer_of(case).wheeled_mw["solar.s"].any()


def test_outages_of_a_plant_lower_what_it_can_give_and_its_minimum(case_of: CaseOf) -> None:
    dispatchable = [
        {"name": "c", "capacity": "6 MW", "minimum": 0.5, "efficiency": 0.5, "carbon": "1 kg/MWh"}
    ]
    outage = Outage("chp.c", 0, 60, 0.5, "planned")
    case = case_of(
        {"chp": dispatchable}, load_mw=0.0, capacity={"chp.c": [(0, 6.0)]}, outages=[outage]
    )
    flows = make_flows(*case)
    np.testing.assert_allclose(flows.generation_mw["chp"][:2], [1.5, 3.0])
    np.testing.assert_allclose(flows.curtailed_mw[:2], [1.5, 3.0])


def test_export_keeps_within_its_limit_and_the_connection(case_of: CaseOf) -> None:
    grid = {"carbon": "417 kg/MWh", "carbon_free": 0.39, "export_limit": "7 MW"}
    export_mw = offer_of(
        case_of(
            {"grid": grid}, capacity={"energized": [(0, 5.0), (720, 5.0)]}, outages=[OUT_5_TO_8]
        )
    ).export_mw
    np.testing.assert_allclose(export_mw[[0, 6, 13]], [5, 0, 7])


def test_battery_starts_with_its_initial_charge_and_keeps_its_reserve(case_of: CaseOf) -> None:
    case = case_of({"batteries": [BATTERY]}, load_mw=1.0, capacity={"batteries.b": [(120, 4.0)]})
    flows = make_flows(*case)
    np.testing.assert_allclose(flows.battery_stored_mwh[:4], [0, 0, 10, 9])
    assert flows.battery_stored_mwh[-1] == 5


def test_outage_is_carried_by_the_reserve_then_by_gensets(case_of: CaseOf) -> None:
    case = case_of(
        {"batteries": [BATTERY], "gensets": [GENSETS]},
        load_mw=3.0,
        capacity={"batteries.b": [(0, 4.0)], "gensets.g": [(0, 4.0)]},
        outages=[OUT_5_TO_8],
    )
    flows = make_flows(*case)
    assert (flows.grid_import_mw[5:8] == 0).all()
    np.testing.assert_allclose(flows.battery_discharge_mw[5:8], [3, 2, 0])
    np.testing.assert_allclose(flows.generation_mw["genset"][5:8], [0, 1, 3])
    np.testing.assert_allclose(flows.grid_charge_mw[8:11], [4, 5 / 0.85 - 4, 0])
    assert flows.unserved_mw.max() == 0


@pytest.mark.parametrize("first", [0, 47 * 60])
def test_outage_in_the_first_and_last_hour_is_unserved(case_of: CaseOf, first: int) -> None:
    case = case_of(load_mw=3.0, outages=[Outage("grid", first, first + 60, 1.0, "forced")])
    flows = make_flows(*case)
    assert flows.unserved_mw[first // 60] == 3
    assert (flows.unserved_mw > 0).sum() == 1


def test_start_failures_hang_on_the_hour_of_the_call_alone(case_of: CaseOf) -> None:
    backup = [{**GENSETS, "units": 100, "unit_power": "0.04 MW", "start_failure": 0.3}]
    outages = [OUT_5_TO_8, Outage("grid", 1800, 1860, 1.0, "forced")]
    alone = {"load_mw": 4.0, "capacity": {"gensets.g": [(0, 4.0)]}}
    one = make_flows(*case_of({"gensets": backup}, outages=outages[1:], **alone))
    both = make_flows(*case_of({"gensets": backup}, outages=outages, **alone))
    made_mw = both.generation_mw["genset"]
    assert made_mw[30] == one.generation_mw["genset"][30]
    assert made_mw[5] == made_mw[7] != made_mw[30]
    assert 2 < made_mw[5] < 4


def test_an_asset_is_of_each_of_its_dispatch_classes_in_its_days(
    case_of: CaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = datetime.date(2030, 1, 2)
    kind = kind_of("solar.s")
    changing = dataclasses.replace(
        kind,
        dispatch_class=ClassByDate(
            ("dispatchable", "backup"),
            lambda _asset, day: "dispatchable" if day < until else "backup",
        ),
        wheeled=lambda _asset: False,
    )
    units = {
        "dispatchable": lambda met: DispatchableUnit(met.capacity_mw),
        "backup": lambda met: BackupUnit(met.capacity_mw),
    }
    monkeypatch.setattr(
        "dcsim.supply.availability.assets_of",
        lambda site: ((changing, asset) for asset in site.assets("solar")),
    )
    monkeypatch.setitem(MODELS, "solar", lambda _asset, met: units[met.dispatch_class](met))
    case = case_of(
        {"solar": [{"name": "s", "capacity": "4 MW"}]},
        capacity={"solar.s": [(0, 4.0)], "energized": [(0, 0.0)]},
    )
    available = offer_of(case)
    assert available.dispatchable["solar.s"].available_mw[[0, 23, 24, 47]].tolist() == [4, 4, 0, 0]
    assert available.backup["solar.s"].available_mw[[0, 23, 24, 47]].tolist() == [0, 0, 4, 4]
    made_mw = make_flows(*case).asset_generation_mw["solar.s"]
    assert made_mw.tolist() == [4.0] * 48  # both parts stand under one key


def test_a_dispatchable_unit_says_whether_it_is_clean(
    case_of: CaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = {"name": "c", "capacity": "6 MW", "efficiency": 0.5, "carbon": "1 kg/MWh"}
    case = case_of({"chp": [plant]}, capacity={"chp.c": [(0, 6.0)]})
    assert not offer_of(case).dispatchable["chp.c"].is_clean
    clean = dataclasses.replace(kind_of("chp.c"), cleanliness=CARBON_FREE)
    monkeypatch.setattr(
        "dcsim.supply.availability.assets_of",
        lambda site: ((clean, asset) for asset in site.assets("chp")),
    )
    assert offer_of(case).dispatchable["chp.c"].is_clean
