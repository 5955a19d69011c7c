"""Milestone confidence after a single run: fifty replications of its dates, told in a few lines."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from dcsim.cli.exit_codes import EXIT_INTERRUPTED
from dcsim.cli.output.counting import RunCounter
from dcsim.cli.output.tables import text_table
from dcsim.errors import printable
from dcsim.results.result import Result
from dcsim.scenario.scenario import Scenario
from dcsim.study.engine.interrupt import interruptible
from dcsim.study.run.confidence import (
    MOST_EVENTS,
    N_CONFIDENCE_RUNS,
    few_enough,
    has_open_dates,
    n_date_events,
    replicate_dates,
    with_confidence,
)

NOT_COMPUTED = "The dates above are those of one run; how likely each is met was not computed"
BY_COMMAND = f"the same command with --replications {N_CONFIDENCE_RUNS} tells it"


def has_confidence(scenario: Scenario, result: Result) -> bool:
    """Tell whether fifty replications of its dates follow a run."""
    return bool(result.milestones) and has_open_dates(scenario) and few_enough(result)


def confident_result(scenario: Scenario, result: Result, out: Path) -> Result:
    """Return a run with the confidence of its milestones; an interruption ends the program.

    Parameters
    ----------
    scenario : Scenario
    result : Result
        The single run, which is saved already.
    out : Path
        Its folder, for the message after an interruption.
    """
    try:
        with RunCounter("replications of its dates") as counter, interruptible():
            rows = replicate_dates(scenario, watch=counter)
    except KeyboardInterrupt:
        click.echo(printable(f"interrupted; the run is in {out}. {NOT_COMPUTED}"), err=True)
        sys.exit(EXIT_INTERRUPTED)
    return with_confidence(result, rows)


def confidence_lines(
    scenario: Scenario, result: Result, width: int, *, left_out: bool = False
) -> Iterator[str]:
    """Yield the confidence of each milestone of a run, or why it was not computed.

    Parameters
    ----------
    scenario : Scenario
    result : Result
        Of `confident_result`, or without confidence.
    width : int
        Of the terminal. [characters]
    left_out : bool
        True if it was left out on request.
    """
    known = [milestone for milestone in result.milestones if "probability" in milestone]
    if known:
        yield f"Milestone confidence, {known[0]['probability_runs']} replications (95 % interval)"
        body = [
            [
                milestone["name"],
                milestone["by"],
                f"{milestone['probability']:.0%} ({milestone['probability_low']:.0%} to "
                f"{milestone['probability_high']:.0%})",
                milestone["promised"]["80 %"] or "never",
            ]
            for milestone in known
        ]
        yield from text_table(["milestone", "by", "confidence", "P80 date"], body)
        yield ""
    elif result.milestones:
        yield from textwrap.wrap(_why_left_out(scenario, result, left_out=left_out), width)
        yield ""


def _why_left_out(scenario: Scenario, result: Result, *, left_out: bool) -> str:
    if not has_open_dates(scenario):
        return "Nothing in this plan moves its dates: every run has those above"
    if left_out:
        return f"{NOT_COMPUTED} (--no-chance); {BY_COMMAND}"
    if few_enough(result):
        return f"{NOT_COMPUTED}: every replication failed; {BY_COMMAND}"
    n_million = n_date_events(result) * N_CONFIDENCE_RUNS / 1e6
    return (
        f"{NOT_COMPUTED}: {N_CONFIDENCE_RUNS} replications have {n_million:,.0f} million events, "
        f"more than {MOST_EVENTS / 1e6:,.0f} million; {BY_COMMAND}"
    )
