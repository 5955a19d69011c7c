"""The form of the axes of a study: nodes in, problems out, before any value is read."""

from __future__ import annotations

from collections.abc import Iterator

from dcsim.errors import MAX_KEY, Problem, cut
from dcsim.scenario.draws.values import flow_text
from dcsim.scenario.schema.part import checked_name
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.overrides import MAX_PARTS
from dcsim.study.records.rows import FIXED

FILE_KEYS = ("scenario", "extends")
"""Keys that name files: one in the place of the base, or some beside it."""
RESERVED_NAMES = ("case", *FIXED)
"""Columns of every table, which no axis may be called."""


def written_value(node: Node) -> str | float:
    """Return a value as it was written; numbers stay numbers."""
    value = node.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return float(value) if isinstance(value, int | float) else flow_text(node.plain)


def axis_faults(node: Node) -> Iterator[Problem]:
    """Yield the faults in the form of the axes."""
    for block in ("grid", "zip"):
        axes = list(node.value[block].value.items()) if block in node.value else []
        for key, axis in axes:
            yield from _faults_of_axis(f"{block}.{key}", key, axis)
        counts = {key: len(axis.value) for key, axis in axes if isinstance(axis.value, dict | list)}
        if block == "zip" and len(set(counts.values())) > 1:
            counted = ", ".join(f"{key} has {n}" for key, n in counts.items())
            message = f"axes in step need equally many values: {counted}"
            yield Problem(node.value[block].where, block, message)
    if "list" in node.value:
        yield from _faults_of_list(node.value["list"])


def _faults_of_axis(path: str, key: str, axis: Node) -> Iterator[Problem]:
    if not isinstance(axis.value, dict | list) or not axis.value:
        message = "must be a list of values, or a mapping of labels to several values each"
        yield Problem(axis.where, path, message)
    elif isinstance(axis.value, list):
        yield from _faults_of_key(path, key, axis)
        seen: set[str | float] = set()
        for item in axis.value:
            yield from _faults_of_file(path, key, item)
            if (label := written_value(item)) in seen:
                yield Problem(item.where, path, f"repeats {cut(str(label), 60)}")
            seen.add(label)
    else:
        if fault := _fault_of_name(key):
            yield Problem(axis.where, path, fault)
        for label, bundle in axis.value.items():
            yield from _faults_of_bundle(f"{path}.{label}", bundle)


def _faults_of_bundle(path: str, bundle: Node) -> Iterator[Problem]:
    if bundle.value is None:
        return
    if not isinstance(bundle.value, dict):
        message = "must be a mapping of key paths; the values of one key path are a list"
        yield Problem(bundle.where, path, message)
        return
    for key, child in bundle.value.items():
        yield from _faults_of_key(f"{path}.{key}", key, child)
        yield from _faults_of_file(f"{path}.{key}", key, child)


def _faults_of_list(entries: Node) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries.value):
        path = f"list.{index}"
        given = entry.value.get("id")
        rest = {key: child for key, child in entry.value.items() if key != "id"}
        yield from _faults_of_bundle(path, Node(rest, entry.where))
        if given is not None and (fault := _fault_of_name(given.value)):
            yield Problem(given.where, f"{path}.id", fault)
        name = str(given.value) if given is not None else str(Node(rest, "").plain)
        if name.casefold() in seen:
            yield Problem(entry.where, path, f"repeats list.{seen[name.casefold()]}")
        seen.setdefault(name.casefold(), index)


def _fault_of_name(value: object) -> str:
    if value in RESERVED_NAMES:
        return f"{value} is a column of every table; use another name"
    try:
        checked_name(str(value))
    except ValueError as error:
        return str(error)
    return ""


def _faults_of_key(path: str, key: str, node: Node) -> Iterator[Problem]:
    parts = key.split(".")
    if not all(parts) or len(parts) > MAX_PARTS or len(key) > MAX_KEY:
        yield Problem(node.where, path, "is not a key path such as power.basis")


def _faults_of_file(path: str, key: str, node: Node) -> Iterator[Problem]:
    if key not in FILE_KEYS:
        return
    several = key == "extends" and isinstance(node.value, list)
    items = node.value if several else [node]
    if not items or not all(isinstance(item.value, str) and item.value for item in items):
        yield Problem(node.where, path, "must be the name of a file")
