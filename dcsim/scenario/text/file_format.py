"""Format of files: a node as it is read in, the node without what is the file's alone out.

A file says in `format` by which rules it is written; without it, by those of format 1. That is a
property of the file, not of the plan in it: each file is checked by itself, nothing that runs sees
the key, and it is in no digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dcsim.errors import Problem, ScenarioError, cut
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.renamed_keys import (
    RENAMED,
    KindOfFile,
    RenamedKey,
    new_key,
    rows_read,
    with_new_keys,
)
from dcsim.version import __version__

FORMAT_KEY = "format"
OLDEST_FORMAT, FILE_FORMAT = 1, 1
"""Formats that are read, and the one that is written."""
FORMAT_SCHEMA = {
    "type": "integer",
    "minimum": OLDEST_FORMAT,
    "maximum": FILE_FORMAT,
    "default": 1,
    "description": "Format of this file; not part of the plan, and of each file by itself.",
}
"""The key in a JSON Schema."""


def content(node: Node, kind: KindOfFile = "scenario") -> Node:
    """Return what a file says, without its format and with the names of today.

    Parameters
    ----------
    node : Node
        The mapping at the top of the file.
    kind : str
        Kind of the file.

    Raises
    ------
    ScenarioError
        If the file is of a format that is not read, or has a key under both its names.
    """
    given = node.value.get(FORMAT_KEY)
    if given is not None:
        _check_format(given)
        node = Node({k: child for k, child in node.value.items() if k != FORMAT_KEY}, node.where)
    return _with_new_names(with_new_keys(node, rows_in_use(kind)), rows_in_use("scenario"))


def rows_in_use(kind: KindOfFile) -> Sequence[RenamedKey]:
    """Return the renamed keys of a kind of file whose old name this dcsim reads."""
    return rows_read(RENAMED[kind], __version__) if RENAMED[kind] else ()


def with_format(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain data of a file to be written, its format first.

    >>> with_format({"name": "One hall"})
    {'format': 1, 'name': 'One hall'}
    """
    return {FORMAT_KEY: FILE_FORMAT, **plain}


def _check_format(given: Node) -> None:
    value = given.value
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and OLDEST_FORMAT <= value <= FILE_FORMAT:
        return
    read = f"{OLDEST_FORMAT} to {FILE_FORMAT}" if OLDEST_FORMAT < FILE_FORMAT else f"{FILE_FORMAT}"
    this = f"dcsim {__version__}"
    if not whole:
        shown = f"{FORMAT_KEY} = {cut(str(value), 60)}" if _is_text(value) else FORMAT_KEY
        raise ScenarioError(
            [Problem(given.where, shown, f"must be a whole number; {this} reads {read}")]
        )
    message = f"is older than {this} reads ({read})"
    if value > FILE_FORMAT:
        message = f"is newer than {this} reads ({read}): upgrade dcsim"
    raise ScenarioError([Problem(given.where, f"{FORMAT_KEY} = {value}", message)])


def _is_text(value: object) -> bool:
    return isinstance(value, str | float) and not isinstance(value, bool)


def _with_new_names(node: Node, rows: Sequence[RenamedKey]) -> Node:
    """Return a file whose values that are key paths of a scenario are written as today."""
    if not rows:
        return node
    found = _at(
        node, "correlations", lambda pairs: _each(pairs, lambda pair: _pair_paths(pair, rows))
    )
    return _at(found, "sample", lambda sample: _sample_paths(sample, rows))


def _sample_paths(sample: Node, rows: Sequence[RenamedKey]) -> Node:
    sample = _at(
        sample, "uncertain", lambda paths: _each(paths, lambda path: _new_path(path, rows))
    )
    return _at(
        sample,
        "groups",
        lambda groups: _each(
            groups, lambda paths: _each(paths, lambda path: _new_path(path, rows))
        ),
    )


def _pair_paths(pair: Node, rows: Sequence[RenamedKey]) -> Node:
    return _at(pair, "between", lambda paths: _each(paths, lambda path: _new_path(path, rows)))


def _new_path(node: Node, rows: Sequence[RenamedKey]) -> Node:
    is_path = isinstance(node.value, str)
    return Node(new_key(node.value, node.where, rows), node.where) if is_path else node


def _at(node: Node, key: str, change: Callable[[Node], Node]) -> Node:
    """Return a mapping with what stands at a key changed; any other node as it is."""
    if not isinstance(node.value, dict) or key not in node.value:
        return node
    return Node({**node.value, key: change(node.value[key])}, node.where)


def _each(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a list or a mapping with each of its values changed; any other node as it is."""
    if isinstance(node.value, list):
        return Node([change(child) for child in node.value], node.where)
    if isinstance(node.value, dict):
        return Node({key: change(child) for key, child in node.value.items()}, node.where)
    return node
