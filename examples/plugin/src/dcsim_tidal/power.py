"""Tidal stream farms: a source that follows the moon, not the weather."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dcsim.plugins import (
    RENEWABLE,
    Asset,
    AssetKind,
    Capacity,
    Conditions,
    EnergyPrice,
    Floats,
    MetersPerSecond,
    Outages,
    YearlyPricePerMwh,
)

LUNAR_H, SOLAR_H = 12.4206012, 12.0
"""Periods of the principal lunar (M2) and solar (S2) tide. [h]"""
PARTS = 6
"""Parts of a step whose mean is taken, since power goes by the cube of the speed."""


class Tidal(Asset):
    """A tidal stream farm behind the connection."""

    capacity_mw: Capacity
    """Rated power."""
    lunar_speed_m_s: Annotated[MetersPerSecond, Field(ge=0, le=10)]
    """Amplitude of the current that the moon drives."""
    solar_speed_m_s: Annotated[MetersPerSecond, Field(ge=0, le=10)] = 0.0
    """Amplitude of the current that the sun drives; together they make spring and neap tides."""
    rated_speed_m_s: Annotated[MetersPerSecond, Field(gt=0, le=10)]
    """Speed from which the turbines give their rated power."""
    outages: Outages | None = None
    """Forced outages."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy by year."""


def available(farm: Tidal, conditions: Conditions) -> Floats:
    """Return the power of the farm in each step, shape ``(n_hours,)``. [MW]

    Notes
    -----
    ``power = capacity * min(|v| / rated, 1) ** 3`` with
    ``v = lunar * sin(2 pi t / 12.42 h) + solar * sin(2 pi t / 12 h)``, and `t` since 1970 in UTC:
    runs that begin on different days meet the same tide.
    """
    calendar = conditions.timeline.calendar
    step_h = calendar.step_h
    begin_h = calendar.time_utc.astype(np.int64) / 3600
    time_h = begin_h + step_h * (np.arange(PARTS)[:, None] + 0.5) / PARTS
    speed_m_s = farm.lunar_speed_m_s * np.sin(2 * np.pi * time_h / LUNAR_H)
    speed_m_s += farm.solar_speed_m_s * np.sin(2 * np.pi * time_h / SOLAR_H)
    share = np.minimum(np.abs(speed_m_s) / farm.rated_speed_m_s, 1.0) ** 3
    return np.asarray(conditions.capacity_mw * share.mean(axis=0))


KIND = AssetKind(
    section="tidal",
    schema=Tidal,
    about="Tidal stream farms.",
    sample_keys={
        "name": "a",
        "capacity": "4 MW",
        "lunar_speed": "2.5 m/s",
        "rated_speed": "2.5 m/s",
    },
    label="tidal stream",
    color="#44AA99",
    dispatch_class="variable",
    rated_mw=lambda farm: float(farm.capacity_mw),
    figure="tidal",
    cleanliness=RENEWABLE,
    forced_outages=lambda farm: farm.outages,
    dated_fields=frozenset(("outages",)),
    price=lambda farm: EnergyPrice(by_year=farm.price_per_mwh) if farm.price_per_mwh else None,
    ledger_kind="tidal_energy",
    ledger_label="Tidal energy",
    ledger_color="#44AA99",
    available=available,
)
