"""Small modular reactors: what one gives between its stops, and how fast it follows the load."""

from __future__ import annotations

import math

from dcsim.scenario.schema.assets.reactors import Reactor
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.dispatch.plants import DispatchableUnit


def available(reactor: Reactor, conditions: Conditions) -> DispatchableUnit:
    """Return the reactor between its minimum and what it can give, with its ramp.

    Notes
    -----
    ``available = capacity * (1 - outages) * availability``; stops for fuel and forced outages are
    in the capacity that the conditions give. The minimum goes by what is available, the ramp by
    the rated power.
    """
    ramp_per_h = reactor.ramp_per_h
    return DispatchableUnit(
        available_mw=conditions.capacity_mw * reactor.availability_frac,
        minimum_frac=reactor.minimum_frac,
        ramp_mw_per_h=math.inf if ramp_per_h is None else ramp_per_h * reactor.capacity_mw,
    )
