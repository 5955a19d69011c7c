"""Checks of the values of weather files, the same for every format: numbers in, usable ones out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.series.data_file import Faults
from dcsim.series.text_table import ForeignTable

IRRADIANCE = ("ghi_w_m2", "dni_w_m2", "dhi_w_m2")
NIGHT_OFFSET_W_M2 = 10.0
"""Assumption: instruments at night show no less than this below zero; their thermal offset is 1 to
5 W/m2. [W/m2]"""
FASTEST_WIND_M_S = 75.0
"""Hourly wind is never faster; 99 and 99.9 are codes for a missing value. [m/s]"""
HUMIDITY, DEW_POINT, PRESSURE = "relative_humidity_frac", "dew_point_c", "pressure_pa"
MOST_HUMIDITY_FRAC = 1.1
"""Saturated air is written as up to 110 % in weather files. [1]"""


class FileColumn(NamedTuple):
    """One column of a format that is read."""

    name: str
    """Field of `dcsim.types.Weather` it becomes, or ``dew_point_c``."""
    title: str
    """Its name in the format, for messages."""
    low: float
    high: float
    """Range in the units of the format."""
    unit: str
    scale: float = 1.0
    """Factor to the unit of the field."""
    missing: tuple[float, ...] = ()
    """Codes by which the format says that there is no value."""


def usable_values(
    columns: Sequence[FileColumn],
    values: Mapping[str, Floats],
    table: ForeignTable,
    faults: Faults,
    *,
    is_repaired: bool,
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Return the columns in the units of the weather, NaN where a row has no usable value.

    Night offsets of irradiance and humidity above saturation are set right and told. Humidity
    follows from the dew point where it is missing. A column of pressure without any value is left
    out: the standard atmosphere takes its place.

    Parameters
    ----------
    columns : sequence of FileColumn
        What was read.
    values : mapping of str to ndarray, shape (n_rows,)
        By the name of its column, in the units of the format.
    table : ForeignTable
        Knows the lines of the rows.
    faults : Faults
        Where values out of range are noted.
    is_repaired : bool
        Values out of range are holes, to be filled.

    Returns
    -------
    usable : dict of ndarray, shape (n_rows,)
    notes : tuple of str
    """
    found: dict[str, Floats] = {}
    outside: dict[str, NDArray[np.bool_]] = {}
    notes: list[str] = []
    for column in columns:
        told = values[column.name].astype(np.float64)
        told[np.isin(told, column.missing)] = np.nan
        told, note = _within_tolerance(told, column)
        notes += note
        with np.errstate(invalid="ignore"):
            is_outside = (told < column.low) | (told > column.high)
        if not is_repaired:
            _report_outside(column, is_outside, table, faults)
            outside[column.name] = is_outside
        told[is_outside] = np.nan
        found[column.name] = told * column.scale
    notes += _humidity_of_dew_point(found)
    notes += _no_pressure(found)
    for column in columns:
        if column.name in found:
            _report_no_value(column, found[column.name], outside.get(column.name), table, faults)
    return found, tuple(notes)


def _within_tolerance(values: Floats, column: FileColumn) -> tuple[Floats, list[str]]:
    """Return values of which what is known to be a habit of instruments is set right."""
    with np.errstate(invalid="ignore"):
        if column.name in IRRADIANCE:
            night = (values < 0) & (values * column.scale >= -NIGHT_OFFSET_W_M2)
            if not night.any():
                return values, []
            least = -float(values[night].min())
            what = f"{int(night.sum()):,} values of up to {least:g} {column.unit} below zero"
            return np.where(night, 0.0, values), [f"Column {column.title}: {what} count as zero."]
        if column.name == HUMIDITY:
            humid = (values * column.scale > 1) & (values * column.scale <= MOST_HUMIDITY_FRAC)
            if not humid.any():
                return values, []
            most = float(values[humid].max()) * column.scale
            what = f"{int(humid.sum()):,} values of up to {most:.0%} count as 100 %."
            full = np.where(humid, 1.0 / column.scale, values)
            return full, [f"Column {column.title}: {what}"] if most > 1.005 else []
    return values, []


def _report_outside(
    column: FileColumn, is_outside: NDArray[np.bool_], table: ForeignTable, faults: Faults
) -> None:
    for at in np.flatnonzero(is_outside):
        faults.add(
            table.line_of(int(at)),
            f"column {column.title} is not within {column.low:g} to {column.high:g} {column.unit}",
        )


def _humidity_of_dew_point(found: dict[str, Floats]) -> list[str]:
    """Fill the humidity from the dew point where only that is there; return a note."""
    dew_c = found.pop(DEW_POINT, None)
    if dew_c is None:
        return []
    temp_c = found["temp_dry_bulb_c"]
    humidity = found.setdefault(HUMIDITY, np.full(temp_c.size, np.nan))
    lacking = np.isnan(humidity) & np.isfinite(dew_c) & np.isfinite(temp_c)
    if not lacking.any():
        return []
    from pvlib.atmosphere import rh_from_tdew  # noqa: PLC0415  (slow to import)

    share = rh_from_tdew(temp_c[lacking], np.minimum(dew_c, temp_c)[lacking]) / 100
    found[HUMIDITY] = humidity.copy()
    found[HUMIDITY][lacking] = np.minimum(share, 1.0)
    rows = "" if lacking.all() else f" in {int(lacking.sum()):,} rows"
    return [f"Relative humidity{rows} follows from the dew point."]


def _no_pressure(found: dict[str, Floats]) -> list[str]:
    """Leave out a pressure that no row has; return a note."""
    if PRESSURE in found and not np.isnan(found[PRESSURE]).all():
        return []
    found.pop(PRESSURE, None)
    return ["The file has no pressure: that of the standard atmosphere at the elevation is used."]


def _report_no_value(
    column: FileColumn,
    values: Floats,
    is_outside: NDArray[np.bool_] | None,
    table: ForeignTable,
    faults: Faults,
) -> None:
    """Note what has no value, a column without any once; holes that may be filled are no fault."""
    is_hole = np.isnan(values)
    if is_hole.all() and not (is_outside is not None and is_outside.any()):
        faults.add(None, f"column {column.title} has no value in any row")
    elif is_outside is not None:
        for at in np.flatnonzero(is_hole & ~is_outside):
            faults.add(table.line_of(int(at)), f"column {column.title} has no value")
