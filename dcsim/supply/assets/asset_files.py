"""Data files of sources: a plan in, each of its profiles and power curves read as a run reads it.

A run reads them when the source is there. Here they are read before anything is run, those of
sources that come late or only in some replications included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.assets.registry import KINDS, assets_of
from dcsim.series.profiles import profile_of

_FILE_READERS: dict[str, Callable[[Any, Plan], None]] = {
    kind.section: module.read_files
    for kind in KINDS
    if hasattr(module := import_module(f"{__package__}.{kind.section}"), "read_files")
}
"""Functions that read what an asset without a profile names instead of it, by section."""


def read_asset_files(plan: Plan) -> None:
    """Read the files of all sources of a plan, and look up the names of power curves.

    Raises
    ------
    ScenarioError
        With what is wrong with each file, by line and column.
    """
    problems = [
        problem
        for kind, asset in assets_of(plan.site)
        for problem in _faults_of_files(kind, asset, plan)
    ]
    if problems:
        raise ScenarioError(problems)


def _faults_of_files(kind: AssetKind, asset: Any, plan: Plan) -> Iterator[Problem]:
    profile = getattr(asset, "profile", None)
    try:
        if profile is not None:
            # What values the profile of a plug-in may have is for its model to say.
            most = np.inf if kind.available is not None else 1.0
            profile_of(plan, profile, f"{kind.key(asset)}.profile", most=most)
        elif kind.section in _FILE_READERS:
            _FILE_READERS[kind.section](asset, plan)
    except ScenarioError as error:
        yield from error.problems
