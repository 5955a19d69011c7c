"""The load of `dcsim survive`: options and a run in, the load of each step of the outage out."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dcsim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from dcsim.clock import Calendar, Floats
    from dcsim.pipeline import Run


class OutageLoad(NamedTuple):
    """Load of an outage."""

    loads_mw: Floats
    """Of each step. [MW]"""
    step_h: float
    origin: str
    """Where it comes from, for the reader."""
    begin: int | None
    """Step of the run in which the outage begins, where there is a run."""


def constant_load(load_mw: float, hours: int, run: Run | None, begin: int | None) -> OutageLoad:
    """Return a load that does not change.

    Parameters
    ----------
    load_mw : float
        [MW]
    hours : int
        Length of the outage. [h]
    run : Run or None
        Where the batteries of the site count.
    begin : int or None
        Step in which the outage begins; by default that of the run's highest load.
    """
    if run is not None and begin is None:
        begin = int(run.load.facility_power_mw.argmax())
    return OutageLoad(np.full(hours, load_mw), 1.0, "as given", begin)


def load_of_run(run: Run, hours: int, begin: int | None) -> OutageLoad:
    """Return the highest load of a run, or its load from a step on.

    Parameters
    ----------
    run : Run
    hours : int
        Length of the outage. [h]
    begin : int or None
        Step in which the outage begins; None for a constant load as high as the highest.

    Raises
    ------
    ScenarioError
        If the run ends before the outage, or draws nothing.
    """
    power_mw, calendar = run.load.facility_power_mw, run.timeline.calendar
    if not power_mw.any():
        raise ScenarioError([Problem("", "--load", "give one: the site draws nothing in its run")])
    if begin is None:
        highest = int(power_mw.argmax())
        found = constant_load(float(power_mw[highest]), hours, run, highest)
        day = calendar.local_time[highest].astype("datetime64[D]")
        return found._replace(origin=f"highest of the run, on {day}")
    step_h = calendar.step_h
    # Steps of more than an hour are cut, so that failures are seen by the hour.
    n_parts = max(1, round(step_h))
    loads_mw = np.repeat(power_mw[begin:], n_parts)
    n_steps = round(hours * n_parts / step_h)
    _check_length(loads_mw.size, n_steps, "the run from there on has", step_h / n_parts)
    moment = str(calendar.local_time[begin].astype("datetime64[m]")).replace("T", " ")
    return OutageLoad(loads_mw[:n_steps], step_h / n_parts, f"of the run from {moment} on", begin)


def load_of_file(path: Path, hours: int, run: Run | None, begin: int | None) -> OutageLoad:
    """Return the load that a file states: one number a line, in MW, one for each hour.

    Parameters
    ----------
    path : Path
        Text; empty lines, lines that begin with ``#`` and one line of title are passed over.
    hours : int
        Length of the outage. [h]
    run : Run or None
        Where the batteries of the site count.
    begin : int or None
        Step in which the outage begins.

    Raises
    ------
    ScenarioError
        If it cannot be read, or has too few numbers.
    """
    from dcsim.series.data_file import Faults, parse_number, read_lines

    faults = Faults(str(path), "--load-file")
    rows = [(at, text.strip()) for at, text in enumerate(read_lines(path, faults), 1)]
    rows = [(at, text) for at, text in rows if text and not text.startswith("#")]
    values = [parse_number(text) for _, text in rows]
    if values and np.isnan(values[0]):
        rows, values = rows[1:], values[1:]
    for (at, _), value in zip(rows, values, strict=True):
        if not (np.isfinite(value) and value >= 0):
            faults.add(at, "must be one load in MW, at least 0")
    faults.stop_if_any()
    _check_length(len(values), hours, "the file has", 1.0)
    if not any(values[:hours]):
        raise faults.stop(None, "has no load above 0 within the outage")
    given = constant_load(0.0, hours, run, begin)
    return given._replace(loads_mw=np.array(values[:hours]), origin=f"of {path.name}")


def _check_length(n_steps: int, n_needed: int, what: str, step_h: float) -> None:
    if n_steps < n_needed:
        message = f"is {n_needed * step_h:g} h, and {what} {n_steps * step_h:g} h of load"
        raise ScenarioError([Problem("", "--hours", f"{message}; give as many or fewer")])


def step_at(text: str, calendar: Calendar) -> int:
    """Return the step of a run in which a local time lies.

    Parameters
    ----------
    text : str
        Such as ``2030-07-01`` or ``2030-07-01T14:00``.
    calendar : Calendar

    Raises
    ------
    ScenarioError
        If it is no time, or none of the run.
    """
    try:
        moment = np.datetime64(datetime.datetime.fromisoformat(text), "m")
    except (ValueError, TypeError):
        message = "must be a local time such as 2030-07-01T14:00"
        raise ScenarioError([Problem("", f"--begins {text}", message)]) from None
    begins = calendar.local_time.astype("datetime64[m]")
    at = np.flatnonzero(begins <= moment)
    last = begins[-1] + np.timedelta64(calendar.step_min, "m")
    if not at.size or moment >= last:
        message = f"is no time of the run, which is from {begins[0]} to {last}".replace("T", " ")
        raise ScenarioError([Problem("", f"--begins {text}", message)])
    return int(at[-1])
