"""Scenarios now and at a commit: what changed, what moved, and because of what."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dcsim.errors import DcsimError, ModelError, cut
from dcsim.gpu_states import CAUSES
from dcsim.scenario.scenario import Scenario, file_digest
from dcsim.study.attribution.differences import Assumption, changed_assumptions
from dcsim.study.attribution.explain import Asked, explain
from dcsim.study.attribution.mixed import By, groups_of
from dcsim.study.checks.baseline import Pin
from dcsim.study.checks.check import Checked, Settings, case_name, read, run_and_judge, single_run
from dcsim.study.checks.gates import Verdict, column_of
from dcsim.study.records.metric import metric_of
from dcsim.study.records.rows import Rows, from_bytes
from dcsim.study.run.replications import case_of, replicate
from dcsim.study.statistics.paired import Difference, MilestoneDifference, paired, paired_milestones

MOST_GROUPS = 5
"""Groups of assumptions up to which the cause of a failed gate is looked for by all orders."""
GIT_S = 120.0
PACKAGE = Path(__file__).resolve().parents[2]
"""Where the program lies."""
_OWN_CODE = """
import sys
from pathlib import Path
from dcsim.pipeline import replay
from dcsim.scenario.scenario import load
from dcsim.study.records.measure import measure, rows_of
from dcsim.study.records.rows import to_bytes
path, root, first, last = sys.argv[1:]
scenario = load(Path(path), root=Path(root))
numbers = range(int(first), int(last) + 1)
sys.stdout.buffer.write(to_bytes(rows_of([measure(replay(scenario, n)) for n in numbers])))
"""
"""What a program of the earlier code runs: the figures of some replications, as bytes."""


class Base(NamedTuple):
    """The tree of a commit, laid out beside the present one."""

    ref: str
    commit: str
    folder: Path
    """Where its files are."""
    top: Path
    """Root of the present tree."""
    code_changed: bool
    """Whether the program itself is another one since."""

    def file(self, path: Path) -> Path:
        """Return the file of that commit for one of today."""
        return self.folder / path.resolve().relative_to(self.top)


@dataclass
class Moved:
    """A scenario before and after."""

    now: Checked
    before: Scenario | None = None
    """None for a scenario that is new, or was unsound."""
    note: str = ""
    changes: list[Assumption] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """Data files whose content changed."""
    milestones: list[MilestoneDifference] = field(default_factory=list)
    days: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Date of each milestone in the single run, before and after."""
    figures: list[Difference] = field(default_factory=list)
    binds: tuple[str, str] = ("", "")
    """What holds most GPU-days back, before and after."""

    @property
    def unchanged(self) -> bool:
        """Whether nothing that is computed with changed."""
        return self.before is not None and not (self.changes or self.files or self.note)


@contextlib.contextmanager
def base_of(ref: str, paths: Sequence[Path]) -> Iterator[Base]:
    """Lay out what a commit of the repository holds at some paths, and the program if it is there.

    Parameters
    ----------
    ref : str
        What git takes for a commit.
    paths : sequence of Path
        Files and folders of today; those the commit does not have are left out.

    Raises
    ------
    ModelError
        If there is no repository, no such commit, or no git.
    """
    if ref.startswith("-"):
        raise ModelError(f"--against {cut(ref, 40)}: is no commit")
    here = paths[0] if paths[0].is_dir() else paths[0].parent
    top = Path(_git(here, "rev-parse", "--show-toplevel").strip()).resolve()
    commit = _git(top, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").strip()
    if not commit:
        raise ModelError(f"--against {cut(ref, 60)}: is no commit of {top}")
    with tempfile.TemporaryDirectory(prefix="dcsim-base-") as name:
        folder = Path(name)
        for inside in _inside(top, [*paths, PACKAGE]):
            if _has(top, commit, inside):
                _lay_out(top, commit, inside, folder)
        yield Base(ref, commit, folder, top, _code_changed(top, commit))


def _inside(top: Path, paths: Sequence[Path]) -> list[str]:
    """Return paths relative to the top, without those in others and outside of it."""
    real = {path.resolve() for path in paths}
    kept = [path for path in real if path.is_relative_to(top) and not real & {*path.parents}]
    return sorted(str(path.relative_to(top)) for path in kept)


def _has(top: Path, commit: str, inside: str) -> bool:
    return inside == "." or bool(_git(top, "ls-tree", commit, "--", inside).strip())


def _lay_out(top: Path, commit: str, inside: str, folder: Path) -> None:
    archive = _git_bytes(top, "archive", "--format=tar", commit, "--", inside)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            if _is_harmless(member):
                tar.extract(member, folder, set_attrs=False)


def _is_harmless(member: tarfile.TarInfo) -> bool:
    """Tell whether a member of an archive is a file or a folder below it, and no link out of it."""
    place = PurePosixPath(member.name)
    if place.is_absolute() or ".." in place.parts:
        return False
    if member.issym():
        target = os.path.normpath(place.parent / member.linkname)
        return not (target.startswith(("/", "../")) or target == "..")
    return member.isreg() or member.isdir()


def _code_changed(top: Path, commit: str) -> bool:
    """Tell whether the program that runs lies in the repository and differs from the commit's."""
    if not PACKAGE.is_relative_to(top):
        return False
    inside = str(PACKAGE.relative_to(top))
    changed = _git(top, "diff", "--name-only", commit, "--", inside).strip()
    return bool(changed)


def _git(folder: Path, *words: str) -> str:
    return _git_bytes(folder, *words).decode(errors="replace")


def _git_bytes(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            timeout=GIT_S,
            check=False,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"git cannot be run: {type(error).__name__}") from None
    if done.returncode and words[0] != "rev-parse":
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise ModelError(f"git {words[0]} failed: {cut(said[-1], 200)}")
    if done.returncode and "--show-toplevel" in words:
        raise ModelError(f"{folder}: lies in no git repository; --against needs one")
    return done.stdout


def moved(path: Path, name: str, base: Base, settings: Settings) -> Moved:
    """Return what changed in a scenario since a commit, with its gates judged if anything did."""
    found = Moved(read(path, name, settings.root))
    if found.now.scenario is None:
        return found
    earlier = base.file(path)
    if not earlier.is_file():
        found.note = "new"
    else:
        root = None if settings.root is None else base.file(settings.root)
        before = read(earlier, name, root)
        found.before = before.scenario
        if before.scenario is None:
            found.note = "it could not be read before"
        else:
            found.changes = changed_assumptions(before.scenario, found.now.scenario)
            found.files = _changed_files(before.scenario, found.now.scenario)
    if base.code_changed:
        found.note = "; ".join(part for part in (found.note, "the program changed") if part)
    return found


def _changed_files(before: Scenario, after: Scenario) -> list[str]:
    return [
        name
        for name, path in after.files.items()
        if name not in before.files or file_digest(before.files[name]) != file_digest(path)
    ]


def run_both(found: Moved, base: Base, path: Path, pins: Sequence[Pin], settings: Settings) -> None:
    """Run a changed scenario on both sides under the same luck, and judge its gates and pins."""
    run_and_judge(found.now, pins, settings)
    after = found.now.scenario
    if after is None:
        return
    single = found.now.single or single_run(after, found.now.name, settings)
    found.now.single = single
    if found.before is None:
        return
    n = settings.replications
    old_single = _rows(found, base, path, (0, 0), settings)
    _compare_single(found, old_single, single)
    if n and after.uncertain:
        case = case_of(after, case_name(found.now.name))
        watch = settings.watch(found.now.name)
        new_many, _ = replicate(case, n, settings.store, settings.engine, watch=watch)
        old_many = _rows(found, base, path, (1, n), settings)
        found.milestones = paired_milestones(old_many, new_many)
        shared = [f for f in FIGURES if f in old_many.columns and f in new_many.columns]
        found.figures = paired(old_many, new_many, shared)
    if any(verdict.outcome == "fail" for verdict in found.now.verdicts):
        found.now.verdicts = [_with_cause(verdict, found, after) for verdict in found.now.verdicts]


FIGURES = ("gpus_online_max", "pue_mean", "carbon_free_hourly_frac", "unserved_mwh", "npv_usd")
"""Figures whose change is told."""


def _rows(
    found: Moved, base: Base, path: Path, numbers: tuple[int, int], settings: Settings
) -> Rows:
    """Return runs of the scenario as it was, by the code as it was where that is another one."""
    before = found.before
    assert before is not None
    first, last = numbers
    if base.code_changed:
        own = _by_own_code(base, path, numbers)
        if own is not None:
            return own
        if "own code" not in found.note:
            found.note += "; its own code could not run it, so this compares the scenario alone"
    if (first, last) == (0, 0):
        return single_run(before, f"{found.now.name}-before", settings)
    case = case_of(before, case_name(f"{found.now.name}-before"))
    watch = settings.watch(f"{found.now.name} before")
    rows, _ = replicate(case, last, settings.store, settings.engine, watch=watch)
    return rows


def _by_own_code(base: Base, path: Path, numbers: tuple[int, int]) -> Rows | None:
    code = base.folder / PACKAGE.parent.relative_to(base.top)
    words = [sys.executable, "-c", _OWN_CODE, str(base.file(path)), str(base.folder)]
    done = subprocess.run(
        [*words, *map(str, numbers)],
        capture_output=True,
        check=False,
        cwd=base.folder,
        env={**os.environ, "PYTHONPATH": str(code)},
    )
    if done.returncode:
        return None
    try:
        return from_bytes(done.stdout)
    except (ValueError, KeyError):
        return None


def _compare_single(found: Moved, before: Rows, after: Rows) -> None:
    for name in after.columns:
        if name.startswith("milestone.") and name.endswith(".reached"):
            new = metric_of(after, name)
            old = metric_of(before, name) if name in before.columns else None
            milestone = name.removeprefix("milestone.").removesuffix(".reached")
            found.days[milestone] = (
                "–" if old is None else old.shown(float(old.values[0])),
                new.shown(float(new.values[0])),
            )
    found.binds = (_binds(before), _binds(after))


def _binds(rows: Rows) -> str:
    """Return what holds most GPU-days back in the single run."""
    lost = {
        state: float(rows.columns[f"gpu_days.{state}"][0])
        for state in CAUSES
        if f"gpu_days.{state}" in rows.columns
    }
    ranked = [state for state in sorted(lost, key=lambda s: -lost[s]) if lost[state] > 0][:2]
    said = [f"{CAUSES[state]} ({lost[state]:,.0f} GPU-days)" for state in ranked]
    return ", ".join(said) or "nothing"


def _with_cause(verdict: Verdict, found: Moved, after: Scenario) -> Verdict:
    """Return a failed verdict with the assumption that did it."""
    if verdict.outcome != "fail" or found.before is None or verdict.gate.startswith("baseline "):
        return verdict
    gate = next((one for one in after.site.expect if one.title == verdict.gate), None)
    if gate is None:
        return verdict
    try:
        cause = cause_of(found.before, after, column_of(gate))
    except DcsimError:
        return verdict
    return replace(verdict, because=cause) if cause else verdict


def cause_of(before: Scenario, after: Scenario, metric: str) -> str:
    """Return the assumption that moved a metric of the single run most, in words."""
    few = len(groups_of(before, after, "name")) <= MOST_GROUPS
    by: By = "name" if few else "section"
    found = explain(before, after, Asked(metric, by, n_orders=4))
    if not found.change or not found.parts[0].share:
        return ""
    part = found.parts[0]
    change = part.group.changes[0]
    more = f" and {len(part.group.changes) - 1} more" if len(part.group.changes) > 1 else ""
    share, whole = found.metric.change(part.share), found.metric.change(found.change)
    return f"{change.key}{more} ({share} of {whole})"


def gone(base: Base, folders: Sequence[Path]) -> list[str]:
    """Return scenario files of the commit that lay in the folders and are not there any more."""
    lost: list[str] = []
    for folder in (path for path in folders if path.is_dir()):
        earlier = base.file(folder)
        files = sorted(earlier.glob("*.y*ml")) if earlier.is_dir() else []
        lost += [str(folder / f.name) for f in files if not (folder / f.name).exists()]
    return lost
