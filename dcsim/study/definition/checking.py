"""The check of a study: its axes in, the scenario with each value alone on the base out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.checks import messages
from dcsim.scenario.scenario import Scenario
from dcsim.study.definition import axes as of_axes
from dcsim.study.definition.axes import Dimension, Setting
from dcsim.study.definition.bases import Bases
from dcsim.study.definition.loaded_base import LoadedBase

MAX_PROBLEMS = 3
"""Problems elsewhere in a scenario that the message of a setting lists."""


def checked_settings(
    bases: Bases | LoadedBase, dimensions: Sequence[Dimension], shown: str, *, all_of_them: bool
) -> Iterator[Scenario]:
    """Yield the base with each value of each axis alone on top of it.

    Parameters
    ----------
    bases : Bases or LoadedBase
        The base of the study.
    dimensions : sequence of Dimension
        Its axes.
    shown : str
        The study file as messages name it.
    all_of_them : bool
        Whether settings without files are checked; those with files always are, since the design
        depends on what is uncertain in them.

    Raises
    ------
    ScenarioError
        At the end, with the problems of all settings.
    """
    problems: dict[Problem, None] = {}
    for dimension in dimensions:
        for index in range(len(dimension[0].settings)):
            settings = of_axes.settings_at(dimension, index)
            with_files = any(setting.base or setting.beside for setting in settings)
            if not with_files and not (all_of_them and any(s.overrides for s in settings)):
                continue
            try:
                yield bases.checked(settings)
            except ScenarioError as error:
                problems |= dict.fromkeys(_of_study(error, settings, shown))
    if problems:
        raise ScenarioError(messages.in_order(list(problems)))


def stands_in(where: str, shown: str) -> bool:
    """Return True if a place is in a study that messages call `shown`.

    >>> stands_in("study.yaml:3", "study.yaml"), stands_in("design", "design")
    (True, True)
    """
    return where == shown or where.startswith(f"{shown}:")


def _of_study(error: ScenarioError, settings: Sequence[Setting], shown: str) -> Iterator[Problem]:
    """Yield the problems of a setting at its line of the study file, under its key.

    A problem elsewhere in the scenario, such as a reference that the setting broke, is no line of
    the study: all such go into one problem at the setting.
    """
    elsewhere = []
    for problem in error.problems:
        if not stands_in(problem.where, shown):
            elsewhere.append(problem)
            continue
        setting = next((s for s in settings if _is_about(problem, s)), settings[0])
        has_key = problem.key.startswith((f"{setting.key}.scenario", f"{setting.key}.extends"))
        yield problem if has_key else problem._replace(key=f"{setting.key}.{problem.key}")
    if elsewhere:
        last = settings[-1]
        more = len(elsewhere) - MAX_PROBLEMS
        listed = "; ".join(map(str, elsewhere[:MAX_PROBLEMS]))
        listed += f"; {more} more" if more > 0 else ""
        keys = [key for key, _ in last.overrides[:1]] if last.key in of_axes.BLOCKS else []
        key = ".".join((last.key, *(keys or ["scenario"] * (last.key in of_axes.BLOCKS))))
        yield Problem(last.where, f"{key} = {last.label}", f"does not fit: {listed}")


def _is_about(problem: Problem, setting: Setting) -> bool:
    return any(value.where == problem.where for _, value in setting.overrides) and any(
        problem.key.startswith(key.partition(".")[0]) for key, _ in setting.overrides
    )
