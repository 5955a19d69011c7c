"""The works as a Gantt chart, with the driving path of a milestone."""

from __future__ import annotations

import datetime
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dcsim.accounts.gpu.driving_path import driving_path, last_work
from dcsim.errors import ModelError
from dcsim.plots.run.series import confidence_text, reached_day
from dcsim.plots.style import (
    BLACK,
    BLUE,
    DARK_GRAY,
    GRAY,
    GREEN,
    LEFT,
    LIGHT_GRAY,
    ORANGE,
    PURPLE,
    RIGHT,
    SKY,
    TEXT,
    VERMILION,
    YELLOW,
    canvas,
    date_axis,
    date_number,
    day_text,
    frame,
    legend,
    nothing,
    plain,
    require_kind,
    size_pt,
    title,
    wall_time,
)
from dcsim.results.result import Result
from dcsim.results.summary_types import MilestoneSummary
from dcsim.types import TaskRecord
from dcsim.units import MINUTES_PER_DAY

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

KIND_COLORS = {
    "permit": YELLOW,
    "building": VERMILION,
    "hall": ORANGE,
    "cooling": SKY,
    "grid": BLUE,
    "supply": GREEN,
    "other": PURPLE,
}
_BARS_LEFT_FRAC = 0.215
"""Where the bars begin, over the width of the figure: names of works stand left of it."""
_LABELS_FRAC = (_BARS_LEFT_FRAC - LEFT) / (RIGHT - _BARS_LEFT_FRAC)
MAX_GANTT_ROWS = 36
"""Rows that stay readable on a slide."""


class GanttRow(NamedTuple):
    """One bar."""

    label: str
    kind: str | None
    """None for the bar of a whole block."""
    start_min: int | None
    finish_min: int | None
    planned_min: int | None
    drives: bool
    """True if it is on the driving path."""
    has_start: bool = True
    """False if the plan names a finish only: it is drawn as a point, not as a bar."""


def gantt(result: Result, *, ax: Axes | None = None, milestone: str | None = None) -> Axes:
    """Draw the works, and outline the driving path to the last work before a milestone.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.
    milestone : str, optional
        Name of the milestone; without it, the last one of GPUs or of energized power.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If the scenario has no milestone of that name.
    """
    require_kind(result, "Result", "gantt")
    with canvas(ax, left=_BARS_LEFT_FRAC) as axes:
        tasks = result.timeline.tasks
        if not tasks:
            nothing(axes, "No works in this run")
            return axes
        target = _chosen_milestone(result, milestone)
        path = driving_path(tasks, _last_work(result, target))
        rows, n_left_out = _gantt_rows(tasks, path, _without_start(result))
        handles = _work_bars(axes, result, rows)
        _label_works(axes, rows, min(TEXT, 0.74 * size_pt(axes)[1] / len(rows)))
        starts = [row.start_min for row in rows if row.start_min is not None] or [0]
        ends = [result.calendar.n_minutes if r.finish_min is None else r.finish_min for r in rows]
        margin = 20 * MINUTES_PER_DAY
        first, last = wall_time(result.calendar, (min(starts) - margin, max(ends) + margin))
        date_axis(axes, float(first), float(last))
        legend(axes, handles + _milestone_days(axes, target))
        detail = _gantt_detail(result, target, path, n_left_out)
        title(axes, _gantt_finding(result, target, path), detail, shift=_LABELS_FRAC)
    return axes


def _chosen_milestone(result: Result, name: str | None) -> MilestoneSummary | None:
    if name is not None:
        found = [m for m in result.milestones if m["name"] == name]
        if not found:
            raise ModelError(f"the scenario has no milestone {name!r}")
        return found[0]
    # Renewables are seldom what a plan waits for; what a plug-in measures has no path of its own.
    others = {"renewable_capacity_mw", *result.site.extension.milestone_metrics}
    wanted = [m for m in result.milestones if m["metric"] not in others]
    return max(wanted, key=lambda m: m["by"], default=None)


def _last_work(result: Result, target: Mapping[str, Any] | None) -> str | None:
    """Return the last work that the milestone needed, up to the day it was reached."""
    if target is None:
        return last_work(result.timeline, "gpus_online", result.calendar.n_minutes)
    if target["metric"] in result.site.extension.milestone_metrics:
        return None
    reached = reached_day(target["reached"])
    end = None if reached is None else result.calendar.minute_of(reached, at_end=True)
    return last_work(result.timeline, target["metric"], end)


def _without_start(result: Result) -> frozenset[str]:
    """Return the names of works of which the plan says when they are done, not when they begin."""
    return frozenset(
        work.name
        for work in result.site.works
        if work.finish is not None and not (work.start or work.after or work.duration_h)
    )


def _gantt_rows(
    tasks: Sequence[TaskRecord], path: Sequence[TaskRecord], without_start: Container[str]
) -> tuple[list[GanttRow], int]:
    """Return the bars from early to late, and how many works are left out.

    Works named in `without_start` are points. Of many works, those of a block of the expansion
    become one bar, but for those on the path; what is still too much is left out, the shortest
    first.
    """
    on_path = {task.name for task in path}
    own, blocks = list(tasks), dict[str, list[TaskRecord]]()
    if len(own) > MAX_GANTT_ROWS:
        for task in tasks:
            if "." in task.name:
                blocks.setdefault(task.name.split(".")[0], []).append(task)
        own = [task for task in tasks if "." not in task.name or task.name in on_path]
    room = max(MAX_GANTT_ROWS - len(blocks), len(on_path))
    kept = sorted(own, key=lambda task: (task.name not in on_path, -_duration_min(task)))[:room]
    rows = [
        GanttRow(
            _work_label(t),
            t.kind,
            t.start_min,
            t.finish_min,
            t.planned_finish_min,
            t.name in on_path,
            t.name not in without_start,
        )
        for t in kept
    ]
    rows += [_block_row(name, members) for name, members in blocks.items()]
    return sorted(rows, key=_start_order), len(own) - len(kept)


def _work_label(task: TaskRecord) -> str:
    """Return what to call a work; works of several blocks may share their labels."""
    block, dot, _ = task.name.partition(".")
    return plain(f"{block}: {task.label}" if dot else task.label, 34)


def _duration_min(task: TaskRecord) -> float:
    if task.start_min is None:
        return 0.0
    return float("inf") if task.finish_min is None else float(task.finish_min - task.start_min)


def _start_order(row: GanttRow) -> tuple[float, float]:
    """From early to late; what never began comes last."""
    never = float("inf")
    finish = never if row.finish_min is None else row.finish_min
    if row.start_min is None:
        return never, finish
    return row.start_min if row.has_start else finish, finish


def _block_row(name: str, members: Sequence[TaskRecord]) -> GanttRow:
    starts = [task.start_min for task in members if task.start_min is not None]
    finishes = [task.finish_min for task in members]
    finish = None if None in finishes else max(f for f in finishes if f is not None)
    label = f"{name} ({len(members)} works)"
    return GanttRow(label, None, min(starts, default=None), finish, None, False)


def _work_bars(ax: Axes, result: Result, rows: Sequence[GanttRow]) -> list[Artist]:
    from matplotlib.patches import Patch  # noqa: PLC0415  (matplotlib only to draw)

    calendar = result.calendar
    used: dict[str, Artist] = {}
    for place, row in enumerate(rows):
        if row.start_min is None:
            continue
        color = GRAY if row.kind is None else KIND_COLORS.get(row.kind, PURPLE)
        name = "block of works" if row.kind is None else row.kind
        used.setdefault(name, Patch(facecolor=color, label=name))
        end = calendar.n_minutes if row.finish_min is None else row.finish_min
        left, right = wall_time(calendar, (row.start_min, end))
        if not row.has_start:
            _finish_point(ax, right, place, row, color)
            continue
        ax.barh(
            place,
            right - left,
            left=left,
            height=0.7,
            facecolor=color if row.finish_min is not None else "none",
            edgecolor=BLACK if row.drives else color,
            linewidth=2.0 if row.drives else 1.0,
            linestyle="--" if row.finish_min is None else "-",
            zorder=3 if row.drives else 2,
        )
    order = (*KIND_COLORS, "block of works")
    handles = [used[name] for name in order if name in used]
    if any(row.drives for row in rows):
        handles.append(Patch(facecolor="white", edgecolor=BLACK, lw=2.0, label="sets the date"))
    if any(row.finish_min is None and row.start_min is not None for row in rows):
        dashed = Patch(facecolor="white", edgecolor=DARK_GRAY, ls="--", label="not done in the run")
        handles.append(dashed)
    return handles + _announced_marks(ax, result, rows)


def _finish_point(ax: Axes, x: float, place: int, row: GanttRow, color: str) -> None:
    """Draw a work that has a finish and no start as a point on the day it is done."""
    ax.plot(
        [x],
        [place],
        marker="s",
        markersize=10,
        markerfacecolor=color if row.finish_min is not None else "none",
        markeredgecolor=BLACK if row.drives else color,
        markeredgewidth=2.0 if row.drives else 1.0,
        linestyle="none",
        zorder=3 if row.drives else 2,
    )


def _announced_marks(ax: Axes, result: Result, rows: Sequence[GanttRow]) -> list[Artist]:
    """Mark the announced day of each work, and how far it slipped."""
    known = [(place, row) for place, row in enumerate(rows) if row.planned_min is not None]
    if not known:
        return []
    for place, row in known:
        if row.finish_min is not None and row.finish_min != row.planned_min:
            ends = wall_time(result.calendar, (row.planned_min, row.finish_min))
            ax.plot(ends, (place, place), color=BLACK, linewidth=0.8, zorder=4)
    return list(
        ax.plot(
            wall_time(result.calendar, [row.planned_min for _, row in known]),
            [place for place, _ in known],
            linestyle="none",
            marker="d",
            markersize=6,
            markerfacecolor="white",
            markeredgecolor=BLACK,
            zorder=5,
            label="announced day",
        )
    )


def _label_works(ax: Axes, rows: Sequence[GanttRow], size: float) -> None:
    frame(ax, grid=False)
    ax.grid(axis="x", color=LIGHT_GRAY, linewidth=0.8)
    names = [row.label + ("" if row.start_min is not None else " (never)") for row in rows]
    ax.set_yticks(np.arange(len(rows)), names, fontsize=size)
    for tick, row in zip(ax.get_yticklabels(), rows, strict=True):
        tick.set_fontweight("bold" if row.drives else "normal")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(rows) - 0.4, -0.6)


def _milestone_days(ax: Axes, target: Mapping[str, Any] | None) -> list[Artist]:
    """Draw the due day of the milestone and the day it was reached."""
    if target is None:
        return []
    handles: list[Artist] = []
    for key, style, label in (
        ("by", ":", "milestone date"),
        ("reached", "-", "reached in this run"),
    ):
        if target[key] is None:
            continue
        x = float(date_number(datetime.date.fromisoformat(target[key])))
        first, last = ax.get_xlim()
        # The margin between the two days is the message, so both must lie in the chart.
        ax.set_xlim(min(first, x), max(last, x))
        handles.append(ax.axvline(x, color=DARK_GRAY, lw=1.4, ls=style, zorder=1, label=label))
    return handles


def _gantt_finding(
    result: Result, target: Mapping[str, Any] | None, path: Sequence[TaskRecord]
) -> str:
    if not path:
        return f"{len(result.timeline.tasks)} works"
    last = path[-1]
    titles = {milestone.name: milestone.title for milestone in result.site.milestones}
    goal = plain(titles[target["name"]], 50) if target else "the full build"
    if last.finish_min is None:
        return f"“{goal}” still waits for {_work_label(last)} when the run ends"
    day = day_text(result.calendar.moment(last.finish_min).date())
    if target and target["reached"] is None:
        return f"Works for it done on {day}, yet “{goal}” is never reached"
    return f"Last work before “{goal}”: {_work_label(last)}, {day}"


def _gantt_detail(
    result: Result, target: MilestoneSummary | None, path: Sequence[TaskRecord], n_left_out: int
) -> str:
    works = " → ".join(_work_label(task) for task in path)
    parts = [confidence_text(target)] if target else []
    if path:
        alone = "set by its own date, not by another work"
        parts.append(f"set by {works}" if len(path) > 1 else alone)
        parts += [f"{n_left_out} short works not drawn"] if n_left_out else []
    name = plain(result.site.name, 40)
    return f"{name}: {'; '.join(parts)}" if parts else name
