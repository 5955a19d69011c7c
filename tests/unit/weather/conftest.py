"""An invented typical year in every format, and plans that use it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.site import Site

HEADER = (
    "LOCATION,Nowhere,-,XXX,Made up,000000,35.5,129.3,9.0,20.0",
    "DESIGN CONDITIONS,0",
    "TYPICAL/EXTREME PERIODS,0",
    "GROUND TEMPERATURES,0",
    "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
    "COMMENTS 1,made for tests",
    "COMMENTS 2,",
    "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
)
TMY3_TITLES = (
    "Date (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2),DNI (W/m^2),DHI (W/m^2),Dry-bulb (C),"
    "RHum (%),Pressure (mbar),Wspd (m/s)"
)


def stamps(first: str, n_days: int) -> list[tuple[int, int, int]]:
    days = np.datetime64(first) + np.arange(n_days)
    return [
        (day.astype(object).month, day.astype(object).day, hour)
        for day in days
        for hour in range(1, 25)
    ]


def values(month: int, day: int, hour: int) -> tuple[float, float, float, float]:
    """Temperature that spells its place, and a symmetric day of sunshine."""
    height = max(np.cos((hour - 0.5 - 12) / 12 * np.pi), 0.0)
    temp = month + day / 100 + hour / 10_000
    return temp, round(800 * height, 3), round(700 * height**0.5, 3), round(100 * height, 3)


def epw_row(month: int, day: int, hour: int) -> str:
    temp, ghi, dni, dhi = values(month, day, hour)
    row = ["1999", str(month), str(day), str(hour), "60", "?", f"{temp:.4f}", "1.0", "50"]
    row += ["101000", "0", "0", "300", str(ghi), str(dni), str(dhi), "0", "0", "0", "0"]
    row += ["180", "3.5", "5", "5", "10", "1000", "9", "999999999", "10", "0.1", "0", "88"]
    return ",".join([*row, "0.2", "0", "0"])


@pytest.fixture(scope="session")
def epw_year() -> tuple[str, ...]:
    return (*HEADER, *(epw_row(*stamp) for stamp in stamps("2001-01-01", 365)))


@pytest.fixture(scope="session")
def epw_leap_year() -> tuple[str, ...]:
    return (*HEADER, *(epw_row(*stamp) for stamp in stamps("2000-01-01", 366)))


@pytest.fixture(scope="session")
def tmy3_year() -> tuple[str, ...]:
    rows = []
    for month, day, hour in stamps("2001-01-01", 365):
        temp, ghi, dni, dhi = values(month, day, hour)
        rows.append(
            f"{month:02d}/{day:02d}/1999,{hour:02d}:00,{ghi},{dni},{dhi},{temp:.4f},50,1010,3.5"
        )
    return ("123456,NOWHERE,XX,9.0,35.5,129.3,20", TMY3_TITLES, *rows)


@pytest.fixture(scope="session")
def sam_year() -> tuple[str, ...]:
    rows = []
    for month, day, hour in stamps("2001-01-01", 365):
        temp, ghi, dni, dhi = values(month, day, hour)
        rows.append(f"2001,{month},{day},{hour - 1},30,{dhi},{dni},{ghi},{temp:.4f},1010,50,3.5")
    return (
        "Latitude,Longitude,Time Zone,Elevation",
        "35.5,129.3,9,20",
        "Year,Month,Day,Hour,Minute,DHI,DNI,GHI,Temperature,Pressure,Relative Humidity,Wind Speed",
        *rows,
    )


@pytest.fixture(scope="session")
def table_year() -> tuple[str, ...]:
    rows = []
    for month, day, hour in stamps("2001-01-01", 365):
        temp, ghi, dni, dhi = values(month, day, hour)
        time = f"2001-{month:02d}-{day:02d}T{hour - 1:02d}:00+09:00"
        rows.append(f"{time},{temp:.4f},0.5,3.5,{ghi},{dni},{dhi},101000")
    titles = (
        "time,temp_dry_bulb_c,relative_humidity_frac,wind_speed_m_s,ghi_w_m2,dni_w_m2,dhi_w_m2,"
        "pressure_pa"
    )
    return (titles, *rows)


def pvgis_rows(keys: bool = False) -> list[str]:
    """Return the invented year as PVGIS has it: from midnight of UTC, nine hours after Ulsan's."""
    rows = []
    local = stamps("2001-01-01", 365)
    for at, (month, day, hour) in enumerate(stamps("2001-01-01", 365)):
        temp, ghi, dni, dhi = values(*local[(at + 9) % len(local)])
        cells = (f"{temp:.4f}", "50", f"{ghi}", f"{dni}", f"{dhi}", "300", "3.5", "180", "101000")
        stamp = f"{2005 + month % 3}{month:02d}{day:02d}:{hour - 1:02d}00"
        if keys:
            named = (f'"{name}":{cell}' for name, cell in zip(PVGIS_NAMES, cells, strict=True))
            rows.append(f'{{"time(UTC)":"{stamp}",{",".join(named)}}}')
        else:
            rows.append(",".join([stamp, *cells]))
    return rows


PVGIS_NAMES = ("T2m", "RH", "G(h)", "Gb(n)", "Gd(h)", "IR(h)", "WS10m", "WD10m", "SP")


@pytest.fixture(scope="session")
def pvgis_year() -> tuple[str, ...]:
    months = [f"{month},{2005 + month % 3}" for month in range(1, 13)]
    return (
        "Latitude (decimal degrees): 35.500",
        "Longitude (decimal degrees): 129.300",
        "Elevation (m): 20.0",
        "Irradiance Time Offset (h): 0.5",
        "month,year",
        *months,
        f"time(UTC),{','.join(PVGIS_NAMES)}",
        *pvgis_rows(),
        "",
        "T2m: 2-m air temperature (degree Celsius)",
    )


@pytest.fixture(scope="session")
def pvgis_json_year() -> tuple[str, ...]:
    rows = pvgis_rows(keys=True)
    months = ",".join(f'{{"month":{month},"year":{2005 + month % 3}}}' for month in range(1, 13))
    return (
        '{"inputs":{"location":{"latitude":35.5,"longitude":129.3,"elevation":20.0,',
        '"irradiance_time_offset":0.5}},"meta":{"inputs":{}},',
        f'"outputs":{{"months_selected":[{months}],"tmy_hourly":[',
        *(f"{row}," for row in rows[:-1]),
        rows[-1],
        "]}}",
    )


MakePlan = Callable[..., Plan]


@pytest.fixture
def with_file(tmp_path: Path, minimal_site: dict[str, Any]) -> MakePlan:
    """Return a maker of plans whose weather is a file of the given text or bytes."""

    def make(
        content: bytes | list[str] | tuple[str, ...], name: str = "w.epw", **keys: Any
    ) -> Plan:
        path = tmp_path / name
        raw = content if isinstance(content, bytes) else "\n".join(content).encode()
        path.write_bytes(raw)
        site = copy.deepcopy(minimal_site)
        site["weather"] = {"file": name, **keys.pop("weather", {})}
        return Plan(Site.model_validate(site | keys), 0, {name: path})

    return make


@pytest.fixture
def with_climate(minimal_site: dict[str, Any]) -> MakePlan:
    """Return a maker of plans on the built-in climate."""

    def make(replication: int = 0, **keys: Any) -> Plan:
        site = copy.deepcopy(minimal_site)
        site["weather"] |= keys.pop("weather", {})
        site["weather"]["climate"] |= keys.pop("climate", {})
        return Plan(Site.model_validate(site | keys), replication)

    return make
