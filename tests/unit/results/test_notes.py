from __future__ import annotations

import dataclasses
import datetime

import pytest

from dcsim.results.notes import notes_of_run
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.site import Site
from dcsim.weather import make_weather

WIND = {
    "mean": "8 m/s",
    "height": "150 m",
    "weibull_shape": 2.0,
    "shear": 0.1,
    "monthly_factor": [1.0] * 12,
    "memory": "20 h",
}
CURVE = "wind_speed_m_s,power_kw\n0,-10\n4,0\n12,2000\n25,2000\n"


@pytest.fixture
def plan(minimal_site, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(CURVE, encoding="utf-8")
    farm = {"name": "w", "capacity": "1 MW", "delivery": "onsite", "turbine": "own.csv"}
    farm["hub_height"] = "150 m"
    minimal_site["elevation"] = "30 m"
    minimal_site["weather"]["wind"] = WIND
    minimal_site["wind"] = [farm]
    return Plan(Site.model_validate(minimal_site), 0, {"own.csv": path})


def test_a_plan_without_files_has_none(minimal_site):
    minimal_site["elevation"] = "30 m"
    plan = Plan(Site.model_validate(minimal_site))
    assert notes_of_run(plan, make_weather(plan)) == []


def test_what_is_open_of_the_place_comes_first(minimal_site):
    del minimal_site["time_zone"]
    plan = Plan(Site.model_validate(minimal_site))
    weather = dataclasses.replace(make_weather(plan), notes=("Odd.",))
    assert notes_of_run(plan, weather) == [
        "time_zone is not given: Asia/Seoul, the zone at its coordinates.",
        "elevation is not given: 0 m, the level of the sea.",
        "Odd.",
    ]


def test_notes_are_those_of_weather_and_power_curves_each_once(plan):
    weather = dataclasses.replace(make_weather(plan), notes=("Odd.", "Odd."))
    assert notes_of_run(plan, weather) == [
        "Odd.",
        "wind.w.turbine: standby power, up to 10 kW in its file, counts as zero.",
        "wind.w.turbine: cut-out speed 25 m/s, the last row with power.",
    ]


def test_notes_of_profiles_stand_behind_their_key_where_they_are_used(minimal_site, tmp_path):
    path = tmp_path / "pv.csv"
    first = datetime.datetime(2025, 1, 1)
    rows = [f"{first + datetime.timedelta(hours=i)},0.5" for i in range(8760)]
    path.write_text("\n".join(["Date/Time,pv", *rows]), encoding="utf-8")
    profile = {"file": "pv.csv", "column": "pv"}
    minimal_site["elevation"] = "30 m"
    minimal_site["solar"] = [{"name": "a", "capacity": "1 MW", "profile": profile}]
    plan = Plan(Site.model_validate(minimal_site), 0, {"pv.csv": path})
    weather = make_weather(plan)
    assert notes_of_run(plan, weather, ["solar.a"])[-2:] == [
        "solar.a.profile: Its times state no zone and are read as UTC (time_zone says otherwise).",
        "solar.a.profile: One year, from 2025-01-01, is repeated by date.",
    ]
    assert not any("profile" in note for note in notes_of_run(plan, weather))
