"""`dcsim relief`: the gain from lifting each constraint alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcsim.cli.options import ROOT, SCENARIO, SET
from dcsim.gpu_states import LIFTABLE

if TYPE_CHECKING:
    from dcsim.scenario.scenario import Scenario


@click.command("relief")
@SCENARIO
@SET
@ROOT
def relief_command(scenario: Path, *, overrides: tuple[str, ...], root: Path | None) -> None:
    """Print what lifting each constraint alone would be worth, in online GPU-days and dates."""
    from dcsim.scenario.load import load

    for line in relief_lines(load(scenario, overrides=overrides, root=root)):
        click.echo(line)


def relief_lines(scenario: Scenario) -> Iterator[str]:
    """Yield the table of what each constraint alone is worth."""
    from dcsim.ramp.relief import relief

    base, gains = relief(scenario.plan())
    yield f"{'Lifted alone':<28}{'online GPU-days gained':>24}{'most GPUs online':>20}"
    for item in gains:
        share = item.gpu_days / base if base else 0.0
        gain = f"{item.gpu_days:+,.0f} ({share:+.1%})"
        label = LIFTABLE[item.constraint]
        yield f"{label:<28}{gain:>24}{item.gpus_online_max:>20,.0f}"
    yield f"As planned: {base:,.0f} GPU-days online. Gains do not add up."
