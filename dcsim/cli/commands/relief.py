"""`dcsim relief`: what each constraint alone is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from dcsim.gpu_states import LIFTABLE
from dcsim.ramp.relief import relief
from dcsim.scenario.scenario import Scenario, load


def print_relief(path: Path, *, overrides: Sequence[str], root: Path | None) -> None:
    """Print the gain from lifting each constraint alone."""
    for line in relief_lines(load(path, overrides=overrides, root=root)):
        click.echo(line)


def relief_lines(scenario: Scenario) -> Iterator[str]:
    """Yield the table of what each constraint alone is worth."""
    base, found = relief(scenario.plan())
    yield f"{'Lifted alone':<28}{'online GPU-days gained':>24}{'most GPUs online':>20}"
    for item in found:
        share = item.gpu_days / base if base else 0.0
        gain = f"{item.gpu_days:+,.0f} ({share:+.1%})"
        yield f"{LIFTABLE[item.constraint]:<28}{gain:>24}{item.gpus_online_max:>20,.0f}"
    yield f"As planned: {base:,.0f} GPU-days online. Gains do not add up."
