"""Notes at points cover neither one another nor their points."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from dcsim.plots.labels import Note, place_notes


def test_notes_cover_neither_one_another_nor_their_points():
    ax = Figure(figsize=(12, 6.75)).add_subplot()
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 100)
    notes = [Note(50, 50 + 2 * i, f"milestone {i}\nmet on the day") for i in range(4)]
    line = np.linspace(0, 100, 200)
    place_notes(ax, notes, [(line, np.full(200, 50.0))])
    renderer = FigureCanvasAgg(ax.figure).get_renderer()
    for text in ax.texts:
        text.update_positions(renderer)
    boxes = [Text.get_window_extent(text, renderer) for text in ax.texts]  # without their leaders
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert len(boxes) == 4
    assert not any(a.overlaps(b) for a, b in pairs)
