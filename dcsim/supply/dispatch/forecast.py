"""Forecasts from the past alone: powers in, what the same hours of the days before suggest out."""

from __future__ import annotations

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError
from dcsim.units import HOURS_PER_DAY


def steps_of_day(step_h: float) -> int:
    """Return the number of steps of a day.

    Parameters
    ----------
    step_h : float
        Length of a step. [h]

    Returns
    -------
    int

    Raises
    ------
    ModelError
        If a step does not divide a day.
    """
    n_steps = round(HOURS_PER_DAY / step_h)
    if n_steps < 1 or abs(n_steps * step_h - HOURS_PER_DAY) > 1e-9:
        raise ModelError(f"need a step that divides a day, got {step_h} h")
    return n_steps


def highest_of_days(power_mw: Floats, n_days: int, n_in_day: int) -> Floats:
    """Return the highest value in the same step of the `n_days` before; zero where there is none.

    The value of a step is known a day before, so it may be read up to a day ahead.

    Parameters
    ----------
    power_mw : ndarray, shape (n_steps,)
        Powers so far. [MW]
    n_days : int
        Days whose same steps are looked at.
    n_in_day : int
        Steps of a day.

    Returns
    -------
    ndarray, shape (n_steps,)
        [MW]

    Examples
    --------
    >>> highest_of_days(np.array([1.0, 5.0, 3.0, 2.0, 0.0, 0.0]), n_days=2, n_in_day=2)
    array([0., 0., 1., 5., 3., 5.])
    """
    expected = np.zeros_like(power_mw)
    for day in range(1, n_days + 1):
        shift = day * n_in_day
        if shift >= power_mw.size:
            break
        np.maximum(expected[shift:], power_mw[:-shift], out=expected[shift:])
    return expected


def mean_of_days(power_mw: Floats, n_days: int, n_in_day: int) -> Floats:
    """Return the mean of the same step of the `n_days` before, for the run and the day after it.

    The value of a step is known a day before, so it may be read up to a day ahead, the step of the
    same time tomorrow excepted.

    Parameters
    ----------
    power_mw : ndarray, shape (n_steps,)
        Powers so far. [MW]
    n_days : int
        Days whose same steps are looked at; those before the run do not count.
    n_in_day : int
        Steps of a day.

    Returns
    -------
    ndarray, shape (n_steps + n_in_day,)
        Zero on the first day. [MW]

    Examples
    --------
    >>> mean_of_days(np.array([1.0, 5.0, 3.0, 2.0]), n_days=2, n_in_day=2)
    array([0. , 0. , 1. , 5. , 2. , 3.5])
    """
    n_steps = power_mw.size
    total, n_seen = np.zeros(n_steps + n_in_day), np.zeros(n_steps + n_in_day)
    for day in range(1, n_days + 1):
        shift = day * n_in_day
        n_known = min(n_steps, total.size - shift)
        if n_known <= 0:
            break
        total[shift : shift + n_known] += power_mw[:n_known]
        n_seen[shift : shift + n_known] += 1
    return total / np.maximum(n_seen, 1)


def expected_ahead(power_mw: Floats, n_days: int, n_in_day: int) -> Floats:
    """Return the sum of the powers expected in the steps after each, up to a day ahead.

    The window ends one step short of a day, so that each value rests on steps before its own.

    Parameters
    ----------
    power_mw : ndarray, shape (n_steps,)
        Powers so far. [MW]
    n_days : int
        Days whose same steps are looked at.
    n_in_day : int
        Steps of a day.

    Returns
    -------
    ndarray, shape (n_steps,)
        [MW times steps]

    Examples
    --------
    Of a day of three steps the second needs 4 MW; from the second day on it is expected:

    >>> expected_ahead(np.array([0.0, 4.0, 0.0, 0.0, 4.0, 0.0]), n_days=1, n_in_day=3)
    array([0., 0., 4., 4., 0., 4.])
    """
    n_steps = power_mw.size
    total = np.zeros(n_steps)
    if not power_mw.any():
        return total
    padded_mw = np.concatenate((power_mw, np.zeros(n_in_day)))
    expected = highest_of_days(padded_mw, n_days, n_in_day)
    for ahead in range(1, n_in_day):
        total += expected[ahead : ahead + n_steps]
    return total
