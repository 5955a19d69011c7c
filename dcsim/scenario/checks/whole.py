"""The check of a whole scenario: nodes in, values and site out, or all problems at once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from dcsim.errors import PluginError, Problem, ScenarioError
from dcsim.scenario.checks import effort, messages, relations
from dcsim.scenario.checks.rest import sound_rest
from dcsim.scenario.checks.sources import unknown_sources
from dcsim.scenario.checks.steps import cut_steps
from dcsim.scenario.draws import correlation
from dcsim.scenario.draws.distributions import MEDIAN, edges
from dcsim.scenario.draws.values import Values, evaluate, not_drawn
from dcsim.scenario.extension import site_class_of
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text.document import Node


class CheckedNode(NamedTuple):
    """A scenario whose values were checked, each by itself and against the others."""

    values: Values
    site: Site
    """Site with its uncertain values at the quantiles of `values`."""


OtherProblems = Callable[[Site, Values], Iterable[Problem]]
"""Returns problems of a site that are not in its values, such as files that are not there."""


def refuse(problems: Sequence[Problem]) -> None:
    """Raise the problems in the order of the file, if there are any."""
    if problems:
        raise ScenarioError(messages.in_order(list(problems)))


def checked_node(node: Node, also: OtherProblems = lambda *_: ()) -> CheckedNode:
    """Return values and site of a scenario at the medians.

    Parameters
    ----------
    node : Node
    also : callable, optional
        Returns more problems of a sound site, such as files that are not there. Where a part of the
        scenario is faulty, it is asked about the rest.

    Raises
    ------
    ScenarioError
        With every problem of its values, of what must hold between them, of its correlations and
        of its sources, and with those of `also`.
    """
    values = evaluate(node, lambda _: MEDIAN)
    sources = unknown_sources(node, values)
    try:
        site = validated(values)
    except ScenarioError as error:
        refuse([*error.problems, *_problems_of_rest(values, also), *sources])
        raise
    correlations = _problems_of_correlations(site, values)
    refuse([*_problems_between(site, values), *correlations, *sources, *also(site, values)])
    return CheckedNode(values, site)


def _problems_of_rest(values: Values, also: OtherProblems) -> list[Problem]:
    """Return what is wrong with a scenario beside its faulty parts."""
    rest = sound_rest(values)
    if rest is None:
        return []
    of_all = [
        _problem_at((message.split(" ", 1)[0],), message.partition(" ")[2], values)
        for message in rest.of_all
    ]
    return [*of_all, *_located(rest.faults(), values), *also(rest.site, values)]


def validated(values: Values) -> Site:
    """Return the site that values make.

    Raises
    ------
    ScenarioError
        With everything that is wrong with a value by itself.
    """
    problems: list[Problem] = []
    try:
        site = site_class_of(values.data).model_validate(values.data)
    except PluginError as error:
        problems = [_problem_of_plugin(error, values)]
    except ValidationError as error:
        # A distribution that cannot be drawn stands in the data undrawn, and fails again there.
        reported = {problem.key for problem in values.problems}
        problems = [p for p in messages.problems(error, values) if p.key not in reported]
    refuse([*values.problems, *problems])
    return site


def _problem_of_plugin(error: PluginError, values: Values) -> Problem:
    named = values.data["plugins"]
    path = ("plugins", *([str(named.index(error.named))] if error.named in named else []))
    return Problem(messages.place_of(path, values), "plugins", str(error))


def checked_edges(values: Values) -> Iterator[CheckedNode]:
    """Yield the scenario with its uncertain values at the ends of what may be drawn.

    A distribution that leaves the range of its key anywhere is refused; each option of a choice is
    met once. All values go to their first edge together, then to their second, and so on: as many
    sites as the value with the most edges has, not one for each combination.

    Raises
    ------
    ScenarioError
        At the first edge that is unsound, with all its problems.
    """
    ends = {value.key: edges(value.distribution) for value in values.drawn}
    for at in range(max(map(len, ends.values()), default=0)):
        drawn = values.at(functools.partial(_edge, ends, at))
        site = validated(drawn)
        refuse(_problems_between(site, drawn))
        yield CheckedNode(drawn, site)


def _edge(ends: Mapping[str, Sequence[float]], at: int, key: str) -> float:
    return ends[key][min(at, len(ends[key]) - 1)]


def refuse_overruns(site: Site, values: Values) -> None:
    """Refuse a scenario that asks for more than a run of reasonable length can do."""
    refuse(_located(effort.overruns(site), values))


def refuse_cut_steps(site: Site, values: Values) -> None:
    """Refuse a run whose last step would reach beyond its end."""
    refuse(_located(cut_steps(site), values))


def _problems_between(site: Site, values: Values) -> list[Problem]:
    return _located(relations.faults(site), values)


def _located(faults: Iterable[relations.Fault], values: Values) -> list[Problem]:
    return [_problem_at(fault.path, fault.message, values) for fault in faults]


def _problem_at(path: tuple[str, ...], message: str, values: Values) -> Problem:
    return Problem(messages.place_of(path, values), ".".join(path), message)


def _problems_of_correlations(site: Site, values: Values) -> Iterator[Problem]:
    for leaf in values.leaves:
        if leaf.uncertain and leaf.key.startswith("correlations."):
            yield Problem(leaf.where, leaf.key, "must be one value: it says how others are drawn")
    unknown, by_key = False, {leaf.key: leaf for leaf in values.leaves}
    for index, entry in enumerate(site.correlations):
        for i_key, key in enumerate(entry.between):
            if message := not_drawn(key, by_key):
                unknown = True
                path = ("correlations", str(index), "between", str(i_key))
                yield _problem_at(path, message, values)
    if not unknown:
        for index, message in correlation.conflicts(site.correlations):
            yield _problem_at(("correlations", str(index)), message, values)
