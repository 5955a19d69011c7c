"""`dcsim.sweep`: a study in, the runs of all its cases out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

from dcsim.errors import ModelError
from dcsim.limits import MAX_REPLICATIONS, switch, whole_number
from dcsim.scenario.scenario import Scenario
from dcsim.study.definition.expand import Study, read_study, study_of_design
from dcsim.study.engine.options import EngineOptions, engine_from
from dcsim.study.run.replications import about_inputs, scenario_study_name
from dcsim.study.run.runner import ProgressCallback, RunRequest, run_study, study_table
from dcsim.study.run.swept import Sweep
from dcsim.study.store.tables import write_tables
from dcsim.study.store.temporary import store_at


def sweep(  # noqa: PLR0913  (the options of the command, by keyword)
    study: str | Path | Scenario,
    design: Mapping[str, object] | None = None,
    *,
    root: str | Path | None = None,
    replications: int | None = None,
    store: str | Path | None = None,
    watch: ProgressCallback | None = None,
    shard: str | None = None,
    limit: int | None = None,
    retry_failed: bool = False,
    fail_fast: bool = False,
    **engine: Unpack[EngineOptions],
) -> Sweep:
    """Run all cases of a study that are not stored yet.

    All cases have the same random numbers, so that they differ by what the study sets alone.

    Parameters
    ----------
    study : str, Path or Scenario
        A study file, or the scenario that all cases of `design` are made from.
    design : mapping, optional
        With a scenario: what a study file holds beside it, ``grid``, ``zip``, ``list``, ``sample``,
        ``replications`` and ``name``. What was set on the scenario in memory stays set.
    root : str or Path, optional
        With a study file: folder that every file it names must lie in; by default the folder above
        the one it lies in if that is called ``studies``, else its own.
    replications : int, optional
        Runs of each case in place of those of the study, up to 1,000,000; 0 is the single run.
    store : str or Path, optional
        Folder in which finished runs stay, with their tables; those in it are not computed again.
        Without it they go to a temporary folder.
    watch : callable, optional
        Called after each unit of some runs with a `RunProgress`: ``n_done`` of ``n_total`` runs,
        ``n_failed``, and ``left_s``, the time left.
    shard : str, optional
        ``I/K`` for every K-th case, beginning with the I-th, to share the work between machines.
    limit : int, optional
        Most runs to compute now.
    retry_failed : bool
        True computes what failed before once more.
    fail_fast : bool
        True stops at the first run that fails; what is finished stays.
    **engine : EngineOptions
        ``workers`` (processes, 1 to 1024), ``cluster`` (address of a Dask scheduler),
        ``unit_timeout_s``, ``allow_insecure``.

    Returns
    -------
    Sweep
        With the runs that are stored, those of earlier calls included.

    Raises
    ------
    ScenarioError
        With every problem of the study found, or if an argument is outside its limits.
    ModelError
        If `shard` has another form.
    OutputError
        If the store cannot be written, or workers cannot be started.
    MissingExtraError
        If the extra ``cluster`` or ``sensitivity`` is needed and not installed.
    TypeError
        If `study` and `design` do not go together, or a keyword is unknown.

    Examples
    --------
    >>> import dcsim
    >>> scenario = dcsim.load("scenarios/minimal.yaml")
    >>> sweep = dcsim.sweep(scenario, {"grid": {"deployment.crews": [1, 2, 4]}})
    >>> sweep.axes
    {'deployment.crews': (1.0, 2.0, 4.0)}
    >>> sweep.cases["case"].tolist()
    ['deployment.crews=1', 'deployment.crews=2', 'deployment.crews=4']
    """
    chosen = engine_from(engine, "sweep")
    if limit is not None:
        limit = whole_number(limit, "limit", least=1)
    if replications is not None:
        replications = whole_number(replications, "replications", most=MAX_REPLICATIONS)
    part = (1, 1) if shard is None else _shard(shard)
    request = run_request(_study_given(study, design, root), replications=replications, shard=part)
    with store_at(store) as opened:
        report = run_study(
            request,
            opened,
            chosen,
            watch=watch,
            retry_failed=switch(retry_failed, "retry_failed"),
            fail_fast=switch(fail_fast, "fail_fast"),
            limit=limit,
        )
        rows = study_table(opened, request.manifest())
        files = write_tables(opened.path, rows, opened.enter().id) if store is not None else []
    kept = None if store is None else Path(store)
    return Sweep(request.name, rows, request.about, report, kept, tuple(files))


def run_request(
    study: Study, *, replications: int | None = None, shard: tuple[int, int] = (1, 1)
) -> RunRequest:
    """Return the cases and replications of a study that are to be computed.

    Parameters
    ----------
    study : Study
    replications : int, optional
        Of each case in place of those of the study.
    shard : tuple of int
        ``(i, k)`` for every k-th case, beginning with the i-th.

    Returns
    -------
    RunRequest
    """
    n = study.replications if replications is None else replications
    cases = list(study.cases())
    about = {**study.about(), **about_inputs(study.scenario)}
    if study.design is not None:
        points = study.design.quantiles.tolist()
        about["design"] |= {"cases": [case.id for case in cases], "points": points}
    return RunRequest(study.name, cases, min(n, 1), n, about, shard)


def _study_given(
    study: object, design: Mapping[str, object] | None, root: str | Path | None
) -> Study:
    if isinstance(study, Scenario):
        if not isinstance(design, Mapping):
            hint = 'for example {"grid": {"deployment.crews": [1, 2, 4]}}'
            raise TypeError(f"sweep() of a scenario takes a design as a mapping, {hint}")
        if root is not None:
            raise TypeError("sweep() of a scenario takes no root: that of the scenario holds")
        return study_of_design(study, design, name=f"{scenario_study_name(study)}-sweep")
    if design is not None:
        raise TypeError("sweep() takes a design with a scenario only, not with a study file")
    if isinstance(study, str | Path):
        return read_study(study, root=root)
    kind = type(study).__name__
    raise TypeError(f"sweep() takes a study file, or a Scenario and a design, not {kind}")


def _shard(text: object) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text, re.ASCII) if isinstance(text, str) else None
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise ModelError(f"shard {text}: write it as I/K with I from 1 to K, for example 2/8")
    return int(match[1]), int(match[2])
