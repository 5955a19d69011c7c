"""Baselines: metrics pinned with a tolerance and a reason, and runs of today in, verdicts out.

The file is JSON, so that a pull request shows each change of it. A pin of the single run holds
one value, one of replications the value of each; both hold the calendar they were made on.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dcsim.errors import ModelError, Problem, ScenarioError, cut
from dcsim.results.output_files import write_output_file
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.expect import level_of, unit_of
from dcsim.study.checks.gates import Verdict, VerdictOutcome, judge_difference
from dcsim.study.records.metric import RunMetric, mean_of, metric_of, shown_unit
from dcsim.study.records.rows import Rows
from dcsim.untrusted_files import FileRefusedError, read_untrusted_file

VERSION = 1
MOST_BYTES = 16 << 20
_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")


@dataclass(frozen=True)
class Tolerance:
    """The largest change of a metric that passes: the larger of its two parts."""

    absolute: float = 0.0
    """In the unit of the metric; days where it is a day."""
    relative: float = 0.0
    """Share of the pinned value, of a metric that is no day. [1]"""

    def of(self, value: float) -> float:
        """Return the tolerance of a pinned value, in the unit of the metric."""
        return max(self.absolute, self.relative * abs(value) if math.isfinite(value) else 0.0)

    def text(self, metric: str) -> str:
        """Return the tolerance of a metric with its unit.

        >>> Tolerance(relative=0.01).text("npv_usd"), Tolerance(20.0).text("milestone.all.reached")
        ('1 % of it', '20 days')
        """
        parts = [f"{self.relative * 100:.4g} % of it"] if self.relative else []
        if self.absolute or not self.relative:
            is_day = metric.endswith((".reached", ".finish"))
            is_share = not is_day and unit_of(metric) == "%"
            unit = "days" if is_day else "percentage points" if is_share else shown_unit(metric)
            parts.append(f"{self.absolute * (100 if is_share else 1):g} {unit}".rstrip())
        return " or ".join(parts)


@dataclass(frozen=True)
class Pin:
    """One metric of one scenario at the time of pinning."""

    scenario: str
    """The file, relative to the baseline."""
    metric: str
    values: tuple[float | None, ...]
    """One of the single run, or one a replication; None stands for never."""
    replications: int
    """0 for the single run."""
    seed: int
    calendar: str
    """Start, end and step of the run."""
    tolerance: Tolerance
    reason: str
    raised: tuple[str, ...] = ()
    """Each time its tolerance was raised: from, to, why."""

    @property
    def key(self) -> tuple[str, str]:
        """Scenario and metric: a baseline holds one pin of each."""
        return self.scenario, self.metric


class _Judgment(NamedTuple):
    """The part of a verdict on a pin that depends on the runs."""

    outcome: VerdictOutcome
    found: str
    needed: int | None = None


def calendar_text(scenario: Scenario) -> str:
    """Return start, end, step and time zone of a run as text."""
    site = scenario.site
    return f"{site.start} to {site.end}, {site.step_h:g} h, {site.time_zone}"


def read_baseline(path: Path) -> list[Pin]:
    """Return the pins of a baseline file.

    Raises
    ------
    ScenarioError
        If it is no baseline.
    """
    try:
        content = json.loads(read_untrusted_file(path, MOST_BYTES).decode())
        if (version := content["version"]) != VERSION:
            raise _no_baseline(path, f"has version {version!r}; this dcsim reads {VERSION}")
        return [_pin(one) for one in content["pins"]]
    except FileRefusedError as error:
        raise _no_baseline(path, str(error)) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_baseline(path, f"is no baseline: {type(error).__name__}") from None


def _no_baseline(path: Path, message: str) -> ScenarioError:
    return ScenarioError([Problem(str(path), "", message)])


def _pin(entry: Mapping[str, Any]) -> Pin:
    values = tuple(None if value is None else float(value) for value in entry["values"])
    if not values or not isinstance(entry["reason"], str):
        raise ValueError("a pin needs values and a reason")
    tolerance = Tolerance(
        **{key: float(entry["tolerance"][key]) for key in ("absolute", "relative")}
    )
    if not (tolerance.absolute >= 0 and tolerance.relative >= 0):
        raise ValueError("a tolerance is not negative")
    return Pin(
        str(entry["scenario"]),
        str(entry["metric"]),
        values,
        int(entry["replications"]),
        int(entry["seed"]),
        str(entry["calendar"]),
        tolerance,
        str(entry["reason"]),
        tuple(map(str, entry.get("raised", ()))),
    )


def baseline_text(pins: Sequence[Pin]) -> str:
    """Return pins in order of scenario and metric as the text of a baseline file."""
    ordered = sorted(pins, key=lambda pin: pin.key)
    content = {"version": VERSION, "pins": [asdict(pin) for pin in ordered]}
    return json.dumps(content, indent=1, allow_nan=False)


def write_baseline(path: Path, pins: Sequence[Pin]) -> None:
    """Write pins in order of scenario and metric, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    write_output_file(path, f"{baseline_text(pins)}\n".encode())


def read_tolerance(metric: str, text: str, *, is_day: bool) -> Tolerance:
    """Return a tolerance as written: a share such as ``1 %``, or a quantity in the metric's unit.

    Parameters
    ----------
    metric : str
        Name of the metric, whose ending is its unit.
    text : str
    is_day : bool
        Whether the metric is a day, which has tolerances in days only.

    Raises
    ------
    ModelError
        If it is neither.

    Examples
    --------
    >>> read_tolerance("unserved_mwh", "2 GWh", is_day=False)
    Tolerance(absolute=2000.0, relative=0.0)
    """
    if match := _SHARE.fullmatch(text):
        share = float(match[1]) / 100
        if is_day:
            raise ModelError(f"{metric} is a day: give a tolerance such as '5 days'")
        return Tolerance(absolute=share) if unit_of(metric) == "%" else Tolerance(relative=share)
    try:
        level = level_of("x_days" if is_day else metric, text)
    except ValueError as error:
        hint = "" if is_day else ", or be a share such as '1 %'"
        raise ModelError(f"tolerance {cut(text, 40)} {error}{hint}") from None
    if not level >= 0:
        raise ModelError("a tolerance is not negative")
    return Tolerance(absolute=level)


def pin_of(
    scenario: Scenario, name: str, metric: str, rows: Rows, *, tolerance: str, reason: str
) -> Pin:
    """Return a metric of runs as a pin.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Its file, relative to the baseline.
    metric : str
        Full name of the metric.
    rows : Rows
        The single run, or replications 1 to n in order.
    tolerance : str
        As in `read_tolerance`.
    reason : str
        Stands in the baseline for its readers.

    Raises
    ------
    ModelError
        If it has no value, or the reason is empty.
    """
    allowed = checked_tolerance(metric, rows, tolerance=tolerance, reason=reason)
    found = metric_of(rows, metric)
    if np.isnan(found.values).any():
        raise ModelError(f"{metric} has no value in some runs; it cannot be pinned")
    n = found.values.size
    is_single = n == 1 and float(rows.columns["replication"][0]) == 0
    return Pin(
        scenario=name,
        metric=metric,
        values=tuple(None if math.isinf(value) else float(value) for value in found.values),
        replications=0 if is_single else n,
        seed=scenario.site.seed,
        calendar=calendar_text(scenario),
        tolerance=allowed,
        reason=reason.strip(),
    )


def checked_tolerance(metric: str, rows: Rows, *, tolerance: str, reason: str) -> Tolerance:
    """Return the tolerance of a metric as written, once its name and reason are known to be good.

    Parameters
    ----------
    metric : str
        Full name of the metric.
    rows : Rows
        Any runs of the scenario: they say which metrics there are.
    tolerance : str
        As in `read_tolerance`.
    reason : str
        Reason for it.

    Raises
    ------
    ModelError
        If there is no such metric, the tolerance is none, or the reason is empty.
    """
    if not reason.strip():
        raise ModelError("a pin needs a reason")
    return read_tolerance(metric, tolerance, is_day=metric_of(rows, metric).is_day)


def with_pin(pins: Sequence[Pin], new: Pin) -> tuple[list[Pin], str | None]:
    """Return pins with one added or replaced, and a note if that raised its tolerance.

    The notes of a pin are kept with it for good, so that a tolerance cannot creep up unseen.
    """
    old = next((pin for pin in pins if pin.key == new.key), None)
    others = [pin for pin in pins if pin.key != new.key]
    if old is None:
        return [*others, new], None
    note = None
    raised = old.raised
    known = [value for value in old.values if value is not None]
    typical = sum(known) / len(known) if known else math.inf
    if new.tolerance.of(typical) > old.tolerance.of(typical):
        raised_by = f"{old.tolerance.text(old.metric)} to {new.tolerance.text(new.metric)}"
        note = f"tolerance raised from {raised_by}: {new.reason}"
        raised = (*raised, note)
    return [*others, replace(new, raised=raised)], note


def judge_pin(pin: Pin, scenario: Scenario, rows: Rows | None) -> Verdict:
    """Judge a pinned metric by runs of today; a change that cannot be known is a failure.

    Parameters
    ----------
    pin : Pin
    scenario : Scenario
        As it is today.
    rows : Rows, optional
        The single run or replications, whichever the pin holds.
    """
    outcome, found, needed = _judged(pin, scenario, rows)
    title, expected = f"baseline {pin.metric}", _expected(pin)
    return Verdict(title, pin.scenario, outcome, expected, found, pin.metric, "", needed)


def _judged(pin: Pin, scenario: Scenario, rows: Rows | None) -> _Judgment:
    fault = _fault_of_pin(pin, scenario, rows)
    if fault or rows is None:
        return _Judgment("fail", fault)
    metric = metric_of(rows, pin.metric)
    if pin.replications:
        return _judge_replications(pin, scenario, metric, rows)
    old = math.inf if pin.values[0] is None else pin.values[0]
    new = float(metric.values[0])
    shown = metric.shown(new)
    if math.isinf(old) or math.isinf(new):
        return _Judgment("pass" if old == new else "fail", shown)
    # A NaN compares false, and so fails.
    passes = abs(new - old) <= pin.tolerance.of(old)
    return _Judgment("pass" if passes else "fail", f"{shown} ({metric.change(new - old)})")


def _fault_of_pin(pin: Pin, scenario: Scenario, rows: Rows | None) -> str:
    """Return why a pin cannot be compared with runs of today; empty if it can."""
    if calendar_text(scenario) != pin.calendar:
        return f"the calendar is {calendar_text(scenario)}, not {pin.calendar}"
    if rows is None or not rows.n_rows:
        return "there are no runs"
    try:
        metric = metric_of(rows, pin.metric)
    except ModelError as error:
        return "the metric is gone" if rows.ok.any() else str(error)
    return "there is no value in some runs" if np.isnan(metric.values).any() else ""


def _expected(pin: Pin) -> str:
    many = f" in the mean of {pin.replications:,} runs" if pin.replications else ""
    return f"as pinned within {pin.tolerance.text(pin.metric)}{many}"


def _judge_replications(pin: Pin, scenario: Scenario, metric: RunMetric, rows: Rows) -> _Judgment:
    """Judge the mean change of the replications that pin and rows have in common, pair by pair."""
    # A date that is never reached has no mean: it counts as the end of the run, on both sides.
    latest = float((scenario.site.end - datetime.date(1970, 1, 1)).days)
    new = mean_of(metric, latest=latest)
    old = np.array([latest if value is None else value for value in pin.values])
    replications = rows.columns["replication"].astype(np.int64)
    # The pin holds its values in the order of replications 1 to n.
    paired = (replications >= 1) & (replications <= old.size)
    if not paired.any():
        return _Judgment("fail", "no replication in common")
    change = new[paired] - old[replications[paired] - 1]
    outcome, mean, low, high, needed = judge_difference(change, pin.tolerance.of(float(old.mean())))
    draws = "" if scenario.site.seed == pin.seed else ", other random numbers"
    found = (
        f"mean change {metric.change(mean)} ({metric.change(low)} to {metric.change(high)}) of "
        f"{change.size:,} pairs{draws}"
    )
    return _Judgment(outcome, found, needed)
