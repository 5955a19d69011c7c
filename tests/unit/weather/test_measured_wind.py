"""Measured wind at the turbines, from its table to the output of a farm."""

from __future__ import annotations

import copy
import datetime

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.wind import Wind
from dcsim.scenario.schema.site import Site
from dcsim.supply.assets.wind import measured_at_hub, wind_available_pu
from dcsim.weather import make_weather
from dcsim.weather.measured_wind import draws_measured_years, measured_key, measured_table

DAY = {"start": "2030-05-01", "end": "2030-05-02", "time_zone": "UTC"}
CURVE = "wind_speed_m_s,power_kw\n3,0\n13,1000\n25,1000\n"


def mast(n=24, first="2030-05-01", extra=""):
    rows = ["time,ws80,ws120,rho"]
    for at in range(n):
        moment = datetime.datetime.fromisoformat(first) + datetime.timedelta(hours=at)
        rows.append(f"{moment.isoformat()}{extra},{4 + at % 8 + at // 8760},{5 + at % 8},1.225")
    return rows


@pytest.fixture
def plan_of(tmp_path, minimal_site):
    def make(lines, replication=0, **keys):
        wind = {
            "file": "mast.csv",
            "speeds": [
                {"column": "ws80", "height": "80 m"},
                {"column": "ws120", "height": "120 m"},
            ],
        } | keys.pop("wind", {})
        paths = {name: tmp_path / name for name in ("mast.csv", "own.csv")}
        paths["mast.csv"].write_text("\n".join(lines), encoding="utf-8")
        paths["own.csv"].write_text(CURVE, encoding="utf-8")
        site = copy.deepcopy(minimal_site)
        site["weather"]["measured_wind"] = wind
        return Plan(Site.model_validate(site | DAY | keys), replication, paths)

    return make


def farm(hub):
    keys = {"name": "w", "capacity": "1 MW", "turbine": "own.csv", "hub_height": hub}
    return Wind.model_validate(keys)


def test_a_hub_at_a_height_of_the_mast_has_its_wind_without_shear(plan_of):
    plan = plan_of(mast(), wind={"density": "rho"})
    weather = make_weather(plan)
    output = wind_available_pu(farm("120 m"), plan, weather)
    # Linear from 3 to 13 m/s, at the density the curve is stated for.
    speed = 5 + np.arange(24) % 8
    np.testing.assert_allclose(output, (speed - 3) / 10, rtol=1e-12)
    assert weather.wind_site_m_s is None


def test_measured_density_acts_by_its_cube_root(plan_of):
    lines = [line.replace("1.225", "1.1") for line in mast()]
    plan = plan_of(lines, wind={"density": "rho"})
    output = wind_available_pu(farm("120 m"), plan, make_weather(plan))
    speed = (5 + np.arange(24) % 8) * (1.1 / 1.225) ** (1 / 3)
    np.testing.assert_allclose(output, (speed - 3) / 10, rtol=1e-12)


def test_between_two_heights_the_logarithm_of_height_counts():
    speeds = {80.0: np.array([4.0, 0.0]), 120.0: np.array([5.0, 1.0])}
    # ln(100 / 80) / ln(120 / 80) = 0.22314 / 0.40547 = 0.55034.
    np.testing.assert_allclose(measured_at_hub(speeds, 100.0, None), [4.55034, 0.55034], atol=1e-5)
    np.testing.assert_array_equal(measured_at_hub(speeds, 80.3, None), speeds[80.0])


def test_beyond_all_heights_the_shear_is_needed_and_used():
    speeds = {80.0: np.array([4.0]), 120.0: np.array([5.0])}
    np.testing.assert_allclose(measured_at_hub(speeds, 150.0, 0.2), 5 * (150 / 120) ** 0.2)
    np.testing.assert_allclose(measured_at_hub(speeds, 60.0, 0.2), 4 * (60 / 80) ** 0.2)
    with pytest.raises(ScenarioError, match=r"measured_wind\.shear.*hub is at 150 m.*120 m"):
        measured_at_hub(speeds, 150.0, None)


def test_units_zones_and_labels_are_those_of_the_scenario(plan_of):
    plain = make_weather(plan_of(mast())).wind_at_heights_m_s[80.0]
    lines = mast(first="2030-05-01T10:00")
    lines[1:] = [
        ",".join([c[0], str(float(c[1]) * 3.6), str(float(c[2]) * 3.6), c[3]])
        for c in (line.split(",") for line in lines[1:])
    ]
    keys = {"unit": "km/h", "time_zone": "Asia/Seoul", "labels": "end"}
    other = make_weather(plan_of(lines, wind=keys)).wind_at_heights_m_s[80.0]
    np.testing.assert_allclose(other, plain, rtol=1e-12)


def test_missing_rows_are_filled_where_repair_allows_it_and_told(plan_of):
    lines = mast()
    del lines[5]
    with pytest.raises(ScenarioError, match=r"mast\.csv:6: .*measured_wind.*gap of 1 h"):
        make_weather(plan_of(lines))
    weather = make_weather(plan_of(lines, wind={"repair": "1 h"}))
    assert weather.wind_at_heights_m_s[80.0][4] == pytest.approx(8.0)
    assert any("measured_wind" in note and "Repaired" in note for note in weather.notes)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",11,12,", ",11,99,", r"mast\.csv:9: .*wind at 120 m is not within 0 to 75 m/s"),
        (",4,5,", ",-1,5,", r"mast\.csv:2: .*wind at 80 m is not within"),
        ("1.225", "1225", r"air density is not within 0\.5 to 1\.6 kg/m3"),
        ("ws80", "other", "has no column 'ws80'"),
    ],
)
def test_unfit_values_are_refused_by_line(plan_of, old, new, message):
    lines = [line.replace(old, new) for line in mast()]
    with pytest.raises(ScenarioError, match=message):
        make_weather(plan_of(lines, wind={"density": "rho"}))


def test_rows_without_times_are_refused(plan_of):
    lines = ["ws80,ws120", *["4,5"] * 24]
    with pytest.raises(ScenarioError, match="has no column of times"):
        make_weather(plan_of(lines))


def test_years_of_the_mast_are_drawn(plan_of):
    lines = mast(n=24 * 731, first="2027-01-01", extra="Z")
    assert draws_measured_years(plan_of(lines))
    assert not draws_measured_years(plan_of(mast()))
    found = [make_weather(plan_of(lines, r)).wind_at_heights_m_s[80.0].mean() for r in range(1, 9)]
    assert len({round(float(mean), 9) for mean in found}) == 2
    _, notes = measured_table(plan_of(lines, 1))
    assert any("one of the 2 of the file, drawn" in note for note in notes)


def test_a_changed_file_has_another_key(plan_of):
    before = measured_key(plan_of(mast()))
    assert measured_key(plan_of(mast(n=25))) != before


def test_wind_is_measured_or_drawn_and_heights_differ(plan_of):
    twice = [{"column": "ws80", "height": "80 m"}, {"column": "ws120", "height": "80 m"}]
    with pytest.raises(ValueError, match="same height"):
        plan_of(mast(), wind={"speeds": twice})
