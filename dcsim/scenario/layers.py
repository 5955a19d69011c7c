"""Layers of a scenario: `extends`, the merge of parents and child, and `--set`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.document import Node, parse_value, read_node
from dcsim.scenario.uncertain import is_distribution

MAX_CHAIN = 8
MAX_FILES = 32


class Change(NamedTuple):
    """A value that a later layer put in place of an earlier one."""

    where: str
    key: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.where} {self.key} {self.old} -> {self.new}"


class Layered(NamedTuple):
    """A scenario after all its layers."""

    node: Node
    changes: tuple[Change, ...]
    files: tuple[Path, ...]


def inside(path: Path, root: Path) -> bool:
    """Tell whether `path`, with its links followed, lies in the folder `root`."""
    return path.resolve().is_relative_to(root.resolve())


def outside_root(where: str, key: str, root: Path) -> ScenarioError:
    """Return the error for a file that lies where a scenario may not read."""
    message = f"lies outside {root}, where the scenario may read; give --root to widen that"
    return ScenarioError([Problem(where, key, message)])


def shown_path(path: Path) -> str:
    """Return `path` as the user would type it: relative to the current folder if it is below."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def layered(path: Path, root: Path, overrides: Sequence[str] = ()) -> Layered:
    """Read `path`, all it extends, and the ``key.path=value`` overrides on top."""
    changes: list[Change] = []
    files: list[Path] = []
    node = _read(path, root, (), files, changes)
    for text in overrides:
        node = _override(node, text, changes)
    return Layered(node, tuple(changes), tuple(files))


def _read(
    path: Path, root: Path, chain: tuple[Path, ...], files: list[Path], changes: list[Change]
) -> Node:
    real = path.resolve()
    if real not in files:
        files.append(real)
    if len(files) > MAX_FILES:
        raise ScenarioError(
            [Problem(shown_path(path), "extends", f"reads more than {MAX_FILES} files")]
        )
    node = read_node(path, shown_path(path))
    extends = node.value.get("extends")
    own = Node({key: child for key, child in node.value.items() if key != "extends"}, node.where)
    if extends is None:
        return own
    chain = (*chain, real)
    parents: list[Node] = []
    for parent, where in _parents(extends, path):
        _refuse_link(parent, where, root, chain)
        parents.append(_read(parent, root, chain, files, changes))
    base = parents[0]
    for other in parents[1:]:
        _refuse_conflicts(base, other, "")
        base = merge(base, other, [])
    return merge(base, own, changes)


def _refuse_link(parent: Path, where: str, root: Path, chain: tuple[Path, ...]) -> None:
    if not inside(parent, root):
        raise outside_root(where, "extends", root)
    if parent.resolve() in chain:
        names = " -> ".join(shown_path(file) for file in (*chain, parent.resolve()))
        raise ScenarioError([Problem(where, "extends", f"goes round in a circle: {names}")])
    if len(chain) >= MAX_CHAIN:
        raise ScenarioError([Problem(where, "extends", f"is more than {MAX_CHAIN} files deep")])


def _parents(extends: Node, path: Path) -> Iterator[tuple[Path, str]]:
    named = extends.value if isinstance(extends.value, list) else [extends]
    for item in named:
        if not isinstance(item.value, str) or not item.value:
            raise ScenarioError(
                [Problem(item.where, "extends", "must be a file name or a list of them")]
            )
        parent = path.parent / item.value
        if not parent.is_file():
            names = [file.name for file in path.parent.glob("*.yaml")]
            close = difflib.get_close_matches(item.value, names, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ScenarioError(
                [Problem(item.where, "extends", f"{item.value}: no such file{hint}")]
            )
        yield parent, item.where


def is_atom(node: Node) -> bool:
    """Tell whether a value is replaced whole: scalar, distribution, sourced value, year table."""
    if isinstance(node.value, dict):
        keys = node.value.keys()
        return (
            "value" in keys
            or is_distribution(node.plain)
            or (bool(keys) and all(re.fullmatch(r"\d{4}", key) for key in keys))
        )
    return not (isinstance(node.value, list) and names_of(node) is not None)


def names_of(node: Node) -> list[str] | None:
    """Return the names of a list of named mappings, or None if it is no such list."""
    names = []
    for item in node.value:
        name = item.value.get("name") if isinstance(item.value, dict) else None
        if name is None or not isinstance(name.value, str):
            return None
        names.append(name.value)
    return names


def merge(old: Node, new: Node, changes: list[Change], key: str = "") -> Node:
    """Lay `new` over `old`: mappings by key, named lists by name, everything else replaced.

    ``null`` takes a key away again; a named item with ``remove: true`` takes the item away.
    """
    if (
        isinstance(old.value, dict)
        and isinstance(new.value, dict)
        and not (is_atom(old) or is_atom(new))
    ):
        return Node(_merged_keys(old, new, changes, key), new.where)
    if isinstance(old.value, list) and isinstance(new.value, list):
        before, after = names_of(old), names_of(new)
        if old.value and before is not None and after is not None:
            return Node(_merged_names(old, new, changes, key), old.where)
    if old.plain != new.plain:
        changes.append(Change(new.where, key, _short(old), _short(new)))
    return new


def _merged_keys(old: Node, new: Node, changes: list[Change], key: str) -> dict[str, Node]:
    children = dict(old.value)
    for name, child in new.value.items():
        path = f"{key}.{name}" if key else name
        if name in children and child.value is None:
            changes.append(Change(child.where, path, _short(children[name]), "nothing"))
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
        if "remove" in item.value:
            if name in items:
                changes.append(Change(item.where, path, "present", "removed"))
            items.pop(name, None)
        elif name in items:
            items[name] = merge(items[name], item, changes, path)
        else:
            items[name] = item
    return list(items.values())


def _short(node: Node) -> str:
    text = str(node.plain)
    return text if len(text) <= 60 else text[:57] + "..."


def _refuse_conflicts(one: Node, other: Node, key: str) -> None:
    if is_atom(one) or is_atom(other):
        if one.plain != other.plain:
            message = (
                f"is set by two siblings: {_short(one)} here, {_short(other)} at {other.where}"
            )
            raise ScenarioError([Problem(one.where, key, f"{message}; let one extend the other")])
        return
    for name in _shared(one, other):
        pair = _child(one, name), _child(other, name)
        if pair[0] is not None and pair[1] is not None and name != "name":
            _refuse_conflicts(pair[0], pair[1], f"{key}.{name}" if key else name)


def _shared(one: Node, other: Node) -> list[str]:
    names = list(one.value) if isinstance(one.value, dict) else names_of(one) or []
    return [name for name in names if _child(other, name) is not None]


def _child(node: Node, name: str) -> Node | None:
    if isinstance(node.value, dict):
        return node.value.get(name)
    if isinstance(node.value, list):
        names = names_of(node)
        if names is not None and name in names:
            found: Node = node.value[names.index(name)]
            return found
        if name.isdigit() and int(name) < len(node.value):
            item: Node = node.value[int(name)]
            return item
    return None


def _override(node: Node, text: str, changes: list[Change]) -> Node:
    key, equals, value = text.partition("=")
    shown = f"--set {key}"
    if not equals or not key.strip():
        raise ScenarioError([Problem("", f"--set {text}", "write it as key.path=value")])
    parts = [part for part in key.strip().split(".") if part]
    return _put(node, parts, parse_value(value, shown), changes, "")


def _put(node: Node, parts: list[str], new: Node, changes: list[Change], key: str) -> Node:
    name, rest = parts[0], parts[1:]
    path = f"{key}.{name}" if key else name
    child = _child(node, name)
    if isinstance(node.value, list):
        if child is None:
            known = names_of(node) or [str(index) for index in range(len(node.value))]
            raise ScenarioError(
                [Problem(new.where, path, f"no such item; there are {', '.join(known)}")]
            )
        put = _put(child, rest, new, changes, path) if rest else new
        return Node([put if item is child else item for item in node.value], node.where)
    if not isinstance(node.value, dict):
        raise ScenarioError(
            [Problem(new.where, path, f"{key or 'the scenario'} has no keys below it")]
        )
    if rest:
        put = _put(child or Node({}, new.where), rest, new, changes, path)
        return Node({**node.value, name: put}, node.where)
    old = child.plain if child is not None else "nothing"
    changes.append(Change(new.where, path, str(old), _short(new)))
    return Node({**node.value, name: new}, node.where)
