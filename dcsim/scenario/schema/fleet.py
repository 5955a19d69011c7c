"""GPUs: products, halls that take them, orders, how they are set up, how they fail."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dcsim.scenario.schema.part import (
    HIGH_FAVORS,
    LOW_FAVORS,
    NEITHER_FAVORS,
    Day,
    Derived,
    Line,
    Name,
    Named,
    Part,
)
from dcsim.scenario.schema.quantity import (
    Count,
    Fraction,
    Gpus,
    Hours,
    Kilowatts,
    Megawatts,
    PerGpuYear,
    Petaflops,
    PricePerGpu,
    Real,
    Share,
    Years,
)


class Product(Named):
    """A GPU product; one server is what fails, one rack is what moves."""

    power_kw: Annotated[Kilowatts, Field(gt=0, le=100), LOW_FAVORS]
    """Nameplate IT power a GPU, its share of the server included."""
    server_size: Annotated[Gpus, Field(ge=1, le=1024)]
    """GPUs that fail and are repaired together."""
    rack_size: Annotated[Gpus, Field(ge=1, le=1024)]
    """GPUs a rack holds."""
    peak_frac: Annotated[Share, LOW_FAVORS] = 0.90
    """Highest sustained draw over nameplate, which power is provisioned for."""
    training_frac: Annotated[Share, NEITHER_FAVORS] = 0.76
    """Draw of a GPU busy with training, over nameplate."""
    inference_frac: Annotated[Share, NEITHER_FAVORS] = 0.50
    """Draw of a GPU busy with inference, over nameplate."""
    idle_frac: Annotated[Share, NEITHER_FAVORS] = 0.22
    """Draw of a GPU that waits for work, over nameplate."""
    liquid_frac: Annotated[Share, NEITHER_FAVORS] = 0.0
    """Share of the heat that leaves by liquid."""
    performance_pflops: Annotated[Annotated[Petaflops, Field(gt=0)] | None, NEITHER_FAVORS] = None
    """Dense BF16 performance a GPU; needed where `rental_reference` compares it."""
    price_per_gpu: Annotated[PricePerGpu | None, NEITHER_FAVORS] = None
    """Price a GPU, its share of server and rack included."""
    life_years: Annotated[Years, Field(gt=0, le=50), LOW_FAVORS] = 5.0
    """Age at which it is retired."""

    @model_validator(mode="after")
    def _whole_servers(self) -> Product:
        if self.rack_size % self.server_size:
            raise ValueError(
                f"rack_size {self.rack_size} GPU is not a whole number of servers of "
                f"{self.server_size} GPU"
            )
        if not self.idle_frac <= min(self.training_frac, self.inference_frac):
            raise ValueError("idle is more than what a busy GPU draws")
        return self


class Hall(Named):
    """A data hall: places for racks, with their power and their cooling."""

    works: Name | None = None
    """The work that opens it; without one it is open from the start."""
    racks: Annotated[Count, Field(ge=1, le=1_000_000), NEITHER_FAVORS]
    """Rack positions."""
    it_power_mw: Annotated[Megawatts, Field(gt=0, le=10_000), HIGH_FAVORS]
    """IT power its feeds can carry, at design draw."""
    rack_limit_kw: Annotated[Kilowatts, Field(gt=0, le=2000), NEITHER_FAVORS] = 2000.0
    """Highest nameplate of one rack."""
    air_cooling_mw: Annotated[
        Annotated[
            Annotated[Megawatts, Field(ge=0)] | None,
            Derived(lambda hall, _: hall.it_power_mw, "the same as it_power"),
        ],
        NEITHER_FAVORS,
    ] = None
    """Heat its air cooling removes; without it, as much as `it_power`."""
    liquid_cooling_mw: Annotated[
        Annotated[
            Annotated[Megawatts, Field(ge=0)] | None,
            Derived(lambda hall, _: hall.it_power_mw, "the same as it_power"),
        ],
        NEITHER_FAVORS,
    ] = None
    """Heat its liquid loops remove; without it, as much as `it_power`."""
    cooling_works: Annotated[
        Name | None, Derived(lambda hall, _: hall.works, "the same as works")
    ] = None
    """The work that brings its cooling, if that is not the hall's own."""


class Refresh(Part):
    """Racks that replace those of an order when they retire."""

    product: Name
    """The product that takes the freed power and space."""
    lead_time_h: Annotated[Hours, Field(ge=0), NEITHER_FAVORS]
    """From order to delivery; ordered so that it arrives when the old racks retire."""


class Order(Named):
    """One order of GPUs, delivered in lots."""

    product: Name
    """Product that is ordered."""
    gpus: Annotated[Gpus, Field(ge=1, le=100_000_000), HIGH_FAVORS]
    """GPUs ordered."""
    placed: Day | None = None
    """Day of the order; give this or `after`."""
    after: Name | None = None
    """The work whose completion places the order."""
    lead_time_h: Annotated[Hours, Field(ge=0), LOW_FAVORS]
    """From order to the first lot at the gate."""
    lot: Annotated[Annotated[Gpus, Field(ge=1)] | None, HIGH_FAVORS] = None
    """GPUs a delivery, rounded up to whole racks; without it, all at once."""
    interval_h: Annotated[Hours, Field(ge=0), LOW_FAVORS] = 168.0
    """Time between deliveries."""
    risks: tuple[Name, ...] = ()
    """Shared risks that delay it or stretch its lead time."""
    halls: tuple[Name, ...] = ()
    """Halls it may go to, in this order; without any, all."""
    paid_by: Line | None = None
    """Party that pays for it."""
    refresh: Refresh | None = None
    """Racks that follow at the end of its life; without it, none do."""

    @model_validator(mode="after")
    def _one_trigger(self) -> Order:
        if (self.placed is None) == (self.after is None):
            raise ValueError("needs either placed or after, not both")
        return self


class Deployment(Part):
    """Installation and commissioning: the way of racks from the gate into service."""

    n_crews: Annotated[Count, Field(ge=1, le=10_000)]
    """Crews that install racks, one rack at a time each."""
    install_h: Annotated[Hours, Field(ge=0, le=2000)]
    """From store to cabled, a rack, while it holds a crew."""
    n_slots: Annotated[Count, Field(ge=1, le=100_000)]
    """Racks that can be commissioned at the same time."""
    commissioning_h: Annotated[Hours, Field(ge=0, le=8760)]
    """Power, liquid, firmware and burn-in of a rack, while it holds a slot."""


class Fleet(Part):
    """Failures of servers and their repair."""

    failure_rate_per_gpu_year: Annotated[PerGpuYear, Field(ge=0, le=100)]
    """Interruptions of any cause, a GPU and year; a server fails as often as all its GPUs."""
    early_factor: Annotated[Real, Field(ge=0, le=100)] = 1.0
    """Multiplier of the rate while a server is young."""
    early_h: Annotated[Hours, Field(ge=0)] = 0.0
    """Age up to which a server is young."""
    wear_shape: Annotated[Real, Field(ge=1, le=10)] = 1.0
    """Weibull shape of wear: the rate grows with (age / `wear_after`)^(shape - 1)."""
    wear_after_years: Annotated[Years, Field(gt=0)] = 2.0
    """Age from which servers wear."""
    hands_frac: Share
    """Share of failures that need a technician; the others recover by themselves."""
    recovery_h: Annotated[Hours, Field(ge=0)]
    """Mean time of a recovery without hands."""
    n_technicians: Annotated[Count, Field(ge=1)]
    """Technicians on duty at any time, a first site."""
    hands_on_h: Annotated[Hours, Field(gt=0)]
    """Time a repair holds a technician."""
    repair_h: Annotated[Hours, Field(ge=0)]
    """From the technician's start to back in service."""
    repair_spread: Literal["fixed", "exponential"] = "fixed"
    """Distribution of single repairs about `repair`, and of `hands_on` with them."""
    spares: Annotated[Count, Field(ge=0)]
    """Server parts in stock at the start."""
    spare_lead_time_h: Annotated[Hours, Field(ge=0)]
    """From a spare's use to its replacement in stock."""
    spare_servers: Annotated[Count, Field(ge=0)] = 0
    """Whole servers of each product in store at the start: one takes the place of a server that
    fails, which is repaired and becomes a spare one itself."""
    swap_h: Annotated[Hours, Field(ge=0)] = 0.0
    """Time to put a spare server into its place, at least a minute."""

    @model_validator(mode="after")
    def _hands_within_repair(self) -> Fleet:
        if self.hands_on_h > self.repair_h:
            raise ValueError("hands_on is longer than repair")
        return self


class Segment(Named):
    """A demand for GPUs: training or inference, with its growth and its daily shape."""

    use: Literal["training", "inference"]
    """Work of the GPUs, which sets their draw."""
    gpus: Annotated[Gpus, Field(ge=0)]
    """GPUs wanted at `at`, in the weekday mean hour."""
    at: Day
    """Day that `gpus` stands for."""
    begins: Annotated[
        Day | None,
        Derived(lambda part, site: part.at if part.at < site.end else None, "the same as at"),
    ] = None
    """Day before which nothing is wanted; without it, `at`."""
    growth_frac: Annotated[Fraction, Field(ge=-0.99, le=20)] = 0.0
    """Growth a year, compound, before and after `at`."""
    time_zone: Annotated[
        str | None, Derived(lambda _, site: site.time_zone, "the time zone of the site")
    ] = None
    """Zone whose clock the shape follows; without it, the site's. Another zone is a hub's demand.
    """
    weekday: tuple[Annotated[Real, Field(ge=0)], ...] = (1.0,)
    """Load over the weekday mean: one number, or one for each hour of the local day."""
    weekend: Annotated[
        tuple[Annotated[Real, Field(ge=0)], ...] | None,
        Derived(lambda part, _: None if part.shape else part.weekday, "the same as weekday"),
    ] = None
    """The same for Saturday and Sunday; without it, as on weekdays."""
    shape: Literal["chat", "code"] | None = None
    """A measured shape in place of `weekday` and `weekend`, by the local hour."""
    synchronous_frac: Share = 0.0
    """Share of its GPUs that work and wait in step, for the stated band of power swings."""

    @model_validator(mode="after")
    def _whole_days(self) -> Segment:
        for key in ("weekday", "weekend"):
            shape = getattr(self, key)
            if shape is not None and len(shape) not in (1, 24):
                raise ValueError(f"{key} has {len(shape)} values; write 1 or 24")
        if self.shape is not None and (self.weekend is not None or self.weekday != (1.0,)):
            raise ValueError("needs either shape or weekday and weekend, not both")
        return self
