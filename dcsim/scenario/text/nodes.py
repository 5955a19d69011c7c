"""Nodes of a scenario: a node and a name in, the node below it or a changed copy out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from dcsim.entry_points import normalized_name
from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.draws.distributions import is_distribution
from dcsim.scenario.text.document import Node

PLUGINS = "plugins"
"""Key of the packages whose models a scenario uses."""


def is_atom(node: Node) -> bool:
    """Tell whether a value is replaced whole: scalar, distribution, sourced value, year table."""
    if isinstance(node.value, dict):
        keys = node.value.keys()
        return (
            "value" in keys
            or is_distribution(node.value)
            or (bool(keys) and all(re.fullmatch(r"\d{4}", key) for key in keys))
        )
    return not (isinstance(node.value, list) and names_of(node))


def names_of(node: Node) -> list[str] | None:
    """Return the names of a list of named mappings, or None if it is no such list."""
    names = []
    for item in node.value:
        name = item.value.get("name") if isinstance(item.value, dict) else None
        if name is None or not isinstance(name.value, str):
            return None
        names.append(name.value)
    return names


def is_filled_list(node: Node) -> bool:
    """Tell whether a value is a list with an item in it."""
    return isinstance(node.value, list) and bool(node.value)


def by_package(node: Node) -> dict[str, Node]:
    """Return the items of a list of plug-ins by the name of their package."""
    return {_package_of(item): item for item in node.value}


def _package_of(item: Node) -> str:
    try:
        return normalized_name(str(item.value))
    except ValueError:
        return str(item.plain)  # refused once the scenario is checked


def child_of(node: Node, name: str) -> Node | None:
    """Return what stands under a key, a name or a number, or None."""
    if isinstance(node.value, dict):
        return node.value.get(name)
    if isinstance(node.value, list):
        names = names_of(node)
        if names is not None and name in names:
            named: Node = node.value[names.index(name)]
            return named
        if re.fullmatch(r"\d{1,6}", name, re.ASCII) and int(name) < len(node.value):
            item: Node = node.value[int(name)]
            return item
    return None


def short(node: Node | None) -> str:
    """Return a value as text for a record of changes."""
    if node is None:
        return "nothing"
    text = str(node.plain)
    return text if len(text) <= 60 else text[:57] + "..."


def is_sourced(node: Node) -> bool:
    """Tell whether a node is a value with its source: ``{value: …, source: …}``."""
    return isinstance(node.value, dict) and "value" in node.value


def unsourced(node: Node) -> Node:
    """Return the value of a sourced value, any other node as it is."""
    return node.value["value"] if is_sourced(node) else node


def node_at(node: Node, path: Sequence[str]) -> Node | None:
    """Return the node at a key path, or None; sources on the way are looked through.

    Parameters
    ----------
    node : Node
        Node that the path begins at.
    path : sequence of str
        Keys of mappings, names or numbers of items.

    Returns
    -------
    Node or None
        With its source, if it has one.
    """
    below: Node | None = node
    for part in path:
        below = child_of(unsourced(below), part) if below is not None else None
    return below


def places_in(node: Node) -> Iterator[str]:
    """Yield the place of a node and of all below it."""
    yield node.where
    below = node.value.values() if isinstance(node.value, dict) else node.value
    for child in below if isinstance(below, Iterable) and not isinstance(below, str) else ():
        yield from places_in(child)


def with_child(node: Node, name: str, child: Node | None) -> Node:
    """Return a mapping or a list with one child put in its place.

    Parameters
    ----------
    node : Node
        Mapping or list.
    name : str
        Key of the mapping; name or number of the item. What is not there yet comes last.
    child : Node or None
        Child that comes in; None takes away the one that is there.
    """
    old = child_of(node, name)
    if isinstance(node.value, dict):
        children = {**node.value, name: child}
        return Node({key: one for key, one in children.items() if one is not None}, node.where)
    items = [child if item is old else item for item in node.value]
    if old is None:
        items.append(child)
    return Node([item for item in items if item is not None], node.where)


def located(problem: Problem, node: Node) -> Problem:
    """Return a problem with the file and line of its key in a scenario, if it has none."""
    if problem.where:
        return problem
    for part in problem.key.split("."):
        below = child_of(node, part)
        if below is None:
            break
        node = below
    return problem._replace(where=node.where)


def no_such_item(where: str, key: str, known: Iterable[str]) -> ScenarioError:
    """Return the error for an item that a list does not hold.

    Parameters
    ----------
    where : str
        File and line that name it.
    key : str
        Key path that ends in its name.
    known : iterable of str
        Names the list holds; the closest one is suggested.
    """
    names = list(known)
    close = difflib.get_close_matches(key.rpartition(".")[2][:200], names, 1)
    listed = f"; there are {', '.join(names[:12])}" if names else "; the list is empty"
    hint = f"; did you mean {close[0]}?" if close else listed
    return ScenarioError([Problem(where, key, f"no such item{hint}")])
