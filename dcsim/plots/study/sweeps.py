"""The map of a sweep: one figure over two axes, and a third as panels side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.errors import ModelError
from dcsim.plots.style import DARK_GRAY, SMALL, TEXT, canvas, plain, title
from dcsim.study.records.labels import Label, input_label, label_of
from dcsim.study.records.rows import Rows
from dcsim.study.statistics.samples import number_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SweepAxis = Mapping[str, Any]
MAX_PANELS = 6
_MOST_AXIS = 44
"""Characters of the name of an axis."""
_GAP = 0.03
"""Between two panels, over the width of all."""
_IN_TIME = Label("Milestone confidence [% of runs]", "{:.0f}", 100.0)
_DAYS_LATE = Label("days late", "{:+,.0f}")


class MapMetric(NamedTuple):
    """Metric of the cells of a map."""

    name: str
    """In words, without a unit."""
    label: Label
    values: NDArray[np.float64]
    """One of each run; NaN where it has none."""
    is_chance: bool = False


def heat_map_figure(
    rows: Rows, axes_of: Sequence[SweepAxis], metric: str, *, ax: Axes | None = None
) -> Axes:
    """Draw a metric over the axes of a sweep, as numbers and colors.

    Parameters
    ----------
    rows : Rows
        All cases; parameters stand in columns by their keys.
    axes_of : sequence of mapping
        Two or three axes: ``key``, ``label`` and ``values`` as written. Of three, the one with the
        fewest values has a panel for each.
    metric : str
        A column of numbers, whose median is drawn, or ``milestone.NAME``: the share of the runs
        that meet it in time, its days late where each case has a single run.

    Raises
    ------
    ModelError
        If there are not two or three axes, or too many panels.
    """
    down, across, panels = _axis_roles(axes_of)
    shown = _map_metric(rows, metric)
    n_panels = len(panels["values"]) if panels else 1
    if n_panels > MAX_PANELS:
        raise ModelError(f"a map of {n_panels} panels cannot be read; at most {MAX_PANELS}")
    cells = [
        _column_cells(
            rows,
            shown,
            {across["key"]: other},
            down,
            {} if panels is None else {panels["key"]: panels["values"][place]},
        )
        for place in range(n_panels)
        for other in across["values"]
    ]
    table = np.array(cells).reshape(n_panels, len(across["values"]), -1).transpose(0, 2, 1)
    with canvas(ax, left=0.2, right=0.97) as axes:
        axes.set_axis_off()
        foot = 0.1 if panels else 0.06
        _draw_panels(axes, table, (down, across, panels), shown.label)
        below = foot - 0.16 if panels else -0.02
        across_name = plain(_axis_text(across))
        axes.text(0.5, below, across_name, ha="center", va="top", fontsize=TEXT)
        axes.text(
            -0.19,
            0.5,
            plain(_axis_text(down)),
            ha="left",
            va="center",
            rotation=90,
            fontsize=TEXT,
        )
        title(axes, _map_finding(table, shown), _map_detail(rows, shown), shift=0.19)
    return axes


def _draw_panels(
    axes: Axes,
    table: NDArray[np.float64],
    roles: tuple[SweepAxis, SweepAxis, SweepAxis | None],
    label: Label,
) -> None:
    """Draw a panel for each value of the third axis, or a single one; names on the left alone."""
    down, across, panels = roles
    n_panels = len(table)
    width = (1 - _GAP * (n_panels - 1)) / n_panels
    foot, top = (0.1, 0.96) if panels else (0.06, 1.0)
    for place in range(n_panels):
        panel = axes.inset_axes((place * (width + _GAP), foot, width, top - foot))
        _draw_panel(panel, table[place], table, label)
        names = _value_texts(across, 12 if panels else 22)
        panel.set_xticks(range(len(across["values"])), names)
        if panels:
            panel.tick_params(axis="x", rotation=45)
        rows_named = _value_texts(down, 28) if place == 0 else []
        panel.set_yticks(range(len(down["values"])) if place == 0 else [], rows_named)
        if panels:
            name = f"{_axis_text(panels)} {panels['values'][place]}"
            panel.set_title(plain(name, 40), fontsize=SMALL, color=DARK_GRAY)


def _axis_roles(axes_of: Sequence[SweepAxis]) -> tuple[SweepAxis, SweepAxis, SweepAxis | None]:
    if len(axes_of) == 2:
        return axes_of[0], axes_of[1], None
    if len(axes_of) != 3:
        raise ModelError(f"a map has two or three axes, the study has {len(axes_of)}")
    fewest = min(range(3), key=lambda place: len(axes_of[place]["values"]))
    down, across = (axis for place, axis in enumerate(axes_of) if place != fewest)
    return down, across, axes_of[fewest]


def _map_metric(rows: Rows, metric: str) -> MapMetric:
    milestone = metric.removeprefix("milestone.")
    if milestone == metric:
        label = label_of(metric)
        return MapMetric(label.words, label, np.where(rows.ok, number_column(rows, metric), np.nan))
    if _runs_of_a_case(rows) > 1:
        met = number_column(rows, f"{metric}.met")
        # A run that failed reaches no milestone.
        return MapMetric(milestone, _IN_TIME, np.where(rows.ok, met, 0.0), is_chance=True)
    late = -number_column(rows, f"{metric}.margin_days")
    return MapMetric(milestone, _DAYS_LATE, np.where(rows.ok, late, np.nan))


def _runs_of_a_case(rows: Rows) -> int:
    return max((len(set(rows.columns["replication"].tolist()))), 1)


def _column_cells(
    rows: Rows,
    shown: MapMetric,
    across: Mapping[str, Any],
    down: SweepAxis,
    panel: Mapping[str, Any],
) -> list[float]:
    """Return the cells of one column of a panel."""
    mine = np.ones(rows.n_rows, dtype=bool)
    for key, value in {**across, **panel}.items():
        mine &= _text_column(rows, key) == str(value)
    names = _text_column(rows, down["key"])
    return [_cell_value(shown, shown.values[mine & (names == str(one))]) for one in down["values"]]


def _cell_value(shown: MapMetric, values: NDArray[np.float64]) -> float:
    if shown.is_chance:
        known = values[~np.isnan(values)]
        return float(known.mean()) if known.size else np.nan
    # A run that never gets there is later than all others.
    return float(np.median(np.where(np.isnan(values), np.inf, values))) if values.size else np.nan


def _draw_panel(
    panel: Axes, table: NDArray[np.float64], all_of_it: NDArray[np.float64], label: Label
) -> None:
    known = all_of_it[np.isfinite(all_of_it)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    panel.imshow(
        np.where(np.isfinite(table), table, np.nan),
        cmap="cividis",
        aspect="auto",
        vmin=low,
        vmax=high,
    )
    size = TEXT if table.shape[1] <= 6 and table.size == all_of_it.size else SMALL
    for (i, j), value in np.ndenumerate(table):
        is_light = not np.isfinite(value) or value > (low + high) / 2
        text = "never" if np.isinf(value) else label.shown(value)
        panel.text(
            j,
            i,
            text,
            ha="center",
            va="center",
            color="black" if is_light else "white",
            fontsize=size,
        )
    panel.tick_params(length=0, labelsize=size)


def _map_finding(table: NDArray[np.float64], shown: MapMetric) -> str:
    known = table[np.isfinite(table)]
    if not known.size:
        return f"{shown.name} in no case"
    low, high = shown.label.shown(known.min()), shown.label.shown(known.max())
    span = low if low == high else f"{low} to {high}"
    if shown.is_chance:
        return f"{shown.name} is met in time in {span} % of the runs"
    unit = shown.label.text if shown.label is _DAYS_LATE else shown.label.unit
    return f"{shown.name}: {span} {unit}".rstrip()


def _map_detail(rows: Rows, shown: MapMetric) -> str:
    n = _runs_of_a_case(rows)
    if n == 1:
        return "One run of each case"
    return f"{n} runs of each case" + ("" if shown.is_chance else ", their median")


def _value_texts(axis: SweepAxis, most: int) -> list[str]:
    texts = (f"{value:g}" if isinstance(value, float) else str(value) for value in axis["values"])
    return [plain(text, most) for text in texts]


def _axis_text(axis: SweepAxis) -> str:
    """Return what an axis is in words: the label of its thing, or its key spelled out.

    Of a long text the end is kept, which is what tells it from others.
    """
    key, label = str(axis["key"]), str(axis["label"])
    thing, mark, what = label.partition(": ")
    if not mark:
        label = input_label(key) if label == " ".join(key.split(".")[-2:]) else label
    else:
        label = f"{thing}: {what.replace('_', ' ')}"
    label = f"{label[:1].upper()}{label[1:]}"
    if len(label) <= _MOST_AXIS:
        return label
    words = label[-_MOST_AXIS:]
    return f"…{words.partition(' ')[2] or words}"


def _text_column(rows: Rows, key: str) -> Any:
    return np.array([str(value) for value in rows.columns[key].tolist()], dtype=object)
