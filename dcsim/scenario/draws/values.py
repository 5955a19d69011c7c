"""Values: nodes and a quantile in, plain data out, with the source and place of each value."""

from __future__ import annotations

import copy
import dataclasses
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, get_args

from dcsim.errors import MAX_KEY, Problem, cut
from dcsim.scenario.draws.distributions import draw, is_distribution
from dcsim.scenario.schema.part import Confidence
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.nodes import names_of

KeyPath = tuple[str, ...]
Loc = tuple[str | int, ...]
"""Where a value stands in plain data: keys of mappings, numbers in lists."""
Quantile = Callable[[str], float]
"""From the key path of an uncertain value to a number between 0 and 1."""

SOURCE_KEYS = ("source", "confidence", "note")
CONFIDENCES = get_args(Confidence)


class Leaf(NamedTuple):
    """One effective value with its text, place and source."""

    key: str
    """Key path such as ``works.grid-103mw.slip``."""
    text: str
    """The value as the file writes it."""
    where: str
    """``file:line`` where it stands."""
    source: str | None
    """Names of its sources, if it has any."""
    confidence: str | None
    """How well it is known: ``stated``, ``derived`` or ``assumption``, if that is said."""
    uncertain: bool
    """True if it is a distribution."""
    is_text: bool
    """True if it is a name or a date, rather than an assumption that needs a source."""


class OpenValue(NamedTuple):
    """An uncertain value for which no quantile is chosen yet."""

    key: str
    loc: Loc
    distribution: Mapping[str, object]
    where: str


@dataclass
class Values:
    """Plain data for the schema, with the place and source of each value."""

    data: Any = None
    leaves: list[Leaf] = field(default_factory=list)
    places: dict[KeyPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    drawn: list[OpenValue] = field(default_factory=list)
    """Uncertain values."""
    cited: list[Problem] = field(default_factory=list)
    """Places that name sources; the message is the name."""

    def at(self, quantile: Quantile) -> Values:
        """Return the same scenario with each distribution at the quantile of its key."""
        problems, drawn = [], []
        for value in self.drawn:
            try:
                drawn.append((value.loc, draw(value.distribution, quantile(value.key))))
            except ValueError as error:
                problems.append(Problem(value.where, value.key, str(error)))
        data = _with_values(self.data, drawn)
        return dataclasses.replace(self, data=data, problems=[*self.problems, *problems])


def evaluate(node: Node, quantile: Quantile) -> Values:
    """Return the plain values of a scenario, each distribution at the quantile of its key."""
    values = Values()
    kept = {k: v for k, v in node.value.items() if k != "sources"}
    values.data = _evaluated(Node(kept, node.where), (), (), (None, None), values)
    return values.at(quantile)


def _with_values(data: Any, changes: Iterable[tuple[Loc, object]]) -> Any:
    """Return plain data with some values put in.

    Only the mappings and lists on the way to a value are copied: a replication changes few of the
    thousands of values, and all others are shared between replications.
    """
    fresh: dict[Loc, Any] = {(): copy.copy(data)}
    for loc, value in changes:
        if not loc:
            return value
        for depth in range(1, len(loc)):
            if loc[:depth] not in fresh:
                above = fresh[loc[: depth - 1]]
                fresh[loc[:depth]] = above[loc[depth - 1]] = copy.copy(above[loc[depth - 1]])
        fresh[loc[:-1]][loc[-1]] = value
    return fresh[()]


def _evaluated(
    node: Node, path: KeyPath, loc: Loc, inherited: tuple[Any, Any], values: Values
) -> Any:
    values.places[path] = node.where
    if isinstance(node.value, dict) and not is_distribution(node.value):
        about = _source_of(node, path, inherited, values)
        if "value" in node.value:
            return _sourced(node, path, loc, about, values)
        return {
            key: _evaluated(child, (*path, key), (*loc, key), about, values)
            for key, child in node.value.items()
            if key not in SOURCE_KEYS
        }
    if isinstance(node.value, list):
        names = names_of(node) or [str(index) for index in range(len(node.value))]
        return [
            _evaluated(child, (*path, name), (*loc, index), inherited, values)
            for index, (name, child) in enumerate(zip(names, node.value, strict=True))
        ]
    return _leaf(node, path, loc, inherited, values)


def _source_of(
    node: Node, path: KeyPath, inherited: tuple[Any, Any], values: Values
) -> tuple[Any, Any]:
    given = {key: node.value[key] for key in SOURCE_KEYS if key in node.value}
    for key, child in given.items():
        here = ".".join((*path, key))
        if not isinstance(child.value, str):
            values.problems.append(Problem(child.where, here, "must be text"))
        elif key == "source":
            values.cited.append(Problem(child.where, here, child.value))
        elif key == "confidence" and child.value not in CONFIDENCES:
            message = f"must be one of {', '.join(CONFIDENCES)}"
            values.problems.append(Problem(child.where, f"{here} = {child.value}", message))
    confidence = given.get("confidence")
    if "source" not in given and "confidence" not in given:
        return inherited
    source = given["source"].value if "source" in given else None
    if source is None and confidence is not None and confidence.value != "assumption":
        source = inherited[0]
    return source, confidence.value if confidence is not None else "stated"


def _sourced(node: Node, path: KeyPath, loc: Loc, about: tuple[Any, Any], values: Values) -> Any:
    unknown = sorted(set(node.value) - {"value", *SOURCE_KEYS})
    if unknown:
        message = f"{unknown[0]} cannot stand beside value; allowed are {', '.join(SOURCE_KEYS)}"
        values.problems.append(Problem(node.value[unknown[0]].where, ".".join(path), message))
    inner = Node(node.value["value"].value, node.where)
    return _evaluated(inner, path, loc, about, values)


def _leaf(node: Node, path: KeyPath, loc: Loc, about: tuple[Any, Any], values: Values) -> Any:
    key = ".".join(path)
    uncertain = isinstance(node.value, dict)
    text = flow_text(node.plain)
    plain_text = isinstance(node.value, bool) or (
        isinstance(node.value, str)
        and not node.value[:1].lstrip("-+.").isdigit()
        and not node.value[:1].isdigit()
    )
    values.leaves.append(Leaf(key, text, node.where, about[0], about[1], uncertain, plain_text))
    if not uncertain:
        return node.value
    values.drawn.append(OpenValue(key, loc, node.plain, node.where))
    return None


def flow_text(value: Any) -> str:
    """Return a value as it would be written on one line of a scenario."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow_text(item) for item in value) + "]"
    return str(value)


def not_drawn(key: str, by_key: Mapping[str, Leaf]) -> str:
    """Say why `key` is not the key path of an uncertain value, or nothing if it is."""
    if key in by_key:
        shown = cut(by_key[key].text, 60)
        return "" if by_key[key].uncertain else f"{key} is not uncertain: it stands at {shown}"
    known = [leaf.key for leaf in by_key.values() if leaf.uncertain]
    close = difflib.get_close_matches(key[:MAX_KEY], known, n=1, cutoff=0.5)
    listed = f"; uncertain are {', '.join(known[:12])}" if known else "; nothing is uncertain"
    hint = f"; did you mean {close[0]}?" if close else listed
    return f"there is no uncertain value {cut(key, MAX_KEY)}{hint}"
