"""`dcsim baseline`: metrics of scenarios, pinned for `dcsim check --baseline`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import (
    FILE_PATH,
    JSON,
    engine_keywords,
    engine_options,
    root_option,
    store_option,
)
from dcsim.errors import printable, printable_json
from dcsim.study.engine.interrupt import interruptible

if TYPE_CHECKING:
    from dcsim.scenario.scenario import Scenario
    from dcsim.study.checks.baseline import Pin
    from dcsim.study.engine.engine import Engine
    from dcsim.study.records.rows import Rows


@dataclass(frozen=True)
class PinOptions:
    """Options of `dcsim baseline pin` besides the engine's."""

    tolerance: str
    reason: str
    replications: int
    """0 for the single run at the medians."""
    store: Path
    root: Path | None


@click.group("baseline")
def baseline_command() -> None:
    """Pin metrics of scenarios, for dcsim check --baseline."""


@baseline_command.command("pin")
@click.argument("file", type=FILE_PATH)
@click.argument("scenario", type=FILE_PATH)
@click.argument("metrics", nargs=-1, required=True)
@click.option("--tolerance", required=True, help="A share such as '1 %', or '5 days', '2 MW'.")
@click.option("--reason", required=True, help="Reason for the tolerance.")
@click.option(
    "--replications",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Pin the mean of so many runs; 0 pins the single run.",
)
@engine_options
@store_option("Finished runs.")
@root_option()
def pin_command(file: Path, scenario: Path, metrics: tuple[str, ...], **options: Any) -> None:
    """Pin METRICS of SCENARIO in the baseline FILE."""
    from dcsim.results.output_files import refuse_unwritable_file
    from dcsim.scenario.load import load
    from dcsim.study.checks.baseline import pin_of, read_baseline, with_pin, write_baseline
    from dcsim.study.checks.gates import full_metric_name
    from dcsim.study.engine.options import engine_from

    refuse_unwritable_file(file)
    engine = engine_from(engine_keywords(options), "baseline")
    chosen = PinOptions(**options)
    pins = read_baseline(file) if file.exists() else []
    loaded = load(scenario, root=chosen.root)
    name = os.path.relpath(scenario, file.parent)
    full = tuple(full_metric_name(metric) for metric in metrics)
    rows = _pinned_runs(loaded, scenario, full, chosen, engine)
    for metric in full:
        new = pin_of(loaded, name, metric, rows, tolerance=chosen.tolerance, reason=chosen.reason)
        pins, note = with_pin(pins, new)
        click.echo(printable(f"pinned {metric} of {name} within {new.tolerance.text(metric)}"))
        if note:
            click.echo(printable(f"  {note}"))
    write_baseline(file, pins)


def _pinned_runs(
    scenario: Scenario, path: Path, metrics: Sequence[str], options: PinOptions, engine: Engine
) -> Rows:
    """Return the replications of a scenario, or its single run, computed or from the store.

    The single run comes first: names and tolerances are judged by it before many are computed.
    """
    from dcsim.study.checks.baseline import checked_tolerance
    from dcsim.study.checks.check import CheckSettings, case_name, single_run
    from dcsim.study.run.replications import case_of, replicate_case
    from dcsim.study.store.store import ResultStore

    with ResultStore.open(options.store, create=True) as store, interruptible():
        settings = CheckSettings(replications=0, store=store, engine=engine)
        single = single_run(scenario, str(path), settings)
        for metric in metrics:
            checked_tolerance(metric, single, tolerance=options.tolerance, reason=options.reason)
        if options.replications:
            case = case_of(scenario, case_name(str(path)))
            rows, _ = replicate_case(case, options.replications, store, engine)
            return rows
        return single


@baseline_command.command("show")
@click.argument("file", type=FILE_PATH)
@JSON
def show_pins_command(file: Path, as_json: bool) -> None:
    """Print the pins of the baseline FILE."""
    from dcsim.study.checks.baseline import baseline_text, read_baseline

    pins = read_baseline(file)
    if as_json:
        click.echo(printable_json(baseline_text(pins)))
        return
    for pin in pins:
        click.echo(printable(pin_line(pin)))
        for raised in pin.raised:
            click.echo(printable(f"  {raised}"))


def pin_line(pin: Pin) -> str:
    """Return a pin as one line: scenario, metric, value, tolerance, reason."""
    runs = f"mean of {pin.replications:,} runs" if pin.replications else "single run"
    known = [value for value in pin.values if value is not None]
    value = _pinned_value(pin.metric, sum(known) / len(known)) if known else "never"
    within = pin.tolerance.text(pin.metric)
    return f"{pin.scenario}  {pin.metric}: {value} ({runs}) within {within}: {pin.reason}"


def _pinned_value(metric: str, value: float) -> str:
    """Return a pinned value with its unit; that of a date is a date."""
    from datetime import date, timedelta

    from dcsim.study.records.metric import shown_unit

    if metric.endswith((".reached", ".finish")):
        return (date(1970, 1, 1) + timedelta(days=round(value))).isoformat()
    return f"{value:.6g} {shown_unit(metric)}".rstrip()
