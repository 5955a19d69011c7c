from __future__ import annotations

import numpy as np
import pytest

from dcsim.power.cooling.conditions import HeatLoad, Outside, PlantOutput
from dcsim.power.cooling.physical import Ambient, ambient_of, physical, plant_draw, sea_by_step
from dcsim.power.cooling.water import facility_water
from dcsim.scenario.schema.power import PhysicalCooling

LOSSES = {"tower": (0.980302734, 0.00560546875, 0.00181445313)}
LOSSES["seawater"] = (0.975556641, 0.0135351562, 0.000560546875)
TOWER = {
    "air_supply": 27.3671875,
    "air_rise": 18.8856337,
    "water_rise": 7.50488281,
    "sink_rise": 4.13867188,
    "fans": (416.992188, 0.713720703),
    "tower_fans": (148.339844, 0.745947266),
    "humidifier": (6500976.56, 0.674023438),
    "economizer_pumps": (156284.191, 0.668945312),
    "chilled_pumps": (171884.552, 0.745117188),
    "sink_pumps": (210534.68, 0.709960938),
    "tower_approach": 6.50576172,
    "exchanger_approach": 2.29404297,
    "coil": 0.816601563,
    "sensible": 0.986289063,
    "chiller_load": 0.224023438,
    "cop_scatter": 0.105488281,
    "liquid_to_gas": 1.11914062,
}
SEAWATER = {
    "air_supply": 34.2578125,
    "air_rise": 14.1438802,
    "water_rise": 9.49707031,
    "sink_rise": 7.50488281,
    "fans": (413.867188, 0.671240234),
    "humidifier": (6656835.94, 0.632226562),
    "economizer_pumps": (136980.148, 0.628710937),
    "chilled_pumps": (136194.518, 0.743945313),
    "sink_pumps": (699398.438, 0.798242188),
    "exchanger_approach": 2.49814453,
    "coil": 0.804492187,
    "sensible": 0.971992187,
    "chiller_load": 0.770117188,
    "cop_scatter": 0.00880859375,
    "sink": "seawater",
    "sea": [20.0] * 12,
}
TEMPERATURES = ("air_supply", "tower_approach", "exchanger_approach")


def plant(numbers, **changes):
    parts = {}
    for key, value in {**numbers, **changes}.items():
        if isinstance(value, tuple):
            parts[key] = {"pressure": f"{value[0]!r} Pa", "efficiency": value[1]}
        elif key == "air_supply":
            parts[key] = f"{value!r} degC"
        elif key == "sea":
            parts[key] = [f"{one!r} degC" for one in value]
        elif key.endswith(("_rise", "_approach")):
            parts[key] = f"{value!r} delta_degC"
        else:
            parts[key] = value
    return PhysicalCooling.model_validate(parts)


def outside(dry_c=20.0, wet_c=12.4, sea_c=20.0, cold_mw=0.0):
    made = np.broadcast_arrays(*map(np.atleast_1d, (dry_c, wet_c, 101_325.0, sea_c, cold_mw)))
    return Ambient(*(np.asarray(one, dtype=float) for one in made))


def heat_of(sink):
    ups, distribution, lighting = LOSSES[sink]
    return 1 / ups + 1 / (1 - distribution) - 1 + lighting


def draw(cooling, heat_mw=1.0, liquid=0.0, full_mw=None, air=None):
    air = air or outside()
    n = air.dry_bulb_c.size
    heat = np.broadcast_to(np.asarray(heat_mw, dtype=float), n).copy()
    full = heat if full_mw is None else np.full(n, float(full_mw))
    return plant_draw(HeatLoad(heat, np.full(n, float(liquid)), full), air, cooling)


@pytest.mark.parametrize(
    ("sink", "numbers", "expected"),
    [("tower", TOWER, 1.08871681848904), ("seawater", SEAWATER, 1.11407614654948)],
)
def test_the_worked_examples_of_the_papers_are_met(sink, numbers, expected):
    heat = heat_of(sink)
    pue = heat + draw(plant(numbers), heat).power_mw[0]
    assert pue == pytest.approx(expected, abs=1e-12)


def test_the_chillers_carry_what_the_sink_cannot():
    cooling = plant(TOWER)
    water = facility_water(cooling)
    cold = water.supply_c - cooling.tower_approach_k - cooling.exchanger_approach_k
    wet_c = np.array([cold - 5, cold, cold + cooling.water_rise_k / 2, cold + 20])
    power = draw(cooling, air=outside(wet_c=wet_c)).power_mw
    assert power[0] == pytest.approx(power[1])
    assert power[1] < power[2] < power[3]


def test_fixed_speed_makes_a_half_empty_hall_worse():
    fixed, free = plant(TOWER, minimum_flow=1.0), plant(TOWER)
    half, full = (draw(fixed, heat_mw, full_mw=10).power_mw[0] / heat_mw for heat_mw in (5, 10))
    assert half > 1.2 * full
    assert draw(free, 5, full_mw=10).power_mw[0] / 5 == pytest.approx(full)


def test_spare_chillers_share_the_load_and_change_their_part_load():
    hot = outside(35.0, 30.0)
    alone = draw(plant(TOWER, chillers=4), 8, full_mw=10, air=hot).power_mw[0]
    shared = draw(plant(TOWER, chillers=4, spare_chillers=4), 8, full_mw=10, air=hot).power_mw[0]
    fixed = draw(plant(TOWER, chiller_load=1.0), 8, full_mw=10, air=hot).power_mw[0]
    assert alone != shared
    assert alone == pytest.approx(fixed, rel=0.05)


LOOP = {
    "supply": "40 degC",
    "rise": "10 delta_degC",
    "pumps": {"pressure": "300 kPa", "efficiency": 0.7},
    "approach": "7 delta_degC",
    "dry_fan": 0.02,
}


def test_warm_water_needs_no_chiller_up_to_hot_air():
    cooling = plant(TOWER, liquid=LOOP)
    summer = outside(np.array([10.0, 33.0, 38.0, 44.0]), 27.0)
    power = draw(cooling, 1.0, liquid=1.0, air=summer).power_mw
    pumps = 1.0 / (4.2 * 10) / 1000 * 300e3 / 0.7 / 1000
    assert power[0] == pytest.approx(pumps + 0.02 * (7 / 30) ** 3)
    assert power[1] == pytest.approx(pumps + 0.02)
    assert power[1] < power[2] < power[3]
    dry = draw(cooling, 1.0, liquid=1.0, air=summer).water_m3_h
    assert dry[1] == 0
    assert dry[3] > 0


def test_cold_of_a_gas_plant_spares_chillers_and_vanishes_with_it():
    hot = outside(35.0, 30.0)
    with_cold = outside(35.0, 30.0, cold_mw=4.0)
    cooling = plant(TOWER)
    without = draw(cooling, 10, air=hot).power_mw[0]
    assert draw(cooling, 10, air=with_cold).power_mw[0] < without
    assert draw(cooling, 10, air=outside(35.0, 30.0, cold_mw=0.0)).power_mw[0] == without


def test_more_cycles_of_concentration_drain_less_and_the_sea_drains_nothing():
    few, many = (draw(plant(TOWER, water_cycles=n)).water_m3_h[0] for n in (2.0, 10.0))
    assert few > many
    evaporated = 1 / 0.68  # a MWh over the heat of vaporization is about 1.47 m3
    assert many == pytest.approx(evaporated * 10 / 9, rel=0.05)
    assert draw(plant(SEAWATER)).water_m3_h[0] < 0.1


def test_the_sea_is_warmest_where_its_months_say_so(runs):
    months = tuple(float(month) for month in range(12))
    calendar = runs("minimal").timeline.calendar
    sea_c = sea_by_step(months, calendar)
    month = calendar.local_time.astype("datetime64[M]").astype(int) % 12
    for number in range(1, 11):
        assert sea_c[month == number].mean() == pytest.approx(number, abs=0.1)


def test_no_heat_takes_no_power():
    drawn = draw(plant(TOWER, minimum_flow=1.0, chillers=3), 0.0, full_mw=10)
    assert drawn.power_mw[0] == 0
    assert drawn.water_m3_h[0] == 0


def test_the_cold_of_a_plant_is_in_proportion_to_what_of_it_runs(day):
    air = np.full(3, 20.0)
    plants = {"gas": PlantOutput(np.array([40.0, 10.0, 0.0]), 40.0)}
    around = Outside(air, air, np.full(3, 1e5), day, plants)
    cooling = plant(TOWER, cold={"plant": "gas", "cooling": "6 MW"})
    assert ambient_of(around, cooling).cold_mw.tolist() == [6.0, 1.5, 0.0]
    never = around._replace(plants={"gas": PlantOutput(np.zeros(3), 0.0)})
    assert ambient_of(never, cooling).cold_mw.tolist() == [0.0, 0.0, 0.0]


def test_the_sea_of_the_first_of_july_is_between_june_and_july(day):
    air = np.full(day.n_hours, 20.0)
    around = Outside(air, air, np.full(day.n_hours, 1e5), day, {})
    months = plant(SEAWATER, sea=[float(month) for month in range(1, 13)])
    assert ambient_of(around, months).sea_c[0] == pytest.approx(6.5, abs=0.1)


def test_keys_of_the_section_give_the_draw_of_the_plant(day):
    air = np.full(1, 20.0)
    around = Outside(air, air - 5, np.full(1, 101_325.0), day, {})
    heat = HeatLoad(np.full(1, 8.0), np.full(1, 0.2), np.full(1, 10.0))
    cooling = plant(TOWER, minimum_flow=0.9)
    keys = {name: value for name, value in cooling if name != "model"}
    assert physical(heat, around, **keys) == plant_draw(heat, ambient_of(around, cooling), cooling)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"sink": "seawater"}, "needs sea"), ({"tower_fans": None}, "needs tower_fans")],
)
def test_a_sink_needs_what_belongs_to_it(changes, message):
    with pytest.raises(ValueError, match=message):
        plant(TOWER, **changes)


def test_liquid_takes_its_share_of_the_heat_and_no_more():
    cooling = plant(TOWER, liquid=LOOP)
    cool = outside(10.0, 8.0)
    pumps = 1.0 / (4.2 * 10) / 1000 * 300e3 / 0.7 / 1000
    of_liquid = pumps + 0.02 * (7 / 30) ** 3  # per MW, as in the test of warm water
    for share in (0.25, 0.5):
        mixed = draw(cooling, 4.0, liquid=share, air=cool).power_mw[0]
        by_air = draw(plant(TOWER), 4.0 * (1 - share), air=cool).power_mw[0]
        assert mixed == pytest.approx(by_air + 4.0 * share * of_liquid, rel=1e-6)
