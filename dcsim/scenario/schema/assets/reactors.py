"""Small modular reactors: the class of one plant, and the record of the kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from dcsim.scenario.schema.assets.asset import Asset, Capacity
from dcsim.scenario.schema.assets.kind import CARBON_FREE, AssetKind, EnergyPrice, PlannedStop
from dcsim.scenario.schema.outages import Maintenance, Outages
from dcsim.scenario.schema.quantity import Fraction, PerHour, Share, YearlyPricePerMwh


class Reactor(Asset):
    """A small modular reactor behind the connection, or the share contracted of one next door."""

    capacity_mw: Capacity
    """Net electric power contracted to the site."""
    availability_frac: Annotated[Fraction, Field(gt=0, le=1)] = 1.0
    """Share of that power that it gives between stops and outages."""
    minimum_frac: Share = 0.0
    """Least that is taken while it runs, over what it can give."""
    ramp_per_h: Annotated[PerHour, Field(gt=0, le=100)] | None = None
    """Most it changes in an hour, over `capacity`; without it, at once."""
    outages: Outages | None = None
    """Forced outages."""
    refuelling: Maintenance | None = None
    """Stop for new fuel, usually ``every`` so many months in service."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy by year."""


def _fuel_stops(reactor: Reactor) -> Iterator[PlannedStop]:
    if reactor.refuelling is not None:
        yield PlannedStop("refuelling", reactor.refuelling)


def _reactor_price(reactor: Reactor) -> EnergyPrice | None:
    return EnergyPrice(by_year=reactor.price_per_mwh) if reactor.price_per_mwh else None


KIND = AssetKind(
    section="reactors",
    schema=Reactor,
    about="Small modular reactors.",
    also_called=(
        "nuclear",
        "smr",
        "smrs",
    ),
    sample_keys={"name": "a", "capacity": "4 MW"},
    label="reactors",
    color="#882255",
    dispatch_class="dispatchable",
    rated_mw=lambda reactor: float(reactor.capacity_mw),
    figure="reactors",
    cleanliness=CARBON_FREE,
    forced_outages=lambda reactor: reactor.outages,
    planned_stops=_fuel_stops,
    dated_fields=frozenset(("outages", "refuelling")),
    price=_reactor_price,
    ledger_kind="reactor_energy",
    ledger_label="Reactor energy",
    ledger_color="#882255",
)
