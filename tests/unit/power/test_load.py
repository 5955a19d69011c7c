from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dcsim.power import load as load_module
from dcsim.power.load import SiteDraw, facility_of_profile, pue
from dcsim.types import Load, Timeline

LoadOf = Callable[..., Load]
DEMAND = [{"name": "all", "use": "training", "gpus": "600 GPU", "at": "2030-01-01"}]
LOSSLESS = {"ups_load": [1], "ups_efficiency": [1]}


def power_part(**changes: Any) -> dict[str, Any]:
    steps = [{"name": "only", "adds": "10 MW"}]
    return {"basis": "facility", "design_pue": 1.2, "steps": steps, **changes}


def test_facility_is_servers_losses_and_cooling(load_of: LoadOf) -> None:
    load = load_of({"demand": DEMAND, "electrical": LOSSLESS})
    it_mw = (600 * 0.76 + 400 * 0.22) * 1.79e-3
    assert load.it_power_mw[0] == pytest.approx(it_mw)
    assert load.facility_power_mw[0] == pytest.approx(it_mw * 1.1)
    assert load.pue[0] == pytest.approx(1.1)
    assert load.throttled_mw.max() == 0


def test_losses_are_cooled_as_well(load_of: LoadOf) -> None:
    half = {"ups_load": [1], "ups_efficiency": [0.5]}
    load = load_of({"demand": DEMAND, "electrical": half})
    assert load.pue[0] == pytest.approx(2 * 1.1)


def test_unmet_demand_is_wanted_less_busy(load_of: LoadOf) -> None:
    demand = [{**DEMAND[0], "gpus": "1500 GPU"}]
    load = load_of({"demand": demand})
    assert load.segments == ("all",)
    assert (load.wanted_gpus - load.busy_gpus)[0, 0] == 500


def test_gpus_count_from_the_minute_they_are_online(load_of: LoadOf) -> None:
    load = load_of(online=[[(0, 160), (30, 320), (90, -80)]])
    np.testing.assert_allclose(load.online_gpus[0, :3], [320, 440, 400])


def test_rows_follow_the_products_of_the_timeline(load_of: LoadOf) -> None:
    product = {"name": "x", "power": "1 kW", "server_size": "8 GPU", "rack_size": "16 GPU"}
    orders = [
        {"name": "o", "product": "x", "gpus": "16 GPU", "placed": "2030-01-01", "lead_time": "1 h"}
    ]
    products = [product, {**product, "name": "y"}]
    load = load_of({"products": products, "orders": orders}, online=[[(0, 8)], [(0, 24)]])
    np.testing.assert_array_equal(load.online_gpus[:, 0], [8, 24])


def test_pue_is_missing_while_nothing_is_on(load_of: LoadOf) -> None:
    load = load_of({"electrical": {"house": 0.01}}, online=[[(600, 160)]])
    assert np.isnan(load.pue[:10]).all()
    assert load.facility_power_mw[0] == pytest.approx(0.08 * 1.1)
    assert np.isfinite(load.pue[10:]).all()


def test_pue_of_a_vanishing_load_is_missing_and_not_infinite() -> None:
    assert np.isnan(pue(np.array([1.0]), np.array([5e-324]))[0])


def test_limit_at_the_meter_binds_exactly_and_keeps_the_pue(load_of: LoadOf) -> None:
    free = load_of({"demand": DEMAND})
    capped = load_of({"demand": DEMAND}, energized=[(0, 0.7)])
    assert (capped.facility_power_mw == 0.7).all()
    np.testing.assert_allclose(capped.pue, free.pue, rtol=1e-12)
    np.testing.assert_allclose(capped.it_power_mw + capped.throttled_mw, free.it_power_mw)


def test_limit_at_the_servers_binds_exactly(load_of: LoadOf) -> None:
    changes = {"demand": DEMAND, "power": power_part(basis="it")}
    capped = load_of(changes, energized=[(0, 0.5)])
    assert (capped.it_power_mw == 0.5).all()
    assert (capped.facility_power_mw > 0.5).all()


@pytest.mark.parametrize("basis", ["facility", "it"])
def test_a_site_without_power_draws_nothing(load_of: LoadOf, basis: str) -> None:
    changes = {"power": power_part(basis=basis), "electrical": {"house": 0.01}}
    load = load_of(changes, energized=[(600, 5.0)])
    assert (load.facility_power_mw[:10] == 0).all()
    assert (load.throttled_mw[:10] > 0).all()
    assert (load.throttled_mw[10:] == 0).all()
    assert np.isnan(load.pue[:10]).all()


def test_water_is_what_is_used_in_the_step(load_of: LoadOf) -> None:
    cooling = {"model": "evaporative", "overhead": 0.1, "knee": "40 degC", "slope": 0.01}
    cooling["water"] = "2 L/kWh"
    changes = {"cooling": cooling, "electrical": LOSSLESS}
    hourly = load_of(changes)
    daily = load_of({**changes, "step": "24 h"})
    assert hourly.water_m3[0] == pytest.approx(2 * hourly.it_power_mw[0])
    assert daily.water_m3.sum() == pytest.approx(hourly.water_m3.sum())


def test_missing_weather_does_not_pass(load_of: LoadOf) -> None:
    cooling = {"model": "evaporative", "overhead": 0.1, "knee": "40 degC", "slope": 0.01}
    wet_bulb_c = np.full(168, 10.0)
    wet_bulb_c[5] = np.nan
    with pytest.raises(AssertionError, match="step 5: facility nan"):
        load_of({"cooling": cooling}, wet_bulb_c=wet_bulb_c)


def test_gpus_online_by_product_are_their_stock(
    load_of: LoadOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Timeline] = []
    count = load_module.online_gpus
    monkeypatch.setattr(load_module, "online_gpus", lambda run: seen.append(run) or count(run))
    load = load_of(online=[[(5, 320), (61, -80), (61, 40), (700, -280)]])
    stock = seen[0].hourly_gpus("online", product="server")
    np.testing.assert_allclose(load.online_gpus[0], stock, atol=1e-12)


def mover(pressure: str) -> dict[str, str]:
    return {"pressure": pressure, "efficiency": "70 %"}


PHYSICAL = {
    "model": "physical",
    "air_supply": "25 degC",
    "air_rise": "14 delta_degC",
    "water_rise": "7.5 delta_degC",
    "sink_rise": "5 delta_degC",
    "tower_approach": "4 delta_degC",
    "exchanger_approach": "2 delta_degC",
    "coil": "80 %",
    "sensible": "97 %",
    "fans": mover("500 Pa"),
    "tower_fans": mover("250 Pa"),
    "humidifier": mover("6.8 MPa"),
    "economizer_pumps": mover("143 kPa"),
    "chilled_pumps": mover("143 kPa"),
    "sink_pumps": mover("208 kPa"),
    "chiller_load": "50 %",
}


def test_a_physical_plant_cools_a_site(load_of: LoadOf) -> None:
    load = load_of({"demand": DEMAND, "cooling": PHYSICAL})
    parts_mw = load.it_power_mw + load.electrical_loss_mw + load.cooling_power_mw
    np.testing.assert_allclose(load.facility_power_mw, parts_mw)
    assert 0 < load.cooling_power_mw[0] < 0.5 * load.it_power_mw[0]
    assert load.water_m3[0] > 0


def test_fixed_speed_costs_a_hall_that_is_nearly_empty(load_of: LoadOf) -> None:
    free = load_of({"demand": DEMAND, "cooling": PHYSICAL})
    fixed = load_of({"demand": DEMAND, "cooling": PHYSICAL | {"minimum_flow": 1.0}})
    assert fixed.pue[0] > free.pue[0]


def test_a_facility_load_from_a_file_leaves_its_rest_to_cooling_and_losses() -> None:
    uncapped = SiteDraw(*(np.array([value]) for value in (10.0, 3.0, 1.0, 14.0, 5.0)))
    draw = facility_of_profile(uncapped, np.array([12.0]))
    # 2 MW are left of it, of which losses have a quarter, as they would
    assert (draw.it_mw[0], draw.cooling_mw[0], draw.loss_mw[0]) == (10.0, 1.5, 0.5)
    assert (draw.facility_mw[0], draw.water_m3_h[0]) == (12.0, 5.0)


def test_a_facility_load_below_the_it_power_leaves_nothing_to_cool_with() -> None:
    uncapped = SiteDraw(*(np.array([value]) for value in (10.0, 3.0, 1.0, 14.0, 5.0)))
    draw = facility_of_profile(uncapped, np.array([9.0]))
    assert (draw.cooling_mw[0], draw.loss_mw[0]) == (0.0, 0.0)
