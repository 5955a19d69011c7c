"""Measures what a run costs by the size of its site, and draws the figure of it.

Run it from the project's root: ``python docs/make_scaling.py``. A larger site is the first site
several times over: its halls and orders, its steps of the connection, its crews and spares.
"""

from __future__ import annotations

import copy
import io
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib import pyplot as plt

import dcsim
from dcsim.pipeline import replay
from dcsim.scenario.load import from_plain
from dcsim.scenario.scenario import Scenario

ROOT = Path(__file__).parent.parent
SITE = ROOT / "scenarios" / "ulsan-103mw.yaml"
FIGURE = ROOT / "docs" / "images" / "cost_by_size.png"
COPIES = (1, 3, 10, 29)
"""Of 103 MW: about 300 MW, 1 GW and 3 GW."""
COUNTS = (("deployment", "crews"), ("deployment", "slots"), ("fleet", "technicians"))
COUNTS += (("fleet", "spares"),)


class Cost(NamedTuple):
    """What one run of a site takes."""

    mw: float
    racks: int
    seconds: float
    """Of the processor, the least of several runs."""


def scaled(copies: int) -> Scenario:
    """Return the first site so many times over."""
    plain: Any = copy.deepcopy(dcsim.load(SITE).resolved)
    for section in ("halls", "orders"):
        plain[section] = [
            {**copy.deepcopy(entry), "name": entry["name"] + (f"-{number}" if number else "")}
            for number in range(copies)
            for entry in plain[section]
        ]
    for place in (*plain["power"]["steps"], *plain["demand"]):
        for key in ("adds", "gpus"):
            if key in place:
                place[key]["value"] = _times(place[key]["value"], copies)
    for section, key in COUNTS:
        plain[section][key]["value"] = _times(plain[section][key]["value"], copies)
    plain.pop("correlations", None)
    return from_plain(plain, files={}, name=f"{copies} sites")


def _times(value: Any, copies: int) -> Any:
    """Return a quantity or a distribution of quantities, multiplied."""
    if isinstance(value, dict):
        return {kind: [_times(one, copies) for one in ones] for kind, ones in value.items()}
    if isinstance(value, str):
        return re.sub(r"^[\d.]+", lambda found: f"{float(found[0]) * copies:g}", value)
    return value * copies


def cost(copies: int, repeats: int = 3) -> Cost:
    """Return what a run of so many sites takes."""
    scenario = scaled(copies)
    least, racks, mw = np.inf, 0, 0.0
    for _ in range(repeats):
        begin_s = time.process_time()
        run = replay(scenario, 0)
        least = min(least, time.process_time() - begin_s)
        racks, mw = len(run.timeline.racks), float(run.timeline.capacity["energized"].level[-1])
    return Cost(mw, racks, float(least))


def exponent(costs: Sequence[Cost]) -> float:
    """Return by which power of the racks the cost grows: the slope through all sizes."""
    racks = np.log([one.racks for one in costs])
    return float(np.polyfit(racks, np.log([one.seconds for one in costs]), 1)[0])


def figure(costs: Sequence[Cost]) -> bytes:
    """Return the figure of cost against size."""
    with plt.style.context("default"):
        fig, ax = plt.subplots(figsize=(9, 5), dpi=130)
        mw = [one.mw for one in costs]
        seconds = [one.seconds for one in costs]
        ax.loglog(mw, seconds, "o-", color="#0072B2", linewidth=2)
        linear = [costs[-1].seconds * one.mw / costs[-1].mw for one in costs]
        ax.loglog(mw, linear, "--", color="#8C8C8C", linewidth=1)
        ax.annotate(
            "in proportion",
            (mw[2], linear[2]),
            xytext=(-8, 6),
            textcoords="offset points",
            ha="right",
            color="#4D4D4D",
        )
        for one in costs:
            text = f"{one.mw:,.0f} MW, {one.racks:,} racks: {one.seconds:.2f} s"
            at_end = one is costs[-1]
            ax.annotate(
                text,
                (one.mw, one.seconds),
                xytext=(-8 if at_end else 8, 4 if at_end else -12),
                textcoords="offset points",
                ha="right" if at_end else "left",
            )
        ax.set_xlabel("Energized power of the site [MW]")
        ax.set_ylabel("Processor time of one run [s]")
        ax.set_ylim(bottom=min(linear) / 1.5, top=max(seconds) * 2)
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_title(
            f"The cost of a run grows with the site to the power of {exponent(costs):.2f}",
            loc="left",
            fontweight="bold",
        )
        buffer = io.BytesIO()
        fig.savefig(buffer)
        plt.close(fig)
        return buffer.getvalue()


if __name__ == "__main__":
    measured = [cost(copies) for copies in COPIES]
    for one in measured:
        sys.stdout.write(f"{one.mw:,.0f} MW  {one.racks:,} racks  {one.seconds:.3f} s\n")
    sys.stdout.write(f"exponent {exponent(measured):.2f}\n")
    FIGURE.write_bytes(figure(measured))
