"""The data types that stages hand on: the architecture of dcsim in one file.

``Plan`` -ramp-> ``Timeline``, -weather-> ``Weather``, -power-> ``Load``, -supply-> ``Flows``,
-accounts-> ``Accounts``.
Hourly arrays are means over ``[t, t + 1 h)``, time on the last axis, length ``n_hours``; levels
such as stored energy sit on the edges, length ``n_hours + 1``. Flows are never negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar, Floats, Integers
from dcsim.gpu_states import STATE, STATES

LEDGER_COLUMNS = (
    "date",
    "party",
    "asset",
    "kind",
    "quantity",
    "unit",
    "rate",
    "currency",
    "amount",
)
"""Columns of the ledger; its amounts are negative where money goes out."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A level that jumps at events and stays in between; zero before the first."""

    time_min: Integers
    """Times of the changes, ascending. [min]"""
    level: NDArray[np.float64]
    """The level from then on."""

    @staticmethod
    def of(changes: list[tuple[int, float]]) -> Steps:
        """Make steps from `changes`, pairs of time in minutes and change, in any order."""
        ordered = sorted(changes)
        time = np.array([time for time, _ in ordered], dtype=np.int64)
        return Steps(time, np.cumsum(np.array([change for _, change in ordered], dtype=np.float64)))

    @property
    def change(self) -> NDArray[np.float64]:
        """Change at each event."""
        return np.diff(self.level, prepend=0.0)

    def at(self, time_min: float) -> float:
        """Return the level at `time_min`."""
        index = int(np.searchsorted(self.time_min, time_min, side="right")) - 1
        return float(self.level[index]) if index >= 0 else 0.0

    def hourly(self, calendar: Calendar) -> Floats:
        """Return the mean over each step of `calendar`, shape ``(n_hours,)``."""
        return calendar.hourly_mean(self.time_min, self.change)


@dataclass(frozen=True, slots=True)
class Moves:
    """Every change of state of every GPU, as columns of equal length, in order of time."""

    time_min: Integers
    """Time of the change. [min]"""
    product: NDArray[np.int16]
    """Index of the product."""
    subject: NDArray[np.int32]
    """Index of the rack in ``Timeline.racks``."""
    n_gpus: NDArray[np.int32]
    """Number of GPUs."""
    origin: NDArray[np.int8]
    """Index of the state they leave, `OUTSIDE` when ordered."""
    target: NDArray[np.int8]
    """Index of the state they enter."""


class RackRecord(NamedTuple):
    """One rack of an order."""

    name: str
    """``ORDER/rack-17``."""
    order: str
    """Name of its order."""
    product: str
    """Name of the product it holds."""
    paid_by: str | None
    """Party that pays for it; None for the operator of the site."""


class TaskRecord(NamedTuple):
    """One work as it went."""

    name: str
    """Name of the work."""
    kind: str
    """Kind of the work, such as ``grid`` or ``hall``."""
    label: str
    """Name of the work in words."""
    start_min: int | None
    """Start; None if it never began. [min]"""
    finish_min: int | None
    """Finish; None if never, or not within the run. [min]"""
    planned_finish_min: int | None
    """Finish without slip and without delay of its predecessors. [min]"""
    driver: str | None
    """The predecessor that was done last, if that is what set the start or the finish."""
    unlocks: tuple[str, ...]
    """Capacity that its completion opened."""


class Outage(NamedTuple):
    """A time in which an asset gives less, or nothing."""

    asset: str
    """Key such as ``chp.skmu`` or ``grid``."""
    start_min: int
    """First minute of it. [min]"""
    end_min: int
    """First minute after it. [min]"""
    lost_frac: float
    """Share of the capacity that is lost. [1]"""
    cause: str
    """``forced`` or ``maintenance``."""


class LogEntry(NamedTuple):
    """A line of the log of what happened, other than the moves of racks."""

    time_min: int
    """When it happened. [min]"""
    kind: str
    """Kind of thing that it happened to, such as ``works`` or ``order``."""
    subject: str
    """Name of that thing."""
    text: str
    """What happened, in words."""


@dataclass(frozen=True)
class Timeline:
    """Output of the event simulation: states of GPUs, capacities, works and outages."""

    calendar: Calendar
    """The steps of the run."""
    products: tuple[str, ...]
    """Names of the products; `Moves.product` counts in it."""
    racks: tuple[RackRecord, ...]
    """Every rack of every order; `Moves.subject` counts in it."""
    moves: Moves
    """Every change of state of every GPU."""
    tasks: tuple[TaskRecord, ...]
    """The works, with start and finish."""
    capacity: Mapping[str, Steps]
    """Capacity in MW by key: ``energized`` (contracted power, measured as its basis says),
    ``halls`` (IT power of open halls), and ``solar.NAME``, ``wind.NAME``, ``chp.NAME``,
    ``contracts.NAME``, ``batteries.NAME``, ``gensets.NAME``: rated power once it is there."""
    outages: tuple[Outage, ...]
    """Outages of plants and of the ``grid``, planned and forced, within the run."""
    log: tuple[LogEntry, ...]
    """What happened, in words and in order; empty where a run was read back from its folder."""

    def stock(self, *states: str, product: str | None = None) -> Steps:
        """Return the GPUs in any of `states`, of one `product` or of all, as steps."""
        wanted = np.zeros(len(STATES) + 1, dtype=np.int64)  # the last place stands for OUTSIDE
        wanted[[STATE[state] for state in states]] = 1
        moves = self.moves
        change = (wanted[moves.target] - wanted[moves.origin]) * moves.n_gpus
        if product is not None:
            change = np.where(moves.product == self.products.index(product), change, 0)
        moved = change != 0
        return Steps(moves.time_min[moved], np.cumsum(change[moved]).astype(np.float64))

    def hourly_gpus(self, *states: str, product: str | None = None) -> Floats:
        """Return the mean GPUs in any of `states` over each step, of one `product` or of all."""
        return self.stock(*states, product=product).hourly(self.calendar)

    def available_mw(self, asset: str) -> Floats:
        """Return the capacity of `asset` less its outages, shape ``(n_hours,)``. [MW]"""
        level = self.capacity[asset].hourly(self.calendar)
        return level * self.availability_frac(asset)

    def availability_frac(self, asset: str) -> Floats:
        """Return the share of `asset` that is not in outage, shape ``(n_hours,)``. [1]"""
        mine = [outage for outage in self.outages if outage.asset == asset]
        times = [time for o in mine for time in (o.start_min, o.end_min)]
        change = [amount for o in mine for amount in (-o.lost_frac, o.lost_frac)]
        if not times:
            return np.ones(self.calendar.n_hours)
        return np.clip(1.0 + self.calendar.hourly_mean(times, change), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Weather:
    """Hourly weather, shape ``(n_hours,)`` each."""

    temp_dry_bulb_c: Floats
    """Of the air. [°C]"""
    temp_wet_bulb_c: Floats
    """Of the air. [°C]"""
    relative_humidity_frac: Floats
    """From 0 to 1. [1]"""
    pressure_pa: Floats
    """At the site. [Pa]"""
    wind_speed_m_s: Floats
    """At 10 m, at the station."""
    ghi_w_m2: Floats
    """Global irradiance on the horizontal. [W/m2]"""
    dni_w_m2: Floats
    """Direct irradiance on a plane that faces the sun. [W/m2]"""
    dhi_w_m2: Floats
    """Diffuse irradiance on the horizontal. [W/m2]"""
    wind_site_m_s: Floats | None
    """At the turbines, at `wind_site_height_m`."""
    wind_site_height_m: float
    """Height of `wind_site_m_s` above ground. [m]"""
    source: str
    """Origin of the weather, for the report."""
    digest: str
    """Hash of all of it, so that profiles made from it can be kept."""
    notes: tuple[str, ...] = ()
    """Repairs and cautions, for the report."""
    wind_at_heights_m_s: Mapping[float, Floats] = field(default_factory=dict)
    """Measured at the turbines, by height above ground in m; empty where wind is drawn."""
    air_density_kg_m3: Floats | None = None
    """Measured at the hub; None where it follows from temperature and pressure."""


@dataclass(frozen=True, slots=True)
class Load:
    """Power that the site draws, shape ``(n_hours,)`` unless stated otherwise."""

    segments: tuple[str, ...]
    """Names of the segments of demand."""
    online_gpus: Floats
    """By product, shape ``(n_products, n_hours)``."""
    wanted_gpus: Floats
    """Demand by segment, shape ``(n_segments, n_hours)``."""
    busy_gpus: Floats
    """Demand served by segment, shape ``(n_segments, n_hours)``."""
    it_power_mw: Floats
    """Servers, network, storage and management, after capping."""
    throttled_mw: Floats
    """IT power that capping cut off."""
    cooling_power_mw: Floats
    """Fans, pumps, chillers, towers."""
    electrical_loss_mw: Floats
    """UPS, transformers, distribution, lighting."""
    facility_power_mw: Floats
    """IT + cooling + electrical losses."""
    pue: Floats
    """Facility over IT power; NaN where nothing is on."""
    water_m3: Floats
    """Water used in the step."""
    swing_mw: Floats = field(default_factory=lambda: np.zeros(0))
    """Band within which training in step may move IT power at any moment; empty where unknown."""


@dataclass(frozen=True, slots=True)
class Flows:
    """Power by source, store and sink, shape ``(n_hours,)`` each.

    In every step:
    generation + import + discharge + unserved = facility + charge + export + curtailed.
    """

    generation_mw: Mapping[str, Floats]
    """By source: ``solar``, ``wind``, ``chp``, ``genset`` and the name of each contract. All that
    is available of solar, wind and contracts counts as generated; what is not used is curtailed."""
    asset_generation_mw: Mapping[str, Floats]
    """The same by asset key such as ``solar.jeonnam``."""
    grid_import_mw: Floats
    """From the grid, contracts apart."""
    grid_export_mw: Floats
    """To the grid, contracts apart."""
    battery_charge_mw: Floats
    """Into all stores, losses included."""
    battery_discharge_mw: Floats
    """Out of all stores."""
    battery_stored_mwh: Floats
    """On the edges, shape ``(n_hours + 1,)``."""
    grid_charge_mw: Floats
    """Part of the charge that came from the grid."""
    curtailed_mw: Floats
    """Generation that is neither used, stored nor fed back."""
    unserved_mw: Floats
    """Load that nothing serves."""
    battery_lost_mwh: Floats = field(default_factory=lambda: np.zeros(0))
    """Energy that left the stores in each step without being given: on the way out, by
    self-discharge, by fade; empty where all loss lies on charging. [MWh]"""
    battery_renewed_step: Mapping[str, Integers] = field(default_factory=dict)
    """Steps at whose start a worn battery was replaced, by asset key."""
    asset_discharge_mw: Mapping[str, Floats] = field(default_factory=dict)
    """Out of each store, by asset key; empty where a policy does not tell them apart."""
    asset_stored_mwh: Mapping[str, Floats] = field(default_factory=dict)
    """In each store on the edges, by asset key, likewise."""


class MilestoneResult(NamedTuple):
    """Outcome of a milestone."""

    name: str
    """Name of the milestone."""
    metric: str
    """Quantity that is measured, such as ``gpus_online``."""
    target: float
    """In the unit of the metric, GPUs or MW."""
    by: str
    """Last day in time, ISO."""
    reached: str | None
    """Day the target was first met, ISO; None if never within the run."""
    met: bool
    """True if the target was reached by that day."""
    margin_days: float | None
    """Days before (positive) or after `by`; None if never reached."""


@dataclass(frozen=True)
class Accounts:
    """Figures counted from the outputs of all stages."""

    gpu_minutes: Mapping[str, int]
    """GPU-minutes in each state over the run, whole."""
    milestones: tuple[MilestoneResult, ...]
    """Outcome of each milestone, in the order of the scenario."""
    ledger: Mapping[str, list[object]]
    """Columns date, party, asset, kind, quantity, unit, rate, currency, amount."""
    yearly: Mapping[str, Floats]
    """Figures by calendar year; ``year`` holds the years, units stand in the names."""
    key_figures: Mapping[str, float | None]
    """Figures of the whole run, units in the names."""
    carbon_free_mw: Floats
    """Load met in the same hour by carbon-free power, the grid's share included; ``(n_hours,)``."""
    renewable_mw: Floats
    """Load met in the same hour by contracted or own renewables, stored ones included."""
