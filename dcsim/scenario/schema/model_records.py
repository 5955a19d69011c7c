"""Records of models that a plug-in hands over: what a scenario must know of each, and its function.

The record of a source or store is `dcsim.scenario.schema.assets.kind.AssetKind`. Functions are
called by the stages that know the types they take; here they are opaque.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from dcsim.entry_points import PluginPackage
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.part import Part


class CoolingModel(NamedTuple):
    """A cooling model: its section of a scenario and its function."""

    schema: type[Part]
    """Class of the section; the default of its field `model` is the name of the model."""
    draw: Callable[..., Any]
    """Takes `HeatLoad`, `Outside` and the fields of the schema, but `model`, as keywords; returns
    a `CoolingDraw`."""


class PluggedCooling(NamedTuple):
    """A cooling model of a plug-in."""

    model: CoolingModel
    home: str
    """Package, version and entry point, for messages."""


_COOLING: dict[type[Part], PluggedCooling] = {}


def add_cooling(model: CoolingModel, home: str) -> None:
    """Add the cooling model of a plug-in; it is found by the class of its section."""
    _COOLING[model.schema] = PluggedCooling(model, home)


def plugged_cooling(schema: type[Part]) -> PluggedCooling | None:
    """Return the cooling model of a plug-in by the class of its section; None for one of dcsim."""
    return _COOLING.get(schema)


@dataclass(frozen=True, kw_only=True)
class DispatchPolicy:
    """A dispatch policy of a plug-in: one of the two functions."""

    flows: Callable[[Any, Any, float], Any] | None = None
    """Takes load [MW], `AvailableSupply` and step length [h]; returns `Flows`."""
    planned: Callable[[Any, Any], Callable[[Any, Any, float], Any]] | None = None
    """Takes `Plan` and `Calendar`; returns such a function. For a policy that looks at prices or at
    keys of the scenario."""
    keys: type[Part] | None = None
    """Class of further keys of the section ``dispatch``, each with a default; the names of others
    are taken."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure of each run that a plug-in computes."""

    name: str
    """Name of the figure; it ends in its unit, as ``_mwh`` or ``_frac``."""
    unit: str
    """Unit as a scenario writes it, such as ``MWh``; ``%`` for a share, empty for plain numbers."""
    meaning: str
    """Definition, for a reader who knows the field."""
    value: Callable[[Any], float | None]
    """Takes the `Run`; a share is from 0 to 1. None where the figure has no meaning."""
    by_year: Callable[[Any], Sequence[float | None]] | None = None
    """Takes the `Run`; returns the figure for each calendar year, where it has one."""


_METRICS: dict[str, Metric] = {}


def add_metric(metric: Metric) -> None:
    """Add the metric of a plug-in, for tables that name its unit and meaning."""
    _METRICS[metric.name] = metric


def plugged_metric(name: str) -> Metric | None:
    """Return the metric of a loaded plug-in by its name; None if there is none."""
    return _METRICS.get(name)


@dataclass(frozen=True, kw_only=True)
class MilestoneMetric:
    """A quantity over time that a plug-in computes, at which a milestone may look."""

    name: str
    """Name of the metric; it begins with ``gpus_`` if it counts GPUs, and ends in ``_mw`` if not.
    """
    unit: Literal["GPU", "MW"]
    """Unit of the target."""
    meaning: str
    """Definition, for a reader who knows the field."""
    over_time: Callable[[Any, Any], Any]
    """Takes `Timeline` and `Load`; returns `Steps`."""


@dataclass(frozen=True)
class Extension:
    """All that the plug-ins which a scenario names add to dcsim."""

    packages: tuple[PluginPackage, ...] = ()
    """The plug-ins, by name."""
    kinds: tuple[AssetKind, ...] = ()
    cooling: Mapping[str, CoolingModel] = field(default_factory=lambda: MappingProxyType({}))
    policies: Mapping[str, DispatchPolicy] = field(default_factory=lambda: MappingProxyType({}))
    metrics: tuple[Metric, ...] = ()
    milestone_metrics: Mapping[str, MilestoneMetric] = field(
        default_factory=lambda: MappingProxyType({})
    )
    homes: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    """Entry point in words by group and name, for messages."""

    def home(self, group: str, name: str) -> str:
        """Return where a model comes from, for messages: package, version and entry point."""
        return self.homes.get((group, name), name)


NO_PLUGINS = Extension()
