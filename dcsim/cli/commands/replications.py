"""`dcsim run SCENARIO --replications N`: how sure are the dates, and what drives them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import click

from dcsim.cli.commands.stored import json_line, text_table
from dcsim.cli.commands.sweep import EXIT_SOME_FAILED, outcome_lines
from dcsim.cli.output.counting import Counting
from dcsim.cli.output.progress import Progress
from dcsim.errors import ModelError, OutputError, printable
from dcsim.results.result import Result
from dcsim.results.run_folder import check_output
from dcsim.results.summary_types import ReplicatedSummary
from dcsim.scenario.scenario import Scenario, load
from dcsim.study.engine.engine import Engine
from dcsim.study.engine.interrupt import interruptible
from dcsim.study.records.labels import KEY_FIGURES
from dcsim.study.records.rows import Rows
from dcsim.study.run.replications import bands_csv, case_of, replicate, summary_of
from dcsim.study.run.runner import RunReport
from dcsim.study.statistics.milestones import read_precision
from dcsim.study.store.store import ResultStore
from dcsim.study.store.tables import write_tables

MAX_WORKS = 12


class Choices(NamedTuple):
    """The options of `dcsim run --replications` besides the engine's."""

    out: Path
    formats: Sequence[str]
    replications: int
    until: str | None
    store: Path
    as_json: bool
    allow_large: bool
    overrides: Sequence[str]
    root: Path | None


def run_replications(path: Path, choices: Choices, engine: Engine) -> None:
    """Run a scenario once at its medians and many times as drawn; write both, print both."""
    check_output(choices.out)
    until = None if choices.until is None else read_precision(choices.until)
    with Progress(quiet=choices.as_json) as stages:
        stages("scenario")
        scenario = load(
            path,
            overrides=choices.overrides,
            root=choices.root,
            allow_large=choices.allow_large,
        )
        from dcsim.pipeline import simulate  # noqa: PLC0415  (only once the scenario is sound)

        single = simulate(scenario, watch=stages)
    _check_precision(single, until)
    again = f"the same command; what is finished is in {choices.store}"
    name = study_name(path, scenario)
    counting = Counting(path.stem, again, quiet=choices.as_json)
    with ResultStore.open(choices.store, create=True) as store, counting, interruptible():
        rows, outcome = replicate(
            case_of(scenario, name),
            choices.replications,
            store,
            engine,
            until=until,
            watch=counting,
        )
    of_replications = summary_of(rows, single.milestones)
    result = replace(
        single, summary=cast("ReplicatedSummary", {**single.summary, **of_replications})
    )
    paths = result.save(choices.out, extra=_files(result, rows, choices))
    if choices.as_json:
        click.echo(json_line(result.summary))
    else:
        width = min(shutil.get_terminal_size((80, 24)).columns, 100)
        for line in (*report_lines(result.summary, path, width), *outcome_lines(outcome)):
            click.echo(printable(line))
        click.echo("Written")
        for written in paths:
            click.echo(printable(f"  {written}"))
    _leave(outcome)


def _leave(outcome: RunReport) -> None:
    if outcome.n_failed:
        sys.exit(EXIT_SOME_FAILED)


def _check_precision(single: Result, until: Any) -> None:
    """Refuse a precision of a milestone that is not there before many runs are spent on it."""
    names = [milestone["name"] for milestone in single.summary["milestones"]]
    if until is not None and (not names or until.milestone not in (None, *names)):
        known = ", ".join(names) or "none"
        raise ModelError(f"--until: there is no milestone {until.milestone}; there is {known}")


def study_name(path: Path, scenario: Scenario) -> str:
    """Return a name for the store: that of the file, and a mark if keys were set."""
    mark = f"-{scenario.digest[:8]}" if scenario.overrides else ""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in path.stem)
    return f"{kept.lstrip('._-')[:50] or 'scenario'}{mark}"


def _files(result: Result, rows: Rows, choices: Choices) -> dict[str, bytes]:
    """Return what is written beside the files of the single run."""
    import tempfile  # noqa: PLC0415  (only here)

    files = {"bands.csv": bands_csv(rows).encode()}
    try:
        with tempfile.TemporaryDirectory(prefix="dcsim-") as folder:
            table, _ = write_tables(Path(folder), rows)
            files["replications.parquet"] = table.read_bytes()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"temporary files cannot be written: {reason}") from None
    if choices.formats:
        from dcsim.plots import save_figures  # noqa: PLC0415  (matplotlib only on request)
        from dcsim.plots.study.files import replication_figures  # noqa: PLC0415

        files |= save_figures(result, formats=tuple(choices.formats))
        files |= replication_figures(rows, result.summary, formats=tuple(choices.formats))
    return files


def report_lines(summary: Mapping[str, Any], path: Path, width: int) -> Iterator[str]:
    """Yield what a planner asks many runs: how sure, which date, what costs, what drives it."""
    n = summary["replications"]
    yield f"{summary['name']}  {summary['start']} to {summary['end']}, {n:,} replications"
    yield "=" * min(width, 78)
    blocks = (_promises, _losses, _drivers, _figures)
    for block in blocks:
        lines = list(block(summary))
        yield from (*lines, "") if lines else ()
    numbers = summary["nearest"]
    yield f"Replay the run nearest P50 whole: dcsim run {path} --replication {numbers['p50']}"
    yield f"  (P10: {numbers['p10']}, P90: {numbers['p90']}, of GPUs online)"
    yield ""


def _promises(summary: Mapping[str, Any]) -> Iterator[str]:
    if not summary["milestones"]:
        return
    body = []
    for milestone in summary["milestones"]:
        low, high = milestone["probability_low"], milestone["probability_high"]
        chance = f"{milestone['probability']:.0%} ({low:.0%} to {high:.0%})"
        days = [day or "never" for day in milestone["promised"].values()]
        body.append([milestone["name"], milestone["by"], chance, *days])
    shares = [f"in {share}" for share in summary["milestones"][0]["promised"]]
    yield "Chance of each promise (95 % interval), and the date that holds in so many runs"
    yield from text_table(["milestone", "by", "chance", *shares], body)


def _losses(summary: Mapping[str, Any]) -> Iterator[str]:
    body = [
        [cause, *(f"{band[level]:,.0f}" for level in ("p10", "p50", "p90"))]
        for cause, band in summary["lost_gpu_days"].items()
        if band["p90"]
    ]
    if body:
        yield "GPU-days not online, by cause"
        yield from right_table(["cause", "P10", "P50", "P90"], body)


def _drivers(summary: Mapping[str, Any]) -> Iterator[str]:
    milestones = summary["milestones"]
    shares: dict[str, dict[str, float]] = {}
    for milestone in milestones:
        for work, share in milestone["criticality"].items():
            shares.setdefault(work, {})[milestone["name"]] = share
    ranked = sorted(shares, key=lambda work: -max(shares[work].values()))
    names = [milestone["name"] for milestone in milestones if milestone["criticality"]]
    if not names:
        return
    body = [
        [work, *(f"{shares[work][n]:.0%}" if n in shares[work] else "" for n in names)]
        for work in ranked[:MAX_WORKS]
    ]
    yield "Works that drive each promise, share of the runs"
    yield from right_table(["work", *names], body)
    if len(ranked) > MAX_WORKS:
        yield f"… and {len(ranked) - MAX_WORKS} more, see summary.json"


def _figures(summary: Mapping[str, Any]) -> Iterator[str]:
    body = []
    for key, label in KEY_FIGURES.items():
        band = summary["bands"].get(key)
        if band is not None and band["p50"] is not None:
            body.append([label.text, *map(label.shown, band.values())])
    yield from right_table(["Figure of the whole run", "P10", "P50", "P90"], body)


def right_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines, all columns but the first to the right."""
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        rest = (cell.rjust(w) for cell, w in zip(cells[1:], widths[1:], strict=True))
        return "  ".join((first, *rest)).rstrip()

    return [line(names), *map(line, rows)]
