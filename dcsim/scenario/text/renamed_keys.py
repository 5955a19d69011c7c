"""Renamed keys: nodes and key paths with old names in, the same with the names of today out.

A key that gets another name is read under both for two releases, so that no file has to change on
the day of an upgrade: `RENAMED` says from which version on the old name is gone. Until then
whoever uses it gets a `RenamedKeyWarning`; from then on it is an unknown key, and the message
suggests the new name.

>>> row = RenamedKey("solar.*.size", "solar.*.capacity", since="0.2.0", gone="0.4.0")
>>> row.matches(("solar", "roof", "size")), row.name
(True, 'capacity')
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from dcsim.errors import Problem, RenamedKeyWarning, ScenarioError
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.nodes import is_sourced, names_of


class RenamedKey(NamedTuple):
    """A key that has another name since some version."""

    old: str
    """Key path; ``*`` stands for the name of an item."""
    new: str
    """Key path that differs from `old` in its last name only."""
    since: str
    """First version that knows the new name."""
    gone: str
    """First version that does not read the old one."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the old key path."""
        return tuple(self.old.split("."))

    @property
    def name(self) -> str:
        """Name of the key today."""
        return self.new.rpartition(".")[2]

    def matches(self, path: Sequence[str]) -> bool:
        """Return True if a key path is the old one."""
        return len(path) == len(self.parts) and self.leads_to(path)

    def leads_to(self, path: Sequence[str]) -> bool:
        """Return True if the old key path is a key path that begins with `path`."""
        return all(mine in ("*", name) for mine, name in zip(self.parts, path, strict=False))


KindOfFile = Literal["scenario", "study"]
RENAMED: dict[KindOfFile, tuple[RenamedKey, ...]] = {"scenario": (), "study": ()}
"""Renamed keys of each kind of file. A row stays when its old name is gone: messages suggest the
new one."""


def rows_read(rows: Iterable[RenamedKey], version: str) -> tuple[RenamedKey, ...]:
    """Return the renamed keys whose old name a version of dcsim reads.

    >>> row = RenamedKey("grid.co2", "grid.carbon", since="0.2.0", gone="0.4.0")
    >>> [len(rows_read([row], version)) for version in ("0.2.0", "0.3.5", "0.4.0", "1.0.0")]
    [1, 1, 0, 0]
    """
    return tuple(row for row in rows if release_of(version) < release_of(row.gone))


def release_of(version: str) -> tuple[int, ...]:
    """Return the numbers of a version; those of a release count for what comes before it, too.

    >>> release_of("0.4.0"), release_of("0.4.0.dev1"), release_of("")
    ((0, 4, 0), (0, 4, 0), ())
    """
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def with_new_keys(node: Node, rows: Sequence[RenamedKey], path: Sequence[str] = ()) -> Node:
    """Return what stands at a key path with the old names below it replaced.

    Parameters
    ----------
    node : Node
    rows : sequence of RenamedKey
    path : sequence of str
        Key path of `node`; empty for a whole file.

    Raises
    ------
    ScenarioError
        If a key stands there under both names.

    Warns
    -----
    RenamedKeyWarning
        For each old name.
    """
    for row in rows:
        if len(path) < len(row.parts) and row.leads_to(path):
            node = _with_new_key(node, row, tuple(path))
    return node


def new_key(key: str, where: str, rows: Sequence[RenamedKey]) -> str:
    """Return a key path with the names of today.

    Parameters
    ----------
    key : str
        Key path, such as ``works.grid-103mw.slip``.
    where : str
        Place that names it, for the warning.
    rows : sequence of RenamedKey

    Warns
    -----
    RenamedKeyWarning
        If one of its names is old.
    """
    path = key.split(".")
    for row in rows:
        at = len(row.parts)
        if row.matches(path[:at]):
            _warn(where, path[:at], row)
            path = [*path[: at - 1], row.name, *path[at:]]
    return ".".join(path)


def suggestion(path: Sequence[str], rows: Iterable[RenamedKey]) -> str:
    """Return the name of today for a key that is not read any more, or an empty text."""
    return next((row.name for row in rows if row.matches(path)), "")


def _with_new_key(node: Node, row: RenamedKey, path: tuple[str, ...]) -> Node:
    if is_sourced(node):
        return Node(
            {**node.value, "value": _with_new_key(node.value["value"], row, path)}, node.where
        )
    part = row.parts[len(path)]
    if isinstance(node.value, list):
        names = names_of(node) or [str(index) for index in range(len(node.value))]
        items = [
            _below(item, row, (*path, name)) for name, item in zip(names, node.value, strict=True)
        ]
        return Node(items if part == "*" else node.value, node.where)
    if not isinstance(node.value, dict):
        return node
    if len(path) == len(row.parts) - 1:
        return _renamed(node, row, path)
    children: dict[str, Any] = {
        key: _below(child, row, (*path, key)) if part in ("*", key) else child
        for key, child in node.value.items()
    }
    return Node(children, node.where)


def _below(node: Node, row: RenamedKey, path: tuple[str, ...]) -> Node:
    return _with_new_key(node, row, path) if len(path) < len(row.parts) else node


def _renamed(node: Node, row: RenamedKey, path: tuple[str, ...]) -> Node:
    """Return a mapping with its old key under the new name, in its place."""
    old, new = row.parts[-1], row.name
    if old not in node.value:
        return node
    where = node.value[old].where
    if new in node.value:
        both = f"is the old name of {new}, which stands at {node.value[new].where} already"
        raise ScenarioError([Problem(where, ".".join((*path, old)), both)])
    _warn(where, (*path, old), row)
    return Node({new if k == old else k: child for k, child in node.value.items()}, node.where)


_warned: dict[str, dict[Any, Any]] = {}
"""What Python keeps of the warnings that were shown, by file: each is shown once a process."""


def _warn(where: str, path: Sequence[str], row: RenamedKey) -> None:
    message = f"is called {row.name} since {row.since}; dcsim {row.gone} will not read the old name"
    file, _, line = where.rpartition(":")
    is_line = bool(file) and line.isdecimal()
    file = file if is_line else where
    warnings.warn_explicit(
        RenamedKeyWarning(Problem(where, ".".join(path), message)),
        RenamedKeyWarning,
        filename=file,
        lineno=int(line) if is_line else 0,
        registry=_warned.setdefault(file, {}),
    )
