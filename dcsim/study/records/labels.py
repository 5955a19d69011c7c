"""What figures of a run are called where people read them, and in which unit."""

from __future__ import annotations

import math
from typing import NamedTuple


class Label(NamedTuple):
    """How a figure is shown."""

    text: str
    """With its unit in brackets."""
    form: str
    """Format of the number."""
    factor: float = 1.0
    """From the unit of the column to the one that is shown."""

    def shown(self, value: float) -> str:
        """Return a value as text.

        >>> KEY_FIGURES["npv_usd"].shown(-2_740_000_000.0)
        '-2.74'
        >>> KEY_FIGURES["unserved_mwh"].shown(-0.004)
        '0.0'
        """
        if math.isnan(value):
            return "–"
        text = self.form.format(value * self.factor)
        return text if any(digit in text for digit in "123456789") else text.lstrip("+-")


KEY_FIGURES = {
    "gpus_online_max": Label("GPUs online, most", "{:,.0f}"),
    "peak_facility_mw": Label("Facility draw, peak [MW]", "{:,.1f}"),
    "pue_mean": Label("PUE, energy-weighted", "{:.3f}"),
    "carbon_free_hourly_frac": Label("Carbon-free, same hour [%]", "{:.1f}", 100.0),
    "renewable_hourly_frac": Label("Renewable, same hour [%]", "{:.1f}", 100.0),
    "unserved_mwh": Label("Unserved [MWh]", "{:,.1f}"),
    "energy_cost_usd": Label("Energy [bn USD]", "{:,.2f}", 1e-9),
    "capex_usd": Label("Capital, GPUs and refresh [bn USD]", "{:,.2f}", 1e-9),
    "npv_usd": Label("Net present value [bn USD]", "{:,.2f}", 1e-9),
    "levelized_cost_usd_per_gpu_hour": Label("Levelized [USD per GPU-hour]", "{:,.2f}"),
}
"""Figures of a whole run, by column."""


def label_of(column: str) -> Label:
    """Return how a column is shown; one that is not known goes by its own name."""
    return KEY_FIGURES.get(column, Label(column, "{:,.4g}"))
