"""`dcsim export`: a run for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcsim.cli.options import FILE_PATH, FOLDER_PATH
from dcsim.cli.output.progress import Progress
from dcsim.errors import printable

if TYPE_CHECKING:
    from dcsim.results.export import ExportFormat


@click.command("export")
@click.argument("run", type=FOLDER_PATH)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "netcdf", "pypsa"]),
    default="csv",
    show_default=True,
    help="CSV, netCDF (extra 'export'), or the folder of a PyPSA network.",
)
@click.option("--out", type=FILE_PATH, required=True, help="File, or folder of a network.")
@click.option("--year", type=int, help="One calendar year of the run. [default: all]")
def export_command(run: Path, *, kind: ExportFormat, out: Path, year: int | None) -> None:
    """Write load and supply of the run in the folder RUN for other programs."""
    from dcsim.results.export import check_target, export
    from dcsim.results.read_run import read_run

    check_target(out, kind)
    with Progress() as progress:
        progress("reading")
        result = read_run(run)
        progress("writing")
        written = export(result, out, format=kind, year=year)
    click.echo(printable(f"Written {out}" + (f", {len(written)} files" if kind == "pypsa" else "")))
