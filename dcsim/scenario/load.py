"""Reading scenarios: a file, layers or plain data in, a scenario that is checked whole out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from dcsim.limits import path_from, switch
from dcsim.scenario.checked import CheckOptions
from dcsim.scenario.scenario import Scenario, scenario_of
from dcsim.scenario.text import layers
from dcsim.scenario.text.data import from_data
from dcsim.scenario.text.file_format import content
from dcsim.scenario.text.named_files import NO_FILES, KnownFiles, known_before
from dcsim.scenario.text.overrides import Overrides, overrides_from, texts_of

NAME = "scenario"
"""What messages call a scenario that is from plain data."""


def load(
    source: str | PathLike[str] | Mapping[str, object],
    *,
    overrides: Overrides = (),
    base: str | PathLike[str] | None = None,
    root: str | PathLike[str] | None = None,
    check_files: bool = True,
    allow_large: bool = False,
) -> Scenario:
    """Read a scenario from a file or from plain data, and check it whole.

    Parameters
    ----------
    source : path or mapping
        The YAML file, or what such a file holds: mappings, lists, text, numbers, booleans and None.
        A number that has a unit is text such as ``"1.85 kW"`` or a quantity of pint; days may be
        dates of Python, files may be paths, numbers may be those of NumPy. It is not changed.
    overrides : sequence of str, or mapping
        Values laid on top in order: texts such as ``"works.grid-103mw.slip=6 months"``, or values
        by key path, see `Scenario.with_overrides`.
    base : path, optional
        Folder of the files that a mapping names, those it extends among them; the current folder by
        default. A file names files in its own folder.
    root : path, optional
        Folder that every file must lie in; the one they are named in by default.
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
        With every problem found: file and line, key, what is allowed. Problems of a mapping are
        told by key path.
    TypeError
        If `source` is neither a path nor a mapping, or `base` is given with a path.

    Examples
    --------
    >>> import dcsim
    >>> scenario = dcsim.load("scenarios/minimal.yaml", overrides={"power.design_pue": 1.3})
    >>> scenario.site.power.design_pue
    1.3

    Files and mappings can build on one another:

    >>> late = dcsim.load(
    ...     {
    ...         "extends": "minimal.yaml",
    ...         "name": "One hall, racks late",
    ...         "orders": [{"name": "first", "lead_time": "40 weeks"}],
    ...     },
    ...     base="scenarios",
    ... )
    >>> late.site.orders[0].lead_time_h / 24 / 7
    40.0
    >>> dcsim.load({**late.resolved, "seed": "a"})
    Traceback (most recent call last):
    ...
    dcsim.errors.ScenarioError: scenario: seed = a: must be a number
    """
    given = overrides_from(overrides)
    is_data = isinstance(source, Mapping)
    if isinstance(source, Mapping):
        path = (Path() if base is None else path_from(base, "base")) / NAME
        root = path.parent if root is None else path_from(root, "root")
        layered = layers.layered_data(from_data(source, NAME), path, root, given)
    else:
        path = _path_of(source, base)
        root = path.parent if root is None else path_from(root, "root")
        if layers.is_file(path) and not layers.inside(path, root):
            raise layers.outside_root(layers.shown_path(path), "", root)
        layered = layers.layered(path, root, given)
    options = CheckOptions(
        root,
        files=switch(check_files, "check_files"),
        one_folder=is_data,
        large=switch(allow_large, "allow_large"),
    )
    known = known_before(given, {}, one_folder=is_data)
    scenario = scenario_of(path, layered, options, known)
    return dataclasses.replace(scenario, overrides=texts_of(overrides, given))


def _path_of(source: object, base: object) -> Path:
    """Return the path of a scenario file, or say what to hand over in its place."""
    if isinstance(source, Scenario):
        message = "load() takes a path or a mapping, not a Scenario; vary it by with_overrides"
        raise TypeError(message)
    if not isinstance(source, str | PathLike):
        raise TypeError(f"load() takes a path or a mapping, not {type(source).__name__}")
    path = path_from(source, "path")
    if base is not None:
        message = f"base= is for a mapping; {path.name} names files in its own folder"
        raise TypeError(message)
    return path


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
    name: str = NAME,
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
