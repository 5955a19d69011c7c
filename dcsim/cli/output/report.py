"""Report of a run: milestones, binding constraints, power, carbon and costs as lines."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dcsim.cli.output.fitting import wrapped
from dcsim.cli.output.tables import text_table
from dcsim.gpu_states import CAUSES, IN_SERVICE
from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.units import HOURS_PER_DAY, MINUTES_PER_HOUR

if TYPE_CHECKING:
    from dcsim.results.result import Result
    from dcsim.types import Steps


METRIC_LABELS = {
    "gpus_online": ("GPUs online", "{:,.0f}"),
    "gpus_in_service": ("GPUs in service", "{:,.0f}"),
    "gpus_delivered": ("GPUs delivered", "{:,.0f}"),
    "energized_mw": ("energized", "{:,.0f} MW"),
    "it_capacity_mw": ("IT capacity", "{:,.0f} MW"),
    "facility_power_mw": ("facility power", "{:,.0f} MW"),
    "renewable_capacity_mw": ("renewables", "{:,.0f} MW"),
}

COST_UNITS = {
    **{code.lower(): code for code in CURRENCIES},
    "gpu_hour": "GPU-hour online",
    "mwh": "MWh drawn",
}
"""Units as reports write them, by their form in the names of figures."""


def report_lines(result: Result, width: int) -> Iterator[str]:
    """Yield the report, wrapped to `width`; no figure is cut or parted from its unit."""
    for block in (_title_block, _milestone_block, _shortfall_block, _binding_block, _figure_block):
        lines = list(block(result, width))
        yield from (*lines, "") if lines else ()


def _title_block(result: Result, width: int) -> Iterator[str]:
    summary = result.summary
    replication = "" if summary["replication"] == 0 else f", replication {summary['replication']}"
    title = f"{summary['name']}  {summary['start']} to {summary['end']}{replication}"
    yield from wrapped(title, width)
    yield "=" * min(width, 78)
    for note in summary.get("notes", summary["weather"]["notes"]):
        yield from wrapped(f"Note: {note}", width)


def _milestone_block(result: Result, width: int) -> Iterator[str]:
    if not result.milestones:
        return
    body = []
    for milestone in result.milestones:
        label, form = _metric_label(milestone["metric"])
        margin = milestone["margin_days"]
        verdict = "missed" if margin is None else f"{margin:+.0f} d"
        flag = "" if milestone["met"] else "  LATE"
        target = f"{form.format(milestone['target'])} {label}"
        reached = milestone["reached"] or "never"
        body.append([milestone["name"], target, milestone["by"], reached, f"{verdict}{flag}"])
    heads = ["Milestone", "target", "by", "reached", "margin"]
    yield from text_table(heads, body, width=width, ruled=False)


def _metric_label(metric: str) -> tuple[str, str]:
    """Return the words and the form of a metric; one of a plug-in is called by its own name."""
    if metric in METRIC_LABELS:
        return METRIC_LABELS[metric]
    words = metric.removeprefix("gpus_").removesuffix("_mw").replace("_", " ")
    return (f"GPUs {words}", "{:,.0f}") if metric.startswith("gpus_") else (words, "{:,.0f} MW")


def _shortfall_block(result: Result, width: int) -> Iterator[str]:
    """Yield for each missed milestone of GPUs the shortfall, and the constraint on its date."""
    for milestone in result.milestones:
        if milestone["met"] or milestone["metric"] != "gpus_online":
            continue
        most = result.summary["gpus_online_max"]
        short = max(milestone["target"] - most, 0)
        verdict = f"{short:,.0f} short at best" if short else "comes late"
        line = f"{milestone['name']}: {verdict}; {_shortfall_cause(result, milestone)}"
        yield from wrapped(line, width, indent="  ")


def _shortfall_cause(result: Result, milestone: Mapping[str, Any]) -> str:
    """Return what most of the missing GPUs wait for: on the date, or for good.

    Of a milestone that is never reached the date says little. Where enough GPUs came into service
    it is repair that keeps them from being online together; else it is what the last ones wait for
    when most of the others are online.
    """
    timeline, calendar = result.timeline, result.calendar
    online, in_service = timeline.stock("online"), timeline.stock(*IN_SERVICE)
    days = (datetime.date.fromisoformat(milestone["by"]) - calendar.start.date()).days
    at_min, when = (days + 1) * HOURS_PER_DAY * MINUTES_PER_HOUR, "at its date"
    if milestone["reached"] is None and online.level.size:
        enough = in_service.level >= milestone["target"]
        at = in_service.time_min[enough.argmax()] if enough.any() else None
        at_min = int(online.time_min[online.level.argmax()] if at is None else at)
        when = "when most are online"
    at_min = min(at_min, calendar.n_minutes)
    serving = _level_at(in_service, at_min)
    if serving >= milestone["target"]:
        down = serving - _level_at(online, at_min)
        share = f"{down:,.0f} of {serving:,.0f} GPUs in service ({down / serving:.2%})"
        return f"{share} are in repair; gpus_in_service counts them"
    waiting = {state: _level_at(timeline.stock(state), at_min) for state in CAUSES}
    state = max(waiting, key=waiting.__getitem__)
    cause = CAUSES[state] if waiting[state] else "nothing more is ordered"
    return f"binding constraint {when}: {cause}"


def _level_at(steps: Steps, at_min: int) -> float:
    place = int(steps.time_min.searchsorted(at_min, side="right"))
    return float(steps.level[place - 1]) if place else 0.0


def _binding_block(result: Result, width: int) -> Iterator[str]:
    """Yield the cause that held back most GPU-days, quarters of the same cause in one line."""
    quarters = result.summary["binding"]
    if not any(entry["cause"] for entry in quarters):
        return
    body = []
    for cause, group in groupby(quarters, key=lambda entry: entry["cause"]):
        same = list(group)
        if cause is None:
            continue
        first, last = same[0]["quarter"], same[-1]["quarter"]
        span = first if first == last else f"{first} to {last}"
        body.append([span, f"{sum(entry['gpu_days'] for entry in same):,.0f}", cause])
    heads = ["Period", "GPU-days held back", "binding constraint"]
    yield from text_table(heads, body, width=width, ruled=False, to_right=(1,))


def _figure_block(result: Result, width: int) -> Iterator[str]:
    (title, value), *body = _figure_rows(result)
    yield from text_table([title, value], body, width=width, ruled=False)


def _figure_rows(result: Result) -> Iterator[tuple[str, str]]:
    summary = result.summary

    def number(key: str, form: str, scale: float = 1.0) -> str:
        value = result.figure(key)
        return "–" if value is None else form.format(value * scale)

    yield (
        "GPUs online, most / at the end",
        f"{number('gpus_online_max', '{:,.0f}')} / {number('gpus_online_end', '{:,.0f}')}",
    )
    yield "GPUs the energized power carries", _fitting_gpus(result)
    yield (
        "Facility draw, peak / mean",
        f"{number('peak_facility_mw', '{:,.1f} MW')} / {number('mean_facility_mw', '{:,.1f} MW')}",
    )
    yield "PUE, energy-weighted", number("pue_mean", "{:.3f}")
    yield (
        "Renewable, same hour / yearly sums",
        f"{number('renewable_hourly_frac', '{:.1f} %', 100)} / "
        f"{number('renewable_annual_frac', '{:.1f} %', 100)}",
    )
    yield "Carbon-free, same hour, with grid", number("carbon_free_hourly_frac", "{:.1f} %", 100)
    yield (
        "Carbon, location / market",
        f"{number('carbon_location_t', '{:,.0f} kt', 1e-3)} / "
        f"{number('carbon_market_t', '{:,.0f} kt', 1e-3)}",
    )
    yield (
        "Curtailed / unserved / throttled",
        f"{number('curtailed_mwh', '{:,.1f}', 1e-3)} / {number('unserved_mwh', '{:,.3f}', 1e-3)} / "
        f"{number('throttled_mwh', '{:,.2f}', 1e-3)} GWh",
    )
    yield from _unserved_rows(result)
    yield "Stranded GPUs", number("stranded_gpu_days", "{:,.0f} GPU-days delivered, not online")
    yield (
        "Stranded power, mean",
        number("stranded_power_mw_mean", "{:,.1f} MW energized, not drawn"),
    )
    yield from _money_rows(summary)


def _unserved_rows(result: Result) -> Iterator[tuple[str, str]]:
    """Yield what load that nothing served costs, where there is any."""
    summary: Any = result.summary
    if not summary["unserved_mwh"]:
        return
    text = f"{summary['gpu_hours_unserved']:,.0f} GPU-hours without power"
    prefix = "income_unserved_"
    for key, value in summary.items():
        if key.startswith(prefix) and value:
            text += f", {value / 1e6:,.3f} mn {key.removeprefix(prefix).upper()} of rental"
    yield "Load not served costs", text


def _fitting_gpus(result: Result) -> str:
    ordered = dict.fromkeys(order.product for order in result.site.orders)
    gpus = result.summary["gpus_fit"]["gpus"]
    return ", ".join(f"{gpus[name]:,} of {name}" for name in ordered)


def _shown_amount(value: float) -> str:
    """Return an amount in billions, or in millions where two decimals of those say little.

    >>> _shown_amount(-2.74e9), _shown_amount(3.5e7)
    ('-2.74 bn', '35.00 mn')
    """
    return f"{value / 1e9:,.2f} bn" if abs(value) >= 1e8 else f"{value / 1e6:,.2f} mn"


def _money_rows(summary: Any) -> Iterator[tuple[str, str]]:
    labels = {"energy_cost": "Energy", "capex": "Capital", "npv": "Net present value"}
    for key, value in summary.items():
        name, _, currency = key.rpartition("_")
        if name in labels and isinstance(value, float):
            yield labels[name], f"{_shown_amount(value)} {currency.upper()}"
    for key, value in summary.items():
        if key.startswith("levelized_cost") and isinstance(value, float):
            unit = key.removeprefix("levelized_cost_").replace("_per_", " per ")
            for name, written in COST_UNITS.items():
                unit = unit.replace(name, written)
            yield "Levelized, GPUs included", f"{value:,.2f} {unit}"
