"""Labels at points of a chart, placed where they cover neither one another nor the curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.plots.style import SMALL, size_pt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GLYPH_WIDTH = 0.53
"""Mean width of a letter of DejaVu Sans over the size of type; measured on labels of figures."""
_LINE_HEIGHT = 1.25
_OFFSETS_PT = (10.0, 18.0, 26.0, 34.0, 44.0, 54.0, 66.0, 80.0, 96.0)
"""Distances from the point that are tried. [pt]"""
_FAR_PT = 28.0
"""Distance from which a line leads to the point. [pt]"""
_SPACING_PT = 2.0
"""Distance of the points by which a hidden curve counts."""
_ROUNDS = 3
"""Rounds in which each note looks for a better place among the others."""


class Note(NamedTuple):
    """A point in data coordinates and the text that belongs to it."""

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

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Return the place in the box that is nearest to a point."""
        return min(max(x, self.left), self.right), min(max(y, self.bottom), self.top)

    def holds(self, x: Floats, y: Floats) -> int:
        """Count the points inside."""
        inside = (x > self.left) & (x < self.right) & (y > self.bottom) & (y < self.top)
        return int(np.count_nonzero(inside))


class _Place(NamedTuple):
    """Position a note may have: offset from its point, the side of the text at it, its box. [pt]"""

    dx: float
    dy: float
    side: str
    box: _Box


class _Scene(NamedTuple):
    """Obstacles of a note: what it may not, or should not, cover. [pt]"""

    axes: _Box
    curves: Floats
    notes: list[_Box]
    marks: list[_Box]

    def cost(self, x: float, y: float, place: _Place) -> float:
        """Return how bad a place for the note of a point at `x` and `y` is."""
        box, axes = place.box, self.axes
        outside = box.left < axes.left or box.right > axes.right
        outside |= box.bottom < axes.bottom or box.top > axes.top
        covered = sum(box.meets(other) for other in (*self.notes, *self.marks))
        lead = np.linspace((x, y), box.nearest(x, y), 8)
        crossed = any(other.holds(*lead.T) for other in self.notes)
        far = float(np.hypot(place.dx, place.dy))
        return 1000.0 * (covered + outside + crossed) + 2.0 * box.holds(*self.curves) + far


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

    def place(x: Floats, y: Floats) -> Floats:
        return np.array(((x - x0) / (x1 - x0) * width_pt, (y - y0) / (y1 - y0) * height_pt))

    hidden = np.concatenate([_evenly(*place(*curve)) for curve in curves], axis=1)
    points = [place(np.array([note.x]), np.array([note.y]))[:, 0] for note in notes]
    places: list[_Place | None] = [None] * len(notes)
    for index in [*range(len(notes))] * _ROUNDS:
        crowd = [p.box for i, p in enumerate(places) if p is not None and i != index]
        marks = [_Box(x - 7, y - 7, x + 7, y + 7) for x, y in points]
        scene = _Scene(_Box(0.0, 0.0, width_pt, height_pt), hidden, crowd, marks)
        x, y = map(float, points[index])
        candidates = _candidates(notes[index].text, x, y)
        costs = [scene.cost(x, y, candidate) for candidate in candidates]
        places[index] = candidates[costs.index(min(costs))]
    for note, chosen in zip(notes, places, strict=True):
        assert chosen is not None
        _write_note(ax, note, chosen)


def _evenly(x: Floats, y: Floats) -> Floats:
    """Return points along a curve, `_SPACING_PT` apart."""
    length = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    at = np.arange(0.0, length[-1], _SPACING_PT)
    return np.array((np.interp(at, length, x), np.interp(at, length, y)))


def _candidates(text: str, x: float, y: float) -> list[_Place]:
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
                box = _Box(left - 1, bottom - 1, left + wide + 1, bottom + high + 1)
                found.append(_Place(dx, dy, side, box))
    return found


def _write_note(ax: Axes, note: Note, place: _Place) -> None:
    dx, dy, side, _ = place
    far = np.hypot(dx, dy) > _FAR_PT
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
