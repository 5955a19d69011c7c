"""Packages with models for dcsim: the name of an installed one in, its entry points out.

A plug-in is an installed package with entry points in one of `GROUPS`. Only packages that a
scenario names are looked at, so that a run without plug-ins pays nothing for those installed, and
none of them can stop it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dcsim.errors import DcsimError, PluginError
from dcsim.log import logger_of

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

    from packaging.requirements import Requirement

ASSET_GROUP, COOLING_GROUP, POLICY_GROUP, METRIC_GROUP = (
    "dcsim.assets",
    "dcsim.cooling",
    "dcsim.policies",
    "dcsim.metrics",
)
_LOG = logger_of(__name__)

GROUPS = (ASSET_GROUP, COOLING_GROUP, POLICY_GROUP, METRIC_GROUP)
"""Groups of entry points. The name of an entry point is what a scenario calls the model: a
section, a ``cooling.model``, a ``dispatch.policy``, a metric."""


class ModelEntry(NamedTuple):
    """One entry point of a plug-in."""

    package: str
    """Name and version of the package."""
    group: str
    name: str
    target: str
    """Module and object, such as ``dcsim_tidal.power:KIND``."""

    def __str__(self) -> str:
        return f"{self.package}, entry point {self.name} = {self.target} of {self.group}"

    @property
    def module(self) -> str:
        """Module that holds the object."""
        return self.target.partition(":")[0].strip()


@dataclass(frozen=True)
class PluginPackage:
    """An installed plug-in."""

    name: str
    """Normalized name of the package, such as ``dcsim-tidal``."""
    version: str
    entries: tuple[ModelEntry, ...] = field(repr=False)
    """Its entry points in `GROUPS`, in their order."""

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    @functools.cached_property
    def identity(self) -> str:
        """Version and, after a ``+``, 12 digits of a hash over its code and data.

        An edited plug-in is another one, also where its version stayed the same.
        """
        return f"{self.version}+{code_digest_of(entry.module for entry in self.entries)[:12]}"


@functools.cache
def requirement_of(text: str) -> Requirement:
    """Return the package and the versions that a text such as ``dcsim-tidal >= 0.2`` asks for.

    Raises
    ------
    ValueError
        If it is no such text.
    """
    # Half the time that `dcsim show` takes to read a small file: only where a plug-in is named.
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415

    try:
        found = Requirement(text)
    except InvalidRequirement:
        example = "such as dcsim-tidal or 'dcsim-tidal >= 0.2'"
        raise ValueError(f"is not the name of a package, {example}") from None
    if found.url or found.extras or found.marker:
        raise ValueError("takes a name and its versions: no address, no extras, no condition")
    return found


def normalized_name(text: str) -> str:
    """Return the name of the package in a text, as all spellings of it are normalized.

    >>> normalized_name("DCsim_Tidal >= 0.2")
    'dcsim-tidal'
    """
    from packaging.utils import canonicalize_name  # noqa: PLC0415  (see `requirement_of`)

    return canonicalize_name(requirement_of(text).name)


@functools.cache
def installed_plugin(text: str) -> PluginPackage:
    """Return the installed plug-in that a text asks for.

    Parameters
    ----------
    text : str
        Its name and, at will, its versions; see `requirement_of`.

    Raises
    ------
    PluginError
        If it is not installed, of another version, for another version of dcsim, or no plug-in.
    """
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415  (as above)

    wanted, name = requirement_of(text), normalized_name(text)
    try:
        found = distribution(wanted.name)
    except PackageNotFoundError:
        how = f"pip install {shlex.quote(str(wanted))}"
        message = f"needs the plug-in {name}, which is not installed: {how}"
        raise PluginError(message, text) from None
    if not wanted.specifier.contains(found.version, prereleases=True):
        how = f"pip install {shlex.quote(str(wanted))}"
        message = f"needs {wanted}, and {found.version} is installed: {how}"
        raise PluginError(message, text)
    _check_version_of_dcsim(found, f"{name} {found.version}", text)
    entries = tuple(_entries(found, f"{name} {found.version}"))
    if not entries:
        groups = ", ".join(GROUPS)
        message = f"{name} {found.version} is no plug-in of dcsim: no entry point in {groups}"
        raise PluginError(message, text)
    _LOG.info("found the plug-in %s %s with %d models", name, found.version, len(entries))
    return PluginPackage(name, found.version, entries)


def _entries(package: Distribution, title: str) -> Iterator[ModelEntry]:
    for entry in package.entry_points:
        if entry.group in GROUPS:
            yield ModelEntry(title, entry.group, entry.name, entry.value)


def _check_version_of_dcsim(package: Distribution, title: str, text: str) -> None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (as above)

    from packaging.requirements import Requirement  # noqa: PLC0415  (as above)

    try:
        own = version("dcsim")
    except PackageNotFoundError:
        return  # run from its sources
    for line in package.requires or ():
        needed = Requirement(line)
        if needed.name != "dcsim" or (needed.marker and not needed.marker.evaluate({"extra": ""})):
            continue
        if not needed.specifier.contains(own, prereleases=True):
            message = f"{title} needs dcsim {needed.specifier}, and this is dcsim {own}"
            raise PluginError(message, text)


@functools.cache
def model_of_entry(entry: ModelEntry) -> Any:
    """Return the object of an entry point.

    Raises
    ------
    PluginError
        If it cannot be imported, for whatever reason.
    """
    from importlib.metadata import EntryPoint  # noqa: PLC0415  (as above)

    try:
        return EntryPoint(entry.name, entry.target, entry.group).load()
    except Exception as error:  # code of others may fail in any way
        lines = str(error).splitlines() or [""]
        message = f"{entry}: cannot be imported: {type(error).__name__}: {lines[0]}"
        raise PluginError(message) from error


@contextmanager
def blamed(home: str) -> Iterator[None]:
    """Turn any error of a plug-in's code into one that says whose code it is.

    Parameters
    ----------
    home : str
        Package, version and entry point in words, as `ModelEntry` prints.

    Raises
    ------
    PluginError
        In the place of every error but those that are the user's to mend.
    """
    try:
        yield
    except (DcsimError, MemoryError):
        raise
    except Exception as error:  # code of others may fail in any way
        lines = str(error).splitlines() or [""]
        raise PluginError(f"{home}: {type(error).__name__}: {lines[0]}") from error


def code_digest_of(modules: Iterable[str]) -> str:
    """Return the SHA-256 of all files of the packages that hold some modules."""
    digest = hashlib.sha256()
    roots = {root: None for module in modules if (root := _root_of(module)) is not None}
    for root in sorted(roots):
        for file in sorted(_files_of(root)):
            content = file.read_bytes()
            name = file.relative_to(root.parent).as_posix()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _root_of(module: str) -> Path | None:
    """Return the folder of the outermost package of a module, or its own file.

    A namespace that several packages share is nobody's; what lies in it counts.
    """
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        try:
            spec = find_spec(".".join(parts[:depth]))
        except (ImportError, ValueError, AttributeError):
            return None
        if spec is not None and spec.origin is not None:
            file = Path(spec.origin)
            root = file.parent if spec.submodule_search_locations else file
            return root if root.exists() else None
    return None


def _files_of(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(folder, name) for name in names if not name.endswith((".pyc", ".pyo")))


@functools.cache
def plugin_with(group: str, name: str) -> PluginPackage | None:
    """Return an installed plug-in with an entry point of that name; for messages of errors.

    This looks at all installed packages, which takes a millisecond for each dozen of them.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  (as above)

    return next(_packages_of(entry_points(group=group, name=name)), None)


def installed_plugins() -> list[PluginPackage]:
    """Return all installed plug-ins by name, whether they can be used or not."""
    from importlib.metadata import entry_points  # noqa: PLC0415  (as above)

    found = {
        package.name: package
        for group in GROUPS
        for package in _packages_of(entry_points(group=group))
    }
    return [found[name] for name in sorted(found)]


def _packages_of(entries: Iterable[EntryPoint]) -> Iterator[PluginPackage]:
    for entry in entries:
        package = entry.dist
        if package is not None:
            name = normalized_name(package.name)
            title = f"{name} {package.version}"
            yield PluginPackage(name, package.version, tuple(_entries(package, title)))
