"""A baseline: chosen metrics pinned with a tolerance and a reason, and compared with runs of today.

The file is JSON, so that a pull request shows what was changed in it. A pin of the single run holds
one value, one of replications the value of each; both hold the calendar they were made on.
"""

from __future__ import annotations

import datetime
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dcsim.errors import ModelError, OutputError, Problem, ScenarioError, cut
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.expect import level_of, unit_of
from dcsim.study.checks.gates import Outcome, Verdict, judge_difference
from dcsim.study.records.metric import RunMetric, mean_of, metric_of
from dcsim.study.records.rows import Rows

VERSION = 1
MOST_BYTES = 16 << 20
_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")


@dataclass(frozen=True)
class Tolerance:
    """How far a metric may move."""

    absolute: float = 0.0
    """In the unit of the metric; days where it is a day."""
    relative: float = 0.0
    """Over the pinned value, for one that is no day. [1]"""

    def of(self, value: float) -> float:
        """Return it in the unit of the metric, for a pinned value."""
        return max(self.absolute, self.relative * abs(value) if math.isfinite(value) else 0.0)

    def __str__(self) -> str:
        parts = [f"{self.relative:.4g} of it" if self.relative else ""]
        parts.append(f"{self.absolute:g}" if self.absolute or not self.relative else "")
        return " or ".join(part for part in parts if part)


@dataclass(frozen=True)
class Pin:
    """One metric of one scenario as it was."""

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
        """What makes it one of a kind."""
        return self.scenario, self.metric


def calendar_of(scenario: Scenario) -> str:
    """Return what a run is counted on, as text."""
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
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise _unfit(path, "is no file, or larger than 16 MiB")
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["version"] != VERSION:
            raise _unfit(path, f"has version {said['version']!r}; this dcsim reads {VERSION}")
        return [_pin(one) for one in said["pins"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unfit(path, f"is no baseline: {type(error).__name__}") from None


def _unfit(path: Path, message: str) -> ScenarioError:
    return ScenarioError([Problem(str(path), "", message)])


def _pin(said: Mapping[str, Any]) -> Pin:
    values = tuple(None if value is None else float(value) for value in said["values"])
    if not values or not isinstance(said["reason"], str):
        raise ValueError("a pin needs values and a reason")
    tolerance = Tolerance(
        **{key: float(said["tolerance"][key]) for key in ("absolute", "relative")}
    )
    if not (tolerance.absolute >= 0 and tolerance.relative >= 0):
        raise ValueError("a tolerance is not negative")
    return Pin(
        str(said["scenario"]),
        str(said["metric"]),
        values,
        int(said["replications"]),
        int(said["seed"]),
        str(said["calendar"]),
        tolerance,
        str(said["reason"]),
        tuple(map(str, said.get("raised", ()))),
    )


def write_baseline(path: Path, pins: Sequence[Pin]) -> None:
    """Write pins in order of scenario and metric, whole or not at all."""
    ordered = sorted(pins, key=lambda pin: pin.key)
    text = json.dumps(
        {"version": VERSION, "pins": [asdict(pin) for pin in ordered]}, indent=1, allow_nan=False
    )
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"{path}: cannot be written: {reason}") from None


def read_tolerance(metric: str, text: str, *, is_day: bool) -> Tolerance:
    """Return a tolerance as written: a share such as ``1 %``, or a quantity in the metric's unit.

    Raises
    ------
    ModelError
        If it is neither.
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
        raise ModelError(f"--tolerance {cut(text, 40)} {error}{hint}") from None
    if not level >= 0:
        raise ModelError("a tolerance is not negative")
    return Tolerance(absolute=level)


def pinned(
    scenario: Scenario, name: str, metric: str, rows: Rows, *, tolerance: str, reason: str
) -> Pin:
    """Return a metric of runs as a pin.

    Raises
    ------
    ModelError
        If it has no value, or the reason is empty.
    """
    if not reason.strip():
        raise ModelError("a pin needs a reason")
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
        calendar=calendar_of(scenario),
        tolerance=read_tolerance(metric, tolerance, is_day=found.is_day),
        reason=reason.strip(),
    )


def put(pins: Sequence[Pin], new: Pin) -> tuple[list[Pin], str | None]:
    """Return pins with one put in, and what is told of a tolerance that was raised."""
    old = next((pin for pin in pins if pin.key == new.key), None)
    kept = [pin for pin in pins if pin.key != new.key]
    if old is None:
        return [*kept, new], None
    told = None
    raised = old.raised
    known = [value for value in old.values if value is not None]
    typical = sum(known) / len(known) if known else math.inf
    if new.tolerance.of(typical) > old.tolerance.of(typical):
        told = f"tolerance raised from {old.tolerance} to {new.tolerance}: {new.reason}"
        raised = (*raised, told)
    return [*kept, replace(new, raised=raised)], told


def compare(pin: Pin, scenario: Scenario, rows: Rows | None) -> Verdict:
    """Judge a pinned metric by runs of today; a change that cannot be known is a failure."""
    name, expected = f"baseline {pin.metric}", _expected(pin)

    def verdict(outcome: Outcome, found: str, needed: int | None = None) -> Verdict:
        return Verdict(name, pin.scenario, outcome, expected, found, pin.metric, "", needed)

    unfit = _unfit_to_compare(pin, scenario, rows)
    if unfit or rows is None:
        return verdict("fail", unfit)
    metric = metric_of(rows, pin.metric)
    if pin.replications:
        return _replicated(pin, scenario, metric, rows, verdict)
    old = math.inf if pin.values[0] is None else pin.values[0]
    new = float(metric.values[0])
    shown = metric.shown(new)
    if math.isinf(old) or math.isinf(new):
        return verdict("pass" if old == new else "fail", shown)
    # Written so that what is no number fails.
    passes = abs(new - old) <= pin.tolerance.of(old)
    return verdict("pass" if passes else "fail", f"{shown} ({metric.change(new - old)})")


def _unfit_to_compare(pin: Pin, scenario: Scenario, rows: Rows | None) -> str:
    """Say why a pin cannot be compared with runs of today, or nothing if it can."""
    if calendar_of(scenario) != pin.calendar:
        return f"the calendar is {calendar_of(scenario)}, not {pin.calendar}"
    if rows is None or not rows.n_rows:
        return "there are no runs"
    try:
        metric = metric_of(rows, pin.metric)
    except ModelError:
        return "the metric is gone"
    return "there is no value in some runs" if np.isnan(metric.values).any() else ""


def _expected(pin: Pin) -> str:
    many = f" in the mean of {pin.replications:,} runs" if pin.replications else ""
    return f"as pinned within {pin.tolerance}{many}"


def _replicated(
    pin: Pin, scenario: Scenario, metric: RunMetric, rows: Rows, verdict: Any
) -> Verdict:
    latest = float((scenario.site.end - datetime.date(1970, 1, 1)).days)
    new = mean_of(metric, latest=latest)
    old = np.array([latest if value is None else value for value in pin.values])
    numbers = rows.columns["replication"].astype(np.int64)
    paired = (numbers >= 1) & (numbers <= old.size)
    if not paired.any():
        return verdict("fail", "no replication in common")  # type: ignore[no-any-return]
    change = new[paired] - old[numbers[paired] - 1]
    tolerance = pin.tolerance.of(float(old.mean()))
    outcome, mean, low, high, needed = judge_difference(change, tolerance)
    luck = "" if scenario.site.seed == pin.seed else ", other luck"
    told = (
        f"mean change {metric.change(mean)} ({metric.change(low)} to {metric.change(high)}) of "
        f"{change.size:,} pairs{luck}"
    )
    return verdict(outcome, told, needed)  # type: ignore[no-any-return]
