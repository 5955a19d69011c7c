"""The errors a caller of dcsim may meet; each keeps its data in ``args``."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import NamedTuple

MAX_KEY = 200
MAX_MESSAGE = 1000

# Characters that print as nothing and that the comparison of texts by .NET, in which the agents are
# written, passes over: variation selectors, fillers of Hangul and the like.
_INVISIBLE = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]*"
)
# GitHub obeys `::` at the start of a line, Azure `##vso[` and both `##[` anywhere in it, TeamCity
# `##teamcity[`. A table may wrap so that any part of a text begins a line.
_HASHES = rf"#(?={_INVISIBLE}#{_INVISIBLE}(?:[A-Za-z]{_INVISIBLE})*\[)"
_LOG_COMMAND = re.compile(rf"{_HASHES}|:(?={_INVISIBLE}:)")
_HASHES_OF_COMMAND = re.compile(_HASHES)
_FIGURE = re.compile(
    r"(?<![\w.,])[+-]?\d[\d.,:-]*(?: (?:bn |mn )?[A-Za-z%°][A-Za-z%°/^0-9-]{0,15}(?!\w)| ?%|\w*)"
)
"""A number or date with the unit, or the word, behind it."""
_LONGEST_FIGURE = 60
"""Characters behind the end in which the rest of a figure is looked for."""


class Problem(NamedTuple):
    """One thing wrong with a scenario: where it stands, which key, what is allowed."""

    where: str
    """``file:line`` of the offending value, or the command-line argument that set it."""
    key: str
    """Key path such as ``works.grid-41mw.slip``; empty when the whole file is meant."""
    message: str
    """The fault, and what to write instead."""

    def __str__(self) -> str:
        parts = (
            cut(self.where, 2 * MAX_KEY),
            cut(self.key, MAX_KEY),
            cut(self.message, MAX_MESSAGE),
        )
        return printable(": ".join(part for part in parts if part))


class DcsimError(Exception):
    """Base of all errors that are the caller's to mend.

    `ScenarioError`, `OutputError` and `PluginError` derive from it. So do ``ModelError``, a number
    outside the range in which a model holds, which is a ``ValueError`` too, and
    ``MissingExtraError``, a feature whose optional dependency is not installed.
    """


class ScenarioError(DcsimError):
    """Bad input: carries every problem that was found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems: list[Problem] = problems
        """All that is wrong, in the order of the file."""

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class RenamedKeyWarning(FutureWarning):
    """A file or an override uses the old name of a key, which will not be read for ever."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        # Python shows the file and the line of a warning itself.
        return str(self.problem._replace(where=""))


class ModelError(DcsimError, ValueError):
    """A model function was handed a parameter outside its range of validity."""


class OutputError(DcsimError):
    """The environment refused: a folder that cannot be written, a full disk."""


class PluginError(DcsimError):
    """A plug-in is missing, of another version, or hands over what it should not."""

    def __init__(self, message: str, named: str = "") -> None:
        super().__init__(message, named)
        self.named: str = named
        """Name that the scenario gives it, if that is where the fault shows."""

    def __str__(self) -> str:
        return str(self.args[0])


class MissingExtraError(DcsimError):
    """A feature needs an optional dependency that is not installed."""


def cut(text: str, most: int) -> str:
    """Return `text`, its end left out where it is longer than `most`; never part of a figure.

    A number without its last digits, or a unit without its last letters, reads as another one, so
    a figure that does not fit is left out with its unit.

    >>> cut("racks of 1,234,567 GPUs", 14), cut("limit of 25 GWh", 14)
    ('racks of…', 'limit of…')
    """
    if len(text) <= most:
        return text
    end = most - 1
    for figure in _FIGURE.finditer(text[: end + _LONGEST_FIGURE]):
        if figure.start() < end < figure.end() and text[: figure.start()].strip():
            return f"{text[: figure.start()].rstrip()}…"
    return f"{text[:end]}…"


def printable_json(text: str) -> str:
    """Return JSON, or YAML with JSON's quotes, as what reads back the same but is not obeyed.

    See `printable`. What is escaped here can only stand in quotes, so no line begins with it.
    """
    line = "".join(
        json.dumps(character)[1:-1] if unicodedata.category(character) == "Cf" else character
        for character in text
    )
    return _HASHES_OF_COMMAND.sub(r"\\u0023", line)


def printable(text: str) -> str:
    r"""Return `text` as one line that neither a terminal nor the log of a CI service obeys.

    Names come from untrusted files: control and direction-changing characters are escaped, line
    ends too, and the tokens by which agents find a command are broken, wherever they stand.

    >>> print(printable("##vso[task.complete]"), printable("::error::"))
    #\#vso[task.complete] :\:error:\:
    """
    line = "".join(
        character
        if character.isprintable() or unicodedata.category(character) == "Zs"
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
    return _LOG_COMMAND.sub(lambda token: f"{token[0]}\\", line)
