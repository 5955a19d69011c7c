"""Labels at points of a chart, placed where they cover neither one another nor the curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.plots.style import SMALL, size_pt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GLYPH_WIDTH = 0.56
"""Mean width of a letter of DejaVu Sans over the size of type; measured on labels of figures."""
_LINE_HEIGHT = 1.25
_OFFSETS_PT = (10.0, 26.0, 44.0, 64.0, 86.0)
"""Distances from the point that are tried, nearest first. [pt]"""


class Note(NamedTuple):
    """A point and what is to be said of it."""

    x: float
    y: float
    text: str


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: _Box) -> bool:
        """Tell whether two boxes share any place."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def holds(self, x: Floats, y: Floats) -> int:
        """Count the points inside."""
        inside = (x > self.left) & (x < self.right) & (y > self.bottom) & (y < self.top)
        return int(np.count_nonzero(inside))


def place_notes(ax: Axes, notes: Sequence[Note], curves: Sequence[tuple[Floats, Floats]]) -> None:
    """Write each note near its point, where it covers least.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits must be set.
    notes : sequence of Note
        Points in data coordinates.
    curves : sequence of (ndarray, ndarray)
        What should stay visible, as points in data coordinates.
    """
    width_pt, height_pt, _ = size_pt(ax)
    x0, x1 = ax.get_xlim()
    y0, y1 = ax.get_ylim()

    def place(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return (x - x0) / (x1 - x0) * width_pt, (y - y0) / (y1 - y0) * height_pt

    curve_x, curve_y = (
        np.concatenate(part) for part in zip(*(place(*c) for c in curves), strict=True)
    )
    points = [place(np.array([note.x]), np.array([note.y])) for note in notes]
    taken = [
        _Box(float(x[0]) - 7, float(y[0]) - 7, float(x[0]) + 7, float(y[0]) + 7) for x, y in points
    ]
    for note in notes:
        x, y = (float(part[0]) for part in place(np.array([note.x]), np.array([note.y])))
        best: tuple[float, float, float, str, _Box] | None = None
        for dx, dy, side, box in _candidates(note.text, x, y):
            outside = box.left < 0 or box.right > width_pt or box.bottom < 0 or box.top > height_pt
            cost = 1000.0 * (sum(box.meets(other) for other in taken) + outside)
            cost += box.holds(curve_x, curve_y) + np.hypot(dx, dy) / 4
            if best is None or cost < best[0]:
                best = (cost, dx, dy, side, box)
        assert best is not None
        _, dx, dy, side, box = best
        taken.append(box)
        _write(ax, note, dx, dy, side)


def _candidates(text: str, x: float, y: float) -> list[tuple[float, float, str, _Box]]:
    lines = text.split("\n")
    wide = max(map(len, lines)) * SMALL * _GLYPH_WIDTH
    high = len(lines) * SMALL * _LINE_HEIGHT
    found = []
    for away in _OFFSETS_PT:
        for side, sign in (("right", -1.0), ("left", 1.0)):
            for dy in (0.0, away, -away):
                dx = sign * (10.0 if dy else away)
                left = x + dx - (wide if side == "right" else 0.0)
                bottom = y + dy - high / 2
                box = _Box(left - 3, bottom - 3, left + wide + 3, bottom + high + 3)
                found.append((dx, dy, side, box))
    return found


def _write(ax: Axes, note: Note, dx: float, dy: float, side: str) -> None:
    far = np.hypot(dx, dy) > _OFFSETS_PT[1]
    ax.annotate(
        note.text,
        (note.x, note.y),
        xytext=(dx, dy),
        textcoords="offset points",
        ha=side,
        va="center",
        fontsize=SMALL,
        zorder=6,
        bbox={
            "boxstyle": "square,pad=0.15",
            "facecolor": "white",
            "edgecolor": "none",
            "alpha": 0.8,
        },
        arrowprops={"arrowstyle": "-", "color": "black", "linewidth": 0.6} if far else None,
    ).set_in_layout(False)
