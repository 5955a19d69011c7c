"""`dcsim check --against REF`: the changes of a pull request and their effect."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from dcsim.cli.commands.check_verdicts import (
    CheckCommandOptions,
    VerdictProgress,
    check_exit_code,
    check_settings,
    publish_verdicts,
)
from dcsim.cli.output.assumptions import assumption_line, shortened_value
from dcsim.cli.output.markdown import inert, markdown_table, scenario_section
from dcsim.errors import printable
from dcsim.study.attribution.differences import Assumption
from dcsim.study.checks import baseline as base_file
from dcsim.study.checks.against import (
    CommitComparison,
    comparison_of,
    removed_files,
    run_both_sides,
)
from dcsim.study.checks.baseline import Pin
from dcsim.study.checks.check import pins_of, scenario_files
from dcsim.study.checks.commit import CommitTree, tree_of_commit
from dcsim.study.checks.gate_check import totals_line
from dcsim.study.engine.engine import Engine
from dcsim.study.engine.interrupt import interruptible
from dcsim.study.records.labels import label_of
from dcsim.study.statistics.paired import MilestoneDifference
from dcsim.study.store.store import ResultStore

MAX_CHANGES_IN_TABLE = 60
"""Changed assumptions of a scenario that the summary lists."""


def check_against(paths: Sequence[Path], options: CheckCommandOptions, engine: Engine) -> None:
    """Judge the scenarios that changed since a commit, and leave with their exit code.

    Parameters
    ----------
    paths : sequence of Path
        Scenario files, and folders of such.
    options : CheckCommandOptions
    engine : Engine
        Where runs are computed.
    """
    ref = options.against or ""
    files = scenario_files(paths, options.root)
    needed = [*files, *paths, *(path.parent for path in files)]
    needed += [path for path in (options.root, options.baseline) if path is not None]
    with tree_of_commit(ref, needed) as base, ResultStore.open(options.store, create=True) as store:
        progress = VerdictProgress(options)
        settings = check_settings(options, store, engine, progress)
        with progress, interruptible():
            found = [comparison_of(path, str(path), base, settings) for path in files]
            pins, earlier, raised = _pins(options, base)
            for one, path in zip(found, files, strict=True):
                if one.unchanged or one.now.scenario is None:
                    continue
                mine, old = (
                    [] if options.baseline is None else pins_of(each, options.baseline, path)
                    for each in (pins, earlier)
                )
                run_both_sides(one, base, path, mine, settings, pins_before=old)
        lost = removed_files(base, paths)
        text = against_summary(found, base, options, raised, lost)
    checked = [one.now for one in found]
    if options.form == "text":
        _print_changes(found)
    publish_verdicts(checked, options, extra_summary=text)
    sys.exit(check_exit_code(checked, strict=options.strict))


def _pins(options: CheckCommandOptions, base: CommitTree) -> tuple[list[Pin], list[Pin], list[str]]:
    """Return the pins of today and of the commit, and which tolerances were raised since."""
    if options.baseline is None:
        return [], [], []
    pins = base_file.read_baseline(options.baseline)
    file = base.file(options.baseline)
    earlier = base_file.read_baseline(file) if file is not None and file.is_file() else []
    old = {pin.key: pin for pin in earlier}
    raised = []
    for pin in pins:
        before = old.get(pin.key)
        typical = next((value for value in pin.values if value is not None), 0.0)
        if before is not None and pin.tolerance.of(typical) > before.tolerance.of(typical):
            raised.append(
                f"{pin.scenario}, {pin.metric}: tolerance raised from "
                f"{before.tolerance.text(pin.metric)} to {pin.tolerance.text(pin.metric)}: "
                f"{pin.reason}"
            )
    kept = {pin.key for pin in pins}
    raised += [f"{key[0]}, {key[1]}: not pinned any more" for key in old if key not in kept]
    return pins, earlier, raised


def _print_changes(found: Sequence[CommitComparison]) -> None:
    for one in found:
        if one.unchanged:
            click.echo(printable(f"{one.now.name}: unchanged"))
        for change in one.changes[:12]:
            click.echo(printable(f"{one.now.name}: {assumption_line(change, with_source=False)}"))


def against_summary(
    found: Sequence[CommitComparison],
    base: CommitTree,
    options: CheckCommandOptions,
    raised: Sequence[str],
    lost: Sequence[str],
) -> str:
    """Return changed assumptions and moved figures as Markdown for a pull request.

    Parameters
    ----------
    found : sequence of CommitComparison
        Scenarios then and now.
    base : CommitTree
        The commit they are compared with.
    options : CheckCommandOptions
    raised : sequence of str
        Pins whose tolerance was raised, or that are gone.
    lost : sequence of str
        Scenarios that are gone.
    """
    changed = [one for one in found if not one.unchanged]
    lines = [f"## dcsim check against {inert(base.ref)} ({base.commit[:10]})", ""]
    lines += [inert(totals_line([one.now for one in found])) + ".", ""]
    lines += _first_cause(changed)
    for one in sorted(changed, key=lambda one: not (one.now.problems or one.now.fails)):
        lines += [f"### {inert(one.now.name)}", "", *_scenario_section(one), ""]
    if raised:
        lines += ["### Baseline", "", *(f"- ⚠️ {inert(note)}" for note in raised), ""]
    if lost:
        lines += ["### Gone", "", *(f"- {inert(name)}" for name in lost), ""]
    if changed:
        lines += ["Reproduce it:", "", "```sh", _command_line(changed, base, options), "```", ""]
    return "\n".join(lines)


def _command_line(
    changed: Sequence[CommitComparison], base: CommitTree, options: CheckCommandOptions
) -> str:
    """Return the command that comes to the same, on one line."""
    words = ["dcsim", "check", *(one.now.name for one in changed), "--against", base.commit[:10]]
    words += ["--replications", str(options.replications)]
    for option, value in (("--baseline", options.baseline), ("--root", options.root)):
        words += [option, str(value)] if value is not None else []
    words += ["--strict"] if options.strict else []
    return printable(shlex.join(words)).replace("`", "'")


def _first_cause(changed: Sequence[CommitComparison]) -> list[str]:
    for one in changed:
        for verdict in one.now.verdicts:
            if verdict.because and not verdict.is_known:
                cause = f"{one.now.name}, {verdict.gate} fails because of {verdict.because}"
                return [f"**{inert(cause)}**{_from_to(one, verdict.because)}", ""]
    return []


def _from_to(one: CommitComparison, because: str) -> str:
    """Return what a named assumption was and is."""
    change = next((c for c in one.changes if because.startswith(f"{c.key} ")), None)
    if change is None:
        return ""
    texts = (change.before or "nothing", change.after or "nothing")
    before, after = (inert(shortened_value(text, 120)) for text in texts)
    return f": from {before} to {after}"


def _scenario_section(one: CommitComparison) -> Iterator[str]:
    if one.note:
        yield f"{inert(one.note).capitalize()}."
        yield ""
    if one.changes:
        yield "Changed assumptions:"
        yield ""
        heads = ("assumption", "from", "to", "source")
        yield from markdown_table(
            heads, [_change_cells(change) for change in one.changes[:MAX_CHANGES_IN_TABLE]]
        )
        if len(one.changes) > MAX_CHANGES_IN_TABLE:
            yield f"\n… and {len(one.changes) - MAX_CHANGES_IN_TABLE} more."
        yield ""
    for name in one.files:
        yield f"- data file {inert(name)} has another content"
    yield from _milestone_table(one)
    yield from _figure_table(one)
    if any(one.binds):
        yield f"Binding constraints: before {inert(one.binds[0])}; now {inert(one.binds[1])}."
        yield ""
    yield from scenario_section(one.now)


def _change_cells(change: Assumption) -> tuple[str, ...]:
    cells = (change.before or "nothing", change.after or "nothing", change.source or "")
    return (inert(change.key), *(inert(shortened_value(cell, 120)) for cell in cells))


def _milestone_table(one: CommitComparison) -> Iterator[str]:
    if not one.days:
        return
    by_name = {change.name: change for change in one.milestones}
    heads = ["milestone", "single run before", "now", "confidence before", "now", "change (95 %)"]
    heads += ["days later (95 %)"]
    body = []
    for name, (old, new) in one.days.items():
        shown = f"**{new}**" if new != old else new
        body.append((inert(name), old, shown, *_confidence_cells(by_name.get(name))))
    yield from markdown_table(heads, body)
    yield ""


def _confidence_cells(change: MilestoneDifference | None) -> tuple[str, str, str, str]:
    if change is None or not change.n:
        return "", "", "", ""
    before = (change.both + change.only_a) / change.n
    after = (change.both + change.only_b) / change.n
    days = "–"
    if not math.isnan(change.days):
        days = f"{change.days:+,.0f}"
        if not math.isnan(change.days_low):
            days += f" ({change.days_low:+,.0f} to {change.days_high:+,.0f})"
    moved_by = f"{change.change:+.0%} ({change.low:+.0%} to {change.high:+.0%})"
    return f"{before:.0%}", f"{after:.0%}", moved_by, days


def _figure_table(one: CommitComparison) -> Iterator[str]:
    body = []
    for figure in one.figures:
        label = label_of(figure.name)
        signed = label._replace(form=label.form.replace("{:", "{:+"))
        values = figure.median, figure.median_low, figure.median_high
        median, low, high = map(signed.shown, values)
        if all(not set(text) & set("123456789") for text in (median, low, high)):
            continue
        interval = "" if math.isnan(figure.median_low) else f" ({low} to {high})"
        body.append((inert(label.text), median + interval))
    if body:
        yield from markdown_table(("figure", "median change, pair by pair (95 %)"), body)
        yield ""
