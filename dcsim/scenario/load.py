"""Reading scenarios: a file, layers or plain data in, a scenario that is checked whole out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dcsim.scenario.checked import CheckOptions
from dcsim.scenario.scenario import Scenario, scenario_of
from dcsim.scenario.text import layers
from dcsim.scenario.text.document import from_data
from dcsim.scenario.text.file_format import content
from dcsim.scenario.text.named_files import NO_FILES, KnownFiles


def load(
    path: str | Path,
    *,
    overrides: Sequence[str] = (),
    root: str | Path | None = None,
    check_files: bool = True,
    allow_large: bool = False,
) -> Scenario:
    """Read a scenario file and check it whole.

    Parameters
    ----------
    path : str or Path
        The YAML file.
    overrides : sequence of str
        Values laid on top, each as ``key.path=value``.
    root : str or Path, optional
        Folder that every file it names must lie in; the folder of `path` by default.
    check_files : bool
        True if the data files it names must be there, as they must for a run.
    allow_large : bool
        True if it may ask for more than a run of reasonable length can do.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem found: file, line, key, what is allowed.
    """
    path = Path(path)
    root = Path(root) if root is not None else path.parent
    if layers.is_file(path) and not layers.inside(path, root):
        raise layers.outside_root(layers.shown_path(path), "", root)
    layered = layers.layered(path, root, overrides)
    options = CheckOptions(root, files=check_files, large=allow_large)
    scenario = scenario_of(path, layered, options, NO_FILES)
    return dataclasses.replace(scenario, overrides=tuple(overrides))


def from_layers(path: Path, layered: layers.Layered, *, root: Path) -> Scenario:
    """Return the scenario that layers make which have been read already; see `load`.

    Parameters
    ----------
    path : Path
        File in whose folder the files it names are looked for.
    layered : Layered
    root : Path
        Folder that every file it names must lie in.
    """
    return scenario_of(path, layered, CheckOptions(root, large=True), NO_FILES)


def from_plain(
    resolved: Mapping[str, Any],
    *,
    files: Mapping[str, Path] | None = None,
    name: str = "scenario",
    check: bool = True,
) -> Scenario:
    """Return a scenario from the plain data of another one.

    Parameters
    ----------
    resolved : mapping
        What `Scenario.resolved` holds, as it is or after a way through JSON.
    files : mapping of str to Path, optional
        Data files by the names the scenario gives them, see `Scenario.files`.
    name : str
        Name in messages, in the place of a file and its line.
    check : bool
        True if distributions are checked at their ends; data from a loaded scenario were checked
        there already. All else is always checked.

    Returns
    -------
    Scenario
        With the plans and the digest of the one the data are from.

    Raises
    ------
    ScenarioError
        With every problem found: `name`, key, what is allowed.
    """
    node = content(from_data(resolved, name))
    given = {key: Path(path) for key, path in (files or {}).items()}
    options = CheckOptions(edges=check, large=True)
    return scenario_of(Path(name), layers.Layered(node), options, KnownFiles(given))
