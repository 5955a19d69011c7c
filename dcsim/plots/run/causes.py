"""One color for each cause that holds GPUs back, the same in every figure."""

from __future__ import annotations

from dcsim.plots.style import BLUE, DARK_GRAY, GREEN, ORANGE, PURPLE, SKY, VERMILION, YELLOW

CAUSE_COLORS = {
    "on_order": SKY,
    "hall_works": VERMILION,
    "hall_space": "#F2B48C",
    "crew": PURPLE,
    "installing": "#EBCFDD",
    "grid_works": BLUE,
    "power": "#08306B",
    "cooling": GREEN,
    "slot": ORANGE,
    "commissioning": YELLOW,
    "recovering": "#C4C4C4",
    "failed": DARK_GRAY,
    "in_repair": "#8C8C8C",
}
"""By state: what is built in strong colors, what is worked on in light ones, failures in gray."""
