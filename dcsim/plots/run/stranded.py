"""Stranded capacity: delivered GPUs that wait, and energized power that nobody draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dcsim.clock import Floats
from dcsim.gpu_states import CAUSE_COLORS, CAUSES, WAITING
from dcsim.plots.run.series import mean_between, mean_of_each_month, month_edges
from dcsim.plots.style import (
    BLUE,
    DARK_GRAY,
    GRAY,
    canvas,
    counts_axis,
    date_axis,
    frame,
    legend,
    panels_below,
    plain,
    require_kind,
    title,
    wall_time,
)
from dcsim.results.result import Result
from dcsim.units import MINUTES_PER_DAY

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

NOT_ONLINE = tuple(state for state in reversed(CAUSES) if state != "on_order")
"""States of a GPU that is delivered, not retired and not online: repair at the bottom."""


def stranded(result: Result, *, ax: Axes | None = None) -> Axes:
    """Draw delivered GPUs that are not online by cause and, below, energized power nobody draws.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Where to draw: the GPUs take the upper part of its room, the power the lower part, legends
        the room to its right. Without it, on a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the GPUs.
    """
    require_kind(result, "Result", "stranded")
    with canvas(ax) as axes:
        calendar = result.calendar
        ends = (0, calendar.n_minutes)
        first, last = wall_time(calendar, ends)
        waiting = _waiting_areas(axes, result)
        (power,) = panels_below(axes, (0.10, 0.55))
        drawn = _idle_power_panel(power, result)
        for panel, ylabel in ((axes, "GPUs, weekly mean"), (power, "Power, monthly\nmean (MW)")):
            frame(panel, ylabel=ylabel)
            counts_axis(panel)
            panel.set_ylim(bottom=0)
        date_axis(axes, first, last)
        if waiting:
            legend(axes, waiting[::-1], heading="Delivered, not online:")
        legend(power, drawn)
        title(
            axes,
            _stranded_finding(result),
            f"{plain(result.site.name)}: {_stranded_detail(result)}",
        )
    return axes


def _waiting_areas(ax: Axes, result: Result) -> list[Artist]:
    calendar = result.calendar
    edges = np.append(np.arange(0, calendar.n_minutes, 7 * MINUTES_PER_DAY), calendar.n_minutes)
    means = {state: mean_between(result.timeline.stock(state), edges) for state in NOT_ONLINE}
    x = wall_time(calendar, edges)
    handles: list[Artist] = []
    below = np.zeros(edges.size)
    for state, mean in means.items():
        if not mean.any():
            continue
        above = below + np.append(mean, mean[-1])
        handles.append(
            ax.fill_between(
                x,
                below,
                above,
                step="post",
                facecolor=CAUSE_COLORS[state],
                linewidth=0,
                label=CAUSES[state],
            )
        )
        below = above
    return handles


def idle_power(result: Result) -> Floats:
    """Return energized power less the load where the connection is measured. [MW]

    Shape ``(n_hours,)``, not below zero.
    """
    at_meter = result.site.power.basis == "facility"
    drawn = result.hourly["facility_power_mw" if at_meter else "it_power_mw"]
    return np.maximum(result.hourly["energized_mw"] - drawn, 0.0)


def _idle_power_panel(panel: Axes, result: Result) -> list[Artist]:
    calendar = result.calendar
    x = wall_time(calendar, month_edges(calendar))

    def monthly(hourly: Floats) -> Floats:
        mean = mean_of_each_month(calendar, hourly)
        return np.append(mean, mean[-1])

    energized = monthly(result.hourly["energized_mw"])
    idle = monthly(idle_power(result))
    at_meter = result.site.power.basis == "facility"
    area = panel.fill_between(
        x,
        0,
        idle,
        step="post",
        facecolor=BLUE,
        alpha=0.35,
        linewidth=0,
        label=f"energized, not drawn ({'at the meter' if at_meter else 'at the servers'})",
    )
    (line,) = panel.step(x, energized, where="post", color=BLUE, linewidth=1.8, label="energized")
    (draw,) = panel.step(
        x, energized - idle, where="post", color=DARK_GRAY, linewidth=1.2, label="drawn"
    )
    panel.set_xlabel("")
    panel.axhline(0, color=GRAY, linewidth=0.8)
    return [line, draw, area]


def _stranded_finding(result: Result) -> str:
    days = {state: result.summary["gpu_days"][state] for state in WAITING}
    total, worst = sum(days.values()), max(days, key=lambda state: days[state])
    if total < 0.5:
        return "No delivered GPU waits for anything"
    whole = f"Delivered GPUs wait {_short_number(total)} GPU-days"
    if days[worst] > 0.995 * total:
        return f"{whole}, all for {CAUSES[worst]}"
    return f"{whole}, {_short_number(days[worst])} for {CAUSES[worst]}"


def _stranded_detail(result: Result) -> str:
    idle = result.summary.get("stranded_power_mw_mean")
    if idle is None:
        return "delivered and not in use"
    return f"{idle:,.1f} MW energized and not drawn, on average while there are GPUs"


def _short_number(number: float) -> str:
    if number >= 1e6:
        return f"{number / 1e6:,.2f} million"
    return f"{number:,.0f}"
