"""`dcsim run` and `dcsim plot`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from dcsim.cli.output.progress import Progress
from dcsim.cli.output.report import report_lines
from dcsim.errors import OutputError, printable, printable_json
from dcsim.results.read_run import read_run
from dcsim.results.run_folder import check_output
from dcsim.scenario.scenario import load


def run_scenario(
    path: Path,
    *,
    out: Path,
    formats: Sequence[str],
    replication: int,
    as_json: bool,
    allow_large: bool = False,
    overrides: Sequence[str],
    root: Path | None,
) -> None:
    """Run a scenario, write its folder, print its report."""
    check_output(out)
    with Progress(quiet=as_json) as progress:
        progress("scenario")
        scenario = load(path, overrides=overrides, root=root, allow_large=allow_large)
        from dcsim.pipeline import simulate  # noqa: PLC0415  (only once the scenario is sound)

        result = simulate(scenario, replication, watch=progress)
        figures = {}
        if formats:
            progress("figures")
            from dcsim.plots import save_figures  # noqa: PLC0415  (matplotlib only with --plots)

            figures = save_figures(result, formats=tuple(formats))
        progress("files")
        paths = result.save(out, extra=figures)
    if as_json:
        click.echo(printable_json(json.dumps(result.summary, ensure_ascii=False)))
        return
    width = shutil.get_terminal_size((80, 24)).columns
    for line in report_lines(result, min(width, 100)):
        click.echo(printable(line))
    click.echo("Written")
    for written in paths:
        click.echo(printable(f"  {written}"))


def plot_run(folder: Path, out: Path, formats: Sequence[str]) -> None:
    """Draw the figures of a run that was written before."""
    from dcsim.plots import save_figures  # noqa: PLC0415  (matplotlib only here)

    with Progress() as progress:
        progress("reading")
        result = read_run(folder)
        progress("figures")
        figures = save_figures(result, formats=tuple(formats))
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in figures.items():
            part = out / f".{name}.part"
            part.write_bytes(content)
            part.replace(out / name)
            click.echo(printable(str(out / name)))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"{out}: cannot be written: {reason}") from None
