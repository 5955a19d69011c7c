"""Plain data: mappings, lists and scalars of Python in, the nodes that a file would give out.

What a caller hands over is never changed. Objects that other libraries use for what a scenario
says in text are accepted in its place: quantities of pint, dates, scalars of NumPy, paths.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from pathlib import PurePath

import numpy as np

from dcsim.errors import MAX_KEY, Problem, ScenarioError, cut
from dcsim.scenario.text.document import CONTROL, MAX_DEPTH, MAX_INTEGER, MAX_VALUES, Node
from dcsim.scenario.text.physical import is_physical, plain_quantity

MOST_VALUES = 32 * MAX_VALUES
"""Values of plain data: what a scenario can hold that extends as many files as it may."""
ALLOWED = "numbers, text, booleans, None, dates, paths, quantities of pint, and lists and mappings"
"""All that may stand in plain data, for messages."""


def from_data(value: object, where: str) -> Node:
    """Return plain data as a node, as if it were read from a file called `where`.

    Raises
    ------
    ScenarioError
        If it is no mapping, or holds what a scenario cannot: with every problem found.
    """
    if not isinstance(value, Mapping):
        raise ScenarioError([Problem(where, "", "needs keys at its top level, such as 'name: …'")])
    return value_from_data(value, where)


def value_from_data(value: object, where: str, key: str = "") -> Node:
    """Return one value of plain data as a node, as if it stood at `where`.

    Parameters
    ----------
    value : object
    where : str
        Place of the value and of all below it.
    key : str
        Key path of the value, for messages.

    Raises
    ------
    ScenarioError
        If it holds what a scenario cannot: with every problem found.
    """
    reader = _Reader(where)
    node = reader.node(value, (key,) if key else (), 0)
    if reader.problems:
        raise ScenarioError(reader.problems)
    return node


class _Reader:
    """Reader of one tree of plain data; collects what is wrong with it."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[Problem] = []
        self.n_values = 0

    def node(self, value: object, path: tuple[str, ...], depth: int) -> Node:
        self.n_values += 1
        # Data that hold themselves, or one list many times over, have no end: nothing is collected.
        if depth > MAX_DEPTH:
            raise self.refusal(path, f"is nested deeper than {MAX_DEPTH} levels")
        if self.n_values > MOST_VALUES:
            raise self.refusal(path, f"holds more than {MOST_VALUES:,} values")
        if isinstance(value, Mapping):
            return Node(self.mapping(value, path, depth), self.where)
        if isinstance(value, list | tuple):
            named = (_name_of(item, at) for at, item in enumerate(value))
            children = zip(named, value, strict=True)
            return Node(
                [self.node(item, (*path, name), depth + 1) for name, item in children], self.where
            )
        return Node(self.scalar(value, path), self.where)

    def mapping(
        self, value: Mapping[object, object], path: tuple[str, ...], depth: int
    ) -> dict[str, Node]:
        children = {}
        for key, item in value.items():
            fault = _fault_of_key(key)
            if fault:
                self.problems.append(self.problem(path, fault))
            else:
                text = str.__str__(str(key))
                children[text] = self.node(item, (*path, text), depth + 1)
        return children

    def scalar(self, value: object, path: tuple[str, ...]) -> object:
        try:
            return plain_scalar(value)
        except ValueError as error:
            self.problems.append(self.problem(path, str(error)))
            return None

    def refusal(self, path: tuple[str, ...], message: str) -> ScenarioError:
        return ScenarioError([self.problem(path, message)])

    def problem(self, path: tuple[str, ...], message: str) -> Problem:
        return Problem(self.where, ".".join(path), message)


def _name_of(item: object, at: int) -> str:
    """Return what a key path calls an item of a list, as it does for a file."""
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else str(at)


def _fault_of_key(key: object) -> str:
    if not isinstance(key, str):
        hint = f"; write {str(key)!r}" if isinstance(key, int) else ""
        return f"a key must be plain text, not {cut(repr(key), 40)}{hint}"
    if len(key) > MAX_KEY:
        return f"a key is longer than {MAX_KEY} characters"
    return _fault_of_text(key)


def _fault_of_text(text: str) -> str:
    control = CONTROL.search(text)
    return f"holds the control character U+{ord(control[0]):04X}; leave it out" if control else ""


def plain_scalar(value: object) -> str | float | bool | None:
    """Return a scalar as a scenario file says it; ValueError says what is allowed instead.

    >>> plain_scalar(datetime.date(2027, 1, 15)), plain_scalar(np.int64(6)), plain_scalar(None)
    ('2027-01-15', 6, None)
    """
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    if isinstance(value, str | PurePath):
        return _text_of_data(value)
    # The durations of NumPy are integers to it.
    if isinstance(value, int | np.integer) and not isinstance(value, np.timedelta64):
        return _whole(int(value))
    if isinstance(value, float | np.floating):
        return _finite(float(value))
    if isinstance(value, datetime.date | np.datetime64):
        return _day_of_data(value)
    if is_physical(value):
        return plain_quantity(value)
    raise ValueError(f"{type(value).__name__} is not plain data; allowed are {ALLOWED}")


def _text_of_data(value: str | PurePath) -> str:
    # A subclass of text, such as an enumeration, may print as something else than what it is.
    text = str.__str__(value) if isinstance(value, str) else value.as_posix()
    fault = _fault_of_text(text)
    if fault:
        raise ValueError(fault)
    return text


def _whole(number: int) -> int:
    if abs(number) > MAX_INTEGER:
        raise ValueError("is a whole number beyond ±2^53")
    return number


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("is not a finite number")
    return number


def _day_of_data(value: datetime.date | np.datetime64) -> str:
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[s]").item()
    if not isinstance(value, datetime.date) or value != value:  # noqa: PLR0124  (pandas' NaT)
        raise ValueError("is not a date")
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            raise ValueError("has a time zone; give a day, which is one of the site's time zone")
        if value.time() != datetime.time():
            raise ValueError(f"has a time of day; give a day such as {value.date()}")
        value = value.date()
    return value.isoformat()
