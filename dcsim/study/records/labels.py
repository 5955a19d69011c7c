"""Labels of figures and inputs: a column or key in; words, unit and number format out.

Whatever people read, in a terminal, a report or a figure, takes its words from here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from dcsim.gpu_states import CAUSES
from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.scenario.schema.expect import unit_of

_LARGE = 9999.5


class Label(NamedTuple):
    """Label and number format of a figure."""

    text: str
    """With its unit in brackets."""
    form: str
    """Format of the number."""
    factor: float = 1.0
    """From the unit of the column to the one that is shown."""

    @property
    def words(self) -> str:
        """The text without its unit."""
        return self.text.partition(" [")[0]

    @property
    def unit(self) -> str:
        """The unit in the text; empty if there is none."""
        return self.text.partition(" [")[2].removesuffix("]")

    def shown(self, value: float) -> str:
        """Return a value as text.

        >>> KEY_FIGURES["npv_usd"].shown(-2_740_000_000.0)
        '-2.74'
        >>> KEY_FIGURES["unserved_mwh"].shown(-0.004)
        '0.0'
        """
        if math.isnan(value):
            return "–"
        form = self.form
        if form.endswith("g}") and math.isfinite(value) and abs(value * self.factor) >= _LARGE:
            form = f"{form.removesuffix('.4g}')}.0f}}"  # 12,346, not 1.235e+04
        text = form.format(value * self.factor)
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

SERIES_LABELS = in_all_currencies(
    {
        "gpus_online": Label("GPUs online", "{:,.0f}"),
        "energized_mw": Label("Energized power [MW]", "{:,.0f}"),
        "facility_power_mw": Label("Facility power, monthly mean [MW]", "{:,.0f}"),
        "cfe_frac": Label("Carbon-free share of the load, same hour [%]", "{:,.0f}", 100.0),
        "spent_usd": Label("Spent so far [bn USD]", "{:,.1f}", 1e-9),
    }
)
"""Labels of the monthly series that are drawn, in the order of the figures."""

_TEXTS = {
    "gpus_online_end": "GPUs online at the end",
    "gpus_in_service_max": "GPUs online or under repair, most",
    "stranded_gpu_days": "GPU-days delivered and waiting",
    "stranded_power_mw_mean": "Power energized and not drawn, mean [MW]",
    "peak_import_mw": "Import from the grid, peak [MW]",
    "mean_facility_mw": "Facility draw, mean [MW]",
    "swing_mw_max": "Swing of IT power, largest [MW]",
    "renewable_annual_frac": "Renewable generation over load [%]",
    "utilization_frac": "Busy over online GPU-hours [%]",
    "facility_mwh": "Facility energy [MWh]",
    "it_mwh": "IT energy [MWh]",
    "cooling_mwh": "Cooling energy [MWh]",
    "electrical_loss_mwh": "Electrical losses [MWh]",
    "throttled_mwh": "IT energy cut by capping [MWh]",
    "fuel_mwh": "Fuel [MWh]",
    "import_mwh": "Import from the grid [MWh]",
    "export_mwh": "Export to the grid [MWh]",
    "charge_mwh": "Into batteries [MWh]",
    "discharge_mwh": "Out of batteries [MWh]",
    "curtailed_mwh": "Curtailed [MWh]",
    "renewable_generation_mwh": "Renewable generation [MWh]",
    "renewable_mwh": "Load met by renewables, same hour [MWh]",
    "carbon_free_mwh": "Load met carbon-free, same hour [MWh]",
    "gpu_hours_wanted": "GPU-hours of demand",
    "water_m3": "Water [m3]",
    "carbon_location_t": "Emissions, location-based [t CO2]",
    "carbon_market_t": "Emissions, market-based [t CO2]",
    "operating_cost_usd": "Operating cost [bn USD]",
    "capex_gpus_usd": "Capital of GPUs alone [bn USD]",
    "income_usd": "Rental [bn USD]",
    "cash_flow_usd": "Cash flow [bn USD]",
    "income_unserved_usd": "Rental lost to unserved load [bn USD]",
    "irr_frac": "Internal rate of return [% a year]",
    "levelized_cost_usd_per_mwh": "Levelized [USD per MWh]",
    "levelized_energy_cost_usd_per_mwh": "Levelized cost of energy [USD per MWh]",
    "payback_year": "Year of payback",
    "funds_promised_usd": "Funds committed [bn USD]",
    "funds_drawn_usd": "Funds drawn [bn USD]",
    "funds_gap_usd": "Capital beyond the funds committed [bn USD]",
}
_FORMS = {"MW": "{:,.1f}", "%": "{:.1f}", "% a year": "{:.1f}", "": "{:,.0f}"}
"""Formats of numbers by their unit; without fractions of any other."""


def _with_form(column: str, text: str) -> Label:
    """Return a label with the format and the factor that its unit asks for."""
    unit = Label(text, "").unit
    if unit.startswith("bn "):
        return Label(text, "{:,.2f}", 1e-9)
    if " per " in unit:
        return Label(text, "{:,.2f}")
    if column == "payback_year":
        return Label(text, "{:.0f}")
    return Label(text, _FORMS.get(unit, "{:,.0f}"), 100.0 if unit.startswith("%") else 1.0)


_OTHERS = in_all_currencies({name: _with_form(name, text) for name, text in _TEXTS.items()})
_ACRONYMS = {"it": "IT", "pue": "PUE", "ups": "UPS", "gpu": "GPU", "gpus": "GPUs"}
_AT = re.compile(r"(.+?)(?:@(\d{4}-\d{2})|_(\d{4}))", re.ASCII)
_PART_TEXTS = {
    "reached": "Date of {}",
    "finish": "Finish of {}",
    "margin_days": "Days before the date of {}",
    "met": "Runs that meet {} in time [%]",
}
"""Parts of a milestone or a work, by the end of the column."""


def label_of(column: str) -> Label:
    """Return the label of a column: in words, also where nobody has written some for it.

    >>> label_of("gpus_online_2030").text, label_of("milestone.all-gpus.reached").text
    ('GPUs online, 2030', 'Date of all-gpus')
    >>> label_of("gpu_days.crew").text, label_of("geothermal_mwh").text
    ('GPU-days: installation crews', 'Geothermal [MWh]')
    """
    for labels in (KEY_FIGURES, _OTHERS, SERIES_LABELS):
        if column in labels:
            return labels[column]
    if match := _AT.fullmatch(column):
        series = label_of(match[1])
        unit = series.text[len(series.words) :]
        return series._replace(text=f"{series.words}, {match[2] or match[3]}{unit}")
    head, _, rest = column.partition(".")
    return _label_of_part(head, rest) if rest else _label_of_name(column)


def _label_of_part(head: str, rest: str) -> Label:
    """Return the label of a column of a milestone, a work, a state, an input or a product."""
    if head == "input":
        return Label(input_label(rest), "{:,.4g}")
    if head == "gpu_days":
        return Label(f"GPU-days: {CAUSES.get(rest, rest.replace('_', ' '))}", "{:,.0f}")
    if head in SERIES_LABELS:
        series = SERIES_LABELS[head]
        return series._replace(text=f"{series.words} of {rest}{series.text[len(series.words) :]}")
    name, _, part = rest.rpartition(".")
    if head in ("milestone", "work") and part in _PART_TEXTS and name:
        text = _PART_TEXTS[part].format(name)
        return Label(text, "{:.0f}", 100.0) if part == "met" else Label(text, "{:+,.0f}")
    return Label(input_label(f"{head}.{rest}"), "{:,.4g}")


def _label_of_name(column: str) -> Label:
    """Return a label made of the name of a column and its unit."""
    unit = unit_of(column)
    ending = "frac" if unit == "%" else unit.lower().replace("^", "")
    words = _spelled(column.removesuffix(f"_{ending}"))
    return Label(
        f"{words[:1].upper()}{words[1:]}" + (f" [{unit}]" if unit and "GPU" not in unit else ""),
        "{:,.4g}",
        100.0 if unit == "%" else 1.0,
    )


def _spelled(name: str) -> str:
    """Return a part of a key in words.

    >>> _spelled("it_maintenance")
    'IT maintenance'
    """
    return " ".join(_ACRONYMS.get(word, word) for word in name.split("_"))


def group_label(label: str) -> str:
    """Return the label of a group of assumptions in words, several of them one after another.

    >>> group_label("orders, works.grid-103mw and 4 more")
    'orders, grid-103mw (works) and 4 more'
    """
    match = re.fullmatch(r"(.*?)( and \d+ more)?", label, re.DOTALL)
    assert match is not None
    names = ", ".join(input_label(name) for name in match[1].split(", "))
    return names + (match[2] or "")


def input_label(key: str) -> str:
    """Return the name of an input in words: what it is, and of which thing.

    >>> input_label("works.building-b.slip"), input_label("money.costs.it_maintenance")
    ('slip of building-b', 'IT maintenance (money, costs)')
    >>> input_label("solar.solar-2.price.2030"), input_label("power.oversubscription")
    ('price 2030 of solar-2', 'oversubscription (power)')
    """
    section, *parts = key.split(".")
    if not parts:
        return _spelled(key)
    if len(parts) == 1 or section in _PLAIN_SECTIONS:
        *where, what = parts
        return f"{_spelled(what)} ({', '.join([section, *where]).replace('_', ' ')})"
    thing, *rest = parts
    return f"{' '.join(map(_spelled, rest))} of {thing}"


_PLAIN_SECTIONS = ("money", "power", "cooling", "electrical", "fleet", "deployment", "grid")
"""Sections that hold no list of named things."""
