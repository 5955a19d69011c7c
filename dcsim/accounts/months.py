"""Months and years of a run: arrays on its steps in, values by month and year out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dcsim.clock import ONE_MONTH, Calendar, Floats, Integers
from dcsim.scenario.schema.quantity import Series


@dataclass(frozen=True, slots=True)
class Months:
    """The calendar months of a run, whole or cut by its start and end."""

    calendar: Calendar
    day: NDArray[np.datetime64]
    """First day of each month, shape ``(n_months,)``; before the run if that starts later."""
    year: Integers
    """Calendar year of each month."""
    number: Integers
    """Month of the year, 0 for January."""
    edges_min: Integers
    """Edges of the months within the run, shape ``(n_months + 1,)``. [min]"""
    length_years: Floats
    """One twelfth for a whole month, less for one cut by the run's start or end. [year]"""

    @staticmethod
    def of(calendar: Calendar) -> Months:
        """Return the months of a calendar.

        A run from 16 November to 1 January has two: November with its edges at the start of the
        run and 1 December, half of a twelfth of a year long, and December.
        """
        month = calendar.local_time[calendar.month_starts].astype("datetime64[M]")
        firsts = np.append(month, month[-1] + ONE_MONTH).astype("datetime64[D]").tolist()
        starts = np.array([calendar.minute_of(day) for day in firsts], dtype=np.int64)
        edges = np.clip(starts, 0, calendar.n_minutes)
        return Months(
            calendar=calendar,
            day=month.astype("datetime64[D]"),
            year=month.astype("datetime64[Y]").astype(np.int64) + 1970,
            number=month.astype(np.int64) % 12,
            edges_min=edges,
            length_years=np.diff(edges) / np.diff(starts) / 12,
        )

    @property
    def first_day(self) -> np.datetime64:
        """First day of the run."""
        return np.datetime64(self.calendar.start.date(), "D")

    @property
    def years(self) -> Integers:
        """Calendar years of the run, ascending."""
        return np.arange(self.year[0], self.year[-1] + 1, dtype=np.int64)

    @property
    def year_edges_min(self) -> Integers:
        """Ends of the years within the run, shape ``(n_years,)``. [min]"""
        last_month = np.append(np.diff(self.year) > 0, True)
        return np.asarray(self.edges_min[1:][last_month])

    def total(self, power_mw: ArrayLike) -> Floats:
        """Return the sum over each month of an array on the steps times their length in hours.

        Megawatts become megawatt-hours, GPUs become GPU-hours; the last axis is time.
        """
        return self.calendar.monthly_sum(power_mw) * self.calendar.step_h

    def mean(self, hourly: ArrayLike) -> Floats:
        """Return the mean over each month of an array on the steps."""
        n_steps = np.diff(self.calendar.month_starts, append=self.calendar.n_hours)
        return self.calendar.monthly_sum(hourly) / n_steps

    def by_year(self, monthly: ArrayLike) -> Floats:
        """Return the sum over each year of monthly values, the last axis being time."""
        starts = np.flatnonzero(np.diff(self.year, prepend=-1))
        return np.asarray(np.add.reduceat(np.asarray(monthly, dtype=np.float64), starts, axis=-1))

    def at(self, series: Series) -> Floats:
        """Return the value of a yearly series in each month: that of its calendar year."""
        return np.asarray(series.at(self.years)[self.year - self.year[0]])

    def month_of(self, time_min: Integers) -> Integers:
        """Return the month of times within the run, those before it in the first."""
        return np.searchsorted(self.edges_min[1:-1], time_min, side="right").astype(np.int64)


def hourly_value(series: Series, calendar: Calendar) -> Floats:
    """Return the value of a yearly series in each step: that of its calendar year.

    Factors and prices are published by year, so they step at New Year and do not drift within it.

    Parameters
    ----------
    series : Series
        Values by calendar year.
    calendar : Calendar

    Returns
    -------
    ndarray, shape (n_hours,)
    """
    first, last = int(calendar.year[0]), int(calendar.year[-1])
    return np.asarray(series.at(np.arange(first, last + 1))[calendar.year - first])
