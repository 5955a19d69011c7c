from __future__ import annotations

import copy

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.physics.sun import Sun
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.solar import Solar
from dcsim.scenario.schema.site import Site
from dcsim.supply.assets.solar import PvSystem, Sunlight, pv_output_pu, solar_available_pu
from dcsim.weather import make_weather

STANDARD = PvSystem(1.2, 30.0, 180.0, 0.140757, 0.96)
PLACES = {
    "KOR_Ulsan.epw": ("35.5825 degree", "129.3347 degree", "Asia/Seoul"),
    "USA_AZ_Davis-Monthan.AFB.722745_TMY3.epw": (
        "32.17 degree",
        "-110.88 degree",
        "America/Phoenix",
    ),
}


def plant(**keys):
    return Solar.model_validate({"name": "sun", "capacity": "1 MW"} | keys)


def real_year(shared_data, minimal_site, name, **keys):
    latitude, longitude, zone = PLACES[name]
    site = copy.deepcopy(minimal_site) | keys
    site |= {"latitude": latitude, "longitude": longitude, "time_zone": zone}
    site["weather"] = {"file": name}
    return Plan(Site.model_validate(site), 0, {name: shared_data / "weather" / name})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("KOR_Ulsan.epw", 1597.4), ("USA_AZ_Davis-Monthan.AFB.722745_TMY3.epw", 1673.3)],
)
def test_year_agrees_with_pvwatts_within_a_percent(shared_data, minimal_site, name, wanted):
    plan = real_year(shared_data, minimal_site, name)
    output_pu = solar_available_pu(plant(), plan, make_weather(plan))
    assert output_pu.sum() / 1.2 == pytest.approx(wanted, rel=0.01)


def test_months_agree_with_pvwatts_within_three_percent(shared_data, minimal_site):
    plan = real_year(shared_data, minimal_site, "KOR_Ulsan.epw")
    output_pu = solar_available_pu(plant(), plan, make_weather(plan))
    found = np.bincount(plan.calendar.month, output_pu)[1:] / 1.2
    wanted = [
        *(128.4, 129.6, 152.1, 151.6, 153.6, 133.2),
        *(129.2, 137.2, 123.5, 126.6, 113.4, 119.1),
    ]
    np.testing.assert_allclose(found, wanted, rtol=0.03)


def test_modules_face_the_equator_unless_stated(minimal_site):
    climate = copy.deepcopy(minimal_site["weather"])
    climate["climate"]["ghi_kwh_m2_day"] = [
        6.3,
        5.6,
        4.7,
        3.6,
        2.7,
        2.4,
        2.6,
        3.5,
        4.6,
        5.5,
        6.2,
        6.6,
    ]
    south = {"latitude": "-33.9 degree", "longitude": "151.2 degree", "weather": climate}
    energy = []
    for given in ({}, {"azimuth": "0 degree"}, {"azimuth": "180 degree"}):
        plan = Plan(Site.model_validate({**minimal_site, **south, "end": "2031-01-01"}), 0, {})
        energy.append(solar_available_pu(plant(**given), plan, make_weather(plan)).sum())
    assert energy[0] == energy[1] > 1.4 * energy[2]
    plan = Plan(Site.model_validate({**minimal_site, "end": "2030-02-01"}), 0, {})
    weather = make_weather(plan)
    stated = solar_available_pu(plant(azimuth="180 degree"), plan, weather)
    np.testing.assert_array_equal(solar_available_pu(plant(), plan, weather), stated)


@pytest.mark.parametrize(("step", "step_h"), [("30 min", 0.5), ("3 h", 3), ("24 h", 24)])
def test_other_steps_give_nearly_the_same_energy(shared_data, minimal_site, step, step_h):
    energy = []
    for length, hours in (("1 h", 1), (step, step_h)):
        plan = real_year(shared_data, minimal_site, "KOR_Ulsan.epw", step=length)
        energy.append(solar_available_pu(plant(), plan, make_weather(plan)).sum() * hours)
    assert energy[1] == pytest.approx(energy[0], rel=0.06)


def one_hour(ghi, dni, dhi, temp=25.0, zenith=40.0):
    light = Sunlight(*(np.array([value]) for value in (ghi, dni, dhi, temp, 3.0)))
    return light, Sun(np.array([zenith]), np.array([180.0]), np.array([1361.0]))


def test_dark_hours_give_nothing():
    assert pv_output_pu(*one_hour(0.0, 0.0, 0.0, zenith=100.0), STANDARD)[0] == 0


def test_modules_larger_than_the_inverter_are_clipped_at_its_rating():
    hour = one_hour(1000.0, 950.0, 100.0, 0.0)
    output = [pv_output_pu(*hour, STANDARD._replace(dc_ac_ratio=r))[0] for r in (1.0, 1.5, 3.0)]
    assert output[0] < 1
    assert output[2] == 1


def test_hot_modules_give_less_by_the_temperature_coefficient():
    cool, hot = (
        pv_output_pu(*one_hour(600.0, 500.0, 200.0, temp), STANDARD)[0] for temp in (0.0, 30.0)
    )
    assert 0.87 < hot / cool < 0.91


def test_losses_take_their_share_of_direct_current():
    hour = one_hour(600.0, 500.0, 200.0)
    whole = pv_output_pu(*hour, STANDARD._replace(losses_frac=0.0))[0]
    assert pv_output_pu(*hour, STANDARD)[0] / whole == pytest.approx(1 - 0.140757, abs=0.01)


def test_sun_below_the_horizon_gives_no_beam():
    output = pv_output_pu(*one_hour(20.0, 100.0, 20.0, zenith=95.0), STANDARD)[0]
    assert 0 <= output < 0.03


def test_inverter_without_efficiency_is_refused():
    with pytest.raises(ModelError, match="inverter_frac"):
        pv_output_pu(*one_hour(600.0, 500.0, 200.0), STANDARD._replace(inverter_frac=0.0))


def test_same_weather_and_plant_give_the_same_profile_object(minimal_site):
    plan = Plan(Site.model_validate(minimal_site))
    weather = make_weather(plan)
    first = solar_available_pu(plant(), plan, weather)
    assert solar_available_pu(plant(capacity="2 MW"), plan, weather) is first
    assert solar_available_pu(plant(tilt="10 degree"), plan, weather) is not first
    assert not first.flags.writeable


def one_axis(**keys):
    return plant(tracking="one-axis", tilt="0 degree", **keys)


def test_a_tracker_yields_more_and_is_as_flat_as_a_roof_at_noon(shared_data, minimal_site):
    plan = real_year(shared_data, minimal_site, "KOR_Ulsan.epw")
    weather = make_weather(plan)
    fixed, turned = (solar_available_pu(part, plan, weather) for part in (plant(), one_axis()))
    assert 1.02 * fixed.sum() < turned.sum() < 1.25 * fixed.sum()
    flat = solar_available_pu(plant(tilt="0 degree"), plan, weather)
    summer_noon = (plan.calendar.month == 6) & (plan.calendar.hour == 12)
    np.testing.assert_allclose(turned[summer_noon], flat[summer_noon], atol=0.05)


def test_rows_close_together_turn_back_earlier(shared_data, minimal_site):
    plan = real_year(shared_data, minimal_site, "KOR_Ulsan.epw")
    weather = make_weather(plan)
    wide, close = (
        solar_available_pu(one_axis(ground_cover=cover), plan, weather).sum()
        for cover in (0.2, 0.7)
    )
    assert close < wide
