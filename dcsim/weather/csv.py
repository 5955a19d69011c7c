"""Weather as a plain table: one header line, one row a step, times in UTC or with their offset."""

from __future__ import annotations

import datetime

import numpy as np

from dcsim.clock import MINUTES_PER_DAY, Calendar, Integers
from dcsim.datafile import Faults
from dcsim.timetable import Span, Table, as_year
from dcsim.weather.quality import Field, follow, numbers

TIME = "time"
RANGES = {
    "temp_dry_bulb_c": (-90.0, 60.0, "°C"),
    "relative_humidity_frac": (0.0, 1.0, "(a share, not percent)"),
    "wind_speed_m_s": (0.0, 100.0, "m/s"),
    "ghi_w_m2": (0.0, 1500.0, "W/m2"),
    "dni_w_m2": (0.0, 1500.0, "W/m2"),
    "dhi_w_m2": (0.0, 1500.0, "W/m2"),
    "pressure_pa": (31_000.0, 120_000.0, "Pa"),
}
OPTIONAL = ("pressure_pa",)


def read_csv(lines: list[str], faults: Faults) -> Span:
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

    Returns
    -------
    Span
        Its rows as a stretch of real time.

    Raises
    ------
    ScenarioError
        With every fault found, by line and column.
    """
    titles = [title.strip() for title in (lines[0] if lines else "").split(",")]
    _check_titles(titles, faults)
    rows = [line.split(",") for line in lines[1:]]
    for at, row in enumerate(rows):
        if len(row) != len(titles):
            faults.add(at + 2, f"row {at + 1} has {len(row)} columns, not {len(titles)}")
    faults.stop_if_any()
    if len(rows) < 2:
        raise faults.stop(len(lines), "needs at least two rows")
    time_min = _times([row[titles.index(TIME)] for row in rows], faults)
    columns = numbers(rows, _fields(titles), 2, faults)
    faults.stop_if_any()
    step_min = _step(time_min, faults)
    faults.stop_if_any()
    return Span(columns, step_min, int(time_min[0]))


def place_on(span: Span, calendar: Calendar, shown: str) -> tuple[Table, tuple[str, ...]]:
    """Return the rows as they serve a run, and notes: as they are, or as a year that repeats.

    Raises
    ------
    ScenarioError
        If they neither cover the run nor are exactly one year.
    """
    n_rows = next(iter(span.columns.values())).size
    start_min = int(calendar.start.timestamp()) // 60
    end_min = start_min + calendar.n_hours * calendar.step_min
    if span.start_min <= start_min and span.start_min + n_rows * span.step_min >= end_min:
        return span, ()
    year = as_year(span)
    if year is None:
        first, last = (
            datetime.datetime.fromtimestamp(minute * 60, datetime.UTC).strftime("%Y-%m-%dT%H:%MZ")
            for minute in (start_min, end_min)
        )
        message = f"must cover the run, {first} to {last}, or be one whole year, to be repeated"
        raise Faults(shown, "weather.file").stop(None, message)
    return year, ("The weather is one year repeated: years do not differ.",)


def _check_titles(titles: list[str], faults: Faults) -> None:
    known = [TIME, *RANGES]
    for place, title in enumerate(titles):
        if title not in known:
            faults.add(1, f"column {place + 1} has an unknown title; known are {', '.join(known)}")
        elif title in titles[:place]:
            faults.add(1, f"column {title} stands twice")
    for title in known:
        if title not in titles and title not in OPTIONAL:
            faults.add(1, f"column {title} is missing")
    faults.stop_if_any()


def _fields(titles: list[str]) -> list[Field]:
    return [
        Field(title, title, place, *RANGES[title])
        for place, title in enumerate(titles)
        if title != TIME
    ]


def _times(texts: list[str], faults: Faults) -> Integers:
    utc = datetime.UTC
    time_min = np.zeros(len(texts), dtype=np.int64)
    for at, text in enumerate(texts):
        try:
            moment = datetime.datetime.fromisoformat(text.strip())
            second = (moment if moment.tzinfo else moment.replace(tzinfo=utc)).timestamp()
        except (ValueError, OverflowError):
            faults.add(at + 2, f"column {TIME} is not a time such as 2030-01-31T13:00Z")
            continue
        if second % 60:
            faults.add(at + 2, f"column {TIME} is not a whole minute")
        time_min[at] = second // 60
    faults.stop_if_any()
    return time_min


def _step(time_min: Integers, faults: Faults) -> int:
    step_min = int(np.median(np.diff(time_min)))
    if step_min <= 0 or MINUTES_PER_DAY % step_min or (step_min % 60 and 60 % step_min):
        raise faults.stop(
            3, "the time between rows must divide an hour, or be whole hours that divide a day"
        )
    follow(time_min, step_min, 2, faults)
    return step_min
