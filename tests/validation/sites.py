"""Small sites to measure parts of the model with."""

from __future__ import annotations

import functools
from pathlib import Path

import dcsim
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.weather import WeatherSettings
from dcsim.types import Weather
from dcsim.weather import make_weather

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "scenarios" / "minimal.yaml"
FIRST_SITE = ROOT / "scenarios" / "ulsan-103mw.yaml"
PLACES = {
    "KOR_Ulsan.epw": ("35.5825 degree", "129.3347 degree", "Asia/Seoul"),
    "USA_AZ_Davis-Monthan.AFB.722745_TMY3.epw": (
        "32.17 degree",
        "-110.88 degree",
        "America/Phoenix",
    ),
}


def year_of(data: Path, name: str) -> Plan:
    """Return a year at the place of a weather file, in that weather."""
    latitude, longitude, zone = PLACES[name]
    settings = ("start=2027-01-01", "end=2028-01-01", f"latitude={latitude}")
    settings += (f"longitude={longitude}", f"time_zone={zone}")
    site = dcsim.load(MINIMAL, overrides=settings).plan().site
    in_file = site.model_copy(update={"weather": WeatherSettings.model_validate({"file": name})})
    return Plan(in_file, 0, {name: data / "weather" / name})


@functools.cache
def weather_of(data: Path, name: str) -> Weather:
    """Return a weather file over that year."""
    return make_weather(year_of(data, name))


@functools.cache
def climate(replication: int = 0) -> tuple[Plan, Weather]:
    """Return twelve years of the built-in climate of Ulsan."""
    plan = dcsim.load(FIRST_SITE, overrides=("weather.irradiance_factor=1",)).plan(replication)
    return plan, make_weather(plan)
