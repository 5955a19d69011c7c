"""Gates of scenarios from Python: scenarios, files and folders in, verdicts as tables out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

from dcsim.errors import Problem, ScenarioError
from dcsim.limits import MAX_REPLICATIONS, path_from, switch, whole_number
from dcsim.results.table import Table, table_of_records
from dcsim.results.tabular import Tabular
from dcsim.scenario.scenario import Scenario
from dcsim.study.checks.baseline import Pin, read_baseline
from dcsim.study.checks.check import (
    CheckResult,
    CheckSettings,
    check_file,
    check_scenario,
    pins_of,
    pins_of_removed,
    run_and_judge,
    scenario_files,
)
from dcsim.study.checks.feasibility import Infeasible
from dcsim.study.checks.gates import Verdict
from dcsim.study.checks.milestone_gates import UnjudgedMilestone
from dcsim.study.engine.options import EngineOptions, engine_from
from dcsim.study.run.runner import RunProgress
from dcsim.study.store.temporary import store_at

Checkable = Scenario | str | os.PathLike[str]
"""A scenario, a scenario file, or a folder of such files."""
CheckCallback = Callable[[str, RunProgress], None]
"""Called with the name of a scenario and the state of its runs after each unit."""
SCENARIO_GONE = "the scenario is gone"
_VERDICT_COLUMNS = (
    "scenario",
    "gate",
    "outcome",
    "metric",
    "expected",
    "found",
    "where",
    "replications_needed",
)


@dataclass(frozen=True, repr=False, eq=False)
class Check(Tabular):
    """The verdicts on the gates of scenarios, and what keeps a scenario from being judged.

    Its main table has a row a gate and a row a metric that is pinned in the baseline.
    """

    scenarios: tuple[CheckResult, ...]
    """Scenarios in order, each with its problems, infeasible milestones and verdicts."""

    @property
    def passed(self) -> bool:
        """True if all scenarios could be read, something was judged, and nothing failed.

        Inconclusive gates count as passed. Where no scenario has a gate or a pin nothing was
        judged, and the check has not passed; `milestones` makes gates of milestones.
        """
        failed = any(one.problems or one.fails for one in self.scenarios)
        return not failed and any(one.is_judged for one in self.scenarios)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Faults of scenarios that cannot be read; nothing is run if there is any."""
        return tuple(problem for one in self.scenarios for problem in one.problems)

    @property
    def verdicts(self) -> Table:
        """A row a gate: scenario, gate, outcome, metric, expected, found, where, and more.

        The outcome is ``pass``, ``fail`` or ``inconclusive``; ``replications_needed`` would settle
        an inconclusive one.
        """
        rows = [
            {
                "scenario": one.name,
                "gate": verdict.gate,
                "outcome": verdict.outcome,
                "metric": verdict.metric,
                "expected": verdict.expected,
                "found": verdict.found,
                "where": verdict.where or None,
                "replications_needed": verdict.needed,
            }
            for one in self.scenarios
            for verdict in one.verdicts
        ]
        return table_of_records(
            rows,
            names=_VERDICT_COLUMNS,
            units={"replications_needed": ""},
            index=("scenario", "gate"),
        )

    @property
    def infeasible(self) -> Table:
        """A row a milestone that no run can meet: scenario, milestone, key, where, reason."""
        rows = [
            {"scenario": one.name, **lost._asdict()}
            for one in self.scenarios
            for lost in one.infeasible
        ]
        names = ("scenario", *Infeasible._fields)
        return table_of_records(rows, names=names, index=("scenario", "milestone"))

    @property
    def not_judged(self) -> Table:
        """A row a milestone without a gate: scenario, milestone, by, where, name."""
        rows = [
            {"scenario": one.name, **milestone._asdict()}
            for one in self.scenarios
            for milestone in one.unjudged
        ]
        names = ("scenario", *UnjudgedMilestone._fields)
        return table_of_records(rows, names=names, index=("scenario", "milestone"))

    @property
    def n_failed(self) -> int:
        """Replications that came to no result; they count as misses."""
        return sum(one.n_failed for one in self.scenarios)

    @property
    def table(self) -> Table:
        """The verdicts."""
        return self.verdicts

    def _headline(self) -> str:
        return "; ".join([totals_line(self.scenarios), *_first_failure(self.scenarios)])

    def _notebook_tables(self) -> dict[str, Table]:
        tables = {"Verdicts": self.verdicts}
        if len(self.infeasible):
            tables = {"Infeasible milestones": self.infeasible, **tables}
        if len(self.not_judged):
            tables["Milestones that were not judged"] = self.not_judged
        if self.problems:
            rows = [problem._asdict() for problem in self.problems]
            tables = {"Problems": table_of_records(rows), **tables}
        return tables


def check(
    scenarios: Checkable | Sequence[Checkable],
    *,
    baseline: str | os.PathLike[str] | None = None,
    replications: int = 200,
    store: str | os.PathLike[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    milestones: bool = False,
    watch: CheckCallback | None = None,
    **engine: Unpack[EngineOptions],
) -> Check:
    """Judge the gates of scenarios, and metrics that a baseline pins.

    A gate (section ``expect``) with a probability is judged by replications, any other by the
    single run at the medians. Scenarios that cannot be read are no exception but `Check.problems`,
    so that one call reports on many files; nothing is run then.

    Parameters
    ----------
    scenarios : Scenario or path, or sequence of both
        Scenarios, scenario files, and folders of such files.
    baseline : path, optional
        File of pinned metrics, as ``dcsim baseline`` writes it. Pins of scenarios whose file is
        gone fail.
    replications : int
        Runs of a scenario whose gates have a probability, from 1 to 1,000,000.
    store : path, optional
        Folder in which finished runs stay; those in it are not computed again. Without it they go
        to a temporary folder.
    root : path, optional
        Folder that all files must lie in; that of each scenario by default.
    milestones : bool
        True makes each milestone without a gate one, which asks for its date in the single run.
    watch : callable, optional
        Called with the name of a scenario and a `RunProgress` after each unit of some runs.
    **engine : EngineOptions
        ``workers`` (processes, 1 to 1024), ``cluster`` (address of a Dask scheduler),
        ``unit_timeout_s``, ``allow_insecure``.

    Returns
    -------
    Check
        In a test: ``assert dcsim.check("plans").passed``.

    Raises
    ------
    ScenarioError
        If no scenario is named, a folder holds none, the baseline is none, or an argument is
        outside its limits.
    OutputError
        If the store cannot be written, or workers cannot be started.
    MissingExtraError
        If there is more than one worker and the extra ``cluster`` is not installed.
    TypeError
        If something else than scenarios and paths is given, or a keyword is unknown.

    Examples
    --------
    >>> import dcsim
    >>> gates = [{"name": "efficient", "metric": "pue_mean", "at_most": 1.1}]
    >>> plan = dcsim.load("scenarios/minimal.yaml", overrides={"expect": gates})
    >>> check = dcsim.check(plan)
    >>> check.passed, check.verdicts["found"][0]
    (False, '1.191')
    """
    n = whole_number(replications, "replications", least=1, most=MAX_REPLICATIONS)
    chosen = engine_from(engine, "check")
    folder = None if root is None else path_from(root, "root")
    listed = list(_scenarios_and_files(scenarios, folder))
    pin_file = None if baseline is None else path_from(baseline, "baseline")
    pins = [] if pin_file is None else read_baseline(pin_file)
    as_gates = switch(milestones, "milestones")
    found = [(one, _checked(one, folder, milestones=as_gates)) for one in listed]
    results = _named_apart([result for _, result in found])
    if any(one.problems for one in results):
        return Check(tuple(results))
    with store_at(store) as opened:
        settings = CheckSettings(
            replications=n,
            store=opened,
            engine=chosen,
            root=folder,
            milestones=as_gates,
            watch=lambda name: None if watch is None else partial(watch, name),
        )
        for (one, _), result in zip(found, results, strict=True):
            mine = [] if pin_file is None else pins_of(pins, pin_file, _scenario_file(one))
            run_and_judge(result, mine, settings)
    if pin_file is not None:
        lost = pins_of_removed(pins, pin_file, [_scenario_file(one) for one in listed])
        results += [failed_pins(name, gone) for name, gone in lost.items()]
    return Check(tuple(results))


def _scenarios_and_files(scenarios: object, root: Path | None) -> Iterator[Scenario | Path]:
    """Yield scenarios and files, of a folder those in it, each once."""
    single = isinstance(scenarios, Scenario | str | os.PathLike)
    if not single and (isinstance(scenarios, Mapping) or not isinstance(scenarios, Iterable)):
        raise _no_scenario(scenarios)
    given = [scenarios] if single else list(scenarios)  # type: ignore[call-overload]
    if not given:
        raise ScenarioError([Problem("", "scenarios", "name at least one scenario or file")])
    seen: set[Path] = set()
    for one in given:
        if isinstance(one, Scenario):
            yield one
        elif isinstance(one, str | os.PathLike):
            new = [file for file in scenario_files([Path(one)], root) if file not in seen]
            seen.update(new)
            yield from new
        else:
            raise _no_scenario(one)


def _no_scenario(given: object) -> TypeError:
    kind = type(given).__name__
    return TypeError(f"check() takes scenarios and paths of scenario files, not {kind}")


def _checked(one: Scenario | Path, root: Path | None, *, milestones: bool) -> CheckResult:
    if isinstance(one, Path):
        return check_file(one, str(one), root, milestones=milestones)
    name = str(one.path) if one.path.is_file() else one.name
    return check_scenario(one, name, milestones=milestones)


def _named_apart(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return results of which no two have one name: changed scenarios bear their digest."""
    names: set[str] = set()
    for one in results:
        scenario = one.scenario
        if scenario is not None and (one.name in names or scenario.overrides or scenario.quantiles):
            one.name = f"{one.name} ({scenario.digest[:8]})"
        names.add(one.name)
    return list(results)


def _scenario_file(one: Scenario | Path) -> Path:
    return one.path if isinstance(one, Scenario) else one


def failed_pins(name: str, pins: Sequence[Pin]) -> CheckResult:
    """Return the failed pins of a scenario that is not there any more.

    >>> failed_pins("gone.yaml", []).verdicts
    []
    """
    failed = CheckResult(name)
    failed.verdicts = [
        Verdict(f"baseline {one.metric}", name, "fail", "as pinned", SCENARIO_GONE, one.metric)
        for one in pins
    ]
    return failed


def _first_failure(results: Sequence[CheckResult]) -> list[str]:
    """Return the first thing that does not pass, if there is any, for a headline."""
    for one in results:
        failed = [f"{v.gate}: {v.text}" for v in one.verdicts if v.outcome == "fail"]
        lost = [f"{each.milestone} is infeasible: {each.reason}" for each in one.infeasible]
        texts = [*map(str, one.problems), *lost, *failed]
        if texts:
            return [f"{one.name}: {texts[0]}"]
    return []


def totals_line(results: Sequence[CheckResult]) -> str:
    """Return how many gates passed, failed and are open, on one line; or that none was judged."""
    verdicts = [verdict for one in results for verdict in one.verdicts]
    outcomes = [verdict.outcome for verdict in verdicts]
    n_known = sum(verdict.is_known for verdict in verdicts)
    n_lost = sum(len(one.infeasible) for one in results)
    parts = [f"{outcomes.count('pass')} passed", f"{outcomes.count('fail') - n_known} failed"]
    parts.append(f"{outcomes.count('inconclusive')} inconclusive")
    if not verdicts:
        parts = ["no gate was judged" if n_lost else "nothing was judged"]
    counted = (
        (n_known, "failed before as well", "failed before as well"),
        (n_lost, "infeasible milestone", "infeasible milestones"),
        (
            sum(len(one.unjudged) for one in results),
            "milestone not judged",
            "milestones not judged",
        ),
        (sum(one.unchanged for one in results), "scenario unchanged", "scenarios unchanged"),
        (sum(len(one.problems) for one in results), "problem of input", "problems of input"),
    )
    parts += [f"{n} {one if n == 1 else many}" for n, one, many in counted if n]
    return ", ".join(parts)
