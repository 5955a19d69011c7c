"""The checks of a scenario with its files: a node in, its values, site and data files out."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.checks.whole import (
    checked_edges,
    checked_node,
    refuse_cut_steps,
    refuse_overruns,
)
from dcsim.scenario.draws.values import Values
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text import named_files
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.named_files import KnownFiles


class CheckOptions(NamedTuple):
    """Settings of the checks of a scenario, and of every scenario that is derived from it."""

    root: Path | None = None
    """Folder that every file it names must lie in; None if its files were given with it."""
    files: bool = True
    """True if the files it names must be there."""
    edges: bool = True
    """True if distributions are checked at their ends."""
    one_folder: bool = False
    """True if files that overrides name lie with all others, and not in the current folder."""
    large: bool = False
    """True if it may ask for more than a run of reasonable length can do."""


class CheckedParts(NamedTuple):
    """Everything a scenario holds beside its values as they were read."""

    values: Values
    site: Site
    """With uncertain values at their median."""
    files: dict[str, Path]
    """Data files by the names the scenario gives them."""


def checked_parts(path: Path, node: Node, options: CheckOptions, known: KnownFiles) -> CheckedParts:
    """Check the values of a scenario, its uncertain ones at their ends, and the files it names.

    Parameters
    ----------
    path : Path
        File in whose folder data files are looked for.
    node : Node
        All values after layering.
    options : CheckOptions
    known : KnownFiles
        Files that need not be looked up.

    Raises
    ------
    ScenarioError
        With every problem found: file, line, key, what is allowed.
    """
    files: dict[str, Path] = {}

    def of_files(site: Site, values: Values) -> list[Problem]:
        try:
            files.update(_data_files(path, site, values, options, known))
        except ScenarioError as error:
            return list(error.problems)
        return []

    values, site = checked_node(node, of_files)
    if options.files:  # a finished run, which is read without its files, stays readable
        refuse_cut_steps(site, values)
    for drawn, edge in checked_edges(values) if options.edges else ():
        files |= _data_files(path, edge, drawn, options, known)
    if not options.large:
        refuse_overruns(site, values)
    return CheckedParts(values, site, files)


def _data_files(
    path: Path, site: Site, values: Values, options: CheckOptions, known: KnownFiles
) -> dict[str, Path]:
    """Return the data files of a scenario by the names it gives them."""
    if not options.files:
        return {}
    if options.root is None:
        named_files.check_named_files(site, values, known.files)
        return dict(known.files)
    return named_files.find(site, values, path.parent, options.root, known)
