"""Hourly matching of load with renewable and carbon-free power, beside annual matching.

Surplus beyond the load of an hour does not count; surplus that is stored counts when it comes out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcsim.accounts.energy.allocation import AllocatedEnergy, share
from dcsim.accounts.months import hourly_value
from dcsim.clock import Calendar, Floats
from dcsim.scenario.schema.grid import Grid
from dcsim.types import Flows, Load


@dataclass(frozen=True, slots=True)
class Matched:
    """Load met in the same step, shape ``(n_hours,)`` each; renewable <= carbon-free <= load."""

    renewable_mw: Floats
    """By renewable sources, directly or through a store."""
    carbon_free_mw: Floats
    """Also by other carbon-free sources and the carbon-free share of what the grid delivers."""


def match(
    calendar: Calendar, grid: Grid, load: Load, flows: Flows, allocated: AllocatedEnergy
) -> Matched:
    """Match the facility power of each step with renewable and carbon-free power.

    Renewables serve the load first and fill the battery with what is left, then carbon-free
    contracts do; the grid's carbon-free share counts for what is imported for the load and for
    what is imported to refill the battery.

    Parameters
    ----------
    calendar : Calendar
    grid : Grid
        Its carbon-free share by calendar year.
    load, flows : Load, Flows
    allocated : AllocatedEnergy
        What `allocate` returns.

    Returns
    -------
    Matched
    """
    load_mw = load.facility_power_mw
    grid_frac = hourly_value(grid.carbon_free_frac, calendar)
    charge_mw = flows.battery_charge_mw
    surplus_charge_mw = np.maximum(charge_mw - flows.grid_charge_mw, 0.0)
    grid_load_mw = np.maximum(flows.grid_import_mw - flows.grid_charge_mw, 0.0)

    renewable_mw, stored_mw = _direct_and_stored(allocated.renewable_mw, load_mw, surplus_charge_mw)
    renewable_mw += stored_share(calendar.step_h, flows, stored_mw)
    clean_mw = allocated.renewable_mw + allocated.carbon_free_mw
    carbon_free_mw, stored_mw = _direct_and_stored(clean_mw, load_mw, surplus_charge_mw)
    stored_mw += flows.grid_charge_mw * grid_frac
    carbon_free_mw += stored_share(calendar.step_h, flows, stored_mw) + grid_load_mw * grid_frac
    carbon_free_mw = np.minimum(carbon_free_mw, load_mw)
    return Matched(np.minimum(renewable_mw, carbon_free_mw), carbon_free_mw)


def _direct_and_stored(
    taken_mw: Floats, load_mw: Floats, surplus_charge_mw: Floats
) -> tuple[Floats, Floats]:
    direct_mw = np.minimum(taken_mw, load_mw)
    return direct_mw, np.minimum(taken_mw - direct_mw, surplus_charge_mw)


def stored_share(step_h: float, flows: Flows, tagged_charge_mw: Floats) -> Floats:
    """Return the part of the discharge that was charged from a tagged source.

    What goes in first comes out first. A ratio of all that went in so far would be simpler, but
    could give back more tagged energy than was ever put in: charged from wind and emptied, then
    charged from the grid and emptied, it would call half of the second discharge wind.

    Parameters
    ----------
    step_h : float
        Length of a step. [h]
    flows : Flows
        Charge, discharge, stored energy, and what the stores lose. What is lost leaves them like
        what is given, first in first out. What they hold at the start, or when they come into
        service, has no origin and counts as untagged.
    tagged_charge_mw : ndarray, shape (n_hours,)
        Part of the charge from the tagged source. [MW]

    Returns
    -------
    ndarray, shape (n_hours,)
        Tagged part of the discharge; it depends on the steps up to its own only. [MW]
    """
    discharge_mwh = flows.battery_discharge_mw * step_h
    if not discharge_mwh.any():
        return np.zeros_like(discharge_mwh)
    stored_mwh, lost_mwh = flows.battery_stored_mwh, flows.battery_lost_mwh
    out_mwh = discharge_mwh + lost_mwh if lost_mwh.size else discharge_mwh
    in_mwh = np.maximum(np.diff(stored_mwh) + out_mwh, 0.0)
    tagged_mwh = in_mwh * share(tagged_charge_mw, flows.battery_charge_mw)
    tagged_mwh = np.minimum(tagged_mwh, tagged_charge_mw * step_h)
    in_so_far = stored_mwh[0] + np.cumsum(in_mwh)
    # Rounding must not let the discharge of a step reach into what a later step puts in.
    out_so_far = np.minimum(np.cumsum(out_mwh), in_so_far)
    entered = np.concatenate(([0.0, stored_mwh[0]], in_so_far))
    tagged = np.concatenate(([0.0, 0.0], np.cumsum(tagged_mwh)))
    given_mwh = np.diff(np.interp(out_so_far, entered, tagged), prepend=0.0)
    if lost_mwh.size:
        given_mwh = given_mwh * share(discharge_mwh, out_mwh)
    return np.asarray(np.clip(given_mwh, 0.0, discharge_mwh) / step_h)


def annual_frac(renewable_mwh: Floats, load_mwh: Floats) -> Floats:
    """Return renewable generation over load, at most 1; NaN where there is no load.

    The measure of annual certificates: surplus of one hour stands for want in another.
    """
    return np.minimum(ratio(renewable_mwh, load_mwh), 1.0)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return `part` over `whole`, NaN where the whole is zero."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
