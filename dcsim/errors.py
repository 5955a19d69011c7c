"""The errors a caller of dcsim may meet; each keeps its data in ``args``."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing wrong with a scenario: where it stands, which key, what is allowed."""

    where: str
    """``file:line`` of the offending value, or the command-line argument that set it."""
    key: str
    """Key path such as ``works.grid-41mw.slip``; empty when the whole file is meant."""
    message: str
    """What is wrong and what to write instead."""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        key = f"{self.key}: " if self.key else ""
        return printable(f"{place}{key}{self.message}")


class DcsimError(Exception):
    """Base of all errors that are the caller's to mend."""


class ScenarioError(DcsimError):
    """Bad input: carries every problem that was found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ModelError(DcsimError, ValueError):
    """A model function was handed a parameter outside its range of validity."""


class OutputError(DcsimError):
    """The environment refused: a folder that cannot be written, a full disk."""


class MissingExtraError(DcsimError):
    """A feature needs an optional dependency that is not installed."""


def printable(text: str) -> str:
    """Return `text` with control and direction-changing characters escaped.

    Names come from files of strangers; a terminal or a CI log must not obey them.
    """
    return "".join(
        character
        if character in "\n\t" or (character.isprintable() and character not in "\u2028\u2029")
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
