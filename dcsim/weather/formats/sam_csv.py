"""SAM and NSRDB: the lines of one or more years in, checked rows out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.series.data_file import Faults
from dcsim.series.text_table import ForeignTable
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR, PASCALS_PER_MILLIBAR
from dcsim.weather.formats.cells import (
    ENDS_NOTE,
    cell_numbers,
    cells_of,
    clock_minutes,
    delimiter_of,
    rows_below,
    seconds_of,
    whole_numbers,
)
from dcsim.weather.formats.checked_rows import checked_file
from dcsim.weather.formats.units import converted, title_and_unit
from dcsim.weather.formats.weather_file import (
    FileRows,
    ReadOptions,
    Station,
    WeatherFile,
    WeatherFormat,
    station_of,
)
from dcsim.weather.quality import FASTEST_WIND_M_S, FileColumn

SAM_TITLES_LINE = 3
SAM_FIRST_LINE = 4
"""Lines of the titles of the columns, and of the first row of data."""
SAM_PLACE = (
    ("latitude", "lat"),
    ("longitude", "lon", "long", "lng"),
    ("time zone", "timezone", "tz", "local time zone"),
)
"""Titles of the place, the first one that is there. Rows stand in ``Time Zone``: the local one is
that of the people there, and differs where a file is in UTC (pvlib reads it so)."""
SAM_TIMES = ("year", "month", "day", "hour", "minute")
SAM_MISSING = (-99.0, -999.0, -9999.0, -9900.0, 9999.0)
LAST_MINUTE = 59


class _SamColumn(NamedTuple):
    """A quantity of the format: its titles, its record, and its unit by the unit registry."""

    titles: tuple[str, ...]
    column: FileColumn
    unit: str


# Titles and units: NREL, "SAM CSV weather file format", and the columns of NSRDB downloads.
SAM_COLUMNS = (
    _SamColumn(
        ("temperature", "tdry", "dry bulb", "air temperature", "temp"),
        FileColumn("temp_dry_bulb_c", "Temperature", -90, 60, "°C", 1, SAM_MISSING),
        "degC",
    ),
    _SamColumn(
        ("dew point", "tdew", "dewpoint", "dew point temperature"),
        FileColumn("dew_point_c", "Dew Point", -120, 60, "°C", 1, SAM_MISSING),
        "degC",
    ),
    _SamColumn(
        ("relative humidity", "rh", "rhum", "humidity"),
        FileColumn("relative_humidity_frac", "Relative Humidity", 0, 110, "%", 0.01, SAM_MISSING),
        "percent",
    ),
    _SamColumn(
        ("pressure", "pres", "surface pressure"),
        FileColumn("pressure_pa", "Pressure", 310, 1200, "mbar", PASCALS_PER_MILLIBAR, SAM_MISSING),
        "mbar",
    ),
    _SamColumn(
        ("ghi", "gh"),
        FileColumn("ghi_w_m2", "GHI", 0, 1500, "W/m2", 1, SAM_MISSING),
        "W/m^2",
    ),
    _SamColumn(
        ("dni", "dn", "beam"),
        FileColumn("dni_w_m2", "DNI", 0, 1500, "W/m2", 1, SAM_MISSING),
        "W/m^2",
    ),
    _SamColumn(
        ("dhi", "df", "diffuse"),
        FileColumn("dhi_w_m2", "DHI", 0, 1500, "W/m2", 1, SAM_MISSING),
        "W/m^2",
    ),
    _SamColumn(
        ("wind speed", "wspd", "wind speed at 10m"),
        FileColumn("wind_speed_m_s", "Wind Speed", 0, FASTEST_WIND_M_S, "m/s", 1, SAM_MISSING),
        "m/s",
    ),
)
_OPTIONAL = ("dew_point_c", "pressure_pa")


class _Head(NamedTuple):
    """What the first lines of a file say."""

    station: Station
    units: dict[str, str]
    """Units by what they are of, as NSRDB files state them beside the place."""
    notes: tuple[str, ...]
    delimiter: str
    titles: tuple[str, ...]


def is_sam_csv(lines: list[str]) -> bool:
    """Tell whether the lines of a CSV file are those of SAM or the NSRDB."""
    titles = _plain_titles(lines[0], delimiter_of(lines[0])) if lines else []
    return all(_first_of(titles, known) is not None for known in SAM_PLACE)


def read_sam_csv(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a year, or several in a row, of SAM or the NSRDB.

    Rows are stamped in the time zone of the file. Rows that are all stamped in the middle of their
    step are those of that step; all other stamps begin it, unless hours are numbered 1 to 24.

    Parameters
    ----------
    lines : list of str
        The file, of which `is_sam_csv` holds: titles and values of the place, titles, rows.
    faults : Faults
        Where its faults go; it knows what messages call the file.
    options : ReadOptions
        Which gaps may be filled.

    Returns
    -------
    WeatherFile
        A typical year where the months come from several years, else a stretch of real time.

    Raises
    ------
    ScenarioError
        With every fault found, by line and column.
    """
    head = _sam_head(lines, faults)
    if len(lines) < SAM_FIRST_LINE + 1:
        raise faults.stop(len(lines), "needs at least two rows")
    titles = [title_and_unit(title)[0] for title in head.titles]
    places = _sam_places(titles, faults)
    below = lines[SAM_FIRST_LINE - 1 :]
    _refuse_second_file(below, lines[SAM_TITLES_LINE - 1], faults)
    fewest = len([title for title in titles if title])
    rows, table = rows_below(below, SAM_FIRST_LINE, head.delimiter, fewest, faults)
    faults.stop_if_any()
    clock_s, notes = _sam_clock(rows, titles, table, faults)
    values = {
        SAM_COLUMNS[at].column.name: _sam_values(rows, place, SAM_COLUMNS[at], head, faults)
        for at, place in places.items()
    }
    faults.stop_if_any()
    columns = tuple(SAM_COLUMNS[at].column for at in places)
    found = FileRows(columns, values, clock_s, table, head.station, notes=(*head.notes, *notes))
    return checked_file(found, faults, options)


def _plain_titles(line: str, delimiter: str) -> list[str]:
    return [title_and_unit(title)[0] for title in cells_of(line, delimiter)]


def _first_of(titles: list[str], known: tuple[str, ...]) -> int | None:
    return next((titles.index(title) for title in known if title in titles), None)


def _sam_head(lines: list[str], faults: Faults) -> _Head:
    delimiter = delimiter_of(lines[0])
    titles = _plain_titles(lines[0], delimiter)
    values = cells_of(lines[1], delimiter) if len(lines) > 1 else []
    if len(values) < len([title for title in titles if title]):
        raise faults.stop(2, f"has {len(values)} values for the {len(titles)} titles above")
    places = [_first_of(titles, known) for known in SAM_PLACE]
    texts = [values[place].replace(",", ".") for place in places if place is not None]
    station = station_of(texts[0], texts[1], texts[2], 2, faults)
    faults.stop_if_any()
    units = {
        title.removesuffix("s").removesuffix(" unit"): value
        for title, value in zip(titles, values, strict=False)
        if title.endswith((" unit", " units"))
    }
    notes: tuple[str, ...] = ()
    if "local time zone" in titles:
        local = values[titles.index("local time zone")]
        if local not in (texts[2], "-", ""):
            notes = (f"The rows of the file stand at UTC{station.offset_h:+g}, its Time Zone.",)
    below = lines[SAM_TITLES_LINE - 1] if len(lines) >= SAM_TITLES_LINE else ""
    return _Head(station, units, notes, delimiter, tuple(cells_of(below, delimiter)))


def _sam_places(titles: list[str], faults: Faults) -> dict[int, int]:
    """Return the place of each column of `SAM_COLUMNS` that is there, by its number."""
    for title in SAM_TIMES[:-1]:
        if title not in titles:
            faults.add(SAM_TITLES_LINE, f"column {title.capitalize()} is missing")
    found = {}
    for at, known in enumerate(SAM_COLUMNS):
        place = _first_of(titles, known.titles)
        if place is not None:
            found[at] = place
    names = {SAM_COLUMNS[at].column.name for at in found}
    for known in SAM_COLUMNS:
        name = known.column.name
        is_made = name == "relative_humidity_frac" and "dew_point_c" in names
        if name not in names and name not in _OPTIONAL and not is_made:
            faults.add(SAM_TITLES_LINE, f"column {known.column.title} is missing")
    faults.stop_if_any()
    return found


def _refuse_second_file(below: list[str], titles: str, faults: Faults) -> None:
    """Refuse rows of several files in one: they may be of other places."""
    for at, line in enumerate(below):
        if line.strip() and line.strip() == titles.strip():
            raise faults.stop(
                SAM_FIRST_LINE + at, "titles stand again: files of two places are no one series"
            )


def _sam_values(
    rows: list[list[str]], place: int, known: _SamColumn, head: _Head, faults: Faults
) -> Floats:
    """Return the values of a column in the unit of the format."""
    title = known.column.title
    values = cell_numbers(rows, place, title, faults)
    words, stated = title_and_unit(head.titles[place])
    written = stated or head.units.get(words, "") or head.units.get(title.casefold(), "")
    if not written or written == "-":
        return values
    values = np.where(np.isin(values, known.column.missing), np.nan, values)
    return converted(values, known.unit, written, f"column {title}: ", faults)


def _sam_clock(
    rows: list[list[str]], titles: list[str], table: ForeignTable, faults: Faults
) -> tuple[Floats, tuple[str, ...]]:
    """Return the start of each row by the clock of the file, and a note on odd labels."""
    year, month, day, hour = (
        whole_numbers(
            cell_numbers(rows, titles.index(title), title.capitalize(), faults),
            title.capitalize(),
            table,
            faults,
        )
        for title in SAM_TIMES[:4]
    )
    minute = np.zeros_like(year)
    if SAM_TIMES[4] in titles:
        numbers = cell_numbers(rows, titles.index(SAM_TIMES[4]), "Minute", faults)
        minute = whole_numbers(numbers, "Minute", table, faults)
    faults.stop_if_any()
    ends = bool(hour.max() == HOURS_PER_DAY)
    label_min = (hour - 1 if ends else hour) * MINUTES_PER_HOUR + minute
    clock_min = clock_minutes((year, month, day), label_min, table, faults)
    faults.stop_if_any()
    shift_min, notes = _label_shift(clock_min, minute)
    return seconds_of(clock_min - shift_min), (ENDS_NOTE,) if ends else notes


def _label_shift(clock_min: Integers, minute: Integers) -> tuple[int, tuple[str, ...]]:
    """Return by how much labels lie behind the start of their rows. [min]"""
    step_min = int(np.median(np.diff(clock_min)))
    if step_min > 1 and (clock_min % step_min == step_min // 2).all():
        return step_min // 2, ()
    if step_min == MINUTES_PER_HOUR and (minute == LAST_MINUTE).all():
        return LAST_MINUTE, ()
    first, last = clock_min[0], clock_min[-1]
    if _is_new_year(first - step_min) and _is_new_year(last):
        note = "Times from the end of the first step to the end of the year are ends of steps."
        return step_min, (note,)
    return 0, ()


def _is_new_year(moment_min: int) -> bool:
    day = np.datetime64(int(moment_min) // MINUTES_PER_DAY, "D")
    return moment_min % MINUTES_PER_DAY == 0 and str(day).endswith("-01-01")


SAM_CSV = WeatherFormat("SAM or NSRDB", ".csv", is_sam_csv, read_sam_csv)
