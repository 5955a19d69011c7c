"""`dcsim export`: a run for other programs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from dcsim.cli.output.progress import Progress
from dcsim.errors import OutputError, printable
from dcsim.results.export import save
from dcsim.results.read_run import read_run


def export_run(folder: Path, *, kind: str, out: Path, year: int | None) -> None:
    """Write load and supply of a run, or its site as a network."""
    if out.exists() and (kind == "pypsa" or out.is_dir()):
        raise OutputError(f"{out}: is there already; name a new one")
    with Progress() as progress:
        progress("reading")
        result = read_run(folder)
        progress("writing")
        try:
            written = save(result, kind, out, year)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise OutputError(f"{out}: cannot be written: {reason}") from None
    click.echo(printable(f"Written {out}" + (f", {len(written)} files" if kind == "pypsa" else "")))
