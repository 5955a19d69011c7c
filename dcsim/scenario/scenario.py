"""A scenario: read, layered, checked whole; from it the plan of any replication."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dcsim import streams
from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.checks import effort as budget
from dcsim.scenario.checks import messages
from dcsim.scenario.checks import relations as references
from dcsim.scenario.checks.sources import unknown_sources
from dcsim.scenario.draws import correlation
from dcsim.scenario.draws.correlation import Pair
from dcsim.scenario.draws.distributions import MEDIAN, TAIL, edges
from dcsim.scenario.draws.inputs import inputs_of
from dcsim.scenario.draws.values import Leaf, Values, evaluate, not_drawn
from dcsim.scenario.plan import Input, Plan
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text import layers, named_files
from dcsim.scenario.text.document import Node, from_data
from dcsim.scenario.text.merge import Change
from dcsim.scenario.text.nodes import child_of


@dataclass(frozen=True)
class Scenario:
    """What `load` returns: the checked plan of a site with its uncertain values still open."""

    path: Path
    """The file it was read from."""
    node: Node = field(repr=False)
    """All values after layering, with their places."""
    values: Values = field(repr=False)
    """The same as plain data for the classes that check it."""
    site: Site = field(repr=False)
    """The scenario with uncertain values at their median, or at the quantile they are fixed at."""
    changes: tuple[Change, ...] = field(default=(), repr=False)
    """What later layers put in place of earlier ones, in order."""
    overrides: tuple[str, ...] = ()
    """Values set on the command line, in order."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Data files it names, as found."""
    quantiles: Mapping[str, float] = field(default_factory=dict)
    """Uncertain values that stand at a quantile in every replication, see `fixed`."""

    @property
    def name(self) -> str:
        """What the plan is called."""
        return self.site.name

    @functools.cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every effective value with its place, source and confidence."""
        return tuple(self.values.leaves)

    @functools.cached_property
    def uncertain(self) -> tuple[str, ...]:
        """Key paths of the values that are distributions."""
        return tuple(leaf.key for leaf in self.leaves if leaf.uncertain)

    @functools.cached_property
    def correlations(self) -> tuple[Pair, ...]:
        """Key paths of two uncertain values, and the rank correlation of their draws."""
        return correlation.pairs_of(self.site.correlations)

    @functools.cached_property
    def resolved(self) -> dict[str, Any]:
        """The scenario after layering as plain data, sources kept; runs as a file of its own."""
        plain: dict[str, Any] = self.node.plain
        return plain

    @functools.cached_property
    def digest(self) -> str:
        """Hash of the resolved scenario, of its fixed quantiles and of its data files."""
        parts = [json.dumps(self.resolved, sort_keys=True, ensure_ascii=True)]
        if self.quantiles:
            parts.append(json.dumps(dict(self.quantiles), sort_keys=True, ensure_ascii=True))
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

    def fixed(self, quantiles: Mapping[str, float]) -> Scenario:
        """Return the scenario with some uncertain values at a quantile in every replication.

        No other value is drawn differently for it, those that are correlated with a fixed one
        included.

        Parameters
        ----------
        quantiles : mapping of str to float
            Quantile by key path, from 0 to 1, which stand for the ends of what is ever drawn. What
            was fixed before stays so.

        Raises
        ------
        ScenarioError
            If a key is not that of an uncertain value, a quantile is none, or the values it gives
            contradict one another.
        """
        _refuse(
            [
                Problem("", key, message)
                for key, u in quantiles.items()
                if (message := not_drawn(key, self.leaves) or _no_quantile(u))
            ]
        )
        if not quantiles:
            return self
        joined = {**self.quantiles, **{key: float(u) for key, u in quantiles.items()}}
        standing = dataclasses.replace(self, quantiles=joined)
        values = self.values.at(standing._quantiles(0).__getitem__)
        return dataclasses.replace(standing, values=values, site=_validated(values))

    def plan(self, replication: int = 0) -> Plan:
        """Return the plan of one replication; 0 takes the median of every uncertain value."""
        if replication == 0 or not self._open:
            return Plan(self.site, replication, self.files, self._standing)
        quantile = self._quantiles(replication).__getitem__
        values = self.values.at(quantile)
        site = _validated(values)
        return Plan(site, replication, self.files, inputs_of(site, values, quantile))

    @functools.cached_property
    def _open(self) -> frozenset[str]:
        return frozenset(self.uncertain) - self.quantiles.keys()

    @functools.cached_property
    def _standing(self) -> Mapping[str, Input]:
        """Inputs of the single run."""
        return inputs_of(self.site, self.values, self._quantiles(0).__getitem__)

    @functools.cached_property
    def _groups(self) -> tuple[correlation.Group, ...]:
        return correlation.groups_of(self.correlations)

    def _quantiles(self, replication: int) -> dict[str, float]:
        """Return the quantile each uncertain value stands at."""
        seed = self.site.seed
        if replication == 0:
            drawn = dict.fromkeys(self.uncertain, MEDIAN)
        else:
            u = {key: streams.uniform(seed, key, "value", replication) for key in self.uncertain}
            drawn = {key: _kept(u) for key, u in correlation.correlated(u, self._groups).items()}
        return drawn | {key: _kept(u) for key, u in self.quantiles.items()}


def _kept(u: float) -> float:
    """Return the quantile between the tails that are never drawn, for one from 0 to 1."""
    return TAIL + (1 - 2 * TAIL) * u


def _no_quantile(u: object) -> str:
    is_one = isinstance(u, int | float) and not isinstance(u, bool) and 0 <= u <= 1
    return "" if is_one else f"needs a quantile from 0 to 1, not {u!r}"


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
        Whether the data files it names must be there, as they must for a run.
    allow_large : bool
        Whether it may ask for more than a run of reasonable length can do.

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
    found = of_layers(path, layered, root=root, check_files=check_files)
    if not allow_large:
        _refuse([_at(f.path, f.message, found.values) for f in budget.overruns(found.site)])
    return dataclasses.replace(found, overrides=tuple(overrides))


def of_layers(
    path: Path, layered: layers.Layered, *, root: Path, check_files: bool = True
) -> Scenario:
    """Check layers that have been laid already, and return their scenario; see `load`."""
    values, site = _checked(layered.node)
    files: dict[str, Path] = {}
    if check_files:
        files |= named_files.find(site, values, path.parent, root)
    for drawn, edge in _edges(values):
        if check_files:
            files |= named_files.find(edge, drawn, path.parent, root)
    return Scenario(path, layered.node, values, site, layered.changes, files=files)


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
        What messages call it, in the place of a file and its line.
    check : bool
        Whether distributions are checked at their ends; who sends data from a loaded scenario has
        done that. All else is always checked.

    Returns
    -------
    Scenario
        With the plans and the digest of the one the data are from.

    Raises
    ------
    ScenarioError
        With every problem found: `name`, key, what is allowed.
    """
    node = from_data(resolved, name)
    values, site = _checked(node)
    given = {key: Path(path) for key, path in (files or {}).items()}
    named_files.check(site, values, given)
    for drawn, edge in _edges(values) if check else ():
        named_files.check(edge, drawn, given)
    return Scenario(Path(name), node, values, site, files=given)


def _checked(node: Node) -> tuple[Values, Site]:
    """Return values and site at the medians, all that must hold between the values checked."""
    values = evaluate(node, lambda _: MEDIAN)
    site = _validated(values)
    _refuse([*_problems_between(site, values), *_problems_of_correlations(site, values)])
    _refuse(unknown_sources(node, values))
    return values, site


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


def _edges(values: Values) -> Iterator[tuple[Values, Site]]:
    """Yield the scenario with its uncertain values at the ends of what may be drawn.

    A distribution that leaves the range of its key anywhere is refused; each option of a choice is
    met once.
    """
    ends = {value.key: edges(value.distribution) for value in values.drawn}
    for at in range(max(map(len, ends.values()), default=0)):
        drawn = values.at(functools.partial(_edge, ends, at))
        site = _validated(drawn)
        _refuse(_problems_between(site, drawn))
        yield drawn, site


def _edge(ends: Mapping[str, Sequence[float]], at: int, key: str) -> float:
    return ends[key][min(at, len(ends[key]) - 1)]


def _problems_between(site: Site, values: Values) -> list[Problem]:
    return [_at(fault.path, fault.message, values) for fault in references.faults(site)]


def _problems_of_correlations(site: Site, values: Values) -> Iterator[Problem]:
    for leaf in values.leaves:
        if leaf.uncertain and leaf.key.startswith("correlations."):
            yield Problem(leaf.where, leaf.key, "must be one value: it says how others are drawn")
    unknown = False
    for index, entry in enumerate(site.correlations):
        for place, key in enumerate(entry.between):
            if message := not_drawn(key, values.leaves):
                unknown = True
                yield _at(("correlations", str(index), "between", str(place)), message, values)
    if not unknown:
        for index, message in correlation.contradictions(site.correlations):
            yield _at(("correlations", str(index)), message, values)


def _at(path: tuple[str, ...], message: str, values: Values) -> Problem:
    return Problem(messages.place_of(path, values), ".".join(path), message)


@functools.lru_cache(maxsize=64)
def _digest_of(path: Path, _size: int, _mtime_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    status = path.stat()
    return _digest_of(path, status.st_size, status.st_mtime_ns)
