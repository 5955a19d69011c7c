"""Tables of a run: its summary and columns in; steps, figures, years and milestones out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dcsim.accounts.key_figures import (
    SOURCE_FIGURES,
    KeyRecord,
    in_currency,
    run_records,
    year_records,
)
from dcsim.clock import Calendar, Floats
from dcsim.results.columns import column_record
from dcsim.results.table import Table, as_column, day_of, table_of_records
from dcsim.scenario.schema.assets.registry import all_kinds
from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.scenario.schema.model_records import plugged_metric

MILESTONE_KEYS = ("name", "metric", "target", "by", "reached", "met", "margin_days", "probability")
_SOURCE = next(iter(SOURCE_FIGURES))


_UNITS = {"share": "1", "share a year": "1/year"}
"""Units of shares, as the reference of results has them, in the form that tables have."""
_PLUGIN_UNITS = {"%": "1", "": "1", "m^3": "m3", "GPU*h": "GPU-h", "GPU*day": "GPU-day"}
"""Units of metrics of plug-ins, as scenarios write them, in the form that tables have."""


def hourly_table(calendar: Calendar, columns: Mapping[str, Floats]) -> Table:
    """Return the hourly columns over the start of each step in UTC."""
    records = {name: column_record(name) for name in columns}
    known = {name: record for name, record in records.items() if record is not None}
    return Table(
        {"time": calendar.time_utc, **columns},
        {name: record.unit for name, record in known.items()},
        {"time": "start of the step, UTC"}
        | {name: record.term_of(name) for name, record in known.items()},
        index=("time",),
        utc=True,
        attributes={"step_h": calendar.step_h},
    )


def milestone_table(milestones: Iterable[Mapping[str, Any]]) -> Table:
    """Return the milestones, one row each, with their probability where there are replications."""
    rows = [
        {key: one[key] for key in MILESTONE_KEYS if key in one}
        | {"by": day_of(one["by"]), "reached": day_of(one["reached"])}
        for one in milestones
    ]
    return table_of_records(
        rows,
        names=MILESTONE_KEYS[:-1],
        units={"target": "", "margin_days": "day", "probability": "1"},
        dates=("by", "reached"),
        index=("name",),
    )


def figure_table(summary: Mapping[str, Any]) -> Table:
    """Return the key figures of a run, one row each, with unit and meaning."""
    found = _figure_records(summary, run_records())
    rows = [
        {"figure": name, "value": summary[name], "unit": unit, "meaning": meaning}
        for name, (unit, meaning) in found.items()
    ]
    return table_of_records(rows, index=("figure",))


def year_table(summary: Mapping[str, Any]) -> Table:
    """Return the figures by calendar year of the site, one row a year."""
    by_year: Mapping[str, list[float | None]] = summary["yearly"]
    found = _figure_records(by_year, year_records())
    columns = {name: as_column(by_year[name], float) for name in found}
    columns["year"] = columns["year"].astype(np.int64)
    return Table(
        columns,
        {name: unit for name, (unit, _) in found.items()},
        {name: meaning for name, (_, meaning) in found.items()},
        index=("year",),
    )


def known_figures(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return unit and meaning of the key figures of a run among some names.

    >>> known_figures(["npv_krw", "cause"])
    {'npv_krw': ('KRW', 'net present value of all lines')}
    """
    return _figure_records(dict.fromkeys(names), run_records())


def ledger_table(ledger: Mapping[str, list[Any]]) -> Table:
    """Return the ledger, one row a line."""
    return Table({name: as_column(values) for name, values in ledger.items()})


def _figure_records(
    values: Mapping[str, object], records: Mapping[str, KeyRecord]
) -> dict[str, tuple[str, str]]:
    """Return unit and meaning of the figures among values, by name."""
    known = {
        name: (_UNITS.get(record.unit, record.unit), record.meaning)
        for name, record in records.items()
    }
    if _SOURCE in known:
        unit, meaning = known.pop(_SOURCE)
        sources = [_SOURCE.format(source=kind.figure) for kind in all_kinds()]
        known = dict.fromkeys(sources, (unit, meaning)) | known
    of_plugins = ((name, plugged_metric(name)) for name in values)
    known |= {name: (_PLUGIN_UNITS.get(m.unit, m.unit), m.meaning) for name, m in of_plugins if m}
    known |= {
        in_currency(name, currency.lower()): (unit.replace("currency", currency), meaning)
        for name, (unit, meaning) in list(known.items())
        if unit.startswith("currency")
        for currency in CURRENCIES
    }
    return {name: known[name] for name in values if name in known}
