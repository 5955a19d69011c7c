"""Series of others, read and laid on the hours of a run."""

from __future__ import annotations

import datetime
import functools
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dcsim.clock import Calendar, Floats
from dcsim.scenario.schema.profile import Profile
from dcsim.series.data_file import Faults
from dcsim.series.profile_rows import ProfileRows, read_profile_rows
from dcsim.series.resampling import Span, resample
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.policies import self_consumption
from tests.validation.case import Case

KOREA = ("KR_carbon_intensity_2022_hourly_utc.csv", "carbon_intensity_gCO2eq_per_kWh_lca")
CALIFORNIA = ("CISO_lifecycle_emissions_2020_2021.csv", "carbon_intensity")
PYPSA = "pypsa_model_energy_2019_3h.csv"


def cases() -> Iterator[Case]:
    source = "arithmetic mean of the column, life cycle (Electricity Maps, 2022)"
    found = functools.partial(_mean, file=KOREA)
    name = "Carbon intensity of the Korean grid, mean of 2022"
    yield Case("Series", name, source, 490.824088, "kg/MWh", 1e-6, found, needs_data=True)
    name = "Carbon intensity of the Korean grid, in the hours of a run"
    yield Case("Series", name, source, 490.824088, "kg/MWh", 1e-6, _in_hours, needs_data=True)
    source = (
        "arithmetic mean of the column, life cycle (CarbonCast, from US EIA data, 2020 and 2021)"
    )
    found = functools.partial(_mean, file=CALIFORNIA)
    name = "Carbon intensity of the Californian grid, mean of two years"
    yield Case("Series", name, source, 272.923012, "kg/MWh", 1e-6, found, needs_data=True)
    source = "PyPSA model-energy series 2019, 500 MW of solar under 103 MW of load, arithmetic"
    for what, expected in (("import", 571_360.5), ("curtailed", 259_515.0)):
        found = functools.partial(_hourly_balance, what=what)
        name = f"Three-hour series in hourly steps, {what}"
        yield Case("Series", name, source, expected, "MWh", 0.001, found, needs_data=True)


def _rows(data: Path, name: str, column: str) -> ProfileRows:
    profile = Profile.model_validate({"file": name, "column": column})
    return read_profile_rows(data / "series" / name, profile, Faults(name, "profile"))


def _mean(data: Path, file: tuple[str, str]) -> float:
    return float(_rows(data, *file).values.mean())


def _hours(data: Path, name: str, column: str, step_min: int, year: int) -> Floats:
    values, axis, *_ = _rows(data, name, column)
    assert axis is not None
    assert axis.step_min == step_min
    zone = zoneinfo.ZoneInfo("UTC")
    start, end = (datetime.datetime(y, 1, 1, tzinfo=zone) for y in (year, year + 1))
    span = Span({"value": values}, step_min, axis.start_min)
    return resample(span, Calendar(start, end, zone))["value"]


def _in_hours(data: Path) -> float:
    return float(_hours(data, *KOREA, 60, 2022).mean())


def _hourly_balance(data: Path, what: str) -> float:
    solar_mw = 500.0 * _hours(data, PYPSA, "solar_pu", 180, 2019)
    ample, none = np.full(solar_mw.size, 1e6), np.zeros(solar_mw.size)
    available = AvailableSupply(ample, none, onsite_mw={"solar.a": solar_mw})
    flows = self_consumption(np.full(solar_mw.size, 103.0), available, 1.0)
    column = {"import": flows.grid_import_mw, "curtailed": flows.curtailed_mw}[what]
    return float(column.sum())
