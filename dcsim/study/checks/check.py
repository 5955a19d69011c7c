"""The check of scenario files: files in, problems, infeasible milestones and verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dcsim.data_files import read_data_files
from dcsim.errors import DcsimError, ModelError, Problem, ScenarioError
from dcsim.scenario.load import load
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text.document import MAX_BYTES
from dcsim.scenario.text.layers import inside
from dcsim.study.checks.baseline import Pin, judge_pin
from dcsim.study.checks.feasibility import Infeasible, infeasible_milestones
from dcsim.study.checks.gates import Verdict, judge, needs_replications
from dcsim.study.checks.milestone_gates import (
    Gate,
    UnjudgedMilestone,
    gates_of,
    unjudged_milestones,
)
from dcsim.study.checks.spare_gpus import no_spare_notes
from dcsim.study.engine.engine import Engine
from dcsim.study.records.metric import first_cause
from dcsim.study.records.rows import Rows
from dcsim.study.run.replications import case_of, replicate_case
from dcsim.study.run.runner import ProgressCallback, RunRequest, run_study, study_table
from dcsim.study.store.store import ResultStore
from dcsim.untrusted_files import FileRefusedError, read_untrusted_file

SUFFIXES = (".yaml", ".yml")
STUDY_KEYS = ("axes:", "scenario:", "scenarios:", "base:", "sample:")
"""Keys at the beginning of a line that only study files have."""


@dataclass(eq=False)
class CheckResult:
    """The problems, infeasible milestones and verdicts of one scenario."""

    name: str
    """The file as the user named it, or the name of a scenario that is from no file."""
    scenario: Scenario | None = None
    """The scenario; None if it cannot be read."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with it."""
    infeasible: list[Infeasible] = field(default_factory=list)
    """Milestones that no run can meet."""
    verdicts: list[Verdict] = field(default_factory=list)
    """One a gate, then one a pinned metric."""
    gates: list[Gate] = field(default_factory=list)
    """What is judged of it."""
    unjudged: list[UnjudgedMilestone] = field(default_factory=list)
    """Milestones without a gate."""
    notes: list[str] = field(default_factory=list)
    """Remarks that change no verdict, such as that no GPU is spare."""
    n_failed: int = 0
    """Replications that failed."""
    cause: str = ""
    """Why the first of those failed."""
    unchanged: bool = False
    """True if it is as it was at the commit that is compared with: nothing is judged."""
    single: Rows | None = None
    """The single run, where a gate or a pin needs it."""
    many: Rows | None = None
    """Replications 1 to `CheckSettings.replications`, where a gate or a pin needs them."""

    @property
    def fails(self) -> bool:
        """True if a gate failed or a milestone is infeasible that did not or was not before."""
        new = any(v.outcome == "fail" and not v.is_known for v in self.verdicts)
        return new or any(not one.is_known for one in self.infeasible)

    @property
    def fails_as_before(self) -> bool:
        """True if a gate failed or a milestone is infeasible that did or was before as well."""
        return any(v.is_known for v in self.verdicts) or any(i.is_known for i in self.infeasible)

    @property
    def is_judged(self) -> bool:
        """True if there is a verdict on it, or a milestone was found to be infeasible."""
        return bool(self.verdicts or self.infeasible)

    @property
    def nothing_judged(self) -> str:
        """Reason that nothing was judged; empty if something was, or there are problems.

        It says what was looked at and no more.
        """
        if self.problems or self.is_judged:
            return ""
        if self.unchanged:
            return "unchanged: nothing was run, nothing was judged"
        n = len(self.scenario.files) if self.scenario is not None else 0
        files = f" with {n} data file{'s' * (n > 1)}" if n else ""
        return f"read{files}; it has no gate: nothing was run, nothing was judged"


def scenario_files(paths: Sequence[Path], root: Path | None = None) -> list[Path]:
    """Return the scenario files among paths; of a folder those directly in it.

    Parameters
    ----------
    paths : sequence of Path
    root : Path, optional
        Folder that all files must lie in; that of the paths by default. A file that lies elsewhere
        is not opened here: it is returned, and reading it says what is wrong.

    Raises
    ------
    ScenarioError
        If a path does not exist or a folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                file
                for file in path.iterdir()
                if file.suffix in SUFFIXES and not file.is_dir() and not _is_study(file, path, root)
            )
            if not inside:
                raise ScenarioError([Problem(str(path), "", "holds no scenario file")])
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _is_study(file: Path, folder: Path, root: Path | None) -> bool:
    if not inside(file, folder if root is None else root):
        return False
    try:
        text = read_untrusted_file(file, MAX_BYTES).decode(errors="replace")
    except FileRefusedError:
        return False
    return any(line.startswith(STUDY_KEYS) for line in text.splitlines())


class CheckSettings:
    """Replications, store and engine of a check.

    Parameters
    ----------
    replications : int
        Runs by which a gate with a probability is judged.
    store : ResultStore
        Finished runs are taken from it, new ones are put into it.
    engine : Engine
        Computes the others.
    root : Path, optional
        Folder that all files named in scenarios must lie in.
    milestones : bool
        True if milestones without a gate are gates.
    watch : callable
        Returns the progress display for a scenario of a name, or None.
    """

    def __init__(
        self,
        *,
        replications: int,
        store: ResultStore,
        engine: Engine,
        root: Path | None = None,
        milestones: bool = False,
        watch: Callable[[str], ProgressCallback | None] = lambda _: None,
    ) -> None:
        self.replications = replications
        self.store = store
        self.engine = engine
        self.root = root
        self.milestones = milestones
        self.watch = watch


def check_file(
    path: Path, name: str, root: Path | None, *, milestones: bool = False
) -> CheckResult:
    """Read a scenario file with all files it names, and find its infeasible milestones.

    Nothing is run.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Its name in the result.
    root : Path, optional
        Folder that all files it names must lie in.
    milestones : bool
        True if milestones without a gate are gates.
    """
    try:
        scenario = load(path, root=root)
    except ScenarioError as error:
        return CheckResult(name, problems=error.problems)
    return check_scenario(scenario, name, milestones=milestones)


def check_scenario(scenario: Scenario, name: str, *, milestones: bool = False) -> CheckResult:
    """Read the files that a scenario names, and find its infeasible milestones; nothing is run.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Its name in the result.
    milestones : bool
        True if milestones without a gate are gates.
    """
    try:
        read_data_files(scenario)
    except DcsimError as error:
        problems = error.problems if isinstance(error, ScenarioError) else []
        return CheckResult(name, problems=problems or [Problem(name, "", str(error))])
    gates = gates_of(scenario, milestones=milestones)
    infeasible = infeasible_milestones(scenario)
    lost = {one.milestone for one in infeasible}
    unjudged = [one for one in unjudged_milestones(scenario, gates) if one.milestone not in lost]
    found = CheckResult(name, scenario, infeasible=infeasible, gates=gates, unjudged=unjudged)
    found.notes = list(no_spare_notes(scenario.site))
    return found


def run_and_judge(found: CheckResult, pins: Sequence[Pin], settings: CheckSettings) -> None:
    """Run the replications that the gates and pins of a scenario need, and judge them.

    Parameters
    ----------
    found : CheckResult
        Of `check_file`; rows and verdicts are filled in, or a problem if a gate names no metric.
    pins : sequence of Pin
        Pins of this scenario.
    settings : CheckSettings
    """
    scenario = found.scenario
    if scenario is None:
        return
    by_gates = settings.replications if needs_replications(found.gates) else 0
    n = max([by_gates, *(pin.replications for pin in pins)])
    is_single = any(gate.expectation.probability_frac is None for gate in found.gates)
    if is_single or any(not pin.replications for pin in pins):
        found.single = single_run(scenario, found.name, settings)
    if n:
        case = case_of(scenario, case_name(found.name))
        watch = settings.watch(found.name)
        found.many, _ = replicate_case(case, n, settings.store, settings.engine, watch=watch)
        found.n_failed = int((~found.many.ok).sum())
        found.cause = first_cause(found.many)
    if found.single is not None and (cause := first_cause(found.single)):
        found.problems.append(Problem(found.name, "", f"the single run came to no result: {cause}"))
        return
    try:
        found.verdicts = judge(
            scenario, found.name, found.single or Rows({}), found.many, gates=found.gates
        )
    except ModelError as error:
        found.problems.append(Problem(found.name, "expect", str(error)))
        return
    for pin in pins:
        found.verdicts.append(
            judge_pin(pin, scenario, found.many if pin.replications else found.single)
        )


def single_run(scenario: Scenario, name: str, settings: CheckSettings) -> Rows:
    """Return the row of the run at the medians, from the store or computed.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Its name, of which that of the case in the store is formed.
    settings : CheckSettings
    """
    case = case_of(scenario, case_name(name))
    work = RunRequest(f"single-{case.id}"[:60], (case,), 0, 0)
    run_study(work, settings.store, settings.engine, watch=settings.watch(name))
    return study_table(settings.store, work.manifest())


def case_name(name: str) -> str:
    """Return the name of a scenario file as the name of a case in the store.

    >>> case_name("plans/Ülsan 2 (draft).yaml")
    'lsan-2--draft-'
    """
    plain = "".join(
        c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in Path(name).stem
    )
    return plain.lstrip("._-")[:50] or "scenario"


def pins_of(pins: Sequence[Pin], baseline: Path, path: Path) -> list[Pin]:
    """Return the pins of a scenario file.

    Parameters
    ----------
    pins : sequence of Pin
    baseline : Path
        The file they stand in: they name scenarios relative to it.
    path : Path
        The scenario file.
    """
    here = path.resolve()
    return [pin for pin in pins if (baseline.parent / pin.scenario).resolve() == here]


def pins_of_removed(
    pins: Sequence[Pin], baseline: Path, paths: Sequence[Path]
) -> Mapping[str, list[Pin]]:
    """Return the pins whose scenario file does not exist any more, by scenario.

    Parameters
    ----------
    pins : sequence of Pin
    baseline : Path
        The file they stand in: they name scenarios relative to it.
    paths : sequence of Path
        Scenario files that are checked anyway.
    """
    checked = {path.resolve() for path in paths}
    removed: dict[str, list[Pin]] = {}
    for pin in pins:
        file = (baseline.parent / pin.scenario).resolve()
        if file not in checked and not file.exists():
            removed.setdefault(pin.scenario, []).append(pin)
    return removed
