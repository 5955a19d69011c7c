"""`dcsim relief`: the gain from lifting each constraint alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcsim.cli.options import ROOT, SCENARIO, SET
from dcsim.errors import printable

if TYPE_CHECKING:
    from dcsim.study.attribution.relief import ConstraintGain, Relief
    from dcsim.types import MilestoneResult


@click.command("relief")
@SCENARIO
@SET
@ROOT
def relief_command(scenario: Path, *, overrides: tuple[str, ...], root: Path | None) -> None:
    """Print what lifting each constraint alone would be worth, in online GPU-days and dates."""
    from dcsim.scenario.load import load
    from dcsim.study.attribution.relief import relief

    for line in relief_lines(relief(load(scenario, overrides=overrides, root=root))):
        click.echo(printable(line))


def relief_lines(relief: Relief) -> Iterator[str]:
    """Yield what each constraint alone is worth, then the dates of milestones that it moves."""
    yield f"{'Lifted alone':<28}{'online GPU-days gained':>24}{'most GPUs online':>20}"
    for item in relief.gains:
        gain = f"{item.gpu_days:+,.0f} ({relief.share_of(item):+.1%})"
        yield f"{item.label:<28}{gain:>24}{item.gpus_online_max:>20,.0f}"
    yield f"As planned: {relief.gpu_days:,.0f} GPU-days online. Gains do not add up."
    if relief.milestones:
        yield ""
        yield from _moved_milestone_lines(relief)


def _moved_milestone_lines(relief: Relief) -> Iterator[str]:
    """Yield a line for each milestone and each constraint without which it has another date."""
    from dcsim.study.attribution.relief import moved_milestones

    width = min(max(9, *(len(one.name) for one in relief.milestones)), 28) + 2
    yield f"{'Milestone':<{width}}{'as planned':<12}reached if lifted alone"
    for planned, moved in moved_milestones(relief):
        texts = [_moved_text(gain, planned) for gain in moved] or ["nothing moves it"]
        name = planned.name if len(planned.name) <= width - 2 else f"{planned.name[: width - 3]}…"
        yield f"{name:<{width}}{planned.reached or 'never':<12}{texts[0]}"
        yield from (f"{'':<{width + 12}}{text}" for text in texts[1:])


def _moved_text(gain: ConstraintGain, planned: MilestoneResult) -> str:
    """Return a constraint, the day on which a milestone is reached without it, and the change."""
    from dcsim.study.attribution.relief import days_between

    reached = next(one.reached for one in gain.milestones if one.name == planned.name)
    days = days_between(reached, planned.reached)
    text = f"{reached or 'never'}  {gain.label}"
    return text if days is None else f"{text} ({days:+,.0f} days)"
