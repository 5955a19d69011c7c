"""The whole of a scenario: one site, its plan, its milestones."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, create_model, model_validator

from dcsim.scenario.draws.correlation import Correlation
from dcsim.scenario.schema.assets.registry import KINDS
from dcsim.scenario.schema.dispatch import Dispatch
from dcsim.scenario.schema.expect import Expectation
from dcsim.scenario.schema.fleet import Deployment, Fleet, Hall, Order, Product, Segment
from dcsim.scenario.schema.grid import Grid
from dcsim.scenario.schema.model_records import NO_PLUGINS, Extension
from dcsim.scenario.schema.money import MoneyPart
from dcsim.scenario.schema.part import Day, Derived, Line, Named, Part, PluginName
from dcsim.scenario.schema.place import zone_at
from dcsim.scenario.schema.power import Cooling, Electrical, Power, PowerStep
from dcsim.scenario.schema.quantity import Count, Degrees, Fraction, Gpus, Hours, Megawatts, Meters
from dcsim.scenario.schema.weather import WeatherSettings
from dcsim.scenario.schema.works import Crew, Risk, Task
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR

MilestoneMetricName = Literal[
    "gpus_online",
    "gpus_in_service",
    "gpus_delivered",
    "energized_mw",
    "it_capacity_mw",
    "facility_power_mw",
    "renewable_capacity_mw",
]


class Milestone(Named):
    """Milestone: a metric at or above a target by a day."""

    metric: MilestoneMetricName
    """Quantity that is measured."""
    target_gpus: Gpus | None = Field(default=None, alias="gpus")
    """Target of a metric that counts GPUs."""
    target_mw: Megawatts | None = Field(default=None, alias="power")
    """Target of a metric in MW."""
    by: Day
    """Last day on which it is in time."""

    @model_validator(mode="after")
    def _one_target(self) -> Milestone:
        if (self.target_gpus is None) == (self.target_mw is None):
            raise ValueError("needs either gpus or power as its target")
        if self.metric.startswith("gpus") != (self.target_gpus is not None):
            raise ValueError(
                f"{self.metric} needs {'gpus' if self.target_mw else 'power'} as its target"
            )
        return self

    @property
    def target(self) -> float:
        """The target in the unit of the metric."""
        return float(self.target_mw if self.target_gpus is None else self.target_gpus)  # type: ignore[arg-type]


class Release(Part):
    """Conditions on the past under which a block of the expansion is released."""

    not_before: Day
    """First day it may be released."""
    online_frac: Annotated[Fraction, Field(ge=0, le=1)] = 0.0
    """Least share of all GPUs ordered so far that is in service."""
    utilization_frac: Annotated[Fraction, Field(ge=0, le=1)] = 0.0
    """Least utilization, demand over GPUs online."""
    backlog: Annotated[Gpus, Field(ge=0)] = 0
    """Least unmet demand."""
    interval_h: Annotated[Hours, Field(ge=0)] = 0.0
    """Least time after the block before it."""


class Block(Named):
    """A block of the expansion with its own works, halls, power and orders.

    Its works count from the day of its release. With `repeat`, copies follow one another; what the
    block holds is then named ``block-1.NAME``, ``block-2.NAME``, ….
    """

    repeat: Annotated[Count, Field(ge=1, le=100)] = 1
    """Number of blocks of this kind."""
    release: Release
    """Conditions for the release of the next one."""
    works: tuple[Task, ...] = ()
    """Works, with durations."""
    halls: tuple[Hall, ...] = ()
    """Halls."""
    power: tuple[PowerStep, ...] = ()
    """Steps of the connection."""
    orders: tuple[Order, ...] = ()
    """Orders, placed after a work."""
    n_technicians: Annotated[Count, Field(ge=0)] = 0
    """Technicians who join those on duty when it is released."""
    spares: Annotated[Count, Field(ge=0)] = 0
    """Server parts it adds to the stock."""
    spare_servers: Annotated[Count, Field(ge=0)] = 0
    """Whole servers of each product it adds to the spare ones."""

    @model_validator(mode="after")
    def _relative(self) -> Block:
        for task in self.works:
            if task.finish or task.start:
                raise ValueError(
                    f"works.{task.name}: a block has no dates of its own; give duration"
                )
        for order in self.orders:
            if order.placed:
                raise ValueError(
                    f"orders.{order.name}: a block has no dates of its own; give after"
                )
        return self


def _zone_by_default(values: dict[str, Any]) -> str:
    """Return the zone at the coordinates; empty if there is none, which no zone is named."""
    if "latitude_deg" not in values or "longitude_deg" not in values:
        return ""
    return zone_at(values["latitude_deg"], values["longitude_deg"]) or ""


class _Ground(Part):
    """A site but for its sources and stores, and for what comes after them in a file."""

    extension: ClassVar[Extension] = NO_PLUGINS
    """All that the plug-ins of the scenario add; a site with plug-ins has a class of its own."""

    name: Line
    """Name of the plan."""
    description: str = ""
    """Purpose of the plan, in free text."""
    plugins: tuple[PluginName, ...] = ()
    """Packages whose models it uses, each with the versions that will do: ``dcsim-tidal >= 0.2``.
    """
    start: Day
    """First day of the run, from local midnight."""
    end: Day
    """Day after the last day of the run."""
    step_h: Annotated[Hours, Field(gt=0, le=24)] = 1.0
    """Time step of power and supply; a divisor or a multiple of an hour."""
    seed: Annotated[Count, Field(ge=0, lt=2**53)] = 1
    """Root of all random numbers."""
    latitude_deg: Annotated[Degrees, Field(ge=-90, le=90)]
    """North is positive."""
    longitude_deg: Annotated[Degrees, Field(ge=-180, le=180)]
    """East is positive."""
    elevation_m: Annotated[Meters, Field(ge=-430, le=6000)] = 0.0
    """Above the sea."""
    time_zone: Annotated[
        str, Derived(lambda site, _: site.time_zone, "the zone at its coordinates")
    ] = Field(default_factory=_zone_by_default)
    """Time zone of the site: dates, tariff hours, and the shape of demand; without it, the zone in
    force at `latitude` and `longitude`."""

    works: tuple[Task, ...] = ()
    """Works in any order."""
    risks: tuple[Risk, ...] = ()
    """Shared risks."""
    crews: tuple[Crew, ...] = ()
    """Crews that works need."""
    power: Power
    """The connection and what is provisioned against it."""
    halls: Annotated[tuple[Hall, ...], Field(min_length=1)]
    """Data halls, in the order they are filled."""
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    """GPU products."""
    orders: Annotated[tuple[Order, ...], Field(min_length=1)]
    """Orders of GPUs."""
    deployment: Deployment
    """From the gate into service."""
    fleet: Fleet | None = None
    """Failures and repair; without it nothing fails."""
    demand: Annotated[tuple[Segment, ...], Field(min_length=1)]
    """Uses of the GPUs, in the order they are served."""
    expansion: tuple[Block, ...] = ()
    """Blocks released by rules."""

    weather: WeatherSettings
    """Hourly weather."""
    cooling: Cooling
    """Cooling of the halls."""
    electrical: Electrical = Electrical()
    """Losses on the way to the servers."""

    grid: Grid
    """The public grid."""

    def assets(self, section: str) -> tuple[Any, ...]:
        """Return the sources or stores of a section, in the order of the file, if there are any."""
        found: tuple[Any, ...] = getattr(self, section, ())
        return found


if TYPE_CHECKING:
    _WithAssets = _Ground
else:  # a field for each kind of the registry: what no code asks for by name has no type by name
    _WithAssets = create_model(
        "_WithAssets",
        __base__=_Ground,
        **{
            kind.section: (tuple[kind.schema, ...], Field(default=(), description=kind.about))
            for kind in KINDS
        },
    )


class Site(_WithAssets, defer_build=False):
    """One scenario with every value a number; the uncertain ones at one quantile each."""

    dispatch: Dispatch = Dispatch()
    """Policy by which sources and stores share the load."""

    money: MoneyPart | None = None
    """Prices, costs, funds; without it the run counts no money."""
    milestones: tuple[Milestone, ...] = ()
    """Targets with a date."""
    expect: tuple[Expectation, ...] = ()
    """Gates that `dcsim check` judges."""
    correlations: tuple[Correlation, ...] = ()
    """Uncertain values that are drawn together."""

    @model_validator(mode="after")
    def _clock(self) -> Site:
        if self.end <= self.start:
            raise ValueError(f"end {self.end} is not after start {self.start}")
        if (self.end - self.start).days > 60 * 366:
            raise ValueError(f"end {self.end} is more than 60 years after start {self.start}")
        minutes = self.step_h * MINUTES_PER_HOUR
        step_min = round(minutes)
        divides = step_min and not (MINUTES_PER_HOUR % step_min and step_min % MINUTES_PER_HOUR)
        if abs(minutes - step_min) > 1e-9 or not divides:
            raise ValueError("step must be a divisor or a multiple of an hour in whole minutes")
        if MINUTES_PER_DAY % round(minutes):
            raise ValueError("step must divide a day")
        return self

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The site's time zone."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def start_time(self) -> datetime.datetime:
        """Local midnight of `start`."""
        return datetime.datetime.combine(self.start, datetime.time(), self.zone)

    @property
    def end_time(self) -> datetime.datetime:
        """Local midnight of `end`."""
        return datetime.datetime.combine(self.end, datetime.time(), self.zone)
