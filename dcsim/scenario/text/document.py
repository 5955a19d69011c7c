"""Documents: YAML 1.2 text or plain data in, nodes out, each with its file and line."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcsim.errors import MAX_KEY, Problem, ScenarioError, cut
from dcsim.scenario.text.events import (
    InvalidYamlError,
    is_alike,
    libyaml_events,
    ruamel_events,
)
from dcsim.untrusted_files import FileRefusedError, read_untrusted_file

MAX_BYTES = 1 << 20
MAX_LINE = 1 << 16
MAX_DEPTH = 32
MAX_VALUES = 20_000
TOO_MANY = f"holds more than {MAX_VALUES:,} values"
MAX_INTEGER = 2**53

_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NUMBER_STARTS = frozenset("+-.0123456789")
_SPECIAL = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Control characters, and those that turn the direction of text around: a terminal obeys them, and a
# reviewer sees another name than the one that is read.
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a scenario file, with its place."""

    value: Any
    """A dict of nodes by key, a list of nodes, or a scalar."""
    where: str
    """``file:line``, or the command-line argument."""

    @property
    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: child.plain for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain for child in self.value]
        return self.value


def read_node(path: Path, shown: str) -> Node:
    """Read the mapping of one YAML file; every fault is a `ScenarioError` that names its line."""
    return parse(read_text(path, shown), shown)


def read_text(path: Path, shown: str) -> str:
    """Read a scenario file, bounded in size, regular files only."""
    try:
        raw = read_untrusted_file(path, MAX_BYTES)
    except FileRefusedError as error:
        most = ", the most a scenario may be" if "larger" in str(error) else ""
        raise ScenarioError([Problem(shown, "", f"{error}{most}")]) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = "is not UTF-8; save the file in that encoding"
        raise ScenarioError([Problem(f"{shown}:{line}", "", message)]) from None
    _scan(text, shown)
    return text


def _scan(text: str, shown: str) -> None:
    """Refuse text that is too much to parse, by a look at its lines, which is a hundredth of it."""
    n_keys = n_commas = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > MAX_LINE:
            raise ScenarioError(
                [Problem(f"{shown}:{number}", "", "line is longer than 65,536 characters")]
            )
        start = line.lstrip()
        if start.startswith("#"):
            continue
        n_keys += start.startswith("- ") or ": " in start or start.endswith(":")
        n_commas += line.count(",")
        if max(n_keys, n_commas) > MAX_VALUES:
            raise ScenarioError([Problem(f"{shown}:{number}", "", TOO_MANY)])


def parse(text: str, shown: str) -> Node:
    """Parse scenario text whose top level is a mapping."""
    if is_alike(text):
        # Whatever is wrong is found again below, and said in the words of that reader.
        with contextlib.suppress(ScenarioError, InvalidYamlError):
            return _parsed(libyaml_events(text), shown)
    try:
        return _parsed(ruamel_events(text), shown)
    except InvalidYamlError as error:
        raise _no_yaml(shown, *error.args) from None


def _parsed(events: Iterator[Any], shown: str) -> Node:
    # Events come one by one, so that what is nested too deep is refused before it is parsed.
    node = _Builder(events, shown).document()
    if not isinstance(node.value, dict):
        raise ScenarioError(
            [Problem(node.where, "", "needs keys at its top level, such as 'name: …'")]
        )
    return node


def _no_yaml(shown: str, reason: str, line: int) -> ScenarioError:
    where = f"{shown}:{line}" if line else shown
    first = reason.splitlines()[0] if reason else "cannot be parsed"
    return ScenarioError([Problem(where, "", f"is not valid YAML: {cut(first, MAX_KEY)}")])


def parse_value(text: str, shown: str) -> Node:
    """Parse one value given on the command line."""
    try:
        node = parse(f"value: {text}", shown)
    except ScenarioError as error:
        # Its one line is no line of a file.
        problems = [problem._replace(where=shown, key="") for problem in error.problems]
        raise ScenarioError(problems) from None
    if set(node.value) != {"value"}:
        raise ScenarioError([Problem(shown, "", "must be one value, on one line")])
    return _relocate(node.value["value"], shown)


def _relocate(node: Node, where: str) -> Node:
    if isinstance(node.value, dict):
        return Node({key: _relocate(child, where) for key, child in node.value.items()}, where)
    if isinstance(node.value, list):
        return Node([_relocate(child, where) for child in node.value], where)
    return Node(node.value, where)


class _Builder:
    """Builder of nodes from the parser's events, which refuses all that is not plain data."""

    def __init__(self, events: Iterator[Any], shown: str) -> None:
        self.next = events.__next__
        self.shown = shown
        self.n_values = 0
        self.path: list[str] = []

    def where(self, event: Any) -> str:
        return f"{self.shown}:{event.start_mark.line + 1}"

    def refuse(self, event: Any, message: str) -> ScenarioError:
        return ScenarioError([Problem(self.where(event), ".".join(self.path), message)])

    def document(self) -> Node:
        event = self.next()
        node = None
        while type(event).__name__ != "StreamEndEvent":
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                if node is not None:
                    raise self.refuse(event, "holds a second document; one file is one scenario")
                if event.version not in (None, (1, 2)) or event.tags:
                    raise self.refuse(event, "directives (%) are not allowed; YAML is read as 1.2")
            elif kind not in ("StreamStartEvent", "DocumentEndEvent"):
                node = self.node(event, 0)
            event = self.next()
        if node is None:
            raise ScenarioError([Problem(self.shown, "", "is empty")])
        return node

    def node(self, event: Any, depth: int, where: str = "") -> Node:
        """Return the node that begins with an event; it stands there, or at its key in `where`."""
        self.n_values += 1
        if self.n_values > MAX_VALUES:
            raise self.refuse(event, TOO_MANY)
        if depth > MAX_DEPTH:
            raise self.refuse(event, f"is nested deeper than {MAX_DEPTH} levels")
        kind = type(event).__name__
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            raise self.refuse(
                event, "anchors and aliases (& and *) are not allowed; write the value out"
            )
        if getattr(event, "tag", None):
            raise self.refuse(event, "tags (!) are not allowed; a scenario is plain data")
        if kind == "ScalarEvent":
            return Node(self.scalar(event), where or self.where(event))
        below = self.sequence if kind == "SequenceStartEvent" else self.mapping
        return Node(below(depth), where or self.where(event))

    def sequence(self, depth: int) -> list[Node]:
        items: list[Node] = []
        event = self.next()
        while type(event).__name__ != "SequenceEndEvent":
            self.path.append(str(len(items)))
            items.append(self.node(event, depth + 1))
            self.path.pop()
            event = self.next()
        return items

    def mapping(self, depth: int) -> dict[str, Node]:
        children: dict[str, Node] = {}
        event = self.next()
        while type(event).__name__ != "MappingEndEvent":
            key = self.key(event)
            if key in children:
                first = children[key].where
                raise self.refuse(event, f"key {key!r} is repeated; it stands at {first} already")
            self.path.append(key)
            # The place of a key is the line a reader looks for, also when its value begins below.
            child = children[key] = self.node(self.next(), depth + 1, self.where(event))
            self.path.pop()
            if key == "name" and self.path and self.path[-1].isdigit():
                self.path[-1] = str(child.value)
            event = self.next()
        return children

    def key(self, event: Any) -> str:
        if type(event).__name__ != "ScalarEvent" or event.anchor or event.tag:
            raise self.refuse(event, "a key must be plain text")
        if event.value == "<<":
            raise self.refuse(event, "merge keys (<<) are not allowed; use extends")
        if len(event.value) > MAX_KEY:
            raise self.refuse(event, f"a key is longer than {MAX_KEY} characters")
        return self.text(event)

    def text(self, event: Any) -> str:
        control = CONTROL.search(event.value)
        if control:
            code = f"U+{ord(control[0]):04X}"
            raise self.refuse(event, f"holds the control character {code}; leave it out")
        return str(event.value)

    def scalar(self, event: Any) -> Any:
        text = self.text(event)
        if event.style not in (None, ""):
            return text
        if text in _SPECIAL:
            return _SPECIAL[text]
        if text[0] not in _NUMBER_STARTS:
            return text
        if _INTEGER.fullmatch(text):
            if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
                raise self.refuse(event, f"{cut(text, 24)} is a whole number beyond ±2^53")
            return int(text)
        if _NOT_FINITE.fullmatch(text) or (
            _FLOAT.fullmatch(text) and abs(float(text)) == float("inf")
        ):
            raise self.refuse(event, f"{cut(text, 24)} is not a finite number")
        return float(text) if _FLOAT.fullmatch(text) else text
