"""Values set on the command line, laid on top of all files."""

from __future__ import annotations

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.draws.distributions import is_distribution
from dcsim.scenario.draws.values import SOURCE_KEYS
from dcsim.scenario.text.document import Node, parse_value
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

MAX_PARTS = 16


def override(node: Node, text: str, changes: list[Change]) -> Node:
    """Return a scenario with one ``key.path=value`` laid on top; ``null`` takes the key away.

    Raises
    ------
    ScenarioError
        If the text is no such override, or names what cannot be there.
    """
    key, equals, value = text.partition("=")
    key = key.strip()
    parts = key.split(".")
    if not equals or not all(parts) or len(parts) > MAX_PARTS:
        raise ScenarioError([Problem(f"--set {text}", "", "write it as key.path=value")])
    where = f"--set {key}"
    if parts[0] == "extends":
        raise ScenarioError([Problem(where, "", "extends can only be written in a file")])
    return put(node, key, parse_value(value, where), changes)


def put(node: Node, key: str, new: Node, changes: list[Change]) -> Node:
    """Return a scenario with one value laid on top at a key path; see `override`.

    What becomes certain by it leaves the correlations of the scenario.

    Raises
    ------
    ScenarioError
        If the path is none, or names what cannot be there.
    """
    parts = key.split(".")
    if not all(parts) or len(parts) > MAX_PARTS:
        raise ScenarioError([Problem(new.where, key, "is not a key path such as power.basis")])
    laid = _put(node, parts, new, changes, "")
    return _uncorrelated(laid, key, new.where, changes)


def _put(node: Node, parts: list[str], new: Node, changes: list[Change], key: str) -> Node:
    name, rest = parts[0], parts[1:]
    path = f"{key}.{name}" if key else name
    old = child_of(node, name)
    if isinstance(node.value, list):
        if old is None:
            known = names_of(node) or [str(index) for index in range(len(node.value))]
            raise no_such_item(new.where, path, known)
        return with_child(node, name, _below(old, rest, new, changes, path))
    if is_sourced(node) and name not in ("value", *SOURCE_KEYS):
        # A key path names what is valued: price.2030 stands in the value of price.
        inner = _put(node.value["value"], parts, new, changes, key)
        return Node({**node.value, "value": inner}, node.where)
    if not isinstance(node.value, dict):
        message = f"{key or 'the scenario'} has no keys below it"
        raise ScenarioError([Problem(new.where, path, message)])
    return with_child(node, name, _below(old, rest, new, changes, path))


def _below(
    old: Node | None, rest: list[str], new: Node, changes: list[Change], path: str
) -> Node | None:
    """Return what stands at `path` afterwards, or None if nothing does."""
    if rest:
        return _put(old or Node({}, new.where), rest, new, changes, path)
    gone = new.value is None
    if not (gone and old is None):
        changes.append(Change(new.where, path, short(old), "nothing" if gone else short(new)))
    return None if gone else new


def _uncorrelated(node: Node, above: str, where: str, changes: list[Change]) -> Node:
    """Take what is no longer uncertain at or below a key path out of the correlations."""
    said = node.value.get("correlations")
    if said is None or not isinstance(said.value, list):
        return node
    entries, left = [], []
    for entry in said.value:
        between = entry.value.get("between") if isinstance(entry.value, dict) else None
        keys = between.value if between is not None and isinstance(between.value, list) else []
        gone = [key for key in keys if _is_inside(key, above) and not _is_uncertain(node, key)]
        left += [str(key.value) for key in gone]
        if gone and between is not None:
            kept = Node([key for key in keys if key not in gone], between.where)
            entry = Node({**entry.value, "between": kept}, entry.where)  # noqa: PLW2901
        if len(keys) - len(gone) > 1 or not gone:
            entries.append(entry)
    if not left:
        return node
    changes += [Change(where, f"correlations of {key}", "present", "removed") for key in left]
    return Node({**node.value, "correlations": Node(entries, said.where)}, node.where)


def _is_inside(key: Node, above: str) -> bool:
    return key.value == above or str(key.value).startswith(f"{above}.")


def _is_uncertain(node: Node, key: Node) -> bool:
    found = node_at(node, str(key.value).split("."))
    return found is not None and is_distribution(unsourced(found).value)
