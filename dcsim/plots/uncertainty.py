"""Figures of many runs: bands, chances over time, what moves a date, a sweep of two axes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dcsim.errors import ModelError
from dcsim.plots.style import (
    BLUE,
    DARK_GRAY,
    GRAY,
    ORANGE,
    SERIES,
    SMALL,
    TEXT,
    VERMILION,
    canvas,
    counts_axis,
    date_axis,
    date_number,
    frame,
    legend,
    nothing,
    plain,
    title,
)
from dcsim.study.bands import bands
from dcsim.study.promises import milestone_chances, s_curves
from dcsim.study.rows import Rows
from dcsim.study.sensitivity import tornado

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LABELS = {
    "gpus_online": "GPUs online",
    "energized_mw": "Energized power (MW)",
    "facility_power_mw": "Facility power (MW, monthly mean)",
    "cfe_frac": "Carbon-free share of the load, same hour",
    "spent_usd": "Spent so far (USD)",
}
MOST_BARS = 14
_WIDE_LABELS = 0.27
"""Where the axes begin that have names of inputs to their left."""


def band_figure(
    tables: Mapping[str, Rows],
    name: str = "gpus_online",
    *,
    targets: Sequence[tuple[str, str, float]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw P10 to P90 and the median of a monthly series, one color a scenario.

    Parameters
    ----------
    tables : mapping of str to Rows
        Replications of one case each, by the label of the scenario.
    name : str
        Of the series.
    targets : sequence of (str, str, float)
        Promises: name, day, target in the unit of the series.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.
    """
    with canvas(ax) as axes:
        handles: list[Artist] = []
        found = None
        for (label, rows), color in zip(tables.items(), (BLUE, *SERIES[1:]), strict=False):
            found = bands(rows, name)
            x = date_number(found.months + 1)  # levels are those at the end of a month
            low, middle, high = found.values
            area = axes.fill_between(x, low, high, color=color, alpha=0.25, linewidth=0)
            (line,) = axes.plot(x, middle, color=color, linewidth=2.2)
            own = plain(label, 30) + ": " if len(tables) > 1 else ""
            line.set_label(f"{own}median of {found.n:,} runs")
            area.set_label(f"{own}P10 to P90")
            handles += [line, area]
        assert found is not None, "there is a scenario to draw"
        for promise, day, target in targets:
            at = date_number(datetime.date.fromisoformat(day))
            axes.plot([at], [target], marker="D", color=VERMILION, markersize=8, clip_on=False)
            axes.annotate(
                plain(promise, 30),
                (at, target),
                xytext=(-8, 6),
                textcoords="offset points",
                fontsize=SMALL,
                ha="right",
            )
        frame(axes, ylabel=LABELS.get(name, name))
        counts_axis(axes)
        axes.set_ylim(bottom=0)
        ends = date_number(np.array([found.months[0], found.months[-1] + 1]))
        date_axis(axes, float(ends[0]), float(ends[1]))
        legend(axes, handles)
        title(
            axes, _band_finding(tables, name, targets), "Band: one run in ten lies below, one above"
        )
    return axes


def _band_finding(
    tables: Mapping[str, Rows], name: str, targets: Sequence[tuple[str, str, float]]
) -> str:
    if len(tables) == 1 and targets:
        chances = {one.name: one for one in milestone_chances(next(iter(tables.values())))}
        last = targets[-1][0]
        if last in chances:
            return f"{last} is in time in {chances[last].probability:.0%} of the runs"
    return f"{LABELS.get(name, name)}: how far runs lie apart"


def s_curve_figure(rows: Rows, summary: Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """Draw the chance of having reached each milestone over time, with its 95 % interval."""
    with canvas(ax) as axes:
        curves = s_curves(rows)
        if not curves:
            nothing(axes, "No milestones in this study")
            return axes
        due = {one["name"]: one["by"] for one in summary["milestones"]}
        chances = {one.name: one for one in milestone_chances(rows)}
        handles: list[Artist] = []
        for curve, color in zip(curves, (BLUE, *SERIES[1:]), strict=False):
            x = date_number(curve.months + 1)
            axes.fill_between(x, curve.low, curve.high, color=color, alpha=0.2, linewidth=0)
            (line,) = axes.plot(x, curve.probability, color=color, linewidth=2.2)
            chance = chances[curve.name]
            line.set_label(
                f"{plain(curve.name, 30)}: {chance.probability:.0%} by {due[curve.name]}"
            )
            handles.append(line)
            by = date_number(datetime.date.fromisoformat(due[curve.name]))
            axes.plot([by], [chance.probability], marker="D", color=color, markersize=8)
        frame(axes, ylabel="Share of runs that have reached it")
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
        ends = date_number(np.array([curves[0].months[0], curves[0].months[-1] + 1]))
        date_axis(axes, float(ends[0]), float(ends[1]))
        legend(axes, handles, heading="Diamond: chance on the promised day")
        weakest = min(chances.values(), key=lambda one: one.probability)
        title(
            axes,
            f"{weakest.name} is the promise least sure: {weakest.probability:.0%}",
            f"{weakest.n:,} runs; shaded: 95 % interval",
        )
    return axes


def tornado_figure(rows: Rows, metric: str, *, ax: Axes | None = None) -> Axes:
    """Draw the median of a metric in the lowest and the highest fifth of each input."""
    with canvas(ax, left=_WIDE_LABELS, right=0.95) as axes:
        found = tornado(rows, metric)
        swings = [swing for swing in found.swings if swing.swing][:MOST_BARS]
        if not swings:
            nothing(axes, "No input moves it")
            return axes
        for place, swing in enumerate(swings):
            for end, color, text in ((swing.low, BLUE, "low"), (swing.high, ORANGE, "high")):
                axes.barh(place, end - found.median, left=found.median, color=color, height=0.7)
                axes.annotate(
                    text,
                    (end, place),
                    xytext=(4 if end >= found.median else -4, 0),
                    textcoords="offset points",
                    ha="left" if end >= found.median else "right",
                    va="center",
                    fontsize=SMALL,
                    color=DARK_GRAY,
                )
        axes.axvline(found.median, color=GRAY, linewidth=1)
        axes.set_yticks(range(len(swings)), [plain(swing.name, 34) for swing in swings])
        axes.invert_yaxis()
        axes.margins(x=0.12)
        frame(axes, grid=False)
        late = metric.startswith("milestone.")
        axes.set_xlabel("Days late, median (negative: early)" if late else metric, fontsize=TEXT)
        about = metric.removeprefix("milestone.")
        title(
            axes,
            f"{swings[0].name} moves {about} most",
            "Median with the input in its lowest and highest fifth of the runs",
            shift=0.3,
        )
    return axes


def heat_map(
    rows: Rows, axes_of: Sequence[Mapping[str, Any]], metric: str, *, ax: Axes | None = None
) -> Axes:
    """Draw the median of a metric over two axes of a sweep, as numbers and colors.

    Parameters
    ----------
    rows : Rows
        All cases; parameters stand in columns by their keys.
    axes_of : sequence of mapping
        Two axes: ``key``, ``label`` and ``values`` as written.
    metric : str
        A column of numbers, or ``milestone.NAME`` for its days late.

    Raises
    ------
    ModelError
        If there are not two axes.
    """
    if len(axes_of) != 2:
        raise ModelError(f"a heat map has two axes, the study has {len(axes_of)}")
    down, across = axes_of
    late = metric.startswith("milestone.")
    table = _medians(rows, down, across, metric)
    with canvas(ax, left=0.2, right=0.95) as axes:
        axes.imshow(table, cmap="cividis", aspect="auto")
        known = table[np.isfinite(table)]
        middle = (known.min() + known.max()) / 2 if known.size else 0.0
        for (i, j), value in np.ndenumerate(table):
            color = "black" if np.isnan(value) or value > middle else "white"
            axes.text(j, i, _number(value), ha="center", va="center", color=color, fontsize=TEXT)
        axes.set_xticks(range(table.shape[1]), [plain(str(v), 22) for v in across["values"]])
        axes.set_yticks(range(table.shape[0]), [plain(str(v), 28) for v in down["values"]])
        axes.set_xlabel(plain(across["label"], 60), fontsize=TEXT)
        axes.set_ylabel(plain(down["label"], 60), fontsize=TEXT)
        what = f"{metric.removeprefix('milestone.')}, days late" if late else metric
        detail = "Median over the runs of each case of the sweep"
        title(axes, f"{what} by case", detail, shift=0.15)
    return axes


def _medians(
    rows: Rows, down: Mapping[str, Any], across: Mapping[str, Any], metric: str
) -> NDArray[np.float64]:
    late = metric.startswith("milestone.")
    values = -rows.columns[f"{metric}.margin_days"] if late else rows.columns[metric]
    table = np.full((len(down["values"]), len(across["values"])), np.nan)
    texts = {key: _text(rows, key) for key in (down["key"], across["key"])}
    for i, one in enumerate(down["values"]):
        for j, other in enumerate(across["values"]):
            mine = (texts[down["key"]] == str(one)) & (texts[across["key"]] == str(other))
            known = values[mine & rows.ok]
            if known.size and not np.isnan(known).all():
                table[i, j] = np.nanmedian(known)
    return table


def _number(value: float) -> str:
    if np.isnan(value):
        return "never"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _text(rows: Rows, key: str) -> Any:
    return np.array([str(value) for value in rows.columns[key].tolist()], dtype=object)
