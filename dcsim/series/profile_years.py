"""Years of a profile: its rows in, the table that a run is resampled from out.

What rows mean never hangs on their number agreeing with the run: where they may be a year from
1 January as well as the run itself, and the two differ, the scenario says which.
"""

from __future__ import annotations

import datetime

import numpy as np

from dcsim.clock import Calendar, Floats
from dcsim.scenario.schema.profile import Profile
from dcsim.series.data_file import Faults
from dcsim.series.profile_rows import ProfileRows
from dcsim.series.repeated_week import RepeatedWeeks, weekday_note
from dcsim.series.resampling import (
    LEAP_YEAR_DAYS,
    SeriesTable,
    Span,
    TypicalYear,
    as_year,
    resample,
    run_minutes,
    table_for_run,
    with_leap_day,
    year_minutes,
)
from dcsim.units import MINUTES_PER_DAY, SECONDS_PER_MINUTE

_UNKNOWN_WEEKDAYS = (
    "Its rows have no times: they are laid from 1 January, and its weekends fall where that puts "
    "them."
)


def table_of_rows(
    rows: ProfileRows,
    profile: Profile,
    calendar: Calendar,
    faults: Faults,
    *,
    keeps_weekdays: bool = False,
) -> tuple[SeriesTable, tuple[str, ...]]:
    """Return rows as they serve a run, times the scale, and notes.

    Parameters
    ----------
    rows : ProfileRows
        On equal steps.
    profile : Profile
        Scale, and what the rows cover if it says so.
    calendar : Calendar
        Steps of the run.
    faults : Faults
        Where faults go.
    keeps_weekdays : bool
        Whether a year that is repeated keeps the days of the week.

    Returns
    -------
    table : SeriesTable
        Of one column, ``value``.
    notes : tuple of str

    Raises
    ------
    ScenarioError
        If they cover neither the run nor a year, or may mean either.
    """
    values = rows.values * profile.scale
    if rows.axis is None:
        return _untimed(values, profile, calendar, faults, keeps_weekdays=keeps_weekdays)
    span = Span({"value": values}, rows.axis.step_min, rows.axis.start_min)
    table = table_for_run(span, calendar) if profile.covers != "year" else None
    if table is span:
        return span, ()
    span, cut_note = _without_surplus(span)
    year = as_year(span) if profile.covers != "run" else None
    if year is None:
        raise faults.stop(None, _uncovered(span, profile, calendar))
    if keeps_weekdays:
        return RepeatedWeeks(span, calendar.zone), (weekday_note(span, calendar.zone), *cut_note)
    first = datetime.datetime.fromtimestamp(span.start_min * SECONDS_PER_MINUTE, datetime.UTC)
    return year, (f"One year, from {first:%Y-%m-%d}, is repeated by date.", *cut_note)


def _uncovered(span: Span, profile: Profile, calendar: Calendar) -> str:
    run = f"{calendar.start.date()} to {calendar.end.date()}"
    start_min = span.start_min
    end_min = start_min + span.columns["value"].size * span.step_min
    first, last = (
        datetime.datetime.fromtimestamp(each * SECONDS_PER_MINUTE, datetime.UTC)
        for each in (start_min, end_min)
    )
    own = f"; it covers {first:%Y-%m-%dT%H:%MZ} to {last:%Y-%m-%dT%H:%MZ}"
    if profile.covers == "run":
        return f"must cover the run, {run}{own}"
    if profile.covers == "year":
        return f"must be one whole year, to be repeated{own}"
    return f"must cover the run, {run}, or be one whole year, to be repeated{own}"


def _without_surplus(span: Span) -> tuple[Span, tuple[str, ...]]:
    """Return a year without what it has beyond its end, a day at most: often its first moment."""
    year_min = year_minutes(span.start_min)
    n_rows, n_year = span.columns["value"].size, year_min // span.step_min
    surplus_min = (n_rows - n_year) * span.step_min
    if year_min % span.step_min or not 0 < surplus_min <= MINUTES_PER_DAY:
        return span, ()
    note = f"Its last {n_rows - n_year:,} rows, beyond a whole year, are left out."
    return Span({"value": span.columns["value"][:n_year]}, span.step_min, span.start_min), (note,)


def _untimed(
    values: Floats,
    profile: Profile,
    calendar: Calendar,
    faults: Faults,
    *,
    keeps_weekdays: bool,
) -> tuple[SeriesTable, tuple[str, ...]]:
    """Return rows without times as the run or as a year from 1 January."""
    run = _untimed_run(values, profile, calendar) if profile.covers != "year" else None
    year = _untimed_year(values, calendar) if profile.covers != "run" else None
    if run is not None and year is not None:
        same = np.array_equal(resample(run, calendar)["value"], resample(year, calendar)["value"])
        if not same:
            raise faults.stop(
                None,
                f"has {values.size:,} rows without times, which may be the steps of the run or a "
                "year from 1 January: write covers: run or covers: year",
            )
    if run is not None:
        return run, ()
    if year is not None:
        return year, (_UNKNOWN_WEEKDAYS,) if keeps_weekdays else ()
    needs = {
        "run": f"it needs as many as the run has steps ({calendar.n_hours:,})",
        "year": "it needs a year of equal steps (8760 or 8784 hours, 2920 of three)",
        None: "it needs a year of equal steps (8760 or 8784 hours, 2920 of three) or as many as "
        f"the run has steps ({calendar.n_hours:,})",
    }
    message = f"has {values.size:,} rows; without times {needs[profile.covers]}"
    raise faults.stop(None, message)


def _untimed_run(values: Floats, profile: Profile, calendar: Calendar) -> Span | None:
    start_min, end_min = run_minutes(calendar)
    step_min, rest = divmod(end_min - start_min, values.size)
    # Other steps than those of the run are only taken where the scenario says what they cover.
    if rest or (step_min != calendar.step_min and profile.covers != "run"):
        return None
    return Span({"value": values}, step_min, start_min)


def _untimed_year(values: Floats, calendar: Calendar) -> TypicalYear | None:
    zone = calendar.zone
    winter = datetime.datetime(calendar.start.year, 1, 1, tzinfo=zone).utcoffset()
    summer = datetime.datetime(calendar.start.year, 7, 1, tzinfo=zone).utcoffset()
    assert winter is not None
    assert summer is not None
    offset_min = round(min(winter, summer).total_seconds() / SECONDS_PER_MINUTE)
    for n_days in (LEAP_YEAR_DAYS - 1, LEAP_YEAR_DAYS):
        per_day = values.size // n_days
        if values.size == per_day * n_days and per_day and MINUTES_PER_DAY % per_day == 0:
            year = values if n_days == LEAP_YEAR_DAYS else with_leap_day(values, per_day)
            return TypicalYear({"value": year}, MINUTES_PER_DAY // per_day, offset_min)
    return None
