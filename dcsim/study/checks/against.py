"""Scenarios now and at a commit: both sides in, changed assumptions and moved results out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dcsim.errors import ModelError
from dcsim.gpu_states import CAUSES
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text.named_files import file_digest
from dcsim.study.attribution.differences import Assumption, changed_assumptions
from dcsim.study.checks.baseline import Pin, judge_pin
from dcsim.study.checks.cause import verdict_with_cause
from dcsim.study.checks.check import (
    CheckResult,
    CheckSettings,
    case_name,
    check_file,
    run_and_judge,
    single_run,
)
from dcsim.study.checks.commit import CommitTree
from dcsim.study.checks.feasibility import Infeasible
from dcsim.study.checks.gates import judge_gate, needs_replications
from dcsim.study.checks.milestone_gates import Gate
from dcsim.study.records.metric import metric_of
from dcsim.study.records.rows import Rows
from dcsim.study.run.replications import case_of, replicate_case
from dcsim.study.statistics.paired import Difference, MilestoneDifference, paired, paired_milestones

COMPARED_FIGURES = (
    "gpus_online_max",
    "pue_mean",
    "carbon_free_hourly_frac",
    "unserved_mwh",
    "npv_usd",
    "npv_krw",
    "npv_eur",
)
"""Key figures whose change is reported, where both runs have them."""


@dataclass
class CommitComparison:
    """A scenario before and after."""

    now: CheckResult
    before: Scenario | None = None
    """None for a scenario that is new, or could not be read before."""
    gates_before: list[Gate] = field(default_factory=list)
    """What was judged of it."""
    note: str = ""
    """Remarks for the reader, such as ``new``."""
    changes: list[Assumption] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """Data files whose content changed."""
    milestones: list[MilestoneDifference] = field(default_factory=list)
    days: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Date of each milestone in the single run, before and after."""
    figures: list[Difference] = field(default_factory=list)
    binds: tuple[str, str] = ("", "")
    """The causes that hold most GPU-days back, before and after."""

    @property
    def unchanged(self) -> bool:
        """True if neither the scenario, its data files nor the program changed."""
        is_read = self.before is not None and self.now.scenario is not None
        return is_read and not (self.changes or self.files or self.note)


def comparison_of(
    path: Path, name: str, base: CommitTree, settings: CheckSettings
) -> CommitComparison:
    """Return the changes of a scenario since a commit, before anything is run.

    Parameters
    ----------
    path : Path
        The scenario file now.
    name : str
        Its name in reports.
    base : CommitTree
        The earlier tree.
    settings : CheckSettings
    """
    found = CommitComparison(check_file(path, name, settings.root, milestones=settings.milestones))
    earlier = base.file(path)
    if earlier is None or not earlier.is_file():
        found.note = "new"
    else:
        root = None if settings.root is None else base.file(settings.root)
        before = check_file(earlier, name, root, milestones=settings.milestones)
        found.before, found.gates_before = before.scenario, before.gates
        if before.scenario is None:
            found.note = f"it could not be read before: {before.problems[0].message}"
        elif found.now.scenario is not None:
            found.changes = changed_assumptions(before.scenario, found.now.scenario)
            found.files = _changed_files(before.scenario, found.now.scenario, base)
            _mark_known(found.now, before.infeasible)
    if base.code_changed:
        found.note = "; ".join(part for part in (found.note, "the program changed") if part)
    found.now.unchanged = found.unchanged
    return found


def _mark_known(now: CheckResult, before: Sequence[Infeasible]) -> None:
    """Mark the milestones that were infeasible before as well."""
    lost = {one.milestone for one in before}
    now.infeasible = [one._replace(is_known=one.milestone in lost) for one in now.infeasible]


def _changed_files(before: Scenario, after: Scenario, base: CommitTree) -> list[str]:
    return [
        name
        for name, path in after.files.items()
        if name not in before.files
        or (file_digest(before.files[name]) != file_digest(path) and not base.holds(path))
    ]


def run_both_sides(
    found: CommitComparison,
    base: CommitTree,
    path: Path,
    pins: Sequence[Pin],
    settings: CheckSettings,
    *,
    pins_before: Sequence[Pin] = (),
) -> None:
    """Run a changed scenario on both sides with common random numbers, and judge gates and pins.

    Parameters
    ----------
    found : CommitComparison
        Of `comparison_of`; its verdicts, milestones, dates and figures are filled in.
    base : CommitTree
        The earlier tree.
    path : Path
        The scenario file now.
    pins : sequence of Pin
        Pins of this scenario.
    settings : CheckSettings
    pins_before : sequence of Pin
        Its pins at the commit: what failed by them then is told apart from what fails now.
    """
    run_and_judge(found.now, pins, settings)
    after = found.now.scenario
    if after is None:
        return
    single = found.now.single or single_run(after, found.now.name, settings)
    found.now.single = single
    if found.before is None:
        return
    n = settings.replications
    old_single = _rows_before(found, base, path, (0, 0), settings)
    _compare_single(found, old_single, single)
    old_many: Rows | None = None
    if n and (after.uncertain or needs_replications(found.gates_before)):
        case = case_of(after, case_name(found.now.name))
        watch = settings.watch(found.now.name)
        new_many, _ = replicate_case(case, n, settings.store, settings.engine, watch=watch)
        old_many = _rows_before(found, base, path, (1, n), settings)
        found.milestones = paired_milestones(old_many, new_many)
        shared = [f for f in COMPARED_FIGURES if f in old_many.columns and f in new_many.columns]
        found.figures = paired(old_many, new_many, shared)
    failed = _failures_before(found, old_single, old_many, pins_before)
    marked = [
        replace(one, before=failed.get((one.gate, one.metric), "")) for one in found.now.verdicts
    ]
    gates = found.now.gates
    found.now.verdicts = [verdict_with_cause(one, gates, found.before, after) for one in marked]


def _failures_before(
    found: CommitComparison, single: Rows, many: Rows | None, pins: Sequence[Pin]
) -> dict[tuple[str, str], str]:
    """Return what failed before, by its gates and pins of then: what it gave, by gate and metric.

    A gate that is new or was passed before is not among them: what fails of it fails anew.
    """
    before = found.before
    assert before is not None
    verdicts = []
    for gate, where in found.gates_before:
        rows = single if gate.probability_frac is None else many
        # The program of then may have had no such metric, or no run of it.
        with contextlib.suppress(ModelError):
            if rows is not None and rows.n_rows:
                verdicts.append(judge_gate(before, gate, rows, found.now.name, where))
    verdicts += [judge_pin(pin, before, many if pin.replications else single) for pin in pins]
    return {(one.gate, one.metric): one.found for one in verdicts if one.outcome == "fail"}


def _rows_before(
    found: CommitComparison,
    base: CommitTree,
    path: Path,
    numbers: tuple[int, int],
    settings: CheckSettings,
) -> Rows:
    """Return runs of the scenario as it was, by the program as it was where that is another one."""
    before = found.before
    assert before is not None
    first, last = numbers
    if base.code_changed:
        rows = base.rows(path, numbers)
        if rows is not None:
            return rows
        if "own code" not in found.note:
            found.note += "; its own code could not run it, so this compares the scenario alone"
    if (first, last) == (0, 0):
        return single_run(before, f"{found.now.name}-before", settings)
    case = case_of(before, case_name(f"{found.now.name}-before"))
    watch = settings.watch(f"{found.now.name} before")
    rows, _ = replicate_case(case, last, settings.store, settings.engine, watch=watch)
    return rows


def _compare_single(found: CommitComparison, before: Rows, after: Rows) -> None:
    for name in after.columns:
        if name.startswith("milestone.") and name.endswith(".reached"):
            new = metric_of(after, name)
            old = metric_of(before, name) if name in before.columns else None
            milestone = name.removeprefix("milestone.").removesuffix(".reached")
            found.days[milestone] = (
                "–" if old is None else old.shown(float(old.values[0])),
                new.shown(float(new.values[0])),
            )
    found.binds = (_binding_causes(before), _binding_causes(after))


def _binding_causes(rows: Rows) -> str:
    """Return the one or two causes that hold most GPU-days back in the single run, in words."""
    lost = {
        state: float(rows.columns[f"gpu_days.{state}"][0])
        for state in CAUSES
        if f"gpu_days.{state}" in rows.columns
    }
    ranked = [state for state in sorted(lost, key=lambda s: -lost[s]) if lost[state] > 0][:2]
    texts = [f"{CAUSES[state]} ({lost[state]:,.0f} GPU-days)" for state in ranked]
    return ", ".join(texts) or "nothing"


def removed_files(base: CommitTree, folders: Sequence[Path]) -> list[str]:
    """Return scenario files of the commit that lay in the folders and were removed since."""
    removed: list[str] = []
    for folder in (path for path in folders if path.is_dir()):
        earlier = base.file(folder)
        is_there = earlier is not None and earlier.is_dir()
        files = sorted(earlier.glob("*.y*ml")) if earlier is not None and is_there else []
        removed += [str(folder / f.name) for f in files if not (folder / f.name).exists()]
    return removed
