"""Mixed scenarios: two trees of nodes and some key paths in, one tree of nodes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.merge import Change
from dcsim.scenario.text.nodes import (
    PLUGINS,
    by_package,
    child_of,
    is_filled_list,
    is_sourced,
    node_at,
    short,
    unsourced,
    with_child,
)

CORRELATIONS = "correlations"
"""Section that only says how values of other sections are drawn together."""

DESCRIPTIVE = ("name", "description", "plugins", "sources", "expect", "milestones")
"""Sections that no flow is computed from: what the site is called, and what is reported of it."""


def mixed(own: Node, other: Node, sections: Sequence[str], changes: list[Change]) -> Node:
    """Return a scenario with some sections of another one and the rest of its own.

    Sources and plug-ins of both stay known. Correlations are those of `other` if `sections` names
    them, the own ones if nothing is taken that a run computes with, and those of both in between;
    one that names something which is not in the scenario is left out.

    Parameters
    ----------
    own, other : Node
        Whole scenarios.
    sections : sequence of str
        Key paths of what is taken from `other`, such as ``works`` or ``works.grid-103mw``. What
        `other` does not have there is taken away.
    changes : list of Change
        Receives one entry for each section that is not the same in both.

    Raises
    ------
    ScenarioError
        If a key path leads nowhere in both scenarios.
    """
    node = own
    for section in sections:
        path = section.split(".")
        mine, theirs = node_at(own, path), node_at(other, path)
        if mine is None and theirs is None:
            raise ScenarioError([Problem("", section, "is in neither of the two scenarios")])
        if mine is None or theirs is None or mine.plain != theirs.plain:
            where = (theirs or own).where
            changes.append(Change(where, section, short(mine), short(theirs)))
        node = _taking(node, other, path)
    node = with_child(node, "sources", _joined_sources(own, other))
    node = with_child(node, PLUGINS, _joined_plugins(own, other))
    correlations = _correlations(own, other, sections)
    present = [entry for entry in correlations.value if _names_what_is_there(node, entry)]
    return _with_correlations(node, present, correlations.where)


def without_correlations(node: Node, indices: Collection[int]) -> Node:
    """Return a scenario without the correlations at some numbers."""
    entries = child_of(node, CORRELATIONS)
    if entries is None:
        return node
    left = [entry for index, entry in enumerate(entries.value) if index not in indices]
    return _with_correlations(node, left, entries.where)


def correlations_in(problems: Iterable[Problem]) -> set[int]:
    """Return the numbers of the correlations that problems are about.

    >>> sorted(correlations_in([Problem("", "correlations.2.between.0", ""), Problem("", "a", "")]))
    [2]
    """
    paths = (problem.key.split(".") for problem in problems)
    return {int(p[1]) for p in paths if p[0] == CORRELATIONS and len(p) > 1 and p[1].isdigit()}


def _taking(node: Node, other: Node | None, path: Sequence[str]) -> Node:
    """Return a mapping or list with what stands at a key path of another in its place."""
    name, rest = path[0], path[1:]
    mine = child_of(node, name)
    theirs = child_of(other, name) if other is not None else None
    if not rest:
        return with_child(node, name, theirs)
    inner = unsourced(mine) if mine is not None else _empty(theirs)
    if not isinstance(inner.value, dict | list):
        raise ScenarioError([Problem(inner.where, name, "has no keys below it")])
    inner = _taking(inner, unsourced(theirs) if theirs is not None else None, rest)
    if not inner.value:
        return with_child(node, name, None)
    if mine is not None and is_sourced(mine):
        inner = Node({**mine.value, "value": inner}, mine.where)
    return with_child(node, name, inner)


def _empty(like: Node | None) -> Node:
    is_list = like is not None and isinstance(unsourced(like).value, list)
    return Node([] if is_list else {}, like.where if like is not None else "")


def _joined_sources(own: Node, other: Node) -> Node | None:
    blocks = [node.value["sources"] for node in (own, other) if "sources" in node.value]
    known = {key: about for block in blocks for key, about in (block.value or {}).items()}
    return Node(known, blocks[0].where) if known else None


def _joined_plugins(own: Node, other: Node) -> Node | None:
    named = [node.value[PLUGINS] for node in (own, other) if PLUGINS in node.value]
    if len(named) < 2 or not all(is_filled_list(node) for node in named):
        return named[0] if named else None
    return Node(list((by_package(named[1]) | by_package(named[0])).values()), named[0].where)


def _correlations(own: Node, other: Node, sections: Sequence[str]) -> Node:
    old, new = (
        unsourced(node.value.get(CORRELATIONS, Node([], node.where))) for node in (own, other)
    )
    if CORRELATIONS in sections:
        return new
    if set(sections) <= set(DESCRIPTIVE):
        return old
    known = [entry.plain for entry in old.value]
    added = [entry for entry in new.value if entry.plain not in known]
    return Node([*old.value, *added], old.where)


def _with_correlations(node: Node, entries: list[Node], where: str) -> Node:
    return with_child(node, CORRELATIONS, Node(entries, where) if entries else None)


def _names_what_is_there(node: Node, entry: Node) -> bool:
    """Tell whether the things a correlation names are in a scenario, by section and name alone.

    Whether their values are uncertain shows when the scenario is checked, which takes a tenth of a
    second; most entries that no longer belong are seen here at once.
    """
    keys = entry.value.get("between") if isinstance(entry.value, dict) else None
    if keys is None or not isinstance(keys.value, list):
        return True
    return all(node_at(node, str(key.value).split(".")[:2]) is not None for key in keys.value)
