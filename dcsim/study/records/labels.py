"""Labels of the key figures: column in; text, unit and number format for people out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from dcsim.scenario.schema.conversion import CURRENCIES


class Label(NamedTuple):
    """Label and number format of a figure."""

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


def in_all_currencies(labels: Mapping[str, Label]) -> dict[str, Label]:
    """Return labels with those of money in US dollars in each other currency, too.

    >>> list(in_all_currencies({"npv_usd": Label("Value [bn USD]", "{:,.2f}", 1e-9)}))
    ['npv_krw', 'npv_usd', 'npv_eur']
    """
    found: dict[str, Label] = {}
    for name, label in labels.items():
        for currency in CURRENCIES:
            parts = (currency.lower() if part == "usd" else part for part in name.split("_"))
            text = label.text.replace("USD", currency)
            found.setdefault("_".join(parts), label._replace(text=text))
    return found


_IN_US_DOLLARS = {
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
KEY_FIGURES = in_all_currencies(_IN_US_DOLLARS)
"""Labels of the key figures of a run, by column; a run has those of money in its currency alone."""


def label_of(column: str) -> Label:
    """Return the label of a column; one without a label is shown by its own name."""
    return KEY_FIGURES.get(column, Label(column, "{:,.4g}"))


def input_label(key: str) -> str:
    """Return the name of an input in words: what it is, and of which thing.

    >>> input_label("works.building-b.slip"), input_label("money.costs.it_maintenance")
    ('slip of building-b', 'it maintenance (money, costs)')
    >>> input_label("solar.solar-2.price.2030"), input_label("power.oversubscription")
    ('price 2030 of solar-2', 'oversubscription (power)')
    """
    section, *parts = key.split(".")
    if not parts:
        return key
    if len(parts) == 1 or section in _PLAIN_SECTIONS:
        *where, what = parts
        return f"{what.replace('_', ' ')} ({', '.join([section, *where])})"
    thing, *rest = parts
    return f"{' '.join(rest).replace('_', ' ')} of {thing}"


_PLAIN_SECTIONS = ("money", "power", "cooling", "electrical", "fleet", "deployment", "grid")
"""Sections that hold no list of named things."""
