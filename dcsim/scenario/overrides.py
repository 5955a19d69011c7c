"""Values set on the command line, laid on top of all files."""

from __future__ import annotations

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.document import Node, parse_value
from dcsim.scenario.merging import Change, child_of, names_of, no_such_item, short

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
    return _put(node, parts, parse_value(value, where), changes, "")


def _put(node: Node, parts: list[str], new: Node, changes: list[Change], key: str) -> Node:
    name, rest = parts[0], parts[1:]
    path = f"{key}.{name}" if key else name
    old = child_of(node, name)
    if isinstance(node.value, list):
        if old is None:
            known = names_of(node) or [str(index) for index in range(len(node.value))]
            raise no_such_item(new.where, path, known)
        put = _below(old, rest, new, changes, path)
        items = [put if item is old else item for item in node.value]
        return Node([item for item in items if item is not None], node.where)
    if not isinstance(node.value, dict):
        message = f"{key or 'the scenario'} has no keys below it"
        raise ScenarioError([Problem(new.where, path, message)])
    put = _below(old, rest, new, changes, path)
    children = {**node.value, name: put}
    return Node({k: child for k, child in children.items() if child is not None}, node.where)


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
