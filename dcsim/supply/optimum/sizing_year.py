"""Types of the program of sizes: a year of a site, plants and batteries to be sized, sizes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers


class SizedPlant(NamedTuple):
    """A plant of a size to be found."""

    output_pu: Floats
    """Output of one MW, shape ``(n_steps,)``."""
    cost_per_mw: float
    """Of one MW over the year, its energy included where that is paid for. [money]"""
    wheeled: bool
    """True if it comes through the connection."""


class SizedStore(NamedTuple):
    """A battery of a power and an energy to be found."""

    availability_frac: Floats
    """Share of its power that works, shape ``(n_steps,)``."""
    charge_frac: float
    discharge_frac: float
    retention_frac: float
    """Share of what is stored that is left after a step."""
    min_stored_frac: float
    """Share of its energy that is never taken out: its reserve or its minimum."""
    cost_per_mw: float
    cost_per_mwh: float
    max_stored_frac: float = 1.0
    """Share of its energy above which it is not charged."""
    charge_limit_mw: float = np.inf
    """Most it charges, however much power is built."""
    discharge_limit_mw: float = np.inf
    """Most it discharges, likewise."""


class Year(NamedTuple):
    """A year of a site but for what is to be sized, shape ``(n_steps,)`` each. [MW]"""

    load_mw: Floats
    connection_mw: Floats
    clean_wheeled_mw: Floats
    """Carbon-free sources through the connection that stay as they are."""
    clean_onsite_mw: Floats
    """Those behind it."""
    other_mw: Floats
    """Power that other contracts bring through the connection."""
    dispatchable_mw: Mapping[str, tuple[Floats, Floats]]
    """Least and most of each plant."""
    clean_dispatchable: frozenset[str]
    """Those whose energy is carbon-free."""
    backup_mw: Floats
    import_clean_frac: Floats
    """Carbon-free share of what the grid delivers."""
    import_per_mwh: Floats
    dispatchable_per_mwh: Mapping[str, Floats]
    backup_per_mwh: float
    unserved_per_mwh: float
    demand_per_mw: Floats
    """Of the highest hourly import of each month, shape ``(n_months,)``."""
    month: Integers
    """Month of each step, from 0."""
    step_of_hour: int
    step_h: float
    change_mw: Mapping[str, float] = MappingProxyType({})
    """Most a dispatchable plant changes from one step to the next, where it has a ramp."""


class LeastCostSizes(NamedTuple):
    """Sizes and what the program expects of them."""

    plants_mw: dict[str, float]
    stores: dict[str, tuple[float, float]]
    """Power and energy. [MW], [MWh]"""
    cfe_frac: float
    """Share of the load met by carbon-free power in the same hour."""
    cost: float
    """Of the year: sizes, import, CHP, gensets; unserved load has no part in it. [money]"""
    unserved_mwh: float
    energy_mwh: dict[str, float]
    """Energy by what makes it: ``import``, and each dispatchable plant by its key. [MWh]"""
