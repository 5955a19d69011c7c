"""Scenarios: checked values in; variants of them and the plan of any replication out."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dcsim import streams
from dcsim.errors import Problem, ScenarioError, cut, printable
from dcsim.limits import whole_number
from dcsim.scenario.checked import CheckOptions, checked_parts
from dcsim.scenario.checks.whole import refuse, validated
from dcsim.scenario.draws import correlation
from dcsim.scenario.draws.distributions import MEDIAN, TAIL
from dcsim.scenario.draws.inputs import inputs_of
from dcsim.scenario.draws.values import Leaf, Values, not_drawn
from dcsim.scenario.notebook import html_card
from dcsim.scenario.plan import Input, Plan
from dcsim.scenario.schema.site import Site
from dcsim.scenario.shipped import shipped_scenarios
from dcsim.scenario.text import layers
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.merge import Change
from dcsim.scenario.text.mixing import correlations_in, mixed, without_correlations
from dcsim.scenario.text.named_files import KnownFiles, file_digest, known_before
from dcsim.scenario.text.overrides import Overrides, overrides_from, put_all, texts_of


@dataclass(frozen=True, repr=False)
class Scenario:
    """A site whose values were checked together, its uncertain ones still open.

    `load` makes one from a file or from plain data. Scenarios that differ from it are derived by
    `with_overrides` and `mixed_with`, without reading the file again; `fixed` only holds uncertain
    values still. `site` holds its values by section, such as ``scenario.site.power.design_pue``.

    The attributes `node`, `values` and `options` are those of dcsim itself: they may change with
    any release.
    """

    path: Path
    """The file it was read from; the folder of its files, and ``scenario``, if it was a mapping."""
    node: Node
    """All values after layering, with the file and line of each."""
    values: Values
    """The same values as plain data, for the classes that check them."""
    site: Site
    """The scenario with uncertain values at their median, or at the quantile they are fixed at."""
    changes: tuple[Change, ...] = ()
    """Values that later layers put in place of earlier ones, in order."""
    overrides: tuple[str, ...] = ()
    """Values that were set on top of its files, as ``key.path=value``, in order."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Data files by the names it gives them."""
    quantiles: Mapping[str, float] = field(default_factory=dict)
    """Uncertain values that stand at a quantile in every replication, see `fixed`."""
    options: CheckOptions = field(default=CheckOptions())
    """Settings it was checked with."""

    def __repr__(self) -> str:
        counts = f"{self._n_days:,} days, {len(self.leaves):,} values"
        counts += f", {len(self.uncertain):,} uncertain" if self.uncertain else ""
        counts += f", {len(self.overrides):,} overrides" if self.overrides else ""
        return printable(f"<Scenario {cut(self.name, 60)!r} of {self.path}: {counts}>")

    def __hash__(self) -> int:
        # Equal scenarios have equal ones of these; the mappings among the fields have no hash.
        return hash((self.path, self.overrides, self.site.name))

    def _repr_html_(self) -> str:
        """Return the scenario as HTML for a notebook."""
        rows = {
            "File": str(self.path),
            "Run": f"{self.site.start} to {self.site.end}, {self._n_days:,} days",
            "Values": f"{len(self.leaves):,}, {len(self.uncertain):,} of them uncertain",
            "Overrides": "; ".join(self.overrides),
            "Fixed": ", ".join(f"{key} at {u:.1%}" for key, u in self.quantiles.items()),
            "Data files": ", ".join(self.files),
            "Digest": self.digest[:12],
        }
        return html_card(self.name, ((label, text) for label, text in rows.items() if text))

    @property
    def _n_days(self) -> int:
        return (self.site.end - self.site.start).days

    @staticmethod
    def shipped_folder() -> Path:
        """Return the folder of the scenarios that ship with dcsim, such as ``minimal.yaml``."""
        return shipped_scenarios()

    @property
    def name(self) -> str:
        """Name of the site."""
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
    def correlations(self) -> tuple[correlation.Pair, ...]:
        """Key paths of two uncertain values, and the rank correlation of their draws."""
        return correlation.pairs_of(self.site.correlations)

    @property
    def resolved(self) -> dict[str, Any]:
        """The scenario after layering as plain data, sources kept; runs as a file of its own.

        Each time it is a copy: what is changed in it changes neither the scenario nor its digest.
        """
        plain: dict[str, Any] = self.node.plain
        return plain

    @functools.cached_property
    def digest(self) -> str:
        """Hash of the resolved scenario, its fixed quantiles, its data files and its plug-ins."""
        parts = [json.dumps(self.resolved, sort_keys=True, ensure_ascii=True)]
        if self.quantiles:
            parts.append(json.dumps(dict(self.quantiles), sort_keys=True, ensure_ascii=True))
        parts += [f"{name}:{file_digest(path)}" for name, path in sorted(self.files.items())]
        parts += [f"plug-in {package.title}" for package in self.site.extension.packages]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

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
        TypeError
            If `quantiles` is no mapping.
        """
        if not isinstance(quantiles, Mapping):
            kind = type(quantiles).__name__
            raise TypeError(f"fixed() takes a mapping of quantiles by key path, not {kind}")
        by_key = {leaf.key: leaf for leaf in self.leaves}
        refuse(
            [
                Problem("", str(key), message)
                for key, u in quantiles.items()
                if (message := not_drawn(str(key), by_key) or _fault_of_quantile(u))
            ]
        )
        if not quantiles:
            return self
        joined = {**self.quantiles, **{key: float(u) for key, u in quantiles.items()}}
        standing = dataclasses.replace(self, quantiles=joined)
        values = self.values.at(standing._quantiles(0).__getitem__)
        return dataclasses.replace(standing, values=values, site=validated(values))

    def with_overrides(self, overrides: Overrides) -> Scenario:
        """Return the scenario with some values set, checked whole.

        The file is not read again. The result has the digest, the plans and the messages of
        `load` with the same overrides after those the scenario has already. Of the files it names,
        only those that the new values name are looked up. What was `fixed` and is still uncertain
        stays at its quantile.

        Parameters
        ----------
        overrides : sequence of str, or mapping
            Texts such as ``"works.grid-103mw.slip=6 months"``, or values by key path, such as
            ``{"works.grid-103mw.slip": "6 months"}``; what a value may be says `dcsim.load`. None
            takes a key away. Names of files in them are relative to the current folder, or to
            that of all other files if the scenario is from plain data.

        Returns
        -------
        Scenario

        Raises
        ------
        ScenarioError
            With every problem found: file, line, key, what is allowed.

        Examples
        --------
        >>> import dcsim
        >>> scenario = dcsim.load("scenarios/minimal.yaml")
        >>> scenario.with_overrides({"power.design_pue": 1.3}).overrides
        ('power.design_pue=1.3',)
        """
        given = overrides_from(overrides)
        changes = list(self.changes)
        node = put_all(self.node, given, changes)
        derived = scenario_of(
            self.path,
            layers.Layered(node, tuple(changes)),
            self.options,
            known_before(given, self.files, one_folder=self.options.one_folder),
        )
        derived = dataclasses.replace(
            derived, overrides=(*self.overrides, *texts_of(overrides, given))
        )
        still = set(derived.uncertain)
        return derived.fixed({key: u for key, u in self.quantiles.items() if key in still})

    def mixed_with(self, other: Scenario, sections: Sequence[str]) -> Scenario:
        """Return the scenario with some sections of another one, checked whole.

        Sources and files of both stay known. Correlations are those of `other` if `sections` names
        them, its own if nothing is taken that a run computes with, and those of both in between,
        without those that no longer fit.

        Parameters
        ----------
        other : Scenario
        sections : sequence of str
            Key paths of what is taken from `other`: whole sections such as ``works``, or parts of
            them such as ``works.grid-103mw``. What `other` does not have there is taken away.

        Returns
        -------
        Scenario

        Raises
        ------
        ScenarioError
            If the sections do not fit together: with every problem found.
        TypeError
            If `other` is no `Scenario`, or `sections` no list of key paths.
        """
        require_scenario(other, "mixed_with")
        if isinstance(sections, str) or not all(isinstance(one, str) for one in sections):
            raise TypeError("mixed_with() takes a list of key paths such as ['works']")
        changes = list(self.changes)
        node = mixed(self.node, other.node, sections, changes)
        files = KnownFiles({**self.files, **other.files})
        # Names of files were looked up when both were read: nothing of the disk is asked again.
        options = self.options._replace(edges=True, large=True)
        while True:
            try:
                layered = layers.Layered(node, tuple(changes))
                return scenario_of(self.path, layered, options, files)
            except ScenarioError as error:
                # A pair may be given by both, or be certain in one of them: the rest stays.
                loose = correlations_in(error.problems)
                if not loose:
                    raise
                node = without_correlations(node, loose)

    def plan(self, replication: int = 0) -> Plan:
        """Return the plan of one `replication`; 0 takes the median of every uncertain value."""
        replication = whole_number(replication, "replication")
        if replication == 0 or not self._open:
            return Plan(self.site, replication, self.files, self._standing)
        quantile = self._quantiles(replication).__getitem__
        values = self.values.at(quantile)
        site = validated(values)
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
            drawn = {
                key: _within_tails(u) for key, u in correlation.correlated(u, self._groups).items()
            }
        return drawn | {key: _within_tails(u) for key, u in self.quantiles.items()}


def _within_tails(u: float) -> float:
    """Return the quantile between the tails that are never drawn, for one from 0 to 1."""
    return TAIL + (1 - 2 * TAIL) * u


def _fault_of_quantile(u: object) -> str:
    is_one = isinstance(u, numbers.Real) and not isinstance(u, bool) and 0 <= float(u) <= 1
    return "" if is_one else f"needs a quantile from 0 to 1, not {u!r}"


def require_scenario(given: object, function: str) -> Scenario:
    """Return the scenario that a function was given.

    Raises
    ------
    TypeError
        If it is something else; the message says what to write.

    Examples
    --------
    >>> require_scenario("minimal.yaml", "simulate")
    Traceback (most recent call last):
    ...
    TypeError: simulate() takes a Scenario, not str; read the file with dcsim.load('minimal.yaml')
    """
    if isinstance(given, Scenario):
        return given
    hint = ""
    if isinstance(given, str | Path):
        hint = f"; read the file with dcsim.load({cut(str(given), 60)!r})"
    elif isinstance(given, Mapping):
        hint = "; make one of plain data with dcsim.load(...)"
    raise TypeError(f"{function}() takes a Scenario, not {type(given).__name__}{hint}")


def scenario_of(
    path: Path, layered: layers.Layered, options: CheckOptions, known: KnownFiles
) -> Scenario:
    """Return the scenario that layers make, checked whole.

    Parameters
    ----------
    path : Path
        File in whose folder data files are looked for.
    layered : Layered
    options : CheckOptions
    known : KnownFiles
        Files that need not be looked up.

    Raises
    ------
    ScenarioError
        With every problem found: file, line, key, what is allowed.
    """
    values, site, files = checked_parts(path, layered.node, options, known)
    return Scenario(path, layered.node, values, site, layered.changes, files=files, options=options)
