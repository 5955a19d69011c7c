"""`dcsim relief`: the gain from lifting each constraint alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import JSON, ROOT, SCENARIO, SET
from dcsim.cli.output.counting import RunCounter
from dcsim.cli.output.fitting import terminal_width, wrapped
from dcsim.cli.output.tables import json_line, right_table, text_table
from dcsim.errors import printable
from dcsim.limits import MAX_REPLICATIONS
from dcsim.study.engine.interrupt import interruptible

if TYPE_CHECKING:
    from dcsim.study.attribution.relief_gain import ConstraintGain, MilestoneShift, Relief

ON_WORKS = ("energized_mw", "it_capacity_mw", "renewable_capacity_mw")
"""Metrics of milestones that follow the dates of works, which relief does not move."""


@click.command("relief")
@SCENARIO
@SET
@click.option(
    "--replications",
    type=click.IntRange(0, MAX_REPLICATIONS),
    default=0,
    show_default=True,
    help="Medians, spread and chances over so many runs; 0 takes the single run at the medians.",
)
@click.option(
    "--horizon",
    metavar="DAY",
    help="Count GPU-days before this day. [default: the end of the run]",
)
@JSON
@ROOT
def relief_command(
    scenario: Path,
    *,
    overrides: tuple[str, ...],
    replications: int,
    horizon: str | None,
    as_json: bool,
    root: Path | None,
) -> None:
    """Print what lifting each constraint alone would be worth, in online GPU-days and dates."""
    from dcsim.scenario.load import load
    from dcsim.study.attribution.relief import relief

    loaded = load(scenario, overrides=overrides, root=root)
    with RunCounter("replications", quiet=as_json) as counter, interruptible():
        found = relief(loaded, replications=replications, horizon=horizon, watch=counter)
    if as_json:
        click.echo(json_line(relief_data(found)))
        return
    for line in relief_lines(found):
        click.echo(printable(line))


def relief_lines(relief: Relief, width: int | None = None) -> Iterator[str]:
    """Yield what each constraint alone is worth, then the dates of milestones that it moves.

    Parameters
    ----------
    relief : Relief
    width : int, optional
        Columns of the terminal; those it has by default.
    """
    room = terminal_width(100) if width is None else width
    n = relief.replications
    over = f", medians of {n:,} replications" if n else ""
    planned = f"{relief.gpu_days:,.0f} GPU-days online as planned, to {relief.horizon}{over}"
    yield from wrapped(f"{relief.scenario}: {planned}", room)
    names = ["lifted alone", "GPU-days gained", "GPUs earlier", "mean days"]
    names += ["online over the run", "most GPUs"]
    if n:
        names[2:2] = ["8 of 10 runs", "gains in"]
    body = [_gain_row(relief, gain) for gain in relief.gains]
    yield from right_table(names, body, width=room)
    yield ""
    for note in _meaning_notes(relief):
        yield from wrapped(note, room, indent="  ")
    if relief.milestones:
        yield ""
        yield from _shift_lines(relief, room)


def _gain_row(relief: Relief, gain: ConstraintGain) -> list[str]:
    row: list[str] = [
        gain.label,
        f"{signed(gain.gpu_days)} ({_percent_of_plan(relief.share_of(gain))})",
        f"{gain.gpus_earlier:,.0f}",
        "–" if math.isnan(gain.days_earlier) else f"{gain.days_earlier:,.0f}",
        signed(gain.gpu_days_run),
        f"{gain.gpus_online_max:,.0f}",
    ]
    if relief.replications:
        row[2:2] = [f"{signed(gain.low)} to {signed(gain.high)}", f"{gain.share_gaining:.0%}"]
    return row


def signed(value: float) -> str:
    """Return a difference as a whole number with its sign, and a nought without one.

    >>> signed(1234.5), signed(-0.2), signed(-7.0)
    ('+1,234', '0', '-7')
    """
    return f"{value:+,.0f}" if round(value) else "0"


def _percent_of_plan(share: float) -> str:
    return f"{share:+.1%}" if round(1000 * share) else "0.0%"


def _meaning_notes(relief: Relief) -> Iterator[str]:
    """Yield what the columns mean, and why a constraint loses GPU-days."""
    if any(abs(gain.gpu_days - gain.gpu_days_run) >= 1 for gain in relief.gains):
        yield (
            "GPU-days gained: each rack of the orders, compared with itself until it retires in "
            "one of the two runs; a day of the delay costs as many as GPUs come earlier."
        )
        yield (
            "Online over the run: GPU-days of all GPUs, where what comes earlier also "
            "retires and is replaced earlier."
        )
    else:
        yield "A day of a delay costs as many GPU-days as GPUs come earlier without it."
    yield "Gains do not add up: behind each constraint stands the next."
    for gain in relief.gains:
        if gain.reason:
            yield f"Lifting {gain.label} alone loses GPU-days: {gain.reason}."


def _shift_lines(relief: Relief, room: int) -> Iterator[str]:
    """Yield a row for each milestone and each constraint without which it has another date."""
    from dcsim.study.attribution.relief_gain import moved_milestones

    many = bool(relief.replications)
    names = ["milestone", "as planned", "lifted alone", "reached", "days earlier"]
    if many:
        names[1], names[3], names[4] = "as planned (in time)", "without it", "days (8 of 10 runs)"
    body = []
    for planned, moved in moved_milestones(relief):
        day = planned.reached or "never"
        first = [planned.name, f"{day} ({relief.chance_of(planned.name):.0%})" if many else day]
        rest = [_shift_cells(shift, many=many) for shift in moved]
        body += [[*first, *cells] for cells in rest or [["nothing moves it", "", ""]]]
    yield from text_table(names, body, width=room, ditto=2)
    fixed = [one.name for one in relief.milestones if one.metric in ON_WORKS]
    if fixed:
        text = f"Relief lifts limits of GPUs and moves no works: {', '.join(fixed)} stay."
        yield from wrapped(text, room, indent="  ")
    if not many:
        text = "Dates are those of the single run; --replications 50 gives their chances."
        yield from wrapped(text, room, indent="  ")


def _shift_cells(shift: MilestoneShift, *, many: bool) -> list[str]:
    days = "–" if math.isnan(shift.days_earlier) else signed(shift.days_earlier)
    reached = shift.reached or "never"
    if not many:
        return [shift.label, reached, days]
    if not math.isnan(shift.days_low):
        days += f" ({signed(shift.days_low)} to {signed(shift.days_high)})"
    return [shift.label, f"{reached} ({shift.chance_lifted:.0%})", days]


def relief_data(relief: Relief) -> dict[str, Any]:
    """Return what each constraint is worth as plain data."""
    return {
        "scenario": relief.scenario,
        "replication": relief.replication,
        "replications": relief.replications,
        "horizon": relief.horizon,
        "gpu_days": relief.gpu_days,
        "gpus_online_max": relief.gpus_online_max,
        "constraints": [_gain_data(relief, gain) for gain in relief.gains],
        "milestones": [shift._asdict() for shift in relief.shifts],
    }


def _gain_data(relief: Relief, gain: ConstraintGain) -> dict[str, Any]:
    data = gain._asdict()
    del data["milestones"]
    return data | {"share_frac": relief.share_of(gain), "days_earlier": gain.days_earlier}
