"""Plain table: one header line and one row a step in, checked rows out; times in UTC by default."""

from __future__ import annotations

import numpy as np

from dcsim.clock import Integers
from dcsim.errors import cut
from dcsim.series.data_file import Faults, iso_minutes, parse_numbers
from dcsim.series.resampling import Span
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR
from dcsim.weather.formats.weather_file import ReadOptions, WeatherFile, WeatherFormat
from dcsim.weather.quality import FileColumn, check_time_order, checked_columns

TIME_TITLE = "time"
TABLE_RANGES = {
    "temp_dry_bulb_c": (-90.0, 60.0, "°C"),
    "relative_humidity_frac": (0.0, 1.0, "(a share, not percent)"),
    "wind_speed_m_s": (0.0, 100.0, "m/s"),
    "ghi_w_m2": (0.0, 1500.0, "W/m2"),
    "dni_w_m2": (0.0, 1500.0, "W/m2"),
    "dhi_w_m2": (0.0, 1500.0, "W/m2"),
    "pressure_pa": (31_000.0, 120_000.0, "Pa"),
}
OPTIONAL_COLUMNS = ("pressure_pa",)
TABLE_UNITS = {
    "temp_dry_bulb_c": "degC",
    "relative_humidity_frac": "",
    "wind_speed_m_s": "m/s",
    "ghi_w_m2": "W/m^2",
    "dni_w_m2": "W/m^2",
    "dhi_w_m2": "W/m^2",
    "pressure_pa": "Pa",
}


def read_table(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a CSV file of weather on equal steps.

    Columns, in any order: ``time`` (ISO 8601, the start of the step; without an offset it is UTC),
    ``temp_dry_bulb_c``, ``relative_humidity_frac``, ``wind_speed_m_s`` (at 10 m), ``ghi_w_m2``,
    ``dni_w_m2``, ``dhi_w_m2``, and ``pressure_pa`` if wanted. The values are means over the step.

    Parameters
    ----------
    lines : list of str
        The file.
    faults : Faults
        Where its faults go; it knows what messages call the file.
    options : ReadOptions
        Which gaps may be filled, and which columns are not titled as above; where some are
        declared, unknown columns are left alone.

    Returns
    -------
    WeatherFile
        Its rows as a span of real time, and repairs.

    Raises
    ------
    ScenarioError
        With every fault found, by line and column.
    """
    titles = [title.strip() for title in (lines[0] if lines else "").split(",")]
    declared = options.columns
    own = {column.title: column.holds for column in declared}
    titles = [own.get(title, title) for title in titles]
    _check_titles(titles, faults, others=bool(declared))
    rows = [line.split(",") for line in lines[1:]]
    for at, row in enumerate(rows):
        if len(row) != len(titles):
            faults.add(at + 2, f"row {at + 1} has {len(row)} columns, not {len(titles)}")
    faults.stop_if_any()
    if len(rows) < 2:
        raise faults.stop(len(lines), "needs at least two rows")
    texts = [row[titles.index(TIME_TITLE)] for row in rows]
    time_min = iso_minutes(texts, 2, faults, subject=f"column {TIME_TITLE} ")
    faults.stop_if_any()
    step_min = _table_step_min(time_min, faults)
    faults.stop_if_any()
    for column in declared:
        if column.unit is not None:
            place = titles.index(column.holds)
            _convert_unit(rows, place, TABLE_UNITS[column.holds], column.unit, faults)
    faults.stop_if_any()
    step_h = step_min / MINUTES_PER_HOUR
    columns, repairs = checked_columns(
        rows, _table_columns(titles), 2, faults, options.repair_h, step_h=step_h
    )
    faults.stop_if_any()
    return WeatherFile(Span(columns, step_min, int(time_min[0])), None, repairs)


def _convert_unit(
    rows: list[list[str]], place: int, unit: str, written: str, faults: Faults
) -> None:
    """Turn the texts of a column into another unit; what is no number is left for later."""
    from dcsim.scenario.schema.conversion import refuse_no_unit, registry  # noqa: PLC0415  (slow to import)

    units = registry()
    values = parse_numbers([row[place] for row in rows])
    try:
        refuse_no_unit(written, unit)
        turned = units.Quantity(values, units.parse_units(written)).m_as(unit)
    except Exception:  # pint raises many kinds for text that is no unit
        faults.add(None, f"unit {cut(written, 40)!r} is none that turns into {unit}")
        return
    for row, value in zip(rows, turned.tolist(), strict=True):
        row[place] = repr(value)


def _check_titles(titles: list[str], faults: Faults, *, others: bool = False) -> None:
    known = [TIME_TITLE, *TABLE_RANGES]
    for place, title in enumerate(titles):
        if title not in known:
            if others:
                continue
            faults.add(1, f"column {place + 1} has an unknown title; known are {', '.join(known)}")
        elif title in titles[:place]:
            faults.add(1, f"column {title} stands twice")
    for title in known:
        if title not in titles and title not in OPTIONAL_COLUMNS:
            faults.add(1, f"column {title} is missing")
    faults.stop_if_any()


def _table_columns(titles: list[str]) -> list[FileColumn]:
    return [
        FileColumn(title, title, place, *TABLE_RANGES[title])
        for place, title in enumerate(titles)
        if title in TABLE_RANGES
    ]


def _table_step_min(time_min: Integers, faults: Faults) -> int:
    step_min = int(np.median(np.diff(time_min)))
    if (
        step_min <= 0
        or MINUTES_PER_DAY % step_min
        or (step_min % MINUTES_PER_HOUR and MINUTES_PER_HOUR % step_min)
    ):
        raise faults.stop(
            3, "the time between rows must divide an hour, or be whole hours that divide a day"
        )
    check_time_order(time_min, step_min, 2, faults)
    return step_min


def _is_table(lines: list[str]) -> bool:
    # Whatever no other format knows is read as a table, whose faults then tell what is missing.
    del lines
    return True


PLAIN_TABLE = WeatherFormat("plain table", ".csv", _is_table, read_table)
