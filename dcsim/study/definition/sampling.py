"""The sample of a study: its section and the base scenario in, the design of its cases out."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Collection, Iterator, Mapping, Sequence

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.checks import messages
from dcsim.scenario.draws.correlation import Pair, groups_of
from dcsim.scenario.draws.distributions import is_distribution
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.merge import Change
from dcsim.scenario.text.overrides import put
from dcsim.study.definition.design import Design
from dcsim.study.definition.spec import Sample

MAX_LISTED = 12
"""Values that a message lists before it counts the rest."""


def matches(key: str, pattern: str) -> bool:
    """Return whether a key path is the one named, or lies below it; ``*`` stands for any text.

    >>> matches("works.hall-a1.duration", "works.hall-*"), matches("works.battery.slip", "work")
    (True, False)
    """
    if "*" not in pattern:
        return key == pattern or key.startswith(f"{pattern}.")
    # Brackets and question marks are no part of a key path, so there is nothing else to escape.
    return fnmatch.fnmatchcase(key, pattern) or fnmatch.fnmatchcase(key, f"{pattern}.*")


def with_parameters(node: Node, parameters: Node | None) -> Node:
    """Return the base scenario with the distributions of a sample at their keys.

    Raises
    ------
    ScenarioError
        If one is no distribution, or cannot stand at its key.
    """
    problems = []
    for key, value in parameters.value.items() if parameters is not None else ():
        inner = value.value.get("value", value) if isinstance(value.value, dict) else value
        if not is_distribution(inner.value):
            message = "must be a distribution such as {uniform: [2 h, 6 h]}"
            problems.append(Problem(value.where, f"sample.parameters.{key}", message))
            continue
        changes: list[Change] = []
        try:
            node = put(node, key, value, changes)
        except ScenarioError as error:
            problems += [p._replace(key=f"sample.parameters.{p.key}") for p in error.problems]
    if problems:
        raise ScenarioError(problems)
    return node


def design_of(
    sample: Sample,
    section: Node,
    scenario: Scenario,
    set_by_axes: Collection[str],
    shared: Sequence[str],
) -> Design:
    """Return the design of a sample.

    Parameters
    ----------
    sample : Sample
    section : Node
        The section with its lines, for messages.
    scenario : Scenario
        The base with the distributions of the sample at their keys.
    set_by_axes : collection of str
        Key paths that axes set.
    shared : sequence of str
        Uncertain values that all bases of the study have.

    Returns
    -------
    Design
        Its names in the order of the scenario, or group by group.

    Raises
    ------
    ScenarioError
        If it names a value that is not uncertain, or its groups do not hold each value once.
    """
    names = _sampled_names(sample, section, scenario, set_by_axes, shared)
    groups, names = _groups(sample, section, scenario, names)
    design = Design(
        sample.method,
        names,
        sample.n,
        sample.seed,
        groups,
        sample.levels,
        sample.second_order,
        tuple(p for p in scenario.correlations if {p.one, p.other} <= set(names))
        if sample.correlate
        else (),
    )
    _raise_if_any(
        [_sample_problem(section, key, message) for key, message in _faults_of_correlations(design)]
    )
    return design


def _raise_if_any(problems: Sequence[Problem]) -> None:
    if problems:
        raise ScenarioError(messages.in_order(list(problems)))


def _sample_problem(section: Node, key: str, message: str) -> Problem:
    node = section
    for part in key.split("."):
        node = node.value.get(part, node) if isinstance(node.value, dict) else node
    return Problem(node.where, f"sample.{key}" if key else "sample", message)


def _sampled_names(
    sample: Sample,
    section: Node,
    scenario: Scenario,
    set_by_axes: Collection[str],
    shared: Sequence[str],
) -> tuple[str, ...]:
    """Return the key paths that are sampled, in the order of the scenario."""
    problems = []
    for key in sample.parameters:
        if key not in scenario.uncertain:
            message = "names no single value; write the key path as 'dcsim show' prints it"
            problems.append(_sample_problem(section, f"parameters.{key}", message))
        elif _is_set_by_axis(key, set_by_axes):
            problems.append(_sample_problem(section, f"parameters.{key}", "is set by an axis, too"))
    wanted = sample.uncertain or (() if sample.parameters else "all")
    free = [key for key in shared if not _is_set_by_axis(key, set_by_axes)]
    chosen = set(sample.parameters)
    for pattern in ("*",) if wanted == "all" else wanted:
        matching = {key for key in free if matches(key, pattern)}
        if not matching and wanted != "all":
            message = _no_match(pattern, scenario, set_by_axes)
            problems.append(_sample_problem(section, "uncertain", message))
        chosen |= matching
    if not chosen and not problems:
        problems.append(_sample_problem(section, "", "finds nothing uncertain that no axis sets"))
    _raise_if_any(problems)
    return tuple(key for key in scenario.uncertain if key in chosen)


def _is_set_by_axis(key: str, set_by_axes: Collection[str]) -> bool:
    return any(matches(key, above) for above in set_by_axes)


def _no_match(pattern: str, scenario: Scenario, set_by_axes: Collection[str]) -> str:
    if any(
        matches(key, pattern) and _is_set_by_axis(key, set_by_axes) for key in scenario.uncertain
    ):
        return f"{pattern} is set by an axis"
    if any(matches(leaf.key, pattern) for leaf in scenario.leaves):
        return f"{pattern} is not uncertain; give it a distribution under parameters"
    close = difflib.get_close_matches(pattern[:200], _paths(scenario.uncertain), 1, cutoff=0.5)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"there is no uncertain value {pattern}{hint}"


def _paths(keys: Sequence[str]) -> list[str]:
    """Return key paths and the sections they lie in."""
    parts = [key.split(".") for key in keys]
    return list(dict.fromkeys(".".join(p[:n]) for p in parts for n in range(len(p), 0, -1)))


def _groups(
    sample: Sample, section: Node, scenario: Scenario, names: tuple[str, ...]
) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    """Return the members of each group that has some, and the names in the order of groups."""
    if not sample.groups:
        return {}, names
    members: dict[str, list[str]] = {group: [] for group in sample.groups}
    rest = next((group for group, patterns in sample.groups.items() if patterns is True), None)
    problems = list(_idle_patterns(sample, section, scenario))
    left_over = []
    for name in names:
        mine = [group for group, patterns in _pattern_groups(sample) if _any_match(name, patterns)]
        if len(mine) > 1:
            problems.append(
                _sample_problem(section, "groups", f"{name} is in {' and in '.join(mine)}")
            )
        elif mine or rest:
            members[mine[0] if mine else str(rest)].append(name)
        else:
            left_over.append(name)
    if left_over:
        more = f" and {len(left_over) - MAX_LISTED} more" if len(left_over) > MAX_LISTED else ""
        listed = f"{', '.join(left_over[:MAX_LISTED])}{more}"
        message = (
            f"hold not all that is sampled: {listed}; name them, or let 'rest: true' take them"
        )
        problems.append(_sample_problem(section, "groups", message))
    _raise_if_any(problems)
    matching = {group: tuple(keys) for group, keys in members.items() if keys}
    if len(matching) < 2:
        _raise_if_any(
            [_sample_problem(section, "groups", "leave fewer than two that hold anything")]
        )
    return matching, tuple(key for keys in matching.values() for key in keys)


def _pattern_groups(sample: Sample) -> Iterator[tuple[str, tuple[str, ...]]]:
    for group, patterns in sample.groups.items():
        if patterns is not True:
            yield group, patterns


def _any_match(key: str, patterns: Sequence[str]) -> bool:
    return any(matches(key, pattern) for pattern in patterns)


def _idle_patterns(sample: Sample, section: Node, scenario: Scenario) -> Iterator[Problem]:
    """Yield the patterns of groups that no value of the scenario matches."""
    for group, patterns in _pattern_groups(sample):
        for pattern in patterns:
            # A value that is certain matches too: in another scenario it may be uncertain.
            if not any(matches(leaf.key, pattern) for leaf in scenario.leaves):
                keys = _paths([leaf.key for leaf in scenario.leaves])
                close = difflib.get_close_matches(pattern[:200], keys, 1, cutoff=0.5)
                hint = f"; did you mean {close[0]}?" if close else ""
                yield _sample_problem(
                    section, f"groups.{group}", f"nothing is called {pattern}{hint}"
                )


def _faults_of_correlations(design: Design) -> Iterator[tuple[str, str]]:
    """Yield key and message of each correlation of the scenario that the method cannot keep."""
    if not design.correlations:
        return
    if design.method == "morris":
        one, other, _ = design.correlations[0]
        yield "method", f"morris cannot move {one} and {other} together; say correlate: false"
    if design.method == "sobol":
        yield from _across_groups(design.correlations, design.groups)
    if design.method == "latin-hypercube":
        most = max(len(group.keys) for group in groups_of(design.correlations))
        if design.n < most + 2:
            yield "n", f"must be at least {most + 2} to correlate {most} values"


def _across_groups(
    correlations: Sequence[Pair], groups: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    """Yield correlations between two groups, which Saltelli's design would have to tear apart."""
    group_of = {name: group for group, names in groups.items() for name in names}
    for one, other, _ in correlations:
        if group_of.get(one, one) != group_of.get(other, other):
            message = f"{one} and {other} are correlated: put them in one group, or say correlate"
            yield "groups" if groups else "method", f"{message}: false"
