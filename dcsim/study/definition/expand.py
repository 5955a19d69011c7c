"""Expansion of a study: a file in, the checked study and its cases out."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.extension import packages_of
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text import layers
from dcsim.scenario.text.data import from_data
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.nodes import child_of
from dcsim.study.definition import axes as of_axes
from dcsim.study.definition.axes import Axis, Dimension, Setting
from dcsim.study.definition.bases import Bases, digests, found_file
from dcsim.study.definition.checking import checked_settings, stands_in
from dcsim.study.definition.design import Design
from dcsim.study.definition.loaded_base import LoadedBase
from dcsim.study.definition.sampling import design_of
from dcsim.study.definition.spec import Spec, checked_spec, default_root, read_spec
from dcsim.study.definition.spelling import case_id, slug, unique
from dcsim.study.records.case import Case, digest_of
from dcsim.study.records.identity import model_of, numeric_profile

MAX_CASES = 100_000
"""Most cases a study may have unless more are allowed."""
DESIGN = "design"
"""What messages call a design that is from plain data."""


@dataclass(frozen=True)
class Study:
    """A checked study, which yields its cases."""

    name: str
    """Its name, which may be that of a file."""
    description: str
    path: Path
    """The file it was read from."""
    digest: str
    """Hash of its content and of all scenario and data files it refers to."""
    replications: int
    """Each case is run as replications 1 to this number; 0 is the single run at the medians."""
    dimensions: tuple[Dimension, ...] = field(repr=False)
    """Axes in the order of the file, the last one fastest; those in step together."""
    design: Design | None
    """The sample inside each combination of the axes, faster than all of them."""
    scenario: Scenario = field(repr=False)
    """The base, with the distributions of the sample at their keys."""
    bases: Bases | LoadedBase = field(repr=False)
    """The files, or the scenario in memory, that cases derive from."""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes, in the order of the file."""
        return tuple(axis for dimension in self.dimensions for axis in dimension)

    @property
    def n_combinations(self) -> int:
        """Number of combinations of the axes, each with the whole sample."""
        return of_axes.n_combinations(self.dimensions)

    @property
    def n_cases(self) -> int:
        """Number of cases: combinations of the axes times points of the sample."""
        return self.n_combinations * (self.design.n_rows if self.design else 1)

    @property
    def wanted(self) -> tuple[int, int]:
        """First and last replication of each case; both 0 for the single run."""
        return min(self.replications, 1), self.replications

    def cases(self) -> Iterator[Case]:
        """Yield the cases in order, the last axis faster than the others, the sample fastest.

        Raises
        ------
        ScenarioError
            If values of two axes cannot be combined.
        MissingExtraError
            If the design needs SALib and that is not installed.
        """
        # One iterator for the cases, one for their ids: two cases may spell the same id, and none
        # of a hundred thousand is held in memory for it.
        cases, others = itertools.tee(self._cases())
        for case, name in zip(cases, unique(case.id for case in others), strict=True):
            yield case if case.id == name else dataclasses.replace(case, id=name)

    def _cases(self) -> Iterator[Case]:
        ranges = [range(len(dimension[0].settings)) for dimension in self.dimensions]
        for indices in itertools.product(*ranges):
            chosen = list(zip(self.dimensions, indices, strict=True))
            settings = [s for dimension, i in chosen for s in of_axes.settings_at(dimension, i)]
            parameters: dict[str, str | float] = {}
            for dimension, i in chosen:
                parameters |= of_axes.parameters_of(dimension, i)
            spelled = [setting.spelled for setting in settings]
            one = self._case(settings, spelled, parameters)
            yield from [one] if self.design is None else self._sampled(one, spelled, self.design)

    def _case(
        self, settings: Sequence[Setting], spelled: list[str], parameters: dict[str, str | float]
    ) -> Case:
        try:
            resolved, files, quantiles = self.bases.parts(settings)
        except ScenarioError as error:
            first = f"cannot be made: {error.problems[0]}"
            raise ScenarioError([Problem(settings[0].where, case_id(spelled), first)]) from None
        return Case(
            case_id(spelled),
            resolved,
            parameters,
            quantiles,
            files={name: str(file) for name, file in files.items()},
            file_digests=digests(files),
            model=model_of(packages_of(resolved)),
            profile=numeric_profile(),
        )

    def _sampled(self, case: Case, spelled: list[str], design: Design) -> Iterator[Case]:
        digits = max(4, len(str(design.n_rows)))
        for number, row in enumerate(design.quantiles.tolist(), start=1):
            quantiles = dict(zip(design.names, row, strict=True))
            yield dataclasses.replace(
                case,
                id=case_id([*spelled, f"s{number:0{digits}d}"]),
                parameters={**case.parameters, **quantiles},
                quantiles={**case.quantiles, **quantiles},
            )

    def about(self) -> dict[str, Any]:
        """Return the study as plain data, for its manifest, figures and analysis."""
        return {
            "name": self.name,
            "description": self.description,
            "digest": self.digest,
            "scenario": self.scenario.name,
            "replications": self.replications,
            "n_cases": self.n_cases,
            "axes": [
                {"key": axis.key, "label": axis.label, "values": list(axis.values)}
                for axis in self.axes
            ],
            "in_step": [[axis.key for axis in dimension] for dimension in self.dimensions],
            "design": self.design.about() if self.design else None,
        }


def read_study(
    path: str | Path,
    *,
    root: str | Path | None = None,
    check: bool = True,
    max_cases: int = MAX_CASES,
) -> Study:
    """Read a study file and check it before anything runs.

    The base is checked whole, then each value of each axis alone on top of it, axes in step and
    the entries of a list as the cases they are. Combinations are checked when they run.

    Parameters
    ----------
    path : str or Path
        The YAML file.
    root : str or Path, optional
        Folder that every file it names must lie in; by default the folder above the one it lies
        in if that is called ``studies``, else its own.
    check : bool
        Whether the values of axes are checked.
    max_cases : int
        The most cases it may have.

    Returns
    -------
    Study

    Raises
    ------
    ScenarioError
        With every problem found: file, line, key, what is allowed.
    """
    path = Path(path)
    root = Path(root) if root is not None else default_root(path)
    if layers.is_file(path) and not layers.inside(path, root):
        raise layers.outside_root(layers.shown_path(path), "", root)
    spec, node = read_spec(path)
    shown = layers.shown_path(path)

    def bases(parameters: Node | None) -> Bases:
        base = found_file(node.value["scenario"], "scenario", path.parent, root)
        return Bases(base, path.parent, root, parameters)

    source = _Source(slug(path.stem, 64), path, shown, bases)
    return _study(spec, node, source, check=check, max_cases=max_cases)


def study_name(path: str | Path) -> str:
    """Return the name of the study in a file, of which only the form is checked."""
    return read_spec(Path(path))[0].name or slug(Path(path).stem, 64)


def study_of_design(
    scenario: Scenario,
    design: Mapping[str, object],
    *,
    name: str,
    check: bool = True,
    max_cases: int = MAX_CASES,
) -> Study:
    """Return the study that a design makes of a scenario in memory, checked as `read_study` does.

    Parameters
    ----------
    scenario : Scenario
        The base of all cases.
    design : mapping
        What a study file holds beside its scenario, as plain data.
    name : str
        Name of the study if the design has none.
    check : bool
        True if the values of axes are checked.
    max_cases : int
        Most cases it may have.

    Returns
    -------
    Study

    Raises
    ------
    ScenarioError
        With every problem found: key, what is allowed.
    """
    given = from_data(design, DESIGN)
    if "scenario" in given.value:
        message = "leave it out; the scenario is the one that is handed over"
        raise ScenarioError([Problem(DESIGN, "scenario", message)])
    node = Node({"scenario": Node(scenario.name, DESIGN), **given.value}, DESIGN)
    spec, node = checked_spec(node)
    source = _Source(slug(name, 64), scenario.path, DESIGN, functools.partial(LoadedBase, scenario))
    return _study(spec, node, source, check=check, max_cases=max_cases)


class _Source(NamedTuple):
    """Place that a study is from."""

    name: str
    """Name of the study if it has none itself."""
    path: Path
    shown: str
    """Its name in messages."""
    bases: Callable[[Node | None], Bases | LoadedBase]
    """Takes the distributions of the sample, and returns what cases derive from."""


def _study(spec: Spec, node: Node, source: _Source, *, check: bool, max_cases: int) -> Study:
    dimensions = of_axes.dimensions_of(node)
    _refuse_too_many(of_axes.n_combinations(dimensions), max_cases, node)
    section = node.value.get("sample")
    bases = source.bases(section and section.value.get("parameters"))
    scenario = _base(bases, source.shown)
    others = list(checked_settings(bases, dimensions, source.shown, all_of_them=check))
    design = _design(spec, section, scenario, dimensions, others)
    study = Study(
        name=spec.name or source.name,
        description=spec.description,
        path=source.path,
        digest=_study_digest(node, bases, scenario),
        replications=spec.n_replications,
        dimensions=tuple(_labeled(dimension, scenario.node) for dimension in dimensions),
        design=design,
        scenario=scenario,
        bases=bases,
    )
    _refuse_too_many(study.n_cases, max_cases, node)
    return study


def _refuse_too_many(n_cases: int, most: int, node: Node) -> None:
    """Refuse more cases than are allowed, before any of them is expanded."""
    if n_cases > most:
        count = f"{n_cases:,}" if n_cases < 10**15 else f"some 10^{math.log10(n_cases):.0f}"
        blocks = [key for key in node.value if key in (*of_axes.BLOCKS, "sample")]
        where = node.value[blocks[0]].where
        message = f"make {count} cases, more than the {most:,} that are allowed; take away values"
        raise ScenarioError([Problem(where, " and ".join(blocks), message)])


def _base(bases: Bases | LoadedBase, shown: str) -> Scenario:
    """Return the checked base; problems of the sample's distributions stand under their keys."""
    bases.variant(())  # a fault of the file itself names its own place
    try:
        return bases.scenario
    except ScenarioError as error:
        ours = [
            p._replace(key=f"sample.parameters.{p.key}") if stands_in(p.where, shown) else p
            for p in error.problems
        ]
        raise ScenarioError(ours) from None


def _design(
    spec: Spec,
    section: Node | None,
    scenario: Scenario,
    dimensions: Sequence[Dimension],
    others: Sequence[Scenario],
) -> Design | None:
    """Return the design over all values that are uncertain in the base and all other scenarios."""
    if spec.sample is None or section is None:
        return None
    axes = [axis for dimension in dimensions for axis in dimension]
    set_by_axes = {
        key for axis in axes for setting in axis.settings for key, _ in setting.overrides
    }
    free = [key for key in scenario.uncertain if key not in scenario.quantiles]
    shared = [key for key in free if _in_all(key, set_by_axes, others)]
    return design_of(spec.sample, section, scenario, set_by_axes, shared)


def _in_all(key: str, set_by_axes: set[str], others: Sequence[Scenario]) -> bool:
    return key in set_by_axes or all(key in other.uncertain for other in others)


def _study_digest(node: Node, bases: Bases | LoadedBase, scenario: Scenario) -> str:
    read = bases.content_digests()
    return digest_of({"study": node.plain, "bases": read, "files": digests(scenario.files)})


def _labeled(dimension: Dimension, node: Node) -> Dimension:
    return tuple(dataclasses.replace(axis, label=_axis_label(axis.key, node)) for axis in dimension)


def _axis_label(key: str, node: Node) -> str:
    """Return the label of a key path in figures, such as ``Grid step to 103 MW: slip``."""
    parts = key.split(".")
    for depth, part in enumerate(parts[:-1], start=1):
        below = child_of(node, part)
        if below is None:
            break
        node = below
        label = node.value.get("label") if isinstance(node.value, dict) else None
        if label is not None:
            return f"{label.value}: {' '.join(parts[depth:])}"
    return " ".join(parts[-2:])
