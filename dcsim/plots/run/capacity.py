"""The capacity curve: milestones, GPUs delivered and online, and the constraint that binds."""

from __future__ import annotations

import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from dcsim.clock import Floats
from dcsim.gpu_states import CAUSE_COLORS, CAUSES, STATES
from dcsim.plots.labels import Note, place_notes
from dcsim.plots.run.series import confidence_text, level_at, reached_day, sample_minutes
from dcsim.plots.style import (
    BLACK,
    BLUE,
    SERIES_COLORS,
    VERMILION,
    canvas,
    counts_axis,
    date_axis,
    date_number,
    day_text,
    frame,
    legend,
    panels_below,
    plain,
    require_kind,
    title,
    wall_time,
)
from dcsim.results.result import Result
from dcsim.results.summary_types import MilestoneSummary
from dcsim.scenario.provision import design_it_kw, it_share_mw
from dcsim.units import KW_PER_MW

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

POWERED = STATES[STATES.index("power") + 1 : STATES.index("retired")]
"""States of a GPU that power is set aside for."""
ON_SITE = tuple(state for state in STATES if state not in ("on_order", "retired"))
GPU_METRICS = {
    "gpus_online": "online",
    "gpus_in_service": "in service",
    "gpus_delivered": "delivered",
}
_MAX_STRETCH = 1.6
"""Factor by which the GPUs that power would carry may stretch the axis beyond all else. [1]"""


def capacity_curve(result: Result, *, ax: Axes | None = None) -> Axes:
    """Draw GPUs delivered, carried by the energized power and online, milestones and causes.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Where to draw: the GPUs take the upper part of its room, the strip of causes and the
        energized power the lower part, legends the room to its right. Without it, on a figure of
        its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the GPUs.
    """
    require_kind(result, "Result", "capacity_curve")
    with canvas(ax) as axes:
        calendar = result.calendar
        first, last = wall_time(calendar, (0, calendar.n_minutes))
        strip, power = panels_below(axes, (0.03, 0.065), (0.08, 0.36))
        lines, curves = _gpu_curves(axes, result)
        steps = _energized_area(power, result)
        frame(axes, ylabel="GPUs")
        at_meter = result.site.power.basis == "facility"
        frame(power, ylabel=f"Energized at the\n{'meter' if at_meter else 'servers'} (MW)")
        date_axis(axes, first, last)
        for panel in (axes, power):
            counts_axis(panel)
        lines += _milestone_diamonds(axes, result, GPU_METRICS, curves)
        _milestone_diamonds(power, result, {"energized_mw": ""}, steps)
        causes = _cause_strip(strip, result)
        legend(axes, lines)
        if causes:
            legend(power, causes, heading="Binding constraint\nof the quarter:", at_foot=True)
        title(
            axes,
            _capacity_finding(result),
            _capacity_detail(result),
        )
    return axes


def carried_gpus(result: Result, minutes: Any) -> Floats:
    """Return the GPUs that the energized power would carry, of the mix it carries at each time.

    Before it carries any, the product of the first order stands for the mix.

    Parameters
    ----------
    result : Result
    minutes : ndarray of int, shape (n,)
        Times of the event clock. [min]

    Returns
    -------
    ndarray, shape (n,)
    """
    site, timeline = result.site, result.timeline
    design = {product.name: design_it_kw(product, site.power) for product in site.products}
    gpus, needed_kw = np.zeros(len(minutes)), np.zeros(len(minutes))
    for name in timeline.products:
        mine = level_at(timeline.stock(*POWERED, product=name), minutes)
        gpus += mine
        needed_kw += mine * design[name]
    before = np.full(gpus.size, design[site.orders[0].product])
    each_kw = np.divide(needed_kw, gpus, out=before, where=gpus > 0)
    energized = level_at(timeline.capacity["energized"], minutes)
    return np.asarray(energized * it_share_mw(1.0, site.power) * KW_PER_MW / each_kw)


def _gpu_curves(ax: Axes, result: Result) -> tuple[list[Artist], list[tuple[Floats, Floats]]]:
    timeline, minutes = result.timeline, sample_minutes(result.calendar)
    titles = {product.name: product.title for product in result.site.products}
    x = wall_time(result.calendar, minutes)
    fills: list[Artist] = []
    online = np.zeros(minutes.size)
    by_product = {
        name: level_at(timeline.stock("online", product=name), minutes)
        for name in timeline.products
    }
    shown = {name: level for name, level in by_product.items() if level.any()}
    for color, (name, level) in zip(_series_colors(len(shown)), shown.items(), strict=True):
        label = f"online: {plain(titles[name], 24)}"
        fills.append(
            ax.fill_between(
                x, online, online + level, facecolor=color, alpha=0.55, linewidth=0, label=label
            )
        )
        online = online + level
    delivered = level_at(timeline.stock(*ON_SITE), minutes)
    carried = carried_gpus(result, minutes)
    lines: list[Artist] = [
        *ax.step(
            x, carried, where="post", color=VERMILION, lw=1.6, label="energized power carries"
        ),
        *ax.plot(x, delivered, color=BLUE, lw=1.6, ls=(0, (4, 1.5)), label="delivered (on site)"),
        *ax.plot(x, online, color=BLACK, lw=2.6, label="online"),
    ]
    targets = [m["target"] for m in result.milestones if m["metric"] in GPU_METRICS]
    most, could = max([float(delivered.max()), *targets]), float(carried.max())
    # Without any GPU or milestone there is only what the power would carry to set the scale.
    ax.set_ylim(0, 1.2 * max(most, min(could, _MAX_STRETCH * most or could), 1.0))
    return [*lines, *fills[::-1]], [(x, online), (x, delivered), (x, carried)]


def _series_colors(n: int) -> list[str]:
    return [SERIES_COLORS[index % len(SERIES_COLORS)] for index in range(n)]


def _energized_area(power: Axes, result: Result) -> list[tuple[Floats, Floats]]:
    minutes = sample_minutes(result.calendar)
    x, level = (
        wall_time(result.calendar, minutes),
        level_at(result.timeline.capacity["energized"], minutes),
    )
    power.fill_between(x, 0, level, step="post", facecolor=VERMILION, alpha=0.15, linewidth=0)
    power.step(x, level, where="post", color=VERMILION, linewidth=1.8)
    targets = [m["target"] for m in result.milestones if m["metric"] == "energized_mw"]
    power.set_ylim(0, 1.25 * max(float(level.max()), *targets, 1.0))
    return [(x, level)]


def _milestone_diamonds(
    ax: Axes, result: Result, metrics: dict[str, str], curves: list[tuple[Floats, Floats]]
) -> list[Artist]:
    """Draw a diamond at the date and target of each milestone: filled if met, hollow if missed."""
    labels = {milestone.name: milestone.title for milestone in result.site.milestones}
    first, last = ax.get_xlim()
    notes, handles = [], {}
    for milestone in result.milestones:
        if milestone["metric"] not in metrics:
            continue
        day = datetime.date.fromisoformat(milestone["by"])
        x, met = float(date_number(day)), milestone["met"]
        if not first <= x <= last:
            continue
        (handle,) = ax.plot(
            x,
            milestone["target"],
            marker="D",
            markersize=9,
            markerfacecolor=BLACK if met else "white",
            markeredgecolor=BLACK,
            linestyle="none",
            clip_on=False,
            zorder=5,
            label="milestone met" if met else "milestone missed",
        )
        handles[met] = handle
        target, verdict = milestone["target"], _milestone_verdict(milestone, day)
        if "probability" in milestone:
            verdict += f"; {milestone['probability']:.0%} of runs meet it"
        label = plain(labels[milestone["name"]], 36)
        in_mw = milestone["metric"] not in GPU_METRICS
        text = f"{target:,g} MW {verdict}" if in_mw else f"{label}\n{verdict}"
        notes.append(Note(x, target, text))
    if notes:
        place_notes(ax, notes, curves)
    return [handles[met] for met in (True, False) if met in handles]


def _milestone_verdict(milestone: MilestoneSummary, by: datetime.date) -> str:
    reached, margin_days = reached_day(milestone["reached"]), milestone["margin_days"]
    if reached is None or margin_days is None:
        return f"by {day_text(by)}: never reached"
    days = abs(round(margin_days))
    if not milestone["met"]:
        return f"by {day_text(by)}: reached {day_text(reached)}, {days} days late"
    return f"by {day_text(by)}: {'met on the day' if days == 0 else f'met {days} days early'}"


def _cause_strip(strip: Axes, result: Result) -> list[Artist]:
    """Color each quarter by what held back most GPU-days in it."""
    from matplotlib.patches import Patch, Rectangle  # noqa: PLC0415  (matplotlib only to draw)

    seen: dict[str, Artist] = {}
    quarters = [(entry["quarter"], entry["state"]) for entry in result.summary["binding"]]
    end = float(wall_time(result.calendar, result.calendar.n_minutes))
    start_of = {quarter: _quarter_start(quarter) for quarter, _ in quarters}
    starts = [*start_of.values(), end]
    place = 0
    for state, group in groupby(quarters, key=lambda item: item[1]):
        n_quarters = len(list(group))
        left, right = starts[place], min(starts[place + n_quarters], end)
        place += n_quarters
        if state is None:
            continue
        color = CAUSE_COLORS[state]
        strip.add_patch(Rectangle((left, 0), right - left, 1, facecolor=color, linewidth=0))
        seen.setdefault(state, Patch(facecolor=color, label=CAUSES[state]))
    strip.set_ylim(0, 1)
    strip.set_yticks([])
    strip.spines[["top", "right", "left", "bottom"]].set_visible(False)
    strip.tick_params(length=0)
    strip.set_ylabel("binds", rotation=0, ha="right", va="center", fontsize="medium")
    return [seen[state] for state in CAUSES if state in seen]


def _quarter_start(quarter: str) -> float:
    """Return the first day of a quarter such as ``2028 Q1`` as a number of the time axis."""
    year, number = quarter.split(" Q")
    return float(date_number(datetime.date(int(year), 3 * int(number) - 2, 1)))


def _largest_milestone(result: Result) -> MilestoneSummary | None:
    """Return the largest milestone of GPUs, if there is any."""
    milestones = [m for m in result.milestones if m["metric"] in GPU_METRICS]
    return max(milestones, key=lambda m: (m["target"], m["by"]), default=None)


def _capacity_detail(result: Result) -> str:
    """Return what is drawn, and how sure the date is that the finding states."""
    drawn = "GPUs, binding constraints, energized power"
    shown = _largest_milestone(result) or next(iter(result.milestones), None)
    if shown is None:
        return f"{result.site.name}: {drawn}"
    return f"{plain(result.site.name, 40)}: {confidence_text(shown)}; {drawn}"


def _capacity_finding(result: Result) -> str:
    """Return in words when the largest milestone of GPUs is reached, or else how far it gets."""
    most = result.summary["gpus_online_max"]
    largest = _largest_milestone(result)
    if largest is None:
        return f"{most:,.0f} GPUs online at most{_first_day_at(result, most)}"
    what = f"{largest['target']:,.0f} GPUs {GPU_METRICS[largest['metric']]}"
    reached, margin_days = reached_day(largest["reached"]), largest["margin_days"]
    if reached is None or margin_days is None:
        by = day_text(datetime.date.fromisoformat(largest["by"]))
        return f"{what} by {by} are never reached: {most:,.0f} online at most"
    days = round(margin_days)
    margin = (
        "on the last day" if days == 0 else f"{abs(days)} days {'early' if days > 0 else 'late'}"
    )
    further = f"; {most:,.0f} online at most" if most > 1.2 * largest["target"] else ""
    return f"{what} on {day_text(reached)}, {margin}{further}"


def _first_day_at(result: Result, level: float) -> str:
    steps = result.timeline.stock("online")
    place = np.flatnonzero(steps.level >= level)
    if not place.size or level <= 0:
        return ""
    return f", first on {day_text(result.calendar.moment(int(steps.time_min[place[0]])).date())}"
