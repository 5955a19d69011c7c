"""A scenario: read, layered, checked whole; from it the plan of any replication."""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dcsim import streams
from dcsim.errors import MAX_KEY, Problem, ScenarioError, cut
from dcsim.scenario import layers, messages, references
from dcsim.scenario.document import Node
from dcsim.scenario.merging import Change, child_of
from dcsim.scenario.plan import Plan
from dcsim.scenario.site import Site
from dcsim.scenario.uncertain import MEDIAN, TAIL, edges
from dcsim.scenario.values import Leaf, Values, evaluate

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
    changes: tuple[Change, ...] = field(repr=False)
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

    def located(self, problem: Problem) -> Problem:
        """Return a problem that a stage found, with the place of its key."""
        if problem.where:
            return problem
        node = self.node
        for part in problem.key.split("."):
            below = child_of(node, part)
            if below is None:
                break
            node = below
        return problem._replace(where=node.where)

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
    if layers.is_file(path) and not layers.inside(path, root):
        raise layers.outside_root(layers.shown_path(path), "", root)
    layered = layers.layered(path, root, overrides)
    values = evaluate(layered.node, lambda _: MEDIAN)
    site = _validated(values)
    _refuse(_problems_between(site, values))
    _refuse(_unknown_sources(layered.node, values))
    files = _data_files(site, values, path.parent, root) if check_files else {}
    if values.drawn:
        _check_edges(layered.node, values)
    return Scenario(
        path, layered.node, site, tuple(values.leaves), layered.changes, tuple(overrides), files
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ScenarioError(messages.in_order(problems))


def _validated(values: Values) -> Site:
    """Return the site, or raise everything that is wrong with the values."""
    found: list[Problem] = []
    try:
        site = Site.model_validate(values.data)
    except ValidationError as error:
        told = {problem.key for problem in values.problems}
        found = [p for p in messages.problems(error, values) if p.key not in told]
    _refuse([*values.problems, *found])
    return site


def _check_edges(node: Node, values: Values) -> None:
    """Refuse a distribution that leaves the range of its key anywhere it may be drawn."""
    ends = {key: edges(value) for key, value in values.drawn.items()}
    for at in range(max(map(len, ends.values()))):
        drawn = evaluate(node, functools.partial(_edge, ends, at))
        _refuse(_problems_between(_validated(drawn), drawn))


def _edge(ends: Mapping[str, Sequence[float]], at: int, key: str) -> float:
    return ends[key][min(at, len(ends[key]) - 1)]


def _problems_between(site: Site, values: Values) -> list[Problem]:
    return [
        Problem(messages.place_of(fault.path, values), ".".join(fault.path), fault.message)
        for fault in references.faults(site)
    ]


def _unknown_sources(node: Node, values: Values) -> list[Problem]:
    """Return what is wrong with the sources block and with what names its keys."""
    sources = node.value.get("sources")
    if sources is None or sources.value is None:
        known: dict[str, Node] = {}
    elif isinstance(sources.value, dict):
        known = sources.value
    else:
        return [Problem(sources.where, "sources", "must be a mapping of keys")]
    problems = [
        Problem(about.where, f"sources.{name}", message)
        for name, about in known.items()
        if (message := _fault_of_source(name, about))
    ]
    for where, key, named in values.cited:
        unknown = [name for name in named.split() if name not in known]
        if unknown:
            close = difflib.get_close_matches(unknown[0][:200], known, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            message = f"{unknown[0]} is not in the sources block{hint}"
            problems.append(Problem(where, key, message))
    return problems


def _fault_of_source(name: str, about: Node) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name, re.ASCII):
        return "is not a name: use letters, digits, '.', '-' or '_', no spaces"
    if not isinstance(about.value, dict):
        return "must be a mapping such as {title: …, year: 2025, where: …}"
    nested = [key for key, child in about.value.items() if isinstance(child.value, dict | list)]
    return f"{nested[0]} must be text or a number" if nested else ""


def _data_files(site: Site, values: Values, folder: Path, root: Path) -> dict[str, Path]:
    """Find the data files a scenario names; each must be a file inside the root."""
    named: dict[str, tuple[str, ...]] = {}
    if site.weather.file is not None:
        named[site.weather.file] = ("weather", "file")
    for wind in site.wind:
        if wind.turbine.endswith(".csv"):
            named[wind.turbine] = ("wind", wind.name, "turbine")
    found = {}
    for name, path_of_key in named.items():
        where, key = messages.place_of(path_of_key, values), ".".join(path_of_key)
        shown = cut(name, MAX_KEY)
        path = (Path.cwd() if where.startswith("--set") else folder) / name
        if not layers.inside(path, root):
            raise layers.outside_root(where, key, root)
        if not layers.is_file(path):
            raise ScenarioError([Problem(where, key, f"{shown}: no such file")])
        if path.stat().st_size > MAX_DATA_BYTES:
            raise ScenarioError([Problem(where, key, f"{shown}: larger than 256 MiB")])
        found[name] = path
    return found


@functools.lru_cache(maxsize=64)
def _digest_of(path: Path, _size: int, _mtime_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    status = path.stat()
    return _digest_of(path, status.st_size, status.st_mtime_ns)
