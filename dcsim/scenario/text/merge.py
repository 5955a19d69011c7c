"""Layers: two trees of nodes in, one out, merged one over the other or joined side by side."""

from __future__ import annotations

from typing import NamedTuple

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.nodes import (
    PLUGINS,
    by_package,
    is_atom,
    is_filled_list,
    names_of,
    no_such_item,
    short,
)


class Change(NamedTuple):
    """A value that a later layer put in place of an earlier one."""

    where: str
    """``file:line`` of the later one, or the command-line argument that set it."""
    key: str
    """Key path such as ``works.grid-103mw.slip``."""
    old: str
    """What stood there before, as text."""
    new: str
    """What stands there now, as text."""

    def __str__(self) -> str:
        return f"{self.where} {self.key} {self.old} -> {self.new}"


def merge(old: Node, new: Node, changes: list[Change], key: str = "") -> Node:
    """Merge `new` over `old`: mappings by key, named lists by name, everything else replaced.

    Plug-ins are a list of names: those of `new` come to those of `old`, which need them. ``null``
    takes a key away again; a named item with ``remove: true`` takes the item away; an
    empty list takes all items away.

    Parameters
    ----------
    old, new : Node
    changes : list of Change
        Receives every value of `old` that `new` replaces, in order.
    key : str
        Key path of both, for `changes`.

    Raises
    ------
    ScenarioError
        If an item is to be taken away that is not there.
    """
    if not (is_atom(old) or is_atom(new)):
        if isinstance(old.value, dict) and isinstance(new.value, dict):
            return Node(_merged_keys(old, new, changes, key), new.where)
        if isinstance(old.value, list) and isinstance(new.value, list):
            return Node(_merged_names(old, new, changes, key), old.where)
    if key == PLUGINS and is_filled_list(old) and is_filled_list(new):
        return Node(_merged_plugins(old, new, changes), old.where)
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


def _merged_plugins(old: Node, new: Node, changes: list[Change]) -> list[Node]:
    items = by_package(old)
    for name, item in by_package(new).items():
        if name in items and items[name].plain != item.plain:
            changes.append(Change(item.where, PLUGINS, short(items[name]), short(item)))
        items[name] = item
    return list(items.values())


def _is_removal(item: Node) -> bool:
    remove = item.value.get("remove")
    return remove is not None and remove.value is True


class Sibling(NamedTuple):
    """A parent of a scenario, with the files it derives from."""

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
    node = _joined_nodes(one.node, other.node, one.files, other.files, "")
    return Sibling(node, one.files | other.files)


def _joined_nodes(
    one: Node, other: Node, own_files: frozenset[str], other_files: frozenset[str], key: str
) -> Node:
    if key == PLUGINS and is_filled_list(one) and is_filled_list(other):
        own, others = by_package(one), by_package(other)
        both = {
            name: _chosen_sibling(own[name], others[name], own_files, other_files, key)
            for name in own.keys() & others.keys()
        }
        return Node(list((own | others | both).values()), one.where)
    if is_atom(one) or is_atom(other) or type(one.value) is not type(other.value):
        return _chosen_sibling(one, other, own_files, other_files, key)
    own, joined = _children_by_name(one), {}
    others = _children_by_name(other)
    for name in dict.fromkeys((*own, *others)):
        mine, theirs = own.get(name), others.get(name)
        if mine is not None and theirs is not None:
            path = f"{key}.{name}" if key else name
            joined[name] = _joined_nodes(mine, theirs, own_files, other_files, path)
        elif mine is not None and _file_of(mine) not in other_files:
            joined[name] = mine
        elif theirs is not None and _file_of(theirs) not in own_files:
            joined[name] = theirs
        # Otherwise one of them knows the file it stands in, and took it away.
    return Node(joined if isinstance(one.value, dict) else list(joined.values()), one.where)


def _chosen_sibling(
    one: Node, other: Node, own_files: frozenset[str], other_files: frozenset[str], key: str
) -> Node:
    # Both may be called what they like: the scenario on top of them has a name of its own.
    if one.plain == other.plain or _file_of(one) in other_files or key in ("name", "description"):
        return other
    if _file_of(other) in own_files:
        return one
    message = f"is set by two siblings: {short(one)} here, {short(other)} at {other.where}"
    raise ScenarioError([Problem(one.where, key, f"{message}; let one extend the other")])


def _children_by_name(node: Node) -> dict[str, Node]:
    if isinstance(node.value, dict):
        return dict(node.value)
    return dict(zip(names_of(node) or [], node.value, strict=True))


def _file_of(node: Node) -> str:
    return node.where.rpartition(":")[0]
