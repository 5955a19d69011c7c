"""How one layer of a scenario is laid over another, and how siblings are joined."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.draws.distributions import is_distribution
from dcsim.scenario.text.document import Node


class Change(NamedTuple):
    """A value that a later layer put in place of an earlier one."""

    where: str
    key: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.where} {self.key} {self.old} -> {self.new}"


def is_atom(node: Node) -> bool:
    """Tell whether a value is replaced whole: scalar, distribution, sourced value, year table."""
    if isinstance(node.value, dict):
        keys = node.value.keys()
        return (
            "value" in keys
            or is_distribution(node.plain)
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


def child_of(node: Node, name: str) -> Node | None:
    """Return what stands under a key, a name or a number, or None."""
    if isinstance(node.value, dict):
        return node.value.get(name)
    if isinstance(node.value, list):
        names = names_of(node)
        if names is not None and name in names:
            found: Node = node.value[names.index(name)]
            return found
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


def merge(old: Node, new: Node, changes: list[Change], key: str = "") -> Node:
    """Lay `new` over `old`: mappings by key, named lists by name, everything else replaced.

    ``null`` takes a key away again; a named item with ``remove: true`` takes the item away; an
    empty list takes all items away.
    """
    if not (is_atom(old) or is_atom(new)):
        if isinstance(old.value, dict) and isinstance(new.value, dict):
            return Node(_merged_keys(old, new, changes, key), new.where)
        if isinstance(old.value, list) and isinstance(new.value, list):
            return Node(_merged_names(old, new, changes, key), old.where)
    if old.plain != new.plain:
        changes.append(Change(new.where, key, short(old), short(new)))
    return new


def _merged_keys(old: Node, new: Node, changes: list[Change], key: str) -> dict[str, Node]:
    children = dict(old.value)
    for name, child in new.value.items():
        path = f"{key}.{name}" if key else name
        if name in children and child.value is None:
            changes.append(Change(child.where, path, short(children[name]), "nothing"))
            del children[name]
        elif name in children:
            children[name] = merge(children[name], child, changes, path)
        else:
            children[name] = child
    return children


def _merged_names(old: Node, new: Node, changes: list[Change], key: str) -> list[Node]:
    items = dict(zip(names_of(old) or [], old.value, strict=True))
    for name, item in zip(names_of(new) or [], new.value, strict=True):
        path = f"{key}.{name}"
        if _is_removal(item):
            if name not in items:
                raise no_such_item(item.where, path, items)
            changes.append(Change(item.where, path, "present", "removed"))
            del items[name]
        elif name in items:
            items[name] = merge(items[name], item, changes, path)
        else:
            items[name] = item
    return list(items.values())


def _is_removal(item: Node) -> bool:
    remove = item.value.get("remove")
    return remove is not None and remove.value is True


def no_such_item(where: str, key: str, known: Iterable[str]) -> ScenarioError:
    """Return the error for an item that a list does not hold."""
    names = list(known)
    close = difflib.get_close_matches(key.rpartition(".")[2][:200], names, 1)
    listed = f"; there are {', '.join(names[:12])}" if names else "; the list is empty"
    hint = f"; did you mean {close[0]}?" if close else listed
    return ScenarioError([Problem(where, key, f"no such item{hint}")])


class Sibling(NamedTuple):
    """A parent of a scenario, with the files it was made from."""

    node: Node
    files: frozenset[str]
    """The file and all it extends, as they stand in front of a line number."""


def join(one: Sibling, other: Sibling) -> Sibling:
    """Join two files that one scenario extends; they may not set the same key.

    What both have from a file they share is no conflict: the one that changed it wins, so two small
    overrides of one plan can be combined.

    Raises
    ------
    ScenarioError
        If both set a key, neither of them on top of the other.
    """
    node = _joined(one.node, other.node, one.files, other.files, "")
    return Sibling(node, one.files | other.files)


def _joined(
    one: Node, other: Node, above: frozenset[str], beyond: frozenset[str], key: str
) -> Node:
    if is_atom(one) or is_atom(other) or type(one.value) is not type(other.value):
        return _chosen(one, other, above, beyond, key)
    names, found = _children(one), {}
    others = _children(other)
    for name in dict.fromkeys((*names, *others)):
        mine, theirs = names.get(name), others.get(name)
        if mine is not None and theirs is not None:
            path = f"{key}.{name}" if key else name
            found[name] = _joined(mine, theirs, above, beyond, path)
        elif mine is not None and _file(mine) not in beyond:
            found[name] = mine
        elif theirs is not None and _file(theirs) not in above:
            found[name] = theirs
        # Otherwise one of them knows the file it stands in, and took it away.
    return Node(found if isinstance(one.value, dict) else list(found.values()), one.where)


def _chosen(
    one: Node, other: Node, above: frozenset[str], beyond: frozenset[str], key: str
) -> Node:
    # Both may be called what they like: the scenario on top of them has a name of its own.
    if one.plain == other.plain or _file(one) in beyond or key in ("name", "description"):
        return other
    if _file(other) in above:
        return one
    message = f"is set by two siblings: {short(one)} here, {short(other)} at {other.where}"
    raise ScenarioError([Problem(one.where, key, f"{message}; let one extend the other")])


def _children(node: Node) -> dict[str, Node]:
    if isinstance(node.value, dict):
        return dict(node.value)
    return dict(zip(names_of(node) or [], node.value, strict=True))


def _file(node: Node) -> str:
    return node.where.rpartition(":")[0]
