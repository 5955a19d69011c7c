"""Waterfall of an explained change: its parts, from one level to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dcsim.plots.style import (
    BLUE,
    DARK_GRAY,
    LIGHT_GRAY,
    TEXT,
    VERMILION,
    canvas,
    plain,
    require_kind,
    title,
)
from dcsim.study.records.labels import group_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dcsim.study.attribution.explanation import Explanation

MAX_WATERFALL_BARS = 12


def waterfall(explained: Explanation, *, ax: Axes | None = None) -> Axes:
    """Draw from the first scenario's level over the parts of the change to the second's.

    Parameters
    ----------
    explained : Explanation
        As `dcsim.explain` returns it.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_kind(explained, "Explanation", "waterfall", "an Explanation")
    before, after = explained.names
    labels, shares, errors = _bars_of_parts(explained)
    with canvas(ax, left=0.30, right=0.93) as axes:
        n = len(labels) + 2
        _draw_bars(axes, explained, shares, errors)
        for y, value in ((n - 1, explained.before), (0, explained.after)):
            _write_beside(axes, value, y, explained.run_metric.shown(value))
        axes.set_yticks(
            range(n), [plain(after, 34), *labels[::-1], plain(before, 34)], fontsize=TEXT
        )
        _set_limits(axes, explained, shares)
        _set_units(axes, explained)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(axis="y", length=0)
        largest, change = explained.parts[0], explained.run_metric.change
        orders = "all orders" if explained.exact else f"{explained.n_orders} orders"
        title(
            axes,
            f"{change(largest.share)} of {change(explained.change)} by "
            f"{plain(group_label(largest.group.label), 50)}"
            if largest.share
            else f"No change of {explained.run_metric.words}",
            f"{explained.run_metric.words}, {before} to {after}; Shapley value of "
            f"{orders}, {explained.n_runs:,} runs",
            shift=0.21,
        )
    return axes


def _bars_of_parts(explained: Explanation) -> tuple[list[str], list[float], list[float]]:
    """Return labels, shares and standard errors of the bars; the smallest parts share one."""
    moving = [part for part in explained.parts if part.share]
    shown, rest = moving[:MAX_WATERFALL_BARS], moving[MAX_WATERFALL_BARS:]
    labels = [plain(group_label(part.group.label), 34) for part in shown]
    shares = [part.share for part in shown]
    errors = [part.error for part in shown]
    if rest:
        labels.append(f"{len(rest)} others")
        shares.append(sum(part.share for part in rest))
        errors.append(0.0)
    return labels, shares, errors


def _draw_bars(
    ax: Axes, explained: Explanation, shares: Sequence[float], errors: Sequence[float]
) -> None:
    """Draw a bar a share, each from the end of the one before, between two diamonds."""
    level = explained.before
    n = len(shares) + 2
    ax.plot(explained.before, n - 1, "D", color=DARK_GRAY, markersize=11)
    for place, (share, error) in enumerate(zip(shares, errors, strict=True)):
        y = n - 2 - place
        ax.barh(y, share, left=level, color=BLUE if share >= 0 else VERMILION, height=0.6)
        ax.plot([level, level], [y + 1.3, y - 0.3], color=LIGHT_GRAY, linewidth=1, zorder=0)
        level += share
        if error:
            ax.errorbar(level, y, xerr=1.96 * error, color=DARK_GRAY, capsize=3)
        right = max(level + 1.96 * error, level - share)
        _write_beside(ax, right, y, explained.run_metric.change(share))
    ax.plot(explained.after, 0, "D", color=DARK_GRAY, markersize=11)


def _write_beside(ax: Axes, x: float, y: float, text: str) -> None:
    ax.annotate(text, (x, y), xytext=(9, 0), textcoords="offset points", va="center", fontsize=TEXT)


def _set_units(ax: Axes, explained: Explanation) -> None:
    """Count the axis in the unit of the texts at the bars; days as dates."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415  (only to draw)

    metric = explained.run_metric
    factor, unit = metric.scale(max(abs(explained.before), abs(explained.after)))
    ax.xaxis.set_major_locator(MaxNLocator(6))

    def text(value: float, _: object) -> str:
        return metric.shown(value) if metric.is_day else f"{value / factor:,.6g}"

    ax.xaxis.set_major_formatter(FuncFormatter(text))
    has_unit = unit and not metric.is_day and unit not in metric.words
    ax.set_xlabel(f"{metric.words} [{unit}]" if has_unit else metric.words)


def _set_limits(ax: Axes, explained: Explanation, shares: list[float]) -> None:
    """Begin the axis where the parts can be seen, at zero where that is near enough."""
    levels = [explained.before]
    for share in shares:
        levels.append(levels[-1] + share)
    low, high = min(levels), max(levels)
    span = high - low or abs(high) or 1.0
    start = 0.0 if 0 <= low <= 2 * span else low - 0.25 * span
    ax.set_xlim(min(start, low), high + 0.3 * span)
