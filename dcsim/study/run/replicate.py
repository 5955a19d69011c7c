"""`dcsim.replicate`: a scenario and a number in, its replications out."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from dcsim.errors import ModelError
from dcsim.limits import MAX_REPLICATIONS, whole_number
from dcsim.pipeline import simulate
from dcsim.results.result import Result
from dcsim.scenario.scenario import Scenario, require_scenario
from dcsim.study.engine.options import EngineOptions, engine_from
from dcsim.study.run.replicated import Replications
from dcsim.study.run.replications import (
    about_inputs,
    case_of,
    replicate_case,
    scenario_study_name,
)
from dcsim.study.run.runner import ProgressCallback
from dcsim.study.statistics.milestones import Precision, read_precision
from dcsim.study.store.temporary import store_at


def replicate(
    scenario: Scenario,
    n: int,
    *,
    until: str | None = None,
    single: Result | None = None,
    store: str | Path | None = None,
    watch: ProgressCallback | None = None,
    **engine: Unpack[EngineOptions],
) -> Replications:
    """Run a scenario many times, each time with other values of what is uncertain.

    The single run at the medians goes first, so that a fault shows before many runs are spent.

    Parameters
    ----------
    scenario : Scenario
        As `dcsim.load` returns it.
    n : int
        Replications 1 to `n` are run, from 1 to 1,000,000.
    until : str, optional
        Precision at which to stop early: ``pp=2`` once the confidence of every milestone is known
        to ± 2 percentage points, ``NAME:pp=2`` for one milestone.
    single : Result, optional
        The single run, if `dcsim.simulate` has computed it already.
    store : str or Path, optional
        Folder in which finished runs stay; those in it are not computed again, so that an
        interrupted call goes on where it was. Without it they go to a temporary folder.
    watch : callable, optional
        Called after each unit of some runs with a `RunProgress`: ``n_done`` of ``n_total`` runs,
        ``n_failed``, and ``left_s``, the time left.
    **engine : EngineOptions
        ``workers`` (processes, 1 to 1024), ``cluster`` (address of a Dask scheduler),
        ``unit_timeout_s``, ``allow_insecure``.

    Returns
    -------
    Replications
        The same, whatever the workers and whatever was in the store before.

    Raises
    ------
    ScenarioError
        If an argument is outside its limits, or a file the scenario names is not what it should be.
    ModelError
        If `until` is no precision or names no milestone, or `single` is of another scenario.
    OutputError
        If the store cannot be written, or workers cannot be started.
    MissingExtraError
        If there is more than one worker and the extra ``cluster`` is not installed.
    TypeError
        If `scenario` is no `Scenario`, `single` no `Result`, or a keyword is unknown.

    Examples
    --------
    >>> import dcsim
    >>> replications = dcsim.replicate(dcsim.load("scenarios/minimal.yaml"), 3)
    >>> replications
    <Replications One hall, 3 replications>
    >>> replications.bands("gpus_online")
    Table of 36 rows: month, p10, p50, p90
    """
    require_scenario(scenario, "replicate")
    n = whole_number(n, "n", least=1, most=MAX_REPLICATIONS)
    chosen = engine_from(engine, "replicate")
    precision = None if until is None else _precision(scenario, until)
    single = simulate(scenario) if single is None else _of_scenario(single, scenario)
    case = case_of(scenario, scenario_study_name(scenario))
    with store_at(store) as opened:
        about = about_inputs(scenario)
        rows, report = replicate_case(
            case, n, opened, chosen, until=precision, watch=watch, about=about
        )
    return Replications(scenario, rows, report, single)


def _precision(scenario: Scenario, until: str) -> Precision:
    """Refuse the precision of an unknown milestone before many runs are spent on it."""
    precision = read_precision(until)
    names = [milestone.name for milestone in scenario.site.milestones]
    if not names or precision.milestone not in (None, *names):
        known = ", ".join(names) or "none"
        raise ModelError(f"until: there is no milestone {precision.milestone}; there is {known}")
    return precision


def _of_scenario(single: object, scenario: Scenario) -> Result:
    if not isinstance(single, Result):
        raise TypeError(f"single is a dcsim.Result, not {type(single).__name__}")
    of_digest = single.summary["provenance"]["scenario_digest"]
    if single.summary["replication"] == 0 and of_digest == scenario.digest:
        return single
    raise ModelError("single: must be what dcsim.simulate returns for the same scenario")
