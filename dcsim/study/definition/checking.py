"""The check of a study: each value of each axis alone on top of the base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.checks import messages
from dcsim.scenario.scenario import Scenario
from dcsim.study.definition import axes as of_axes
from dcsim.study.definition.axes import Dimension, Setting
from dcsim.study.definition.bases import Bases

MAX_TOLD = 3


def checked_settings(
    bases: Bases, dimensions: Sequence[Dimension], shown: str, *, all_of_them: bool
) -> Iterator[Scenario]:
    """Yield the base with each value of each axis on top of it; raise all problems at the end."""
    problems: dict[Problem, None] = {}
    for dimension in dimensions:
        for index in range(len(dimension[0].settings)):
            settings = of_axes.settings_at(dimension, index)
            with_files = any(setting.base or setting.beside for setting in settings)
            if not with_files and not (all_of_them and any(s.puts for s in settings)):
                continue
            try:
                yield bases.checked(settings)
            except ScenarioError as error:
                problems |= dict.fromkeys(_of_study(error, settings, shown))
    if problems:
        raise ScenarioError(messages.in_order(list(problems)))


def _of_study(error: ScenarioError, settings: Sequence[Setting], shown: str) -> Iterator[Problem]:
    """Yield the problems of a setting as they are told: at its place, under its key."""
    elsewhere = []
    for problem in error.problems:
        if not problem.where.startswith(f"{shown}:"):
            elsewhere.append(problem)
            continue
        setting = next((s for s in settings if _is_about(problem, s)), settings[0])
        told = problem.key.startswith((f"{setting.key}.scenario", f"{setting.key}.extends"))
        yield problem if told else problem._replace(key=f"{setting.key}.{problem.key}")
    if elsewhere:
        last = settings[-1]
        more = len(elsewhere) - MAX_TOLD
        told_of = "; ".join(map(str, elsewhere[:MAX_TOLD])) + (f"; {more} more" if more > 0 else "")
        keys = [key for key, _ in last.puts[:1]] if last.key in of_axes.BLOCKS else []
        key = ".".join((last.key, *(keys or ["scenario"] * (last.key in of_axes.BLOCKS))))
        yield Problem(last.where, f"{key} = {last.label}", f"does not fit: {told_of}")


def _is_about(problem: Problem, setting: Setting) -> bool:
    return any(value.where == problem.where for _, value in setting.puts) and any(
        problem.key.startswith(key.partition(".")[0]) for key, _ in setting.puts
    )
