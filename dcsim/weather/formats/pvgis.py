"""PVGIS: the CSV or JSON text of a typical year or of hours in, checked rows out; pvlib parses it.

The sun of PVGIS is that of a moment, a satellite's picture or the middle of a step of a reanalysis,
and so a row reaches from half an hour before its moment to half an hour after it.
"""

from __future__ import annotations

import io
import json
import math
import re
from typing import Any, NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.series.data_file import Faults, parse_number
from dcsim.series.text_table import ForeignTable
from dcsim.units import MINUTES_PER_HOUR
from dcsim.weather.formats.checked_rows import checked_file
from dcsim.weather.formats.weather_file import (
    FileRows,
    ReadOptions,
    Station,
    WeatherFile,
    WeatherFormat,
    station_of,
)
from dcsim.weather.quality import FASTEST_WIND_M_S, FileColumn

TYPICAL_STAMP, HOURLY_STAMP = "time(UTC)", "time"
OFFSET_STEP_MIN = 5
"""Offsets of the sun are rounded to this, so that rows and steps share short intervals. [min]"""

# Names of pvlib and units of the PVGIS user manual (Joint Research Centre).
PVGIS_COLUMNS = {
    "temp_air": FileColumn("temp_dry_bulb_c", "T2m", -90, 60, "°C"),
    "relative_humidity": FileColumn("relative_humidity_frac", "RH", 0, 110, "%", 0.01),
    "pressure": FileColumn("pressure_pa", "SP", 31_000, 120_000, "Pa"),
    "wind_speed": FileColumn("wind_speed_m_s", "WS10m", 0, FASTEST_WIND_M_S, "m/s"),
    "ghi": FileColumn("ghi_w_m2", "G(h)", 0, 1500, "W/m2"),
    "dni": FileColumn("dni_w_m2", "Gb(n)", 0, 1500, "W/m2"),
    "dhi": FileColumn("dhi_w_m2", "Gd(h)", 0, 1500, "W/m2"),
}


class _Parsed(NamedTuple):
    """What pvlib reads of a file."""

    values: dict[str, Floats]
    """By the names of pvlib, shape ``(n_rows,)`` each."""
    stamp_min: Floats
    """Stamps of the rows. [min since 1970-01-01 UTC]"""
    about: dict[str, Any]
    """Place, and other values of the header."""


def is_pvgis_csv(lines: list[str]) -> bool:
    """Tell whether the lines of a CSV file are those of PVGIS."""
    return bool(lines) and lines[0].startswith("Latitude (decimal degrees):")


def is_pvgis_json(lines: list[str]) -> bool:
    """Tell that a JSON file is tried as one of PVGIS: there is no other format of that ending."""
    del lines
    return True


def read_pvgis_csv(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a typical year or hours of PVGIS as CSV.

    Parameters
    ----------
    lines : list of str
        The file.
    faults : Faults
        Where its faults go; it knows what messages call the file.
    options : ReadOptions
        Which gaps may be filled.

    Returns
    -------
    WeatherFile
        A typical year, or a stretch of real time.

    Raises
    ------
    ScenarioError
        If it is no whole file of PVGIS, or a value is unfit.
    """
    is_typical = any(line.startswith(TYPICAL_STAMP) for line in lines)
    stamp = TYPICAL_STAMP if is_typical else HOURLY_STAMP
    first = next((at for at, line in enumerate(lines) if line.startswith(f"{stamp},")), len(lines))
    below = lines[first + 1 :]
    n_rows = next((at for at, line in enumerate(below) if not line.strip()), len(below))
    _check_cells(lines, first, n_rows, faults)
    text = "\n".join([*lines, ""])
    slope = next(
        (m[1] for line in lines[:first] if (m := re.match(r"Slope:\s*(-?[\d.]+)", line))), "0"
    )
    parsed = _parsed_by_pvlib(text, "csv", is_typical=is_typical, faults=faults)
    line_of_row = first + 2 + np.arange(n_rows, dtype=np.int64)
    return _checked_pvgis(parsed, line_of_row, float(slope), faults, options, is_typical=is_typical)


def read_pvgis_json(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a typical year or hours of PVGIS as JSON.

    Parameters
    ----------
    lines : list of str
        The file.
    faults : Faults
        Where its faults go; it knows what messages call the file.
    options : ReadOptions
        Which gaps may be filled.

    Returns
    -------
    WeatherFile
        A typical year, or a stretch of real time.

    Raises
    ------
    ScenarioError
        If it is no whole file of PVGIS, or a value is unfit.
    """
    text = "\n".join(lines)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise faults.stop(line, "is no JSON text") from None
    outputs = data.get("outputs") if isinstance(data, dict) else None
    is_typical = isinstance(outputs, dict) and "tmy_hourly" in outputs
    if not is_typical and not (isinstance(outputs, dict) and "hourly" in outputs):
        raise faults.stop(None, "is no file of PVGIS: it has no outputs.tmy_hourly or hourly")
    stamp = f'"{TYPICAL_STAMP if is_typical else HOURLY_STAMP}"'
    line_of_row = [at + 1 for at, line in enumerate(lines) for _ in range(line.count(stamp + ":"))]
    slope = 0.0
    if not is_typical:
        slope = _slope_of(data)
    parsed = _parsed_by_pvlib(text, "json", is_typical=is_typical, faults=faults)
    n_rows = parsed.stamp_min.size
    known = np.array(line_of_row if len(line_of_row) == n_rows else [], dtype=np.int64)
    return _checked_pvgis(parsed, known, slope, faults, options, is_typical=is_typical)


def _slope_of(data: dict[str, Any]) -> float:
    """Return the slope of the plane that hours are for. [°]"""
    try:
        (mounting,) = data["inputs"]["mounting_system"].values()
        return float(mounting["slope"]["value"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return 0.0


def _check_cells(lines: list[str], first: int, n_rows: int, faults: Faults) -> None:
    """Note each row that has other columns than the titles, or a stamp that is none."""
    width = lines[first].count(",") if first < len(lines) else 0
    for at in range(first + 1, first + 1 + n_rows):
        if lines[at].count(",") != width:
            faults.add(at + 1, f"has {lines[at].count(',') + 1} columns, not {width + 1}")
        elif not re.match(r"\d{8}:\d{4},", lines[at]):
            faults.add(at + 1, "does not begin with a time such as 20200131:1300")
        elif any(not _holds_number(cell) for cell in lines[at].split(",")[1:]):
            faults.add(at + 1, "has a cell that is no number")
    faults.stop_if_any()


def _holds_number(cell: str) -> bool:
    return math.isfinite(parse_number(cell)) or cell.strip().casefold() == "nan"


def _parsed_by_pvlib(text: str, form: str, *, is_typical: bool, faults: Faults) -> _Parsed:
    """Return what pvlib reads of a text; it raises many kinds of errors for what is cut short."""
    import pandas as pd  # noqa: PLC0415  (slow to import)
    from pvlib.iotools import read_pvgis_hourly, read_pvgis_tmy  # noqa: PLC0415  (slow to import)

    source = io.BytesIO(text.encode()) if is_typical and form == "csv" else io.StringIO(text)
    read = read_pvgis_tmy if is_typical else read_pvgis_hourly
    try:
        data, about = read(source, pvgis_format=form)
        numbers = {
            str(name): pd.to_numeric(data[name], errors="coerce").to_numpy(np.float64)
            for name in data.columns
        }
        seconds = data.index.as_unit("s").asi8
    except Exception:
        raise faults.stop(None, "is no whole file of PVGIS as it is downloaded") from None
    return _Parsed(numbers, seconds / MINUTES_PER_HOUR, about.get("inputs", {}))


def _checked_pvgis(
    parsed: _Parsed,
    line_of_row: np.ndarray[Any, np.dtype[np.int64]],
    slope_deg: float,
    faults: Faults,
    options: ReadOptions,
    *,
    is_typical: bool,
) -> WeatherFile:
    values = dict(parsed.values)
    if not is_typical:
        if slope_deg != 0:
            message = "has the sun on a sloped plane: ask PVGIS for slope 0, with components"
            raise faults.stop(None, message)
        _add_horizontal(values, faults)
    lacking = [one.title for name, one in PVGIS_COLUMNS.items() if name not in values]
    for title in lacking:
        if title not in ("RH", "SP"):
            faults.add(None, f"has no column {title}")
    faults.stop_if_any()
    there = {name: one for name, one in PVGIS_COLUMNS.items() if name in values}
    station, clock_min, note = _clock(parsed, is_typical=is_typical, faults=faults)
    found = FileRows(
        tuple(there.values()),
        {one.name: values[name] for name, one in there.items()},
        clock_min * float(MINUTES_PER_HOUR),
        ForeignTable({}, line_of_row),
        station,
        is_typical_form=is_typical,
        notes=(note,),
    )
    return checked_file(found, faults, options)


def _add_horizontal(values: dict[str, Floats], faults: Faults) -> None:
    """Add global, direct normal and diffuse irradiance to those on a plane of slope 0."""
    from pvlib.irradiance import dni  # noqa: PLC0415  (slow to import)

    needed = ("poa_direct", "poa_sky_diffuse", "solar_elevation")
    if any(name not in values for name in needed):
        message = "has no beam and diffuse irradiance: ask PVGIS for its components"
        raise faults.stop(None, message)
    direct, diffuse, height_deg = (values[name] for name in needed)
    values["ghi"], values["dhi"] = direct + diffuse, diffuse
    normal = dni(values["ghi"], diffuse, 90.0 - height_deg)
    values["dni"] = np.clip(np.nan_to_num(np.asarray(normal, dtype=np.float64)), 0.0, 1400.0)


def _clock(parsed: _Parsed, *, is_typical: bool, faults: Faults) -> tuple[Station, Floats, str]:
    """Return the place with a clock on which rows begin at whole hours, these starts, and a note.

    A row that is the sun of a moment `m` minutes after the hour begins ``30 - m`` before that hour:
    so the clock is ahead of UTC by that much.
    """
    about = parsed.about.get("location", parsed.about)
    minutes = np.unique(parsed.stamp_min % MINUTES_PER_HOUR)
    middle_min: float = MINUTES_PER_HOUR / 2
    note = "Hours of PVGIS begin at their times: the file does not say when in them its sun is."
    stated = parsed.about.get("irradiance time offset", about.get("irradiance_time_offset"))
    if stated is not None or (not is_typical and minutes.size == 1 and minutes[0] > 0):
        exact = float(stated) * MINUTES_PER_HOUR if stated is not None else float(minutes[0])
        middle_min = round(exact / OFFSET_STEP_MIN) * OFFSET_STEP_MIN
        note = (
            f"The sun of PVGIS is that of {middle_min:g} min past each hour, the middle of a row."
        )
    ahead_min = MINUTES_PER_HOUR / 2 - middle_min
    place = station_of(
        str(about.get("latitude", "")), str(about.get("longitude", "")), "0", None, faults
    )
    faults.stop_if_any()
    whole = np.floor(parsed.stamp_min / MINUTES_PER_HOUR) * MINUTES_PER_HOUR
    return place._replace(offset_h=ahead_min / MINUTES_PER_HOUR), whole, note


PVGIS_CSV = WeatherFormat("PVGIS", ".csv", is_pvgis_csv, read_pvgis_csv)
PVGIS_JSON = WeatherFormat("PVGIS as JSON", ".json", is_pvgis_json, read_pvgis_json)
