"""What `dcsim check` does: read scenarios, prove, run what gates need, judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dcsim.errors import ModelError, Problem, ScenarioError
from dcsim.scenario.scenario import Scenario, load
from dcsim.study.checks.baseline import Pin, compare
from dcsim.study.checks.feasibility import Impossible, impossible
from dcsim.study.checks.gates import Verdict, judge
from dcsim.study.engine.engine import Engine
from dcsim.study.records.rows import Rows
from dcsim.study.run.replications import case_of, replicate
from dcsim.study.run.runner import ProgressCallback, RunRequest, run_study, table
from dcsim.study.store.store import ResultStore

SUFFIXES = (".yaml", ".yml")
STUDY_KEYS = ("axes:", "scenario:", "scenarios:", "base:", "sample:")
"""Keys at the beginning of a line that only study files have."""


@dataclass
class Checked:
    """One scenario file and what was found."""

    name: str
    """The file as it was named."""
    scenario: Scenario | None = None
    problems: list[Problem] = field(default_factory=list)
    impossible: list[Impossible] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    n_failed: int = 0
    """Replications that came to no result."""
    single: Rows | None = None
    many: Rows | None = None

    @property
    def fails(self) -> bool:
        """Whether a gate failed, or a promise cannot be kept."""
        return bool(self.impossible) or any(v.outcome == "fail" for v in self.verdicts)


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """Return the scenario files among paths; of a folder those that lie in it themselves.

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
                if file.suffix in SUFFIXES and file.is_file() and not _is_study(file)
            )
            if not inside:
                raise ScenarioError([Problem(str(path), "", "holds no scenario file")])
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _is_study(file: Path) -> bool:
    with file.open(encoding="utf-8", errors="replace") as text:
        return any(line.startswith(STUDY_KEYS) for line in text)


class Settings:
    """How scenarios are checked."""

    def __init__(
        self,
        *,
        replications: int,
        store: ResultStore,
        engine: Engine,
        root: Path | None = None,
        watch: Callable[[str], ProgressCallback | None] = lambda _: None,
    ) -> None:
        self.replications = replications
        self.store = store
        self.engine = engine
        self.root = root
        self.watch = watch


def read(path: Path, name: str, root: Path | None) -> Checked:
    """Read a scenario file and prove what can be proved of it."""
    found = Checked(name)
    try:
        found.scenario = load(path, root=root)
    except ScenarioError as error:
        found.problems = error.problems
    else:
        found.impossible = impossible(found.scenario)
    return found


def run_and_judge(found: Checked, pins: Sequence[Pin], settings: Settings) -> None:
    """Run what the gates and the pins of a scenario need, and judge."""
    scenario = found.scenario
    if scenario is None:
        return
    n = max([_wanted(scenario, settings.replications), *(pin.replications for pin in pins)])
    is_single = any(gate.probability_frac is None for gate in scenario.site.expect)
    if is_single or any(not pin.replications for pin in pins):
        found.single = single_run(scenario, found.name, settings)
    if n:
        case = case_of(scenario, case_name(found.name))
        watch = settings.watch(found.name)
        found.many, outcome = replicate(case, n, settings.store, settings.engine, watch=watch)
        found.n_failed = outcome.n_failed
    try:
        found.verdicts = judge(scenario, found.name, found.single or _none(), found.many)
    except ModelError as error:
        found.problems.append(Problem(found.name, "expect", str(error)))
        return
    for pin in pins:
        found.verdicts.append(
            compare(pin, scenario, found.many if pin.replications else found.single)
        )


def _none() -> Rows:
    """Return no runs, where no gate asks for the single one."""
    return Rows({})


def _wanted(scenario: Scenario, n: int) -> int:
    needs = any(gate.probability_frac is not None for gate in scenario.site.expect)
    return n if needs else 0


def single_run(scenario: Scenario, name: str, settings: Settings) -> Rows:
    """Return the row of the run at the medians, computed or found in the store."""
    case = case_of(scenario, case_name(name))
    work = RunRequest(f"single-{case.id}"[:60], (case,), 0, 0)
    run_study(work, settings.store, settings.engine, watch=settings.watch(name))
    return table(settings.store, work.manifest())


def case_name(name: str) -> str:
    """Return a name for the store."""
    kept = "".join(
        c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in Path(name).stem
    )
    return kept.lstrip("._-")[:50] or "scenario"


def pins_of(pins: Sequence[Pin], baseline: Path, path: Path) -> list[Pin]:
    """Return the pins of a scenario file; they name it relative to the baseline."""
    here = path.resolve()
    return [pin for pin in pins if (baseline.parent / pin.scenario).resolve() == here]


def unchecked(
    pins: Sequence[Pin], baseline: Path, paths: Sequence[Path]
) -> Mapping[str, list[Pin]]:
    """Return pins of scenarios that were not checked and are gone, by scenario."""
    there = {path.resolve() for path in paths}
    lost: dict[str, list[Pin]] = {}
    for pin in pins:
        file = (baseline.parent / pin.scenario).resolve()
        if file not in there and not file.exists():
            lost.setdefault(pin.scenario, []).append(pin)
    return lost
