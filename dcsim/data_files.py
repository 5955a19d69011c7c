"""Data files of a scenario: a scenario in, each file read as a run reads it, before any run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dcsim.errors import Problem, ScenarioError
from dcsim.pipeline import problems_located
from dcsim.power.load import read_load
from dcsim.scenario.checks.whole import checked_edges
from dcsim.scenario.plan import Plan
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text.named_files import check_named_files
from dcsim.series.profiles import grid_carbon_kg_per_mwh
from dcsim.supply.assets.asset_files import read_asset_files
from dcsim.weather.assemble import read_weather_notes

_READ_WITH_FILES = re.compile(r"^weather\.|^power\.load\b|profile|\.turbine$")
"""Keys of values on which it depends which files are read, and what is allowed in them."""


def read_data_files(scenario: Scenario) -> tuple[str, ...]:
    """Read every data file that a run of a scenario may read, as a run reads it.

    Nothing is computed. Files of sources that come late, or only in some replications, and those
    that an uncertain value may name are read as well.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    tuple of str
        Notes on the weather file, such as gaps that were filled.

    Raises
    ------
    ScenarioError
        With what is wrong with each file: file and line, key, what is allowed.
    """
    check_named_files(scenario.site, scenario.values, scenario.files)
    problems: dict[Problem, None] = {}
    notes: dict[str, None] = {}
    readers: tuple[Callable[[Plan], object], ...] = (
        lambda plan: notes.update(dict.fromkeys(read_weather_notes(plan))),
        read_load,
        grid_carbon_kg_per_mwh,
        read_asset_files,
    )
    for plan in _plans_by_files(scenario):
        for read in readers:
            try:
                with problems_located(scenario):
                    read(plan)
            except ScenarioError as error:
                problems |= dict.fromkeys(error.problems)
    if problems:
        raise ScenarioError(list(problems))
    return tuple(notes)


def _plans_by_files(scenario: Scenario) -> Iterator[Plan]:
    """Yield the plan of the single run, and further ones where an uncertain value names a file."""
    yield scenario.plan()
    if any(_READ_WITH_FILES.search(value.key) for value in scenario.values.drawn):
        for _, site in checked_edges(scenario.values):
            yield Plan(site, files=scenario.files)
