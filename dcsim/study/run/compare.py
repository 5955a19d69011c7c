"""`dcsim.compare`: scenarios in, their runs with common random numbers side by side out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Unpack

from dcsim.errors import ModelError, cut
from dcsim.limits import LEAST_PAIRS, MAX_REPLICATIONS, whole_number
from dcsim.scenario.scenario import Scenario, require_scenario
from dcsim.study.definition.spelling import unique
from dcsim.study.engine.options import EngineOptions, engine_from
from dcsim.study.run.compared import Comparison
from dcsim.study.run.replicate import replicate
from dcsim.study.run.replications import short_name
from dcsim.study.run.runner import ProgressCallback, RunProgress

MAX_LABEL = 60


def compare(
    first: Scenario | Mapping[str, Scenario],
    *others: Scenario,
    replications: int = 50,
    store: str | Path | None = None,
    watch: ProgressCallback | None = None,
    **engine: Unpack[EngineOptions],
) -> Comparison:
    """Compare scenarios with the first of them, replication by replication.

    Each replication has the same random numbers in all scenarios, so that what differs comes from
    the scenarios: far fewer runs tell a difference than with other random numbers in each.

    Parameters
    ----------
    first : Scenario, or mapping of str to Scenario
        The one that the others are compared with; or all of them by their labels, the first first.
    *others : Scenario
        Further ones, which the result calls after their files or after what was set on them.
    replications : int
        Of each scenario, from 2 to 1,000,000.
    store : str or Path, optional
        Folder in which finished runs stay; those in it are not computed again. Without it they go
        to a temporary folder.
    watch : callable, optional
        Called after each unit of some runs with a `RunProgress` of all scenarios together:
        ``n_done`` of ``n_total`` runs, ``n_failed``, and ``left_s``, the time left.
    **engine : EngineOptions
        ``workers`` (processes, 1 to 1024), ``cluster`` (address of a Dask scheduler),
        ``unit_timeout_s``, ``allow_insecure``.

    Returns
    -------
    Comparison

    Raises
    ------
    ScenarioError
        If an argument is outside its limits, or a file of a scenario is not what it should be.
    ModelError
        If there are fewer than two scenarios, one is given twice without labels, or they have
        different seeds.
    OutputError
        If the store cannot be written, or workers cannot be started.
    MissingExtraError
        If there is more than one worker and the extra ``cluster`` is not installed.
    TypeError
        If something else than a `Scenario` is given, a label is no text, or a keyword is unknown.

    Examples
    --------
    >>> import dcsim
    >>> one_crew = dcsim.load("scenarios/minimal.yaml").with_overrides({"deployment.crews": 1})
    >>> two_crews = one_crew.with_overrides({"deployment.crews": 2})
    >>> found = dcsim.compare({"one crew": one_crew, "two crews": two_crews}, replications=2)
    >>> found
    <Comparison two crews with one crew, 2 replications each>
    >>> found.assumptions.to_pandas()["after"].to_dict()
    {('two crews', 'deployment.crews'): '2'}
    """
    scenarios = _labeled_scenarios(first, others)
    n = whole_number(replications, "replications", least=LEAST_PAIRS, most=MAX_REPLICATIONS)
    engine_from(engine, "compare")
    found = {
        label: replicate(
            scenario,
            n,
            store=store,
            watch=watch and _Overall(watch, place, len(scenarios)),
            **engine,
        )
        for place, (label, scenario) in enumerate(scenarios.items())
    }
    return Comparison(found)


class _Overall:
    """Progress of one of several scenarios, told as that of all of them."""

    def __init__(self, watch: ProgressCallback, place: int, n_scenarios: int) -> None:
        self.watch = watch
        self.place = place
        self.n_later = n_scenarios - place - 1

    def __call__(self, state: RunProgress) -> None:
        n_left = state.n_total - state.n_done
        left_s = state.left_s
        if left_s is not None and self.n_later:
            left_s = left_s * (1 + self.n_later * state.n_total / n_left) if n_left else None
        n_all = state.n_total * (self.place + 1 + self.n_later)
        n_done = state.n_total * self.place + state.n_done
        self.watch(RunProgress(n_all, n_done, state.n_failed, left_s))


def _labeled_scenarios(
    first: Scenario | Mapping[str, Scenario], others: Sequence[Scenario]
) -> dict[str, Scenario]:
    if isinstance(first, Mapping):
        if others:
            raise TypeError(
                "compare() takes a mapping of labels to scenarios, or scenarios, not both"
            )
        scenarios = {
            _label(label): require_scenario(one, "compare") for label, one in first.items()
        }
        places = list(scenarios)
    else:
        listed = [require_scenario(one, "compare") for one in (first, *others)]
        labels = list(_labels(listed))
        scenarios = dict(zip(labels, listed, strict=True))
        places = [
            label if one.overrides or one.options.one_folder else str(one.path)
            for label, one in scenarios.items()
        ]
    if len(scenarios) < LEAST_PAIRS:
        raise ModelError("compare needs two scenarios or more")
    _refuse_other_seeds(places, list(scenarios.values()))
    return scenarios


def _label(given: object) -> str:
    if isinstance(given, str):
        return given
    raise TypeError(f"compare() takes texts as labels, not {given!r}; write '{given}'")


def _labels(scenarios: Sequence[Scenario]) -> Iterator[str]:
    """Yield a label for each: its file, with its folder or what was set if that is not enough."""
    seen: set[tuple[str, str]] = set()
    names = []
    stems = [short_name(one) for one in scenarios]
    paths = [one.path for one in scenarios]
    for one, stem in zip(scenarios, stems, strict=True):
        if (str(one.path), one.digest) in seen:
            raise ModelError("a scenario is named twice")
        seen.add((str(one.path), one.digest))
        if stems.count(stem) == 1:
            names.append(stem)
        elif paths.count(one.path) == 1:
            names.append(str(one.path))
        else:
            names.append(cut(" ".join([stem, *one.overrides]), MAX_LABEL))
    yield from unique(names)


def _refuse_other_seeds(places: Sequence[str], scenarios: Sequence[Scenario]) -> None:
    seed = scenarios[0].site.seed
    for place, scenario in zip(places, scenarios, strict=True):
        if scenario.site.seed != seed:
            raise ModelError(
                f"{place}: has seed {scenario.site.seed} and {places[0]} has {seed}; pairs need "
                "the same seed"
            )
