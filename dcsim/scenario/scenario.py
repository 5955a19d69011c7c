"""A scenario: read, layered, checked whole; from it the plan of any replication."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dcsim import streams
from dcsim.errors import Problem, ScenarioError
from dcsim.scenario import layers, messages, references
from dcsim.scenario.document import Node
from dcsim.scenario.plan import Plan
from dcsim.scenario.site import Site
from dcsim.scenario.uncertain import MEDIAN, TAIL
from dcsim.scenario.values import Leaf, Quantile, Values, evaluate

MAX_DATA_BYTES = 256 << 20


@dataclass(frozen=True)
class Scenario:
    """What `load` returns: the checked plan of a site with its uncertain values still open."""

    path: Path
    """The file it was read from."""
    node: Node = field(repr=False)
    """All values after layering, with their places."""
    site: Site = field(repr=False)
    """The scenario with uncertain values at their median."""
    leaves: tuple[Leaf, ...] = field(repr=False)
    """Every effective value with its place, source and confidence."""
    changes: tuple[layers.Change, ...] = field(repr=False)
    """What later layers put in place of earlier ones, in order."""
    overrides: tuple[str, ...] = ()
    """Values set on the command line, in order."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Data files it names, as found."""

    @property
    def name(self) -> str:
        """What the plan is called."""
        return self.site.name

    @functools.cached_property
    def uncertain(self) -> tuple[str, ...]:
        """Key paths of the values that are distributions."""
        return tuple(leaf.key for leaf in self.leaves if leaf.uncertain)

    @functools.cached_property
    def resolved(self) -> dict[str, Any]:
        """The scenario after layering as plain data, sources kept; runs as a file of its own."""
        plain: dict[str, Any] = self.node.plain
        return plain

    @functools.cached_property
    def digest(self) -> str:
        """Hash of the resolved scenario and of every data file it names."""
        parts = [json.dumps(self.resolved, sort_keys=True, ensure_ascii=True)]
        parts += [f"{name}:{file_digest(path)}" for name, path in sorted(self.files.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def plan(self, replication: int = 0) -> Plan:
        """Return the plan of one replication; 0 takes the median of every uncertain value."""
        if replication == 0 or not self.uncertain:
            return Plan(self.site, replication, self.files)
        seed = self.site.seed

        def quantile(key: str) -> float:
            u = streams.uniform(seed, key, "value", replication)
            return TAIL + (1 - 2 * TAIL) * u

        values = evaluate(self.node, quantile)
        return Plan(_validated(values), replication, self.files)


def load(
    path: str | Path,
    *,
    overrides: Sequence[str] = (),
    root: str | Path | None = None,
    check_files: bool = True,
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
        Whether the data files it names must be there, as they must for a run.

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
    if path.is_file() and not layers.inside(path, root):
        raise layers.outside_root(layers.shown_path(path), "", root)
    layered = layers.layered(path, root, overrides)
    values = evaluate(layered.node, lambda _: MEDIAN)
    _refuse(values.problems)
    site = _validated(values)
    _refuse(_problems_between(site, values))
    _refuse(_unknown_sources(layered.node, values))
    files = _data_files(site, values, path.parent, root) if check_files else {}
    if any(leaf.uncertain for leaf in values.leaves):
        _check_tails(layered.node)
    return Scenario(
        path, layered.node, site, tuple(values.leaves), layered.changes, tuple(overrides), files
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ScenarioError(problems)


def _validated(values: Values) -> Site:
    try:
        return Site.model_validate(values.data)
    except ValidationError as error:
        raise ScenarioError(messages.problems(error, values)) from None


def _check_tails(node: Node) -> None:
    """Refuse a distribution whose ends leave the range of its key."""
    quantiles: list[Quantile] = [lambda _: TAIL, lambda _: 1 - TAIL]
    for quantile in quantiles:
        values = evaluate(node, quantile)
        _refuse(values.problems)
        _refuse(_problems_between(_validated(values), values))


def _problems_between(site: Site, values: Values) -> list[Problem]:
    problems = []
    for fault in references.faults(site):
        path = fault.path
        while path and path not in values.places:
            path = path[:-1]
        problems.append(Problem(values.places[path], ".".join(fault.path), fault.message))
    return problems


def _unknown_sources(node: Node, values: Values) -> list[Problem]:
    sources = node.value.get("sources")
    known = set(sources.value) if sources is not None else set()
    return [
        Problem(leaf.where, leaf.key, f"source {leaf.source} is not in the sources block")
        for leaf in values.leaves
        if leaf.source is not None and not set(leaf.source.split()) <= known
    ]


def _data_files(site: Site, values: Values, folder: Path, root: Path) -> dict[str, Path]:
    """Find the data files a scenario names; each must be a file inside the root."""
    named: dict[str, tuple[str, ...]] = {}
    if site.weather.file is not None:
        named[site.weather.file] = ("weather", "file")
    for wind in site.wind:
        if wind.turbine.endswith(".csv"):
            named[wind.turbine] = ("wind", wind.name, "turbine")
    found = {}
    for name, key in named.items():
        where = values.places[key]
        path = (Path.cwd() if where.startswith("--set") else folder) / name
        if not layers.inside(path, root):
            raise layers.outside_root(where, ".".join(key), root)
        if not path.is_file():
            raise ScenarioError([Problem(where, ".".join(key), f"{name}: no such file")])
        if path.stat().st_size > MAX_DATA_BYTES:
            raise ScenarioError([Problem(where, ".".join(key), f"{name}: larger than 256 MiB")])
        found[name] = path
    return found


@functools.lru_cache(maxsize=64)
def _digest_of(path: Path, _size: int, _mtime_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    status = path.stat()
    return _digest_of(path, status.st_size, status.st_mtime_ns)
