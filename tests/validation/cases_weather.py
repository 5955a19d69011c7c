"""Weather files, the built-in climate, sun and wind."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import dcsim
from dcsim.clock import Floats
from dcsim.power.cooling.conditions import HeatLoad, Outside
from dcsim.power.cooling.registry import cooling_draw
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.solar import Solar
from dcsim.scenario.schema.assets.wind import Wind
from dcsim.scenario.schema.weather import Climate
from dcsim.supply.assets.power_curve import power_curve
from dcsim.supply.assets.solar import solar_available_pu
from dcsim.supply.assets.wind import turbine_output_pu, wind_available_pu
from dcsim.weather import make_weather
from tests.validation.case import Case
from tests.validation.sites import FIRST_SITE, climate, weather_of, year_of

ULSAN, TUCSON = "KOR_Ulsan.epw", "USA_AZ_Davis-Monthan.AFB.722745_TMY3.epw"
SAM = "NREL SAM, PVWatts v8 (PySAM 7.1.1)"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BY_MONTH = (128.4, 129.6, 152.1, 151.6, 153.6, 133.2, 129.2, 137.2, 123.5, 126.6, 113.4, 119.1)
CURVES = "power curve of NREL turbine-models, Weibull integral"
SPEEDS = (6.5, 7.0, 7.5, 8.0, 8.5, 9.0)
FACTORS = {
    "iea-15mw-240": (0.329, 0.377, 0.422, 0.464, 0.503, 0.538),
    "atb-15mw-240": (0.310, 0.357, 0.402, 0.444, 0.483, 0.518),
    "iea-10mw-198": (0.335, 0.383, 0.428, 0.470, 0.508, 0.543),
    "leanwind-8mw-164": (0.286, 0.333, 0.377, 0.419, 0.458, 0.494),
}
PVWATTS_LOSSES = (0.02, 0.03, 0.02, 0.02, 0.005, 0.015, 0.01, 0.03)
"""Soiling, shading, mismatch, wiring, connections, light-induced, nameplate, availability."""


def cases() -> Iterator[Case]:
    yield from _files()
    yield from _sun()
    yield from _wind()
    yield from _climate()


def _files() -> Iterator[Case]:
    source = "sums and extremes of the columns of KOR_Ulsan.epw"
    sums = {"ghi_w_m2": 1752.8, "dni_w_m2": 1705.6, "dhi_w_m2": 689.7}
    for column, expected in sums.items():
        name = f"Ulsan typical year, {column[:3].upper()}"
        found = functools.partial(_sum, column=column)
        yield Case("Weather", name, source, expected, "kWh/m2", 0.001, found, needs_data=True)
    for what, expected in (("mean", 14.5), ("min", -9.6), ("max", 34.0)):
        found = functools.partial(_temperature, what=what)
        name = f"Ulsan typical year, {what} temperature"
        yield Case("Weather", name, source, expected, "degC", 0.1, found, False, True)


def _sum(data: Path, column: str) -> float:
    return float(getattr(weather_of(data, ULSAN), column).sum() / 1000)


def _temperature(data: Path, what: str) -> float:
    return float(getattr(weather_of(data, ULSAN).temp_dry_bulb_c, what)())


def _sun() -> Iterator[Case]:
    for place, file, expected in (("Ulsan", ULSAN, 1597.4), ("Tucson", TUCSON, 1673.3)):
        found = functools.partial(_yearly_yield, file=file)
        name = f"PV yield of a year, {place}"
        yield Case("Solar", name, SAM, expected, "kWh/kWdc", 0.03, found, needs_data=True)
    for month, expected in enumerate(BY_MONTH):
        found = functools.partial(_monthly_yield, month=month)
        name = f"PV yield, Ulsan, {MONTHS[month]}"
        yield Case("Solar", name, SAM, expected, "kWh/kWdc", 0.05, found, needs_data=True)
    source = "PySAM 7.1 Pvwattsv8, one axis north to south, backtracked, ground cover 0.4"
    for place, file, expected in (("Ulsan", ULSAN, 1693.1), ("Tucson", TUCSON, 1944.4)):
        found = functools.partial(_yearly_yield, file=file, tracking="one-axis", tilt="0 degree")
        name = f"PV yield of a year, one axis, {place}"
        yield Case("Solar", name, source, expected, "kWh/kWdc", 0.03, found, needs_data=True)
    product = 1 - math.prod(1 - loss for loss in PVWATTS_LOSSES)
    source = "product of the eight losses of PVWatts v5 (Dobos 2014)"
    found = lambda _: Solar.model_fields["losses_frac"].default  # noqa: E731  (a case each)
    yield Case("Solar", "PVWatts losses", source, product, "1", 1e-6, found, False)


@functools.cache
def _yields(data: Path, file: str, **keys: str) -> tuple[Plan, Floats]:
    plan = year_of(data, file)
    plant = Solar.model_validate({"name": "sun", "capacity": "1 MW", **keys})
    return plan, solar_available_pu(plant, plan, weather_of(data, file)) / plant.dc_ac_ratio


def _yearly_yield(data: Path, file: str, **keys: str) -> float:
    return float(_yields(data, file, **keys)[1].sum())


def _monthly_yield(data: Path, month: int) -> float:
    plan, output = _yields(data, ULSAN)
    return float(output[plan.calendar.month == month + 1].sum())


def _wind() -> Iterator[Case]:
    for turbine, factors in FACTORS.items():
        for mean_m_s, expected in zip(SPEEDS, factors, strict=True):
            found = functools.partial(_factor, turbine=turbine, mean_m_s=mean_m_s)
            name = f"Capacity factor, {turbine}, {mean_m_s:g} m/s"
            yield Case("Wind", name, f"{CURVES}, k 2", expected, "1", 0.005, found, False)
    found = functools.partial(_factor, turbine="iea-15mw-240", mean_m_s=8.0, shape=2.2)
    name = "Capacity factor, iea-15mw-240, 8 m/s, k 2.2"
    yield Case("Wind", name, f"{CURVES}, k 2.2", 0.472, "1", 0.005, found, False)


def _factor(_: Path, turbine: str, mean_m_s: float, shape: float = 2.0) -> float:
    farm = Wind.model_validate({"name": "farm", "capacity": "1 MW", "turbine": turbine})
    curve = power_curve(farm, climate()[0])
    speed = np.linspace(0, 40, 40_001)
    scale = mean_m_s / math.gamma(1 + 1 / shape)
    density = shape / scale * (speed / scale) ** (shape - 1) * np.exp(-((speed / scale) ** shape))
    return float(np.trapezoid(turbine_output_pu(speed, 1.225, curve) * density, speed))


def _climate() -> Iterator[Case]:
    statistics = climate()[0].site.weather.climate
    assert isinstance(statistics, Climate)
    source = "monthly statistics of the IWEC year of Ulsan"
    for month in range(12):
        for what, expected, unit, tolerance in (
            ("temperature", statistics.temp_mean_c[month], "degC", 0.5),
            ("sunshine", statistics.ghi_kwh_m2_day[month], "kWh/m2/day", 0.15),
        ):
            found = functools.partial(_monthly_mean, what=what, month=month)
            name = f"Built-in climate, {what}, {MONTHS[month]}"
            yield Case("Climate", name, source, expected, unit, tolerance, found, False)
    source = "newer typical year of Ulsan"
    found = lambda _: _persistence()  # noqa: E731  (a case each)
    name = "Built-in climate, temperature from one day to the next"
    yield Case("Climate", name, source, statistics.persistence, "1", 0.05, found, False)

    yield from _correlations()
    yield from _steps()


CORRELATED = (
    # Daily anomalies about monthly means in the typical year of Ulsan, all seasons.
    ("sunshine and temperature", "sun", "temp", 0.27, 0.10),
    ("sunshine and humidity", "sun", "humidity", -0.62, 0.10),
    ("sunshine and wind", "sun", "wind", -0.03, 0.10),
    ("wind and temperature", "wind", "temp", -0.13, 0.15),
)


def _correlations() -> Iterator[Case]:
    source = "daily anomalies about the monthly means in the newer typical year of Ulsan"
    for name, one, other, expected, tolerance in CORRELATED:
        found = functools.partial(_correlation, one=one, other=other)
        name = f"Built-in climate, correlation of {name}"  # noqa: PLW2901
        yield Case("Climate", name, source, expected, "1", tolerance, found, False)


def _correlation(_: Path, one: str, other: str) -> float:
    plan, weather = climate()
    n_days = plan.calendar.n_hours // 24
    month = plan.calendar.month[: n_days * 24 : 24]
    columns = {
        "sun": weather.ghi_w_m2,
        "temp": weather.temp_dry_bulb_c,
        "humidity": weather.relative_humidity_frac,
        "wind": weather.wind_speed_m_s,
    }
    days = [columns[name][: n_days * 24].reshape(-1, 24).mean(axis=1) for name in (one, other)]
    for values in days:
        for number in range(1, 13):
            values[month == number] -= values[month == number].mean()
    return float(np.corrcoef(*days)[0, 1])


def _steps() -> Iterator[Case]:
    source = "the same year in steps of an hour"
    for what, tolerance in (("solar", 0.02), ("wind", 0.03), ("cooling", 0.005)):
        for step in ("5 min", "15 min", "30 min", "2 h", "3 h"):
            found = functools.partial(_over_hourly, what=what, step=step)
            name = f"Yearly energy in steps of {step}, {what}"
            yield Case("Steps", name, source, 1.0, "1", tolerance, found)


def _over_hourly(_: Path, what: str, step: str) -> float:
    return _yearly(what, step) / _yearly(what, "1 h")


@functools.cache
def _yearly(what: str, step: str) -> float:
    year = ("start=2031-01-01", "end=2032-01-01", "milestones=null", "expect=null")
    plan = dcsim.load(FIRST_SITE, overrides=(*year, f"step={step}")).plan()
    weather = make_weather(plan)
    h = plan.calendar.step_h
    if what == "solar":
        return float(solar_available_pu(plan.site.solar[0], plan, weather).sum()) * h
    if what == "wind":
        return float(wind_available_pu(plan.site.wind[0], plan, weather).sum()) * h
    n = plan.calendar.n_hours
    outside = Outside(
        weather.temp_dry_bulb_c, weather.temp_wet_bulb_c, weather.pressure_pa, plan.calendar, {}
    )
    heat = HeatLoad(np.full(n, 50.0), np.full(n, 0.5), np.full(n, 50.0))
    return float(cooling_draw(plan.site.cooling, heat, outside).power_mw.sum()) * h


def _monthly_mean(_: Path, what: str, month: int) -> float:
    plan, weather = climate()
    mine = plan.calendar.month == month + 1
    if what == "temperature":
        return float(weather.temp_dry_bulb_c[mine].mean())
    return float(weather.ghi_w_m2[mine].mean() * 24 / 1000)


def _persistence() -> float:
    """Return the correlation of days with the next, about the course of the year."""
    _, weather = climate()
    n_days = weather.temp_dry_bulb_c.size // 24
    days = weather.temp_dry_bulb_c[: n_days * 24].reshape(-1, 24).mean(axis=1)
    phase = 2 * np.pi * np.arange(n_days) / 365.2425
    waves = [np.ones(n_days)]
    waves += [wave(k * phase) for k in (1, 2, 3, 4) for wave in (np.cos, np.sin)]
    course, *_ = np.linalg.lstsq(np.column_stack(waves), days, rcond=None)
    left = days - np.column_stack(waves) @ course
    return float(np.corrcoef(left[:-1], left[1:])[0, 1])
