"""Figures of many runs: bands, milestone confidence over time, tornado, sensitivity indices."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dcsim.clock import ONE_MONTH, Floats
from dcsim.plots.style import (
    BLACK,
    BLUE,
    DARK_GRAY,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
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
from dcsim.study.records.labels import Label, input_label, label_of
from dcsim.study.records.rows import Rows
from dcsim.study.sensitivity.effects import (
    COMES,
    LATE,
    VALUE,
    DriverAnalysis,
    driver_analyses,
)
from dcsim.study.sensitivity.indices import MorrisIndex, SobolIndex
from dcsim.study.statistics.bands import series_bands
from dcsim.study.statistics.milestones import SCurve, milestone_chances, s_curves
from dcsim.study.statistics.outcomes import MILESTONE

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

CURVES = (BLUE, ORANGE, GREEN, PURPLE, BLACK, VERMILION, SKY, GRAY)
"""Colors of curves in the order in which they can be told apart."""
MAX_TORNADO_BARS = 12
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
        Milestones: name, day, target in the unit of the series.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.
    """
    label_here = label_of(name)
    with canvas(ax) as axes:
        handles: list[Artist] = []
        found = None
        for (label, rows), color in zip(tables.items(), CURVES, strict=False):
            found = series_bands(rows, name)
            x = date_number(found.months + ONE_MONTH)  # levels are those at the end of a month
            low, middle, high = found.values * label_here.factor
            area = axes.fill_between(x, low, high, color=color, alpha=0.25, linewidth=0)
            (line,) = axes.plot(x, middle, color=color, linewidth=2.2)
            own = plain(label, 30) + ": " if len(tables) > 1 else ""
            line.set_label(f"{own}median of {found.n:,} runs")
            area.set_label(f"{own}P10 to P90")
            handles += [line, area]
        assert found is not None, "there is a scenario to draw"
        _mark_targets(axes, targets)
        frame(axes, ylabel=label_here.text)
        counts_axis(axes)
        axes.set_ylim(bottom=0)
        ends = date_number(np.array([found.months[0], found.months[-1] + ONE_MONTH]))
        date_axis(axes, float(ends[0]), float(ends[1]))
        legend(axes, handles)
        title(
            axes, _band_finding(tables, name, targets), "Band: one run in ten lies below, one above"
        )
    return axes


def _mark_targets(ax: Axes, targets: Sequence[tuple[str, str, float]]) -> None:
    for milestone, day, target in targets:
        at = date_number(datetime.date.fromisoformat(day))
        ax.plot([at], [target], marker="D", color=VERMILION, markersize=8, clip_on=False)
        ax.annotate(
            plain(milestone, 30),
            (at, target),
            xytext=(-8, 6),
            textcoords="offset points",
            fontsize=SMALL,
            ha="right",
        )


def _band_finding(
    tables: Mapping[str, Rows], name: str, targets: Sequence[tuple[str, str, float]]
) -> str:
    label = label_of(name)
    if len(tables) > 1:
        return f"{label.text}: {' against '.join(plain(key, 30) for key in tables)}"
    rows = next(iter(tables.values()))
    chances = {one.name: one for one in milestone_chances(rows)}
    if targets and targets[-1][0] in chances:
        last = targets[-1][0]
        return f"{last} is met in time in {chances[last].probability:.0%} of the runs"
    bands = series_bands(rows, name)
    known = np.flatnonzero(np.isfinite(bands.values).all(axis=0))
    if not known.size:
        return f"{label.text}: no month in which eight of ten runs have it"
    low, middle, high = (label.shown(float(value)) for value in bands.values[:, known[-1]])
    last = known[-1] == bands.months.size - 1
    when = "at the end" if last else f"in {bands.months[known[-1]]} (none later)"
    return f"{label.text}: {middle} {when}, {low} to {high} in eight of ten runs"


def s_curve_figure(rows: Rows, summary: Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """Draw the chance of having reached each milestone over time, with its 95 % interval.

    Parameters
    ----------
    rows : Rows
        Replications of one case.
    summary : mapping
        ``milestones``: for each, ``name`` and ``by``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.
    """
    with canvas(ax) as axes:
        curves = s_curves(rows)
        if not curves:
            nothing(axes, "No milestones in this study")
            return axes
        due = {one["name"]: one["by"] for one in summary["milestones"]}
        chances = {one.name: one for one in milestone_chances(rows)}
        handles: list[Artist] = []
        for curve, color in zip(curves, CURVES, strict=False):
            x = date_number(curve.months + ONE_MONTH)
            _shade_interval(axes, x, curve, color)
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
        ends = date_number(np.array([curves[0].months[0], curves[0].months[-1] + ONE_MONTH]))
        date_axis(axes, float(ends[0]), float(ends[1]))
        legend(axes, handles, heading="Diamond: milestone date")
        weakest = min(chances.values(), key=lambda one: one.probability)
        title(
            axes,
            f"{weakest.name} is the least certain milestone: {weakest.probability:.0%}",
            f"{weakest.n:,} runs; shaded: 95 % interval",
        )
    return axes


def _shade_interval(axes: Axes, x: Floats, curve: SCurve, color: str) -> None:
    # From the month before the first run reaches it: the intervals of many curves at zero would
    # lie on one another as a dark block that says nothing.
    first = max(int(np.argmax(curve.probability > 0)) - 1, 0)
    axes.fill_between(
        x[first:], curve.low[first:], curve.high[first:], color=color, alpha=0.2, linewidth=0
    )


def tornado_figure(
    rows: Rows, metric: str, *, question: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a metric in the lowest and the highest fifth of each input that moves it.

    For ``milestone.NAME`` it is the share of the runs that ever reach it if some never do, else
    the median of its days late; for other columns the median. What may well be chance is left out
    by the filter of `dcsim.study.sensitivity.effects`, as in the table of `dcsim drivers`.

    Parameters
    ----------
    rows : Rows
        Replications of one case, inputs drawn independently.
    metric : str
        Column of `rows`, or ``milestone.NAME``.
    question : str, optional
        One of those that `driver_analyses` answers; the first by default.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.
    """
    found = [one for one in driver_analyses(rows, metric) if question in (None, one.question)]
    name = plain(_object(metric), 40)
    with canvas(ax, left=_WIDE_LABELS, right=0.95) as axes:
        if not found or not found[0].effects:
            nothing(axes, f"No input moves {name} more than chance would")
            return axes
        label = _label_of_question(found[0])
        _draw_effects(axes, found[0], label)
        n_shown = min(len(found[0].effects), MAX_TORNADO_BARS)
        first = plain(input_label(found[0].effects[0].swing.name), 50)
        title(
            axes,
            f"{first[:1].upper()}{first[1:]} moves {_OBJECTS[found[0].question].format(name)} most",
            "Blue: in the lowest fifth of the input; orange: in the highest. Left out: "
            f"{found[0].n_tested - n_shown} inputs whose effect may be chance"
            + (" or is smaller" if n_shown < len(found[0].effects) else ""),
            shift=0.34,
        )
    return axes


_OBJECTS = {COMES: "whether {} comes", LATE: "the day of {}", VALUE: "{}"}


def _label_of_question(analysis: DriverAnalysis) -> Label:
    if analysis.question == COMES:
        return Label("Share of runs that reach it [%]", "{:.0f}", 100.0)
    if analysis.question == LATE:
        return Label("Days late, if it comes", "{:+,.0f}")
    return label_of(analysis.metric)


def _draw_effects(axes: Axes, analysis: DriverAnalysis, label: Label) -> None:
    middle = analysis.typical * label.factor
    shown = analysis.effects[:MAX_TORNADO_BARS]
    for place, effect in enumerate(shown):
        for end, color in ((effect.swing.low, BLUE), (effect.swing.high, ORANGE)):
            value = end * label.factor
            axes.barh(place, value - middle, left=middle, color=color, height=0.7)
            _write_at_end(axes, label.shown(end), value, place, value >= middle)
    axes.axvline(middle, color=GRAY, linewidth=1)
    names = [plain(input_label(effect.swing.name), 36) for effect in shown]
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    frame(axes, grid=False)
    text = f"{label.text}; of all {analysis.n:,} runs {label.shown(analysis.typical)}"
    axes.set_xlabel(text, fontsize=TEXT)


def _write_at_end(axes: Axes, text: str, value: float, place: int, rightward: bool) -> None:
    axes.annotate(
        text,
        (value, place),
        xytext=(4 if rightward else -4, 0),
        textcoords="offset points",
        ha="left" if rightward else "right",
        va="center",
        fontsize=SMALL,
        color=DARK_GRAY,
    )


def _object(metric: str) -> str:
    """Return a metric as the object of a sentence."""
    if metric.startswith(MILESTONE):
        return metric.removeprefix(MILESTONE)
    words = label_of(metric).words
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def indices_figure(
    indices: Sequence[SobolIndex | MorrisIndex], metric: str, *, ax: Axes | None = None
) -> Axes:
    """Draw Sobol or Morris indices of a design, the largest on top, with 95 % intervals.

    Parameters
    ----------
    indices : sequence of SobolIndex or MorrisIndex
        All of one kind, one or more.
    metric : str
        What they are of.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.
    """
    is_day = metric.startswith(MILESTONE)
    about = plain(f"the day of {_object(metric)}" if is_day else _object(metric), 40)
    label = Label("Days late [days]", "{:+,.0f}") if is_day else label_of(metric)
    with canvas(ax, left=_WIDE_LABELS) as axes:
        shown, bars = _draw_indices(axes, indices, label)
        names = [plain(input_label(str(one[0])), 50) for one in shown]
        axes.set_yticks(range(len(shown)), [plain(name, 36) for name in names])
        axes.invert_yaxis()
        frame(axes, grid=False)
        legend(axes, bars)
        title(
            axes,
            f"{names[0][:1].upper()}{names[0][1:]} moves {about} most",
            "Lines: 95 % interval",
            shift=0.34,
        )
    return axes


def _draw_indices(
    axes: Axes, indices: Sequence[SobolIndex | MorrisIndex], label: Label
) -> tuple[Sequence[SobolIndex | MorrisIndex], list[Any]]:
    """Draw bars of indices and name their axis; return those drawn, the largest first, and bars."""
    if isinstance(indices[0], SobolIndex):
        drawn = [(-0.2, 1, "alone (first order)", BLUE), (0.2, 3, "with all others", ORANGE)]
        factor, text = 1.0, "Share of the variance"
    else:
        drawn = [(0.0, 1, "mean absolute effect", BLUE)]
        factor, unit = label.factor, f" [{label.unit}]" if label.unit else ""
        text = f"Mean absolute effect over the whole range{unit}"
    axes.set_xlabel(text, fontsize=TEXT)
    shown = sorted(indices, key=lambda one: -float(one[drawn[-1][1]]))[:MAX_TORNADO_BARS]
    bars = [
        axes.barh(
            [place + shift for place in range(len(shown))],
            [float(one[at]) * factor for one in shown],
            xerr=[float(one[at + 1]) * factor for one in shown],
            height=0.75 / len(drawn),
            color=color,
            ecolor=DARK_GRAY,
            label=name,
        )
        for shift, at, name, color in drawn
    ]
    axes.set_xlim(left=min(0.0, *(float(one[1]) * factor for one in shown)))
    return shown, bars
