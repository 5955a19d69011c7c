"""Batteries: their powers, the energy between their limits, and what age and use take."""

from __future__ import annotations

from dcsim.clock import Floats
from dcsim.scenario.schema.assets.batteries import Battery
from dcsim.supply.assets.conditions import Conditions
from dcsim.supply.dispatch.battery import BatteryUnit


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
