"""The types that every cooling model takes and returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dcsim.clock import Calendar, Floats


class HeatLoad(NamedTuple):
    """Heat to remove, shape ``(n_hours,)`` each."""

    heat_mw: Floats
    """IT power and all electrical losses. [MW]"""
    liquid_frac: Floats
    """Share of it that leaves by liquid. [1]"""
    hall_mw: Floats
    """Heat the open halls are built for. [MW]"""


class PlantOutput(NamedTuple):
    """A gas plant beside the site, whose gas brings cold."""

    available_mw: Floats
    """Its capacity less its outages, shape ``(n_hours,)``. [MW]"""
    rated_mw: float
    """Its largest capacity over the run. [MW]"""


class Outside(NamedTuple):
    """Air and water outside, shape ``(n_hours,)`` each."""

    dry_bulb_c: Floats
    """NaN where the weather is missing. [°C]"""
    wet_bulb_c: Floats
    """NaN where the weather is missing."""
    pressure_pa: Floats
    """Of the air. [Pa]"""
    calendar: Calendar
    """Steps of the run; sea temperatures come by month."""
    plants: Mapping[str, PlantOutput]
    """Gas plants by their name."""


class CoolingDraw(NamedTuple):
    """Electric power and water of cooling, shape ``(n_hours,)``."""

    power_mw: Floats
    """Electric power. [MW]"""
    water_m3_h: Floats
    """A liter a kWh is a cubic meter a MWh. [m3/h]"""
