"""Batteries: their powers, the energy between their limits, and what age and use take."""

from __future__ import annotations

from dcsim.clock import Floats
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.batteries import Battery
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.dispatch.battery import BatteryUnit

_LEFT_OUT = {
    "fade_per_year": "the battery stays as good as new",
    "fade_per_cycle": "the battery stays as good as new",
    "reserve": "it knows the hours ahead and may use all down to minimum",
}
"""What the program of `optimal` does without a key."""


def notes(battery: Battery, plan: Plan) -> tuple[str, ...]:
    """Return the keys of a battery that the policy of the site does not follow, for the notes."""
    if plan.site.dispatch.policy != "optimal":
        return ()
    keys = {
        "fade_per_year": battery.fade_per_year_frac,
        "fade_per_cycle": battery.fade_per_cycle_frac,
        "reserve": battery.reserve_frac,
    }
    return tuple(
        f"batteries.{battery.name}.{key}: dispatch.policy optimal leaves it out; {_LEFT_OUT[key]}."
        for key, frac in keys.items()
        if frac > 0
    )


def available(battery: Battery, conditions: Conditions) -> BatteryUnit:
    """Return the battery as dispatch runs it; its own limits follow what is there of its power."""
    power_mw = conditions.capacity_mw

    def side(rated_mw: float | None) -> Floats | None:
        return None if rated_mw is None else power_mw * (rated_mw / battery.power_mw)

    charge_frac, discharge_frac = battery.efficiencies
    return BatteryUnit(
        power_mw=power_mw,
        energy_mwh=battery.maximum_frac * battery.energy_mwh,
        round_trip_frac=charge_frac * discharge_frac,
        reserve_mwh=battery.reserve_frac * battery.energy_mwh,
        start_mwh=battery.initial_frac * battery.energy_mwh,
        discharge_frac=discharge_frac,
        charge_limit_mw=side(battery.charge_power_mw),
        discharge_limit_mw=side(battery.discharge_power_mw),
        minimum_mwh=battery.minimum_frac * battery.energy_mwh,
        loss_frac_per_h=battery.self_discharge_per_h,
        fade_per_year_frac=battery.fade_per_year_frac,
        fade_per_cycle_frac=battery.fade_per_cycle_frac,
        replace_below_frac=battery.replace_below_frac,
    )
