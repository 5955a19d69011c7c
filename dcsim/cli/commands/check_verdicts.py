"""Parts that both modes of `dcsim check` share: options, settings, output, exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcsim.cli.exit_codes import EXIT_BAD_INPUT, EXIT_GATE_FAILED, EXIT_SOME_FAILED
from dcsim.cli.output import verdicts
from dcsim.cli.output.counting import Counting
from dcsim.cli.output.markdown import markdown_summary
from dcsim.errors import printable, printable_json

if TYPE_CHECKING:
    from dcsim.study.checks.check import CheckResult, CheckSettings
    from dcsim.study.engine.engine import Engine
    from dcsim.study.run.runner import RunProgress
    from dcsim.study.store.store import ResultStore


MAX_SUMMARY_BYTES = 1 << 20
"""Size of a summary that GitHub still takes. [B]"""


@dataclass(frozen=True)
class CheckCommandOptions:
    """Options of `dcsim check` besides the engine's."""

    baseline: Path | None
    replications: int
    junit: Path | None
    summary: Path | None
    form: str
    against: str | None
    milestones: bool
    strict: bool
    store: Path
    root: Path | None


class VerdictProgress:
    """Progress of the runs that gates need, called with the name of a scenario and their state."""

    def __init__(self, options: CheckCommandOptions) -> None:
        self.options = options
        self.key: tuple[str, int] | None = None
        self.counting: Counting | None = None

    def __enter__(self) -> VerdictProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def __call__(self, name: str, state: RunProgress) -> None:
        """Show how far the runs of a scenario are, each set of them on its own line."""
        from dcsim.study.checks.check import case_name

        if self.counting is None or self.key != (name, state.n_total):
            self._end()
            again = f"the same command; what is finished is in {self.options.store}"
            quiet = self.options.form != "text"
            self.counting = Counting(case_name(name), again, quiet=quiet)
            self.key = (name, state.n_total)
        self.counting(state)

    def _end(self) -> None:
        if self.counting is not None:
            self.counting.__exit__(None, None, None)


def check_settings(
    options: CheckCommandOptions, store: ResultStore, engine: Engine, progress: VerdictProgress
) -> CheckSettings:
    """Return the settings under which scenarios are checked.

    Parameters
    ----------
    options : CheckCommandOptions
    store : ResultStore
        An open store of finished runs.
    engine : Engine
        Where runs are computed.
    progress : VerdictProgress
        Shows how far they are.
    """
    from dcsim.study.checks.check import CheckSettings

    return CheckSettings(
        replications=options.replications,
        store=store,
        engine=engine,
        root=options.root,
        milestones=options.milestones,
        watch=lambda name: partial(progress, name),
    )


def check_exit_code(checked: Sequence[CheckResult], *, strict: bool) -> int:
    """Return the exit code: bad input before failed gates before failed replications.

    What failed before as well ends with 0 as what is inconclusive does, and both with 1 if the
    check is strict, as does a check in which nothing was judged.
    """
    if any(one.problems for one in checked):
        return EXIT_BAD_INPUT
    if any(one.fails for one in checked):
        return EXIT_GATE_FAILED
    if strict and _is_open(checked):
        return EXIT_GATE_FAILED
    return EXIT_SOME_FAILED if any(one.n_failed for one in checked) else 0


def _is_open(checked: Sequence[CheckResult]) -> bool:
    """Return whether a check lets pass what a strict one does not."""
    unclear = any(v.outcome == "inconclusive" for one in checked for v in one.verdicts)
    nothing = not any(one.is_judged or one.unchanged for one in checked)
    return unclear or nothing or any(one.fails_as_before for one in checked)


def refuse_unwritable_outputs(options: CheckCommandOptions) -> None:
    """Refuse files that could not be written in the end, before anything is read or run."""
    from dcsim.results.output_files import refuse_unwritable_file

    step = os.environ.get("GITHUB_STEP_SUMMARY")
    for path in (options.junit, options.summary, Path(step) if step else None):
        refuse_unwritable_file(path)


def publish_verdicts(
    checked: Sequence[CheckResult], options: CheckCommandOptions, *, extra_summary: str = ""
) -> None:
    """Print verdicts in the form of the options, and write the files that these name.

    Parameters
    ----------
    checked : sequence of CheckResult
    options : CheckCommandOptions
    extra_summary : str
        Markdown to write instead of the table of verdicts.
    """
    from dcsim.results.output_files import write_output_file

    _print_verdicts(checked, options.form)
    if options.junit is not None:
        write_output_file(options.junit, verdicts.junit(checked))
    text = _fit_summary(extra_summary or markdown_summary(checked))
    if options.summary is not None:
        write_output_file(options.summary, text.encode())
    if step := os.environ.get("GITHUB_STEP_SUMMARY"):
        _append_text(Path(step), text)


def _print_verdicts(checked: Sequence[CheckResult], form: str) -> None:
    if form == "json":
        data = {"scenarios": verdicts.verdict_data(checked)}
        click.echo(printable_json(json.dumps(data, ensure_ascii=False)))
    elif form == "sarif":
        click.echo(verdicts.sarif(checked, _package_version()))
    else:
        for line in verdicts.text_lines(checked):
            click.echo(printable(line))
    for line in verdicts.github_lines(checked) if form == "github" else ():
        click.echo(line)


def _fit_summary(text: str) -> str:
    if len(text.encode()) <= MAX_SUMMARY_BYTES:
        return text
    kept = text.encode()[: MAX_SUMMARY_BYTES - 200].decode(errors="ignore")
    return kept[: kept.rfind("\n")] + "\n\n… the rest does not fit into a summary.\n"


def _package_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("dcsim")
    except PackageNotFoundError:
        return "0"


def _append_text(path: Path, text: str) -> None:
    from dcsim.results.output_files import cannot_write

    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise cannot_write(path, error) from None
