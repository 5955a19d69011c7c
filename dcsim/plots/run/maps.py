"""Maps of month by hour of the day: power usage effectiveness and carbon-free share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.plots.run.series import map_steps
from dcsim.plots.style import (
    BLACK,
    MONTH_NAMES,
    SMALL,
    TEXT,
    canvas,
    frame,
    nothing,
    plain,
    require_kind,
    size_pt,
    title,
)
from dcsim.results.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HOUR_PT = 20.0
"""Room that the label of an hour needs. [pt]"""


def month_by_hour(result: Result, part: str, whole: str) -> tuple[Floats, Integers, str]:
    """Return the ratio of two hourly columns by month and hour of the day.

    Parameters
    ----------
    result : Result
    part, whole : str
        Names of hourly columns; both are summed before they are divided, so the ratio is weighted
        by energy.

    Returns
    -------
    ratio : ndarray, shape (12, n_hours_of_day)
        NaN where `whole` is zero.
    hours : ndarray, shape (n_hours_of_day,)
        The hours of the day at which steps begin.
    period : str
        Name of the period: the year that headlines tell of (see `told_year`), or all of the run.
    """
    chosen, period = map_steps(result)
    calendar = result.calendar
    hours, column = np.unique(calendar.hour[chosen], return_inverse=True)
    place = (calendar.month[chosen] - 1) * hours.size + column
    size = 12 * hours.size
    over = np.bincount(place, result.hourly[part][chosen], size).astype(np.float64)
    under = np.bincount(place, result.hourly[whole][chosen], size).astype(np.float64)
    ratio = np.divide(over, under, out=np.full(size, np.nan), where=under > 0)
    return ratio.reshape(12, hours.size), hours, period


def pue_map(result: Result, *, ax: Axes | None = None) -> Axes:
    """Draw the PUE by month and hour of the day, energy-weighted.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_kind(result, "Result", "pue_map")
    with canvas(ax, left=0.07, right=1.05) as axes:
        pue, hours, period = month_by_hour(result, "facility_power_mw", "it_power_mw")
        if np.isnan(pue).all():
            nothing(axes, "No load in this run")
            return axes
        _draw_map(axes, pue, hours, form="{:.2f}", label="PUE: facility over IT power (1)")
        mean = _period_ratio(result, "facility_power_mw", "it_power_mw")
        finding = f"PUE of {period} is {mean:.3f}: {_spread_text(pue, hours, '{:.2f}')}"
        detail = "month by hour of the day, local time, weighted by energy"
        title(axes, finding, f"{plain(result.site.name)}: {detail}")
    return axes


def cfe_map(result: Result, *, ax: Axes | None = None) -> Axes:
    """Draw the share of the load that carbon-free power meets in the same hour, by month and hour.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_kind(result, "Result", "cfe_map")
    with canvas(ax, left=0.07, right=1.05) as axes:
        share, hours, period = month_by_hour(result, "carbon_free_mw", "facility_power_mw")
        if np.isnan(share).all():
            nothing(axes, "No load in this run")
            return axes
        label = "Carbon-free share of the load in the same hour (%)"
        _draw_map(axes, share * 100, hours, form="{:.0f}", label=label)
        mean = 100 * _period_ratio(result, "carbon_free_mw", "facility_power_mw")
        detail = (
            f"{_spread_text(share * 100, hours, '{:.0f} %')}; the grid's carbon-free share counts"
        )
        finding = f"In {period}, {mean:.0f} % of the load is carbon-free in the same hour"
        title(axes, finding, f"{plain(result.site.name)}: {detail}")
    return axes


def _period_ratio(result: Result, part: str, whole: str) -> float:
    chosen, _ = map_steps(result)
    return float(result.hourly[part][chosen].sum() / result.hourly[whole][chosen].sum())


def _spread_text(values: Floats, hours: Integers, form: str) -> str:
    """Return the lowest and the highest value in words, with the month and hour each stands in."""
    found, where = [], []
    for place in (np.nanargmin(values), np.nanargmax(values)):
        month, column = divmod(int(place), hours.size)
        found.append(form.format(values.flat[place]))
        where.append(f"{MONTH_NAMES[month]} at {hours[column]:02d} h")
    if found[0] == found[1]:
        return "the same in every month and hour"
    return f"from {found[0]} in {where[0]} to {found[1]} in {where[1]}"


def _draw_map(ax: Axes, values: Floats, hours: Integers, *, form: str, label: str) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  (matplotlib only to draw)

    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if form.format(low) == form.format(high):
        nothing(ax, f"{form.format(high)} in every month and hour")
        return
    least_span = 0.01 * max(abs(high), 1.0)
    if high - low < least_span:  # a flat map has one color, not the noise of its last digits
        low, high = low - least_span / 2, low + least_span / 2
    mesh = ax.pcolormesh(values, cmap="cividis", vmin=low, vmax=high, edgecolors="white", lw=0.5)
    frame(ax, grid=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    every = max(1, round(hours.size * _HOUR_PT / size_pt(ax)[0]))
    ax.set_xticks(np.arange(0, hours.size, every) + 0.5, [f"{hour:02d}" for hour in hours[::every]])
    ax.set_yticks(np.arange(12) + 0.5, MONTH_NAMES)
    ax.tick_params(length=0)
    ax.invert_yaxis()
    ax.set_xlabel("Hour of the day, local time (h)", fontsize=TEXT)
    ax.set_ylabel("Month", fontsize=TEXT)
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.015, aspect=30)
    bar.set_label(label, fontsize=TEXT)
    bar.ax.tick_params(labelsize=TEXT)
    bar.ax.yaxis.set_major_locator(MaxNLocator(6))
    bar.outline.set_visible(False)
    _write_values(ax, values, form=form, middle=(low + high) / 2)


def _write_values(ax: Axes, values: Floats, *, form: str, middle: float) -> None:
    """Write each value into its cell, where the cells are wide enough for it."""
    size = SMALL - 0.5
    letters = max(len(form.format(value)) for value in values[np.isfinite(values)])
    if size_pt(ax)[0] / values.shape[1] < 0.6 * size * letters:
        return
    for (month, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            ax.text(
                column + 0.5,
                month + 0.5,
                form.format(value),
                ha="center",
                va="center",
                fontsize=size,
                color="white" if value < middle else BLACK,
            ).set_in_layout(False)
