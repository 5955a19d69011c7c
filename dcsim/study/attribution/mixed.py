"""Scenarios between two others: some groups of assumptions from one, the rest from the other."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dcsim.errors import ModelError, ScenarioError
from dcsim.scenario.scenario import Scenario, from_plain
from dcsim.study.attribution.differences import Assumption, changed_assumptions

By = Literal["section", "name"]
ASIDE = ("name", "description", "sources", "expect", "milestones")
"""Sections that are told of and not computed with; those of the second scenario are taken."""
LINKS = "correlations"
"""Section that only says how values of others are drawn together."""
MOST_NAMED = 3
"""Joined groups that are named together by all their names."""
_ABSENT = object()


@dataclass(frozen=True)
class Group:
    """Assumptions that change together."""

    label: str
    places: tuple[tuple[str, ...], ...]
    """Paths of what is taken from one scenario or the other."""
    changes: tuple[Assumption, ...] = field(repr=False)


def groups_of(before: Scenario, after: Scenario, by: By) -> list[Group]:
    """Return the groups of assumptions that differ, in the order of the scenarios.

    Parameters
    ----------
    before, after : Scenario
    by : {"section", "name"}
        A group for each section of the file, or for each named thing and key within it.
    """
    found: dict[tuple[str, ...], list[Assumption]] = {}
    for change in changed_assumptions(before, after):
        place = _place(change.key, before, after, by)
        if place is not None:
            found.setdefault(place, []).append(change)
    return [Group(".".join(place), (place,), tuple(changes)) for place, changes in found.items()]


def _place(key: str, before: Scenario, after: Scenario, by: By) -> tuple[str, ...] | None:
    section, *rest = key.split(".")
    if section in ASIDE or section == LINKS:
        return None
    if by == "section" or not rest:
        return (section,)
    for scenario in (before, after):
        part = scenario.resolved.get(section)
        if part is not None and not isinstance(part, list | Mapping):
            return (section,)
    return (section, rest[0])


def hybrid(
    before: Scenario, after: Scenario, groups: Sequence[Group], taken: frozenset[int]
) -> Scenario:
    """Return the scenario that takes some groups from `after` and all else from `before`.

    Raises
    ------
    ScenarioError
        If they do not go together.
    """
    plain = copy.deepcopy(before.resolved)
    for section in ASIDE:
        _put(plain, (section,), after.resolved.get(section, _ABSENT))
    # Whatever either side cites stays known.
    plain["sources"] = {**before.resolved.get("sources", {}), **after.resolved.get("sources", {})}
    for index in sorted(taken):
        for place in groups[index].places:
            _put(plain, place, _get(after.resolved, place))
    if not plain["sources"]:
        del plain["sources"]
    files: dict[str, Path] = {**before.files, **after.files}
    _put(plain, (LINKS,), _links(before, after, len(groups), len(taken)))
    return _without_loose_links(plain, files, "between the two")


def _links(before: Scenario, after: Scenario, n_groups: int, n_taken: int) -> Any:
    """Return how values are drawn together: as in either scenario, between them as in both."""
    old, new = (scenario.resolved.get(LINKS, []) for scenario in (before, after))
    if n_taken == 0:
        return old or _ABSENT
    if n_taken == n_groups:
        return new or _ABSENT
    return [*old, *(link for link in new if link not in old)] or _ABSENT


def _without_loose_links(plain: dict[str, Any], files: Mapping[str, Path], name: str) -> Scenario:
    """Read a scenario, leaving out what is said to be drawn together and is not there."""
    # Most of them are seen without reading it, which takes a tenth of a second.
    here = [link for link in plain.get(LINKS, []) if _is_there(plain, link)]
    _put(plain, (LINKS,), here or _ABSENT)
    while True:
        try:
            return from_plain(plain, files=files, name=name)
        except ScenarioError as error:
            loose = {
                int(problem.key.split(".")[1])
                for problem in error.problems
                if problem.key.startswith(f"{LINKS}.") and problem.key.split(".")[1].isdigit()
            }
            links = plain.get(LINKS, [])
            left = [link for index, link in enumerate(links) if index not in loose]
            if len(left) == len(links):
                raise
            _put(plain, (LINKS,), left or _ABSENT)


def _is_there(plain: Mapping[str, Any], link: Any) -> bool:
    """Tell whether the named things of a link are in the scenario, as far as that is plain."""
    keys = link.get("between") if isinstance(link, Mapping) else None
    if not isinstance(keys, list):
        return True
    places = (str(key).split(".")[:2] for key in keys)
    return all(_get(plain, tuple(place)) is not _ABSENT for place in places)


def _get(plain: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    found: Any = plain
    for name in place:
        found = _item(found, name)
        if found is _ABSENT:
            return _ABSENT
    return found


def _item(part: Any, name: str) -> Any:
    if isinstance(part, Mapping):
        return part.get(name, _ABSENT)
    if isinstance(part, list):
        for index, item in enumerate(part):
            if _name_of(item, index) == name:
                return item
    return _ABSENT


def _name_of(item: Any, index: int) -> str:
    if isinstance(item, Mapping) and "name" in item:
        said = item["name"]
        return str(said["value"] if isinstance(said, Mapping) else said)
    return str(index)


def _put(plain: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    """Set a value in plain data, or take it out; a list keeps its order."""
    section, *rest = place
    if not rest:
        if value is _ABSENT:
            plain.pop(section, None)
        else:
            plain[section] = value
        return
    (name,) = rest
    part = plain.get(section, [] if isinstance(value, Mapping) and "name" in value else {})
    if isinstance(part, list):
        kept = [item for i, item in enumerate(part) if _name_of(item, i) != name]
        at = next((i for i, item in enumerate(part) if _name_of(item, i) == name), len(kept))
        plain[section] = kept if value is _ABSENT else [*kept[:at], value, *kept[at:]]
    else:
        kept_keys = {key: item for key, item in part.items() if key != name}
        plain[section] = kept_keys if value is _ABSENT else {**part, name: value}
    if not plain[section]:
        del plain[section]


def that_go_together(before: Scenario, after: Scenario, groups: Sequence[Group]) -> list[Group]:
    """Return groups of which each can change alone, and each last, joined where they cannot.

    An order of a product that only the other scenario has, for example, cannot change without it.

    Raises
    ------
    ModelError
        If the scenarios differ in nothing that is computed with.
    """
    if not groups:
        raise ModelError("the two scenarios differ in nothing that is computed with")
    joined = list(groups)
    known: dict[frozenset[tuple[str, ...]], list[str]] = {}

    def faults(among: Sequence[Group], taken: frozenset[int]) -> list[str]:
        places = frozenset(place for index in taken for place in among[index].places)
        if places not in known:
            known[places] = faults_of(before, after, among, taken)
        return known[places]

    while len(joined) > 1:
        partners = _misfits(joined, faults)
        if partners is None:
            return joined
        first, second = sorted(partners)
        one, other = sorted((joined[first], joined[second]), key=_only_on_one_side)
        places = one.places + other.places
        both = Group(_label(places), places, one.changes + other.changes)
        joined = [both if i == first else g for i, g in enumerate(joined) if i != second]
    return joined


def _only_on_one_side(group: Group) -> bool:
    return all(change.before is None or change.after is None for change in group.changes)


def _label(places: Sequence[tuple[str, ...]]) -> str:
    names = [".".join(place) for place in places]
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"


def _misfits(
    groups: Sequence[Group], faults_of_set: Callable[[Sequence[Group], frozenset[int]], list[str]]
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
            # Whatever leaves least unsound goes with it.
            left = {
                partner: len(faults_of_set(groups, held ^ {partner}))
                for partner in sorted(every - {index})
            }
            return index, min(left, key=left.__getitem__)
    return None


def _touches(group: Group, faults: Sequence[str]) -> bool:
    return any(
        fault == (path := ".".join(place)) or fault.startswith(f"{path}.")
        for place in group.places
        for fault in faults
    )


def faults_of(
    before: Scenario, after: Scenario, groups: Sequence[Group], taken: frozenset[int]
) -> list[str]:
    """Return the keys at which a scenario between the two is unsound; none if it is sound."""
    try:
        hybrid(before, after, groups, taken)
    except ScenarioError as error:
        return [problem.key for problem in error.problems]
    return []
