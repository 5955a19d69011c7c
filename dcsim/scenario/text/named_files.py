"""Data files: the names a scenario gives them in, their paths out."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dcsim.errors import MAX_KEY, Problem, ScenarioError, cut
from dcsim.scenario.checks import messages
from dcsim.scenario.draws.values import Values
from dcsim.scenario.schema.assets.registry import assets_of
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.profile import Profile
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text import layers
from dcsim.scenario.text.nodes import places_in
from dcsim.scenario.text.overrides import Override
from dcsim.untrusted_files import read_untrusted_file

MAX_DATA_BYTES = 256 << 20


class KnownFiles(NamedTuple):
    """Files that are known already when a scenario is derived from another one."""

    files: Mapping[str, Path]
    """By the name the scenario gives them."""
    anew: frozenset[str] = frozenset()
    """Places of values that were set since; a file named there is looked up."""
    by_hand: frozenset[str] = frozenset()
    """Places of values that were set by hand; a file named there lies in the current folder."""


NO_FILES = KnownFiles({})


def known_before(
    overrides: Iterable[Override], files: Mapping[str, Path], *, one_folder: bool
) -> KnownFiles:
    """Return the files that are known before overrides are put on a scenario.

    Parameters
    ----------
    overrides : iterable of Override
    files : mapping of str to Path
        Files of the scenario without them.
    one_folder : bool
        True if files that the overrides name lie with all others.
    """
    places = [(one.by_hand, place) for one in overrides for place in places_in(one.value)]
    by_hand = {place for is_by_hand, place in places if is_by_hand and not one_folder}
    return KnownFiles(files, frozenset(place for _, place in places), frozenset(by_hand))


def find(
    site: Site, values: Values, folder: Path, root: Path, known: KnownFiles = NO_FILES
) -> dict[str, Path]:
    """Return each file by the name the scenario gives it; it must lie inside the root.

    Names are relative to `folder`, or to the current one where `known` says so.

    Parameters
    ----------
    site : Site
    values : Values
        Plain data of `site`, with the place of each key.
    folder : Path
        Folder of the scenario file.
    root : Path
        Folder that every file must lie in.
    known : KnownFiles
        Files that need not be looked up.

    Raises
    ------
    ScenarioError
        With each that is not there, lies outside the root or is larger than 256 MiB.
    """
    files, problems = dict[str, Path](), list[Problem]()
    for name, key, where in _named_files(site, values):
        if name in known.files and where not in known.anew:
            files[name] = known.files[name]
            continue
        path = (Path.cwd() if where in known.by_hand else folder) / name
        try:
            if not layers.inside(path, root):
                raise layers.outside_root(where, key, root)
            files[name] = _checked_file(path, name, where, key)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return files


def check_named_files(site: Site, values: Values, files: Mapping[str, Path]) -> None:
    """Refuse paths that lack a file the scenario names, or lead to no file.

    Parameters
    ----------
    site : Site
    values : Values
        Plain data of `site`, with the place of each key.
    files : mapping of str to Path
        Paths by the names the scenario gives the files.

    Raises
    ------
    ScenarioError
        At the first of them.
    """
    for name, key, where in _named_files(site, values):
        if name not in files:
            message = f"{cut(name, MAX_KEY)}: no path was given for this file"
            raise ScenarioError([Problem(where, key, message)])
        _checked_file(files[name], name, where, key)


def _named_files(site: Site, values: Values) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each file, the key that names it and where that stands."""
    named: dict[str, tuple[str, ...]] = {}
    if site.weather.file is not None:
        named[site.weather.file] = ("weather", "file")
    if site.weather.measured_wind is not None:
        named[site.weather.measured_wind.file] = ("weather", "measured_wind", "file")
    for kind, asset in assets_of(site):
        for field in kind.file_fields:
            name = getattr(asset, field)
            if name.lower().endswith(".csv"):
                named[name] = (kind.section, asset.name, key_of(field))
    for path, profile in profiles_of(site):
        named[profile.file] = (*path, "file")
    for name, path in named.items():
        yield name, ".".join(path), messages.place_of(path, values)


def profiles_of(site: Site) -> Iterator[tuple[tuple[str, ...], Profile]]:
    """Yield each profile from a file, with the path of its key."""
    for kind, asset in assets_of(site):
        profile = getattr(asset, "profile", None)
        if profile is not None:
            yield (kind.section, asset.name, "profile"), profile
    if site.grid.carbon_profile is not None:
        yield ("grid", "carbon_profile"), site.grid.carbon_profile
    if site.power.load is not None:
        yield ("power", "load"), site.power.load


def _checked_file(path: Path, name: str, where: str, key: str) -> Path:
    shown = cut(name, MAX_KEY)
    if not layers.is_file(path):
        raise ScenarioError([Problem(where, key, f"{shown}: no such file")])
    if path.stat().st_size > MAX_DATA_BYTES:
        raise ScenarioError([Problem(where, key, f"{shown}: larger than 256 MiB")])
    return path


@functools.lru_cache(maxsize=64)
def _content_digest(path: Path, _size: int, _mtime_ns: int) -> str:
    return hashlib.sha256(read_untrusted_file(path, MAX_DATA_BYTES)).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    status = path.stat()
    return _content_digest(path, status.st_size, status.st_mtime_ns)
