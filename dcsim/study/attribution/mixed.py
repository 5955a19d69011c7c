"""Mixed scenarios: two scenarios in, the groups in which their assumptions change together out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from dcsim.errors import ModelError, ScenarioError
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text.mixing import CORRELATIONS, DESCRIPTIVE
from dcsim.study.attribution.differences import Assumption, changed_assumptions

By = Literal["section", "name"]
BY: tuple[By, ...] = get_args(By)
"""Ways to group assumptions."""
MOST_NAMED = 3
"""Joined groups that are named together by all their names."""


@dataclass(frozen=True)
class AssumptionGroup:
    """Assumptions that change together."""

    label: str
    """Name of the section or thing; several where they can only change together."""
    places: tuple[tuple[str, ...], ...]
    """Paths of what is taken from one scenario or the other."""
    changes: tuple[Assumption, ...] = field(repr=False)
    """The assumptions, in the order of the scenarios."""


def changed_groups(before: Scenario, after: Scenario, by: By) -> list[AssumptionGroup]:
    """Return the groups of assumptions that differ, in the order of the scenarios.

    Parameters
    ----------
    before, after : Scenario
    by : {"section", "name"}
        A group for each section of the file, or for each named thing and key within it.
    """
    found: dict[tuple[str, ...], list[Assumption]] = {}
    for change in changed_assumptions(before, after):
        place = _place_of_group(change.key, before, after, by)
        if place is not None:
            found.setdefault(place, []).append(change)
    return [
        AssumptionGroup(".".join(place), (place,), tuple(changes))
        for place, changes in found.items()
    ]


def _place_of_group(key: str, before: Scenario, after: Scenario, by: By) -> tuple[str, ...] | None:
    section, *rest = key.split(".")
    if section in (*DESCRIPTIVE, CORRELATIONS):
        return None
    if by == "section" or not rest:
        return (section,)
    for scenario in (before, after):
        part = scenario.resolved.get(section)
        if part is not None and not isinstance(part, list | Mapping):
            return (section,)
    return (section, rest[0])


def mixed_scenario(
    before: Scenario, after: Scenario, groups: Sequence[AssumptionGroup], taken: frozenset[int]
) -> Scenario:
    """Return the scenario that takes some groups from `after` and all else from `before`.

    Parameters
    ----------
    before, after : Scenario
    groups : sequence of Group
        All that differ.
    taken : frozenset of int
        Numbers of the groups that are taken from `after`.

    Raises
    ------
    ScenarioError
        If they do not fit together.
    """
    sections = [".".join(place) for i in sorted(taken) for place in groups[i].places]
    if len(taken) == len(groups):
        sections.append(CORRELATIONS)
    present = {**before.resolved, **after.resolved}
    named = [section for section in (*DESCRIPTIVE, *sections) if section.split(".")[0] in present]
    return before.mixed_with(after, named)


def dependent_groups(
    before: Scenario, after: Scenario, groups: Sequence[AssumptionGroup]
) -> list[AssumptionGroup]:
    """Return groups of which each can change alone, and each last, joined where they cannot.

    Groups are joined two at a time until each of them alone, and all but each of them, make a sound
    scenario. An example: `after` renames the product ``server`` to ``box``, and with it the orders.
    ``orders`` alone names a product that is not there yet, so it is joined with ``products``.

    Parameters
    ----------
    before, after : Scenario
    groups : sequence of AssumptionGroup
        All that differ, see `changed_groups`.

    Returns
    -------
    list of AssumptionGroup
        In the order of `groups`; a joined one stands where its first part stood.

    Raises
    ------
    ModelError
        If the scenarios differ in nothing that is computed with.
    """
    if not groups:
        raise ModelError("the two scenarios differ in nothing that is computed with")
    joined = list(groups)
    # Each mix takes some tenths of a second to check, and the same one recurs after every join.
    cached: dict[frozenset[tuple[str, ...]], list[str]] = {}

    def faults(among: Sequence[AssumptionGroup], taken: frozenset[int]) -> list[str]:
        places = frozenset(place for index in taken for place in among[index].places)
        if places not in cached:
            cached[places] = faults_of_mix(before, after, among, taken)
        return cached[places]

    while len(joined) > 1:
        partners = _dependent_pair(joined, faults)
        if partners is None:
            return joined
        first, second = sorted(partners)
        one, other = sorted((joined[first], joined[second]), key=_only_on_one_side)
        places = one.places + other.places
        both = AssumptionGroup(_joined_label(places), places, one.changes + other.changes)
        joined = [both if i == first else g for i, g in enumerate(joined) if i != second]
    return joined


def _only_on_one_side(group: AssumptionGroup) -> bool:
    return all(change.before is None or change.after is None for change in group.changes)


def _joined_label(places: Sequence[tuple[str, ...]]) -> str:
    names = [".".join(place) for place in places]
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"


def _dependent_pair(
    groups: Sequence[AssumptionGroup],
    faults_of_set: Callable[[Sequence[AssumptionGroup], frozenset[int]], list[str]],
) -> tuple[int, int] | None:
    """Return two groups that have to change together, or None if none have to.

    What the message of an unsound scenario points at is the first partner to try.
    """
    every = frozenset(range(len(groups)))
    for index in every:
        for held in (frozenset({index}), every - {index}):
            faults = faults_of_set(groups, held)
            if not faults:
                continue
            named = [i for i in every - {index} if _touches(groups[i], faults)]
            if named:
                return index, named[0]
            # The message points at nothing that differs: a date that comes too early, for example,
            # is reported at the work, not at what delays it. The partner that leaves the fewest
            # faults joins.
            left = {
                partner: len(faults_of_set(groups, held ^ {partner}))
                for partner in sorted(every - {index})
            }
            return index, min(left, key=left.__getitem__)
    return None


def _touches(group: AssumptionGroup, faults: Sequence[str]) -> bool:
    return any(
        fault == (path := ".".join(place)) or fault.startswith(f"{path}.")
        for place in group.places
        for fault in faults
    )


def faults_of_mix(
    before: Scenario, after: Scenario, groups: Sequence[AssumptionGroup], taken: frozenset[int]
) -> list[str]:
    """Return the keys at which a mixed scenario is unsound; none if it is sound.

    Parameters
    ----------
    before, after : Scenario
    groups : sequence of AssumptionGroup
        All that differ.
    taken : frozenset of int
        Numbers of the groups that are taken from `after`.
    """
    try:
        mixed_scenario(before, after, groups, taken)
    except ScenarioError as error:
        return [problem.key for problem in error.problems]
    return []
