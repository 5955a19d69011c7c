"""Overrides: a scenario and values by key path in, the scenario with these values out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from dcsim.errors import MAX_KEY, Problem, ScenarioError, cut
from dcsim.scenario.draws.distributions import is_distribution
from dcsim.scenario.draws.values import SOURCE_KEYS
from dcsim.scenario.text.data import value_from_data
from dcsim.scenario.text.document import Node, parse_value
from dcsim.scenario.text.file_format import FORMAT_KEY, rows_in_use
from dcsim.scenario.text.merge import Change
from dcsim.scenario.text.nodes import (
    child_of,
    is_sourced,
    names_of,
    no_such_item,
    node_at,
    short,
    unsourced,
    with_child,
)
from dcsim.scenario.text.renamed_keys import new_key, with_new_keys

MAX_PARTS = 16
ORIGIN = "override"
"""What messages call an override that was given in Python."""


Overrides = Sequence[str] | Mapping[str, object]
"""Texts such as ``power.design_pue=1.3``, or values by key path."""


class OptionText(str):
    """An override as it was typed on the command line, so that messages name the option."""

    __slots__ = ()

    origin = "--set"


class Override(NamedTuple):
    """A value to be put at a key path; null takes the key away."""

    key: str
    value: Node
    by_hand: bool = False
    """True if no file says it: names of files in it are relative to the current folder."""

    @property
    def text(self) -> str:
        """The override as it would be typed: ``key.path=value``."""
        return f"{self.key}={spelled(self.value.plain)}"


def overrides_from(given: Overrides) -> list[Override]:
    """Return overrides in order, from texts as they are typed or from values by key path.

    Parameters
    ----------
    given : sequence of str, or mapping of str to plain data
        Texts such as ``power.design_pue=1.3``, or values by key path. A value may also be a `Node`,
        whose place messages then name.

    Raises
    ------
    ScenarioError
        If a text is no override, or a value is not plain data.
    TypeError
        If it is something else, such as one text.
    """
    if isinstance(given, Mapping):
        return [_from_value(key, value) for key, value in given.items()]
    if isinstance(given, str) or not isinstance(given, Sequence):
        kind = type(given).__name__
        message = "overrides are a list of texts such as 'key.path=value', or a mapping by key path"
        raise TypeError(f"{message}; not {kind}")
    return [_from_text(text) for text in given]


def texts_of(given: Overrides, overrides: Iterable[Override]) -> tuple[str, ...]:
    """Return overrides as they would be typed, and those that were typed as they are.

    Parameters
    ----------
    given : sequence of str, or mapping
        As a caller gave them.
    overrides : iterable of Override
        The same, read.
    """
    if isinstance(given, Mapping):
        return tuple(one.text for one in overrides)
    return tuple(given)


def _from_text(text: object) -> Override:
    if not isinstance(text, str):
        message = f"{cut(repr(text), MAX_KEY)}: must be text such as key.path=value"
        raise ScenarioError([Problem("", "overrides", message)])
    origin = text.origin if isinstance(text, OptionText) else ORIGIN
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not _is_key_path(key):
        raise ScenarioError([Problem(f"{origin} {text}", "", "write it as key.path=value")])
    where = f"{origin} {key}"
    _refuse_parents(key, where)
    return Override(key, parse_value(value, where), by_hand=True)


def _from_value(key: object, value: object) -> Override:
    where = f"{ORIGIN} {key}"
    if not isinstance(key, str) or "=" in key or not _is_key_path(key):
        raise ScenarioError([Problem(where, "", "is not a key path such as power.basis")])
    if isinstance(value, Node):
        return Override(key, value)
    _refuse_parents(key, where)
    return Override(key, value_from_data(value, where, key), by_hand=True)


def _is_key_path(text: str) -> bool:
    parts = text.split(".")
    return all(parts) and len(parts) <= MAX_PARTS


def _refuse_parents(key: str, where: str) -> None:
    if key.split(".", maxsplit=1)[0] == "extends":
        raise ScenarioError([Problem(where, "", "extends can only be written in a scenario")])


def spelled(value: object) -> str:
    """Return plain data as they would be typed on the command line.

    >>> spelled("6 months"), spelled("1.20"), spelled([0.5, None]), spelled({"2030": "1 MW"})
    ('6 months', '"1.20"', '[0.5, null]', '{"2030": "1 MW"}')
    """
    if isinstance(value, str):
        with contextlib.suppress(ScenarioError):
            if parse_value(value, "").plain == value:
                return value
    return json.dumps(value, ensure_ascii=False)


def put_all(node: Node, overrides: Iterable[Override], changes: list[Change]) -> Node:
    """Return a scenario with overrides put on it in order.

    Parameters
    ----------
    node : Node
        The whole scenario; it is left as it is.
    overrides : iterable of Override
        Key paths and values; a later one wins.
    changes : list of Change
        Gets each value that is replaced, old and new.

    Returns
    -------
    Node

    Raises
    ------
    ScenarioError
        If a key path leads nowhere.
    """
    for override in overrides:
        node = put(node, override.key, override.value, changes)
    return node


def put(node: Node, key: str, new: Node, changes: list[Change]) -> Node:
    """Return a scenario with one value put at a key path.

    A null takes the key away. What becomes certain by it leaves the correlations of the scenario.

    Parameters
    ----------
    node : Node
        Whole scenario.
    key : str
        Key path, such as ``works.grid-103mw.slip``.
    new : Node
        Value that comes in.
    changes : list of Change
        Receives what was changed.

    Raises
    ------
    ScenarioError
        If the path is none, or names what cannot be there.
    """
    if not _is_key_path(key):
        raise ScenarioError([Problem(new.where, key, "is not a key path such as power.basis")])
    parts = key.split(".")
    if parts[0] == FORMAT_KEY:
        raise ScenarioError([Problem(new.where, key, "can only be written in a file")])
    if rows := rows_in_use("scenario"):
        key = new_key(key, new.where, rows)
        parts = key.split(".")
        new = with_new_keys(new, rows, parts)
    changed = _put_below(node, parts, new, changes, "")
    return _uncorrelated(changed, key, new.where, changes)


def _put_below(node: Node, parts: list[str], new: Node, changes: list[Change], key: str) -> Node:
    name, rest = parts[0], parts[1:]
    path = f"{key}.{name}" if key else name
    old = child_of(node, name)
    if isinstance(node.value, list):
        if old is None:
            known = names_of(node) or [str(index) for index in range(len(node.value))]
            raise no_such_item(new.where, path, known)
        return with_child(node, name, _value_below(old, rest, new, changes, path))
    if is_sourced(node) and name not in ("value", *SOURCE_KEYS):
        # A key path names what is valued: price.2030 stands in the value of price.
        inner = _put_below(node.value["value"], parts, new, changes, key)
        return Node({**node.value, "value": inner}, node.where)
    if not isinstance(node.value, dict):
        message = f"{key or 'the scenario'} has no keys below it"
        raise ScenarioError([Problem(new.where, path, message)])
    return with_child(node, name, _value_below(old, rest, new, changes, path))


def _value_below(
    old: Node | None, rest: list[str], new: Node, changes: list[Change], path: str
) -> Node | None:
    """Return what stands at `path` afterwards, or None if nothing does."""
    if rest:
        return _put_below(old or Node({}, new.where), rest, new, changes, path)
    gone = new.value is None
    if not (gone and old is None):
        changes.append(Change(new.where, path, short(old), "nothing" if gone else short(new)))
    return None if gone else new


def _uncorrelated(node: Node, above: str, where: str, changes: list[Change]) -> Node:
    """Take what is no longer uncertain at or below a key path out of the correlations."""
    correlations = node.value.get("correlations")
    if correlations is None or not isinstance(correlations.value, list):
        return node
    entries, removed = [], []
    for entry in correlations.value:
        between = entry.value.get("between") if isinstance(entry.value, dict) else None
        keys = between.value if between is not None and isinstance(between.value, list) else []
        gone = [key for key in keys if _is_at_or_below(key, above) and not _is_uncertain(node, key)]
        removed += [str(key.value) for key in gone]
        if gone and between is not None:
            kept = Node([key for key in keys if key not in gone], between.where)
            entry = Node({**entry.value, "between": kept}, entry.where)  # noqa: PLW2901
        if len(keys) - len(gone) > 1 or not gone:
            entries.append(entry)
    if not removed:
        return node
    changes += [Change(where, f"correlations of {key}", "present", "removed") for key in removed]
    return with_child(node, "correlations", Node(entries, correlations.where))


def _is_at_or_below(key: Node, above: str) -> bool:
    return key.value == above or str(key.value).startswith(f"{above}.")


def _is_uncertain(node: Node, key: Node) -> bool:
    value = node_at(node, str(key.value).split("."))
    return value is not None and is_distribution(unsourced(value).value)
