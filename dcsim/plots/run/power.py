"""Power by source: the years by month, and one week by hour."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.gpu_states import IN_SERVICE
from dcsim.plots.run.series import (
    FULL_BUILD_FRAC,
    level_at,
    mean_of_each_month,
    month_edges,
    sample_minutes,
    told_year,
)
from dcsim.plots.style import (
    BLACK,
    BLUE,
    DARK_GRAY,
    GRAY,
    GREEN,
    canvas,
    counts_axis,
    date_axis,
    date_number,
    day_axis,
    day_text,
    frame,
    legend,
    plain,
    require_kind,
    title,
    wall_time,
)
from dcsim.results.columns import column_part
from dcsim.results.result import Result
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.assets.registry import kinds_of
from dcsim.units import MINUTES_PER_DAY

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

WEEK_DAYS = 7
_ASSET_COLORS = (BLUE, "#7FB8D8", "#004D80", "#B3D4E8")
_GENERATION = "_generation_mw"
CHARGE, DISCHARGE = "battery_charge_mw", "battery_discharge_mw"
"""Columns of all stores together."""


class Source(NamedTuple):
    """One layer of a stack."""

    column: str
    """Hourly column. [MW]"""
    label: str
    color: str


def sources(result: Result) -> list[Source]:
    """Return the sources of a run that ever give anything, from the bottom of a stack to its top.

    What is taken as it comes on the site lies on top: what stands above the line of the load is
    theirs, and what is curtailed is theirs as well.
    """
    follows = kinds_of("dispatchable")
    layers = [
        *_layers_of(result, follows),
        *_layers_of(result, _each_variable()),
        Source("grid_import_mw", "grid", "#B0B0B0"),
        *(Source(DISCHARGE, kind.label, kind.color) for kind in kinds_of("storage")[:1]),
        *_layers_of(result, (kind for kind in kinds_of("backup") if kind not in follows)),
        Source("unserved_mw", "not served", BLACK),
        *reversed(list(_layers_of(result, _variable_as_one()))),
    ]
    return [
        source
        for source in layers
        if source.column in result.hourly and result.hourly[source.column].any()
    ]


def _each_variable() -> Iterator[AssetKind]:
    return (kind for kind in kinds_of("variable") if kind.column_of_each)


def _variable_as_one() -> Iterator[AssetKind]:
    return (kind for kind in kinds_of("variable") if not kind.column_of_each)


def _layers_of(result: Result, kinds: Iterable[AssetKind]) -> Iterator[Source]:
    """Yield a layer for each kind, or one for each of its assets where each has its own column."""
    for kind in kinds:
        if not kind.column_of_each:
            yield Source(f"{kind.figure}{_GENERATION}", kind.label, kind.color)
            continue
        for index, asset in enumerate(result.site.assets(kind.section)):
            color = _ASSET_COLORS[index % len(_ASSET_COLORS)]
            yield Source(f"{column_part(asset.name)}{_GENERATION}", plain(asset.title, 24), color)


def power_by_source_years(result: Result, *, ax: Axes | None = None) -> Axes:
    """Draw what each source gives to the load, month by month, and the energized limit.

    In every step the layers end at the load: what is more goes into stores, into the grid or is
    curtailed, and stands below zero. So the layers of a month add up to its load, and solar that is
    used in the year is seen, however much more of it there was.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_kind(result, "Result", "power_by_source_years")
    with canvas(ax) as axes:
        calendar = result.calendar
        x = wall_time(calendar, month_edges(calendar))

        monthly = {
            column: mean_of_each_month(calendar, hourly)
            for column, hourly in {**result.hourly, **used_by_load(result)}.items()
        }
        down = _stack_below_zero(axes, x, monthly, with_curtailed=True)
        monthly["curtailed_mw"] = np.zeros_like(monthly["curtailed_mw"])
        handles = [*down, *_stack_sources(axes, x, monthly.__getitem__, sources(result))]
        minutes = sample_minutes(calendar)
        measured = "at the meter" if result.site.power.basis == "facility" else "at the servers"
        handles += axes.step(
            wall_time(calendar, minutes),
            level_at(result.timeline.capacity["energized"], minutes),
            where="post",
            color=BLUE,
            linewidth=1.8,
            linestyle=(0, (5, 2)),
            label=f"energized ({measured})",
        )
        frame(axes, ylabel="Power, monthly mean (MW)")
        counts_axis(axes)
        if not down:
            axes.set_ylim(bottom=0)
        date_axis(axes, float(x[0]), float(x[-1]))
        legend(axes, handles[::-1])
        title(axes, _finding_of_years(result), f"{plain(result.site.name)}: power by source")
    return axes


def power_by_source_week(result: Result, *, ax: Axes | None = None) -> Axes:
    """Draw one week of hours by source, with what is stored, fed back and curtailed.

    The week is the first one of August in the first year at full build, or else the one of the
    highest facility power; the title says which.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_kind(result, "Result", "power_by_source_week")
    with canvas(ax) as axes:
        first_min, why = chosen_week(result)
        x, hourly = _stretch(result, first_min, WEEK_DAYS * MINUTES_PER_DAY)
        shown = [source for source in sources(result) if hourly[source.column].any()]
        down = _stack_below_zero(axes, x, hourly)
        up = _stack_sources(axes, x, hourly.__getitem__, shown)
        if not down:
            axes.set_ylim(bottom=0)
        frame(axes, ylabel="Power, hourly mean (MW)")
        counts_axis(axes)
        day_axis(axes, float(x[0]), float(x[-1]))
        legend(axes, [*down, *up][::-1])
        title(
            axes, _finding_of_week(result, first_min, hourly), f"{plain(result.site.name)}: {why}"
        )
    return axes


def used_by_load(result: Result) -> dict[str, Floats]:
    """Return what the load takes of each source in every step, by column. [MW]

    Sources serve the load in the order of a stack, from the bottom: what is taken as it comes
    serves last, so what is left over is theirs.
    """
    load = result.hourly["facility_power_mw"]
    left = load.copy()
    used: dict[str, Floats] = {}
    for source in sources(result):
        used[source.column] = np.minimum(result.hourly[source.column], left)
        left -= used[source.column]
    return used


def _stretch(result: Result, first_min: int, length_min: int) -> tuple[Floats, dict[str, Floats]]:
    """Return the edges of the steps of a stretch of time, and its hourly columns."""
    calendar = result.calendar
    first = -(-first_min // calendar.step_min)
    last = min(first + max(length_min // calendar.step_min, 1), calendar.n_hours)
    hourly = {name: values[first:last] for name, values in result.hourly.items()}
    x = wall_time(calendar, np.arange(first, last + 1) * calendar.step_min)
    # The clock of that week: with summer time it is an hour ahead of the axis of the years.
    begin = calendar.moment(first * calendar.step_min).replace(tzinfo=None)
    return x + (float(date_number(begin)) - x[0]), hourly


def chosen_week(result: Result) -> tuple[int, str]:
    """Return the start of the week to show on the event clock, and why it was chosen."""
    calendar = result.calendar
    full = _full_build_min(result)
    length = WEEK_DAYS * MINUTES_PER_DAY
    month, name = (2, "February") if result.site.latitude_deg < 0 else (8, "August")
    for year in range(calendar.start.year, calendar.end.year + 1):
        start = calendar.minute_of(datetime.date(year, month, 1))
        if full is not None and start >= full and start + length <= calendar.n_minutes:
            return start, f"first week of {name} in the first year at full build"
    peak = int(result.hourly["facility_power_mw"].argmax()) * calendar.step_min
    midnight = calendar.minute_of(calendar.moment(peak).date()) - 3 * MINUTES_PER_DAY
    latest = calendar.n_minutes - length
    return max(min(midnight, latest), 0), "the week of the highest facility power"


def _full_build_min(result: Result) -> int | None:
    in_service = result.timeline.stock(*IN_SERVICE)
    if not in_service.level.size or in_service.level.max() <= 0:
        return None
    full = in_service.level >= FULL_BUILD_FRAC * in_service.level.max()
    return int(in_service.time_min[full.argmax()])


def _stack_sources(
    ax: Axes, x: Floats, values: Callable[[str], Floats], layers: list[Source]
) -> list[Artist]:
    """Stack sources, hatch what is curtailed, draw the load; `x` are the edges of the steps."""
    handles: list[Artist] = []
    below = np.zeros(x.size)
    for source in layers:
        above = below + _with_last_repeated(values(source.column))
        handles.append(
            ax.fill_between(
                x,
                below,
                above,
                step="post",
                facecolor=source.color,
                linewidth=0,
                label=source.label,
            )
        )
        below = above
    curtailed = _with_last_repeated(values("curtailed_mw"))
    if curtailed.any():
        hatch = ax.fill_between(
            x,
            below - curtailed,
            below,
            step="post",
            facecolor="white",
            alpha=0.65,
            edgecolor=DARK_GRAY,
            hatch="////",
            linewidth=0,
            label="curtailed",
        )
        handles.append(hatch)
    load = _with_last_repeated(values("facility_power_mw"))
    handles += ax.step(x, load, where="post", color=BLACK, linewidth=2.0, label="facility load")
    return handles


def _stack_below_zero(
    ax: Axes, x: Floats, hourly: dict[str, Floats], *, with_curtailed: bool = False
) -> list[Artist]:
    """Draw what goes into stores and back into the grid below zero."""
    handles: list[Artist] = []
    above = np.zeros(x.size)
    for column, label, color in (
        *((CHARGE, f"into {kind.label}", kind.color) for kind in kinds_of("storage")[:1]),
        ("grid_export_mw", "into grid", GREEN),
        *([("curtailed_mw", "curtailed", GRAY)] if with_curtailed else []),
    ):
        if not hourly[column].any():
            continue
        below = above - _with_last_repeated(hourly[column])
        handles.append(
            ax.fill_between(
                x,
                below,
                above,
                step="post",
                facecolor=color,
                alpha=0.5,
                linewidth=0,
                label=label,
            )
        )
        above = below
    ax.axhline(0, color=DARK_GRAY, linewidth=0.8)
    return handles


def _with_last_repeated(values: Floats) -> Floats:
    """Repeat the last value, so that the last step has its full length."""
    return np.append(values, values[-1])


def _shares(hourly: dict[str, Floats]) -> tuple[float, float]:
    load = max(float(hourly["facility_power_mw"].sum()), 1e-12)
    return (
        100 * float(hourly["renewable_mw"].sum()) / load,
        100 * float(hourly["grid_import_mw"].sum()) / load,
    )


def _finding_of_years(result: Result) -> str:
    year = told_year(result)
    if year is None:
        peak = result.summary["peak_facility_mw"]
        return f"The site draws {_mw(peak)} at most"
    chosen = result.calendar.year == year
    hourly = {name: values[chosen] for name, values in result.hourly.items()}
    renewable, _ = _shares(hourly)
    mean = float(hourly["facility_power_mw"].mean())
    clean = f"{renewable:.0f} %" if renewable else "none"
    return (
        f"In {year} the site draws {_mw(mean)} on average, {clean} of it renewable in the same hour"
    )


def _finding_of_week(result: Result, first_min: int, hourly: dict[str, Floats]) -> str:
    renewable, bought = _shares(hourly)
    clean = (
        f"{renewable:.0f} % of the load renewable hour by hour" if renewable else "no renewables"
    )
    day = day_text(result.calendar.moment(first_min).date())
    return f"Week of {day}: {clean}, {bought:.0f} % from the grid"


def _mw(power: float) -> str:
    return f"{power:,.0f} MW" if power >= 20 else f"{power:,.1f} MW"
