"""Bars of relief: the gain from lifting each constraint alone in, one bar a constraint out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dcsim.plots.style import BLUE, DARK_GRAY, TEXT, VERMILION, canvas, plain, require_kind, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dcsim.study.attribution.relief_gain import ConstraintGain, Relief


def relief_bars(relief: Relief, *, ax: Axes | None = None) -> Axes:
    """Draw the GPU-days that lifting each constraint alone would gain.

    With replications, bars are medians and a line spans eight of ten of them.

    Parameters
    ----------
    relief : Relief
        As `dcsim.relief` returns it.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_kind(relief, "Relief", "relief_bars")
    gains = relief.gains[::-1]
    values = [gain.gpu_days for gain in gains]
    with canvas(ax, left=0.25, right=0.93) as axes:
        colors = [BLUE if value >= 0 else VERMILION for value in values]
        axes.barh(range(len(gains)), values, color=colors, height=0.6)
        axes.set_yticks(range(len(gains)), [plain(gain.label, 34) for gain in gains], fontsize=TEXT)
        for y, gain in enumerate(gains):
            _write_gain(axes, y, gain, relief.share_of(gain))
        axes.axvline(0, color=DARK_GRAY, linewidth=1)
        spans = [v for gain in gains for v in (gain.low, gain.high) if not math.isnan(v)]
        _set_room(axes, [*values, *spans], to_left=any(value < 0 for value in values))
        axes.set_xlabel("GPU-days gained" + (f", to {relief.horizon}" if relief.horizon else ""))
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(axis="y", length=0)
        most = relief.gains[0]
        finding = f"{plain(most.label, 50)}: {most.gpu_days:+,.0f} GPU-days if lifted alone"
        if most.gpu_days <= 0:
            finding = "No constraint alone costs GPU-days online"
        title(
            axes,
            finding[:1].upper() + finding[1:],
            f"{relief.scenario}: {relief.gpu_days:,.0f} GPU-days online as planned"
            f"{_medians_text(relief)}; gains do not add up",
            shift=0.165,
        )
    return axes


def _medians_text(relief: Relief) -> str:
    n = relief.replications
    return f", medians of {n:,} replications, lines: eight of ten" if n else ""


def _write_gain(ax: Axes, y: int, gain: ConstraintGain, share: float) -> None:
    """Write a gain beside its bar, on the side that the bar points to, and draw its spread."""
    percent = f"{share:+.1%}" if round(1000 * share) else "0.0%"
    text = f"{gain.gpu_days:+,.0f} ({percent})" if round(gain.gpu_days) else "0"
    away, side = (7, "left") if gain.gpu_days >= 0 else (-7, "right")
    ends = [gain.gpu_days]
    if not math.isnan(gain.low):
        ends += [gain.low, gain.high]
        ax.plot([gain.low, gain.high], [y, y], color="black", linewidth=1.5, zorder=3)
    end = max(ends) if gain.gpu_days >= 0 else min(ends)
    ax.annotate(
        text,
        (end, y),
        xytext=(away, 0),
        textcoords="offset points",
        va="center",
        ha=side,
        fontsize=TEXT,
    )


def _set_room(ax: Axes, values: list[float], *, to_left: bool) -> None:
    """Leave room for the texts beside the bars, and group the thousands of the axis."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415  (only to draw)

    low, high = min(*values, 0.0), max(*values, 0.0)
    room = 0.36 * (high - low) or 1.0
    ax.set_xlim(low - room if to_left else 1.05 * low, high + room)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))
