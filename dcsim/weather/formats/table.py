"""Plain table: titles and one row a step in, checked rows out; times in UTC by default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.schema.weather import Column
from dcsim.series.data_file import Faults
from dcsim.series.parquet_table import ParquetTable
from dcsim.series.stamps import Stamps, read_stamps
from dcsim.series.text_table import ForeignTable, TextTable
from dcsim.series.time_axis import TimeAxis, TimeRules, axis_of_stamps
from dcsim.series.time_columns import TimeColumns, find_time_columns
from dcsim.units import SECONDS_PER_MINUTE
from dcsim.weather.formats.checked_rows import checked_file
from dcsim.weather.formats.mixed_years import MIXED_YEARS_NOTE, TypicalClock, typical_clock
from dcsim.weather.formats.units import converted, title_and_unit
from dcsim.weather.formats.weather_file import FileRows, ReadOptions, WeatherFile, WeatherFormat
from dcsim.weather.quality import FASTEST_WIND_M_S, FileColumn

TIME_TITLE = "time"
TABLE_COLUMNS = {
    "temp_dry_bulb_c": FileColumn("temp_dry_bulb_c", "temp_dry_bulb_c", -90, 60, "°C"),
    "dew_point_c": FileColumn("dew_point_c", "dew_point_c", -120, 60, "°C"),
    "relative_humidity_frac": FileColumn(
        "relative_humidity_frac", "relative_humidity_frac", 0, 1, "(a share, not percent)"
    ),
    "wind_speed_m_s": FileColumn("wind_speed_m_s", "wind_speed_m_s", 0, FASTEST_WIND_M_S, "m/s"),
    "ghi_w_m2": FileColumn("ghi_w_m2", "ghi_w_m2", 0, 1500, "W/m2"),
    "dni_w_m2": FileColumn("dni_w_m2", "dni_w_m2", 0, 1500, "W/m2"),
    "dhi_w_m2": FileColumn("dhi_w_m2", "dhi_w_m2", 0, 1500, "W/m2"),
    "pressure_pa": FileColumn("pressure_pa", "pressure_pa", 31_000, 120_000, "Pa"),
}
"""By title, which is the name of the field as well."""
OPTIONAL_COLUMNS = ("pressure_pa", "dew_point_c")
TABLE_UNITS = {
    "temp_dry_bulb_c": "degC",
    "dew_point_c": "degC",
    "relative_humidity_frac": "",
    "wind_speed_m_s": "m/s",
    "ghi_w_m2": "W/m^2",
    "dni_w_m2": "W/m^2",
    "dhi_w_m2": "W/m^2",
    "pressure_pa": "Pa",
}
PlainTable = TextTable | ParquetTable


def read_table(lines: list[str], faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a CSV file of weather on equal steps.

    Columns, in any order: times (the start of the step; without an offset or a zone they are UTC),
    ``temp_dry_bulb_c``, ``relative_humidity_frac`` or ``dew_point_c``, ``wind_speed_m_s`` (at
    10 m), ``ghi_w_m2``, ``dni_w_m2``, ``dhi_w_m2``, and ``pressure_pa`` if wanted. The values are
    means over the step.

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
    titles = {*TABLE_COLUMNS, *_own_titles(options)}
    return _read_plain(TextTable(lines, faults, titles), faults, options)


def read_parquet_weather(path: Path, faults: Faults, options: ReadOptions) -> WeatherFile:
    """Read a Parquet file of weather on equal steps, with the columns of `read_table`.

    Parameters
    ----------
    path : Path
        The file.
    faults, options
        As in `read_table`.

    Raises
    ------
    ScenarioError
        With every fault found, by column.
    """
    return _read_plain(ParquetTable(path, faults), faults, options)


def _own_titles(options: ReadOptions) -> set[str]:
    return {column.title for column in options.columns if column.holds != TIME_TITLE}


def _read_plain(text: PlainTable, faults: Faults, options: ReadOptions) -> WeatherFile:
    declared: dict[str, Column] = {column.holds: column for column in options.columns}
    places = _places_of_columns(text, declared, faults)
    times = _time_columns(text, declared.get(TIME_TITLE), places, faults)
    _refuse_unknown(text, places, times, faults, others=bool(_own_titles(options)))
    found, table, stamps = _raw_columns(text, places, times)
    if stamps.clock_s.size < 2:
        raise faults.stop(text.title_line, "needs at least two rows")
    rules = _time_rules(declared.get(TIME_TITLE))
    values = {
        name: _in_own_unit(column, text, places[name], (name, declared.get(name)), faults)
        for name, column in found.items()
    }
    clock = typical_clock(stamps, table, times, rules, faults)
    axis = None if clock else axis_of_stamps(stamps, table, times, rules, faults)
    faults.stop_if_any()
    if axis is None:
        assert clock is not None
        return checked_file(_typical_rows(clock, values, table), faults, options)
    return checked_file(_rows_in_order(axis, values, table), faults, options)


def _raw_columns(
    text: PlainTable, places: Mapping[str, int], times: TimeColumns
) -> tuple[dict[str, Floats], ForeignTable, Stamps]:
    """Return the numbers of each column as they are written, the lines of rows, and their times."""
    if isinstance(text, ParquetTable):
        found = {name: text.numbers(place) for name, place in places.items()}
        return found, ForeignTable({}, np.zeros(0, dtype=np.int64)), text.stamps(times, None)
    table = text.read([*dict.fromkeys((*times.places, *places.values()))])
    found = {
        name: text.numbers(table.columns[place], text.titles[place])
        for name, place in places.items()
    }
    return found, table, read_stamps(times.texts(table.columns))


def _places_of_columns(
    text: PlainTable, declared: Mapping[str, Column], faults: Faults
) -> dict[str, int]:
    """Return the place of each column, by what it holds."""
    found = {}
    for name in TABLE_COLUMNS:
        title = declared[name].title if name in declared else name
        n_titled = text.titles.count(title)
        if n_titled > 1:
            faults.add(text.title_line, f"column {name} stands twice")
        elif n_titled:
            found[name] = text.titles.index(title)
        elif name in declared or not _is_optional(name, text, declared):
            faults.add(text.title_line, f"column {name} is missing")
    return found


def _is_optional(name: str, text: PlainTable, declared: Mapping[str, Column]) -> bool:
    """Tell whether a column may be missing; the dew point serves for the humidity."""
    has_dew_point = "dew_point_c" in text.titles or "dew_point_c" in declared
    return name in OPTIONAL_COLUMNS or (name == "relative_humidity_frac" and has_dew_point)


def _time_columns(
    text: PlainTable, declared: Column | None, places: Mapping[str, int], faults: Faults
) -> TimeColumns:
    named = declared.title if declared is not None else None
    if named is None and text.titles.count(TIME_TITLE) == 1:
        named = TIME_TITLE
    found = find_time_columns(
        text.titles,
        text.sample(),
        faults,
        named=named,
        others=[*places.values()],
        line=text.title_line,
    )
    if found is None:
        message = (
            f"column {TIME_TITLE} is missing; 'columns: [{{holds: time, title: ...}}]' names it"
        )
        raise faults.stop(text.title_line, message)
    return found


def _refuse_unknown(
    text: PlainTable,
    places: Mapping[str, int],
    times: TimeColumns,
    faults: Faults,
    *,
    others: bool,
) -> None:
    """Note titles that nothing is known of, unless the scenario says which ones matter."""
    if not others:
        known = {*places.values(), *times.places}
        for place, title in enumerate(text.titles):
            if place not in known and title and title not in TABLE_COLUMNS:
                faults.add(
                    text.title_line,
                    f"column {place + 1} has an unknown title; known are {TIME_TITLE}, "
                    f"{', '.join(TABLE_COLUMNS)}",
                )
    faults.stop_if_any()


def _time_rules(declared: Column | None) -> TimeRules:
    if declared is None:
        return TimeRules()
    return TimeRules(title=declared.title, zone=declared.zone, labels=declared.labels)


def _in_own_unit(
    values: Floats, text: PlainTable, place: int, holds: tuple[str, Column | None], faults: Faults
) -> Floats:
    """Return the values of a column in the unit of what it holds.

    Its unit is the declared one, or else the one in the brackets of its title, or beneath it.
    """
    name, declared = holds
    written = declared.unit if declared is not None else None
    if written is None:
        written = title_and_unit(text.titles[place])[1]
        if not written and isinstance(text, TextTable):
            written = text.unit(place)
    if not written:
        return values
    return converted(values, TABLE_UNITS[name], written, f"column {name}: ", faults)


def _rows_in_order(axis: TimeAxis, values: Mapping[str, Floats], table: ForeignTable) -> FileRows:
    """Return rows by time, also those of a file that begins with its latest one."""
    order = np.argsort(axis.step_of_row, kind="stable")
    start_min = axis.start_min + axis.step_of_row[order] * axis.step_min
    line = table.line[order] if table.line.size else table.line
    return FileRows(
        tuple(TABLE_COLUMNS[name] for name in values),
        {name: column[order] for name, column in values.items()},
        np.asarray(start_min * float(SECONDS_PER_MINUTE)),
        ForeignTable({}, line),
        None,
        notes=axis.notes,
    )


def _typical_rows(
    clock: TypicalClock, values: Mapping[str, Floats], table: ForeignTable
) -> FileRows:
    """Return the rows of a typical year from January on."""
    return FileRows(
        tuple(TABLE_COLUMNS[name] for name in values),
        {name: column[clock.order] for name, column in values.items()},
        clock.clock_s[clock.order],
        ForeignTable({}, table.line[clock.order] if table.line.size else table.line),
        None,
        is_typical_form=True,
        notes=(*clock.notes, MIXED_YEARS_NOTE),
        own_offset_min=clock.offset_min,
    )


def _is_table(lines: list[str]) -> bool:
    # Whatever no other format knows is read as a table, whose faults then tell what is missing.
    del lines
    return True


PLAIN_TABLE = WeatherFormat("plain table", ".csv", _is_table, read_table)
