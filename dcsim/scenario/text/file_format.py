"""Format of files: a node as it is read in, the node without what is the file's alone out.

A file says in `format` by which rules it is written; without it, by those of format 1. That is a
property of the file, not of the plan in it: each file is checked by itself, nothing that runs sees
the key, and it is in no digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
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
    rows = rows_in_use(kind)
    return _with_new_pairs(with_new_keys(node, rows), rows) if rows else node


def rows_in_use(kind: KindOfFile) -> Sequence[RenamedKey]:
    """Return the renamed keys of a kind of file whose old name this dcsim reads."""
    return rows_read(RENAMED[kind], _version()) if RENAMED[kind] else ()


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
    this = f"dcsim {_version()}".rstrip()
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


def _with_new_pairs(node: Node, rows: Sequence[RenamedKey]) -> Node:
    """Return a scenario whose correlations name values by the names of today."""
    entries = node.value.get("correlations")
    if entries is None or not isinstance(entries.value, list):
        return node
    found = Node([_with_new_pair(entry, rows) for entry in entries.value], entries.where)
    return Node({**node.value, "correlations": found}, node.where)


def _with_new_pair(entry: Node, rows: Sequence[RenamedKey]) -> Node:
    between = entry.value.get("between") if isinstance(entry.value, dict) else None
    if between is None or not isinstance(between.value, list):
        return entry
    keys = [
        Node(new_key(key.value, key.where, rows), key.where) if isinstance(key.value, str) else key
        for key in between.value
    ]
    return Node({**entry.value, "between": Node(keys, between.where)}, entry.where)


def _version() -> str:
    """Return the version of dcsim, or an empty text where it runs without being installed."""
    try:
        return version("dcsim")
    except PackageNotFoundError:
        return ""
