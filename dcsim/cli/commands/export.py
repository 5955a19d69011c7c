"""`dcsim export`: a run for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from dcsim.cli.options import FILE_PATH, FOLDER_PATH
from dcsim.cli.output.progress import Progress
from dcsim.errors import OutputError, printable


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
def export_command(run: Path, *, kind: str, out: Path, year: int | None) -> None:
    """Write load and supply of the run in the folder RUN for other programs."""
    from dcsim.results.export import save
    from dcsim.results.read_run import read_run
    from dcsim.results.run_folder import cannot_write

    if out.exists() and (kind == "pypsa" or out.is_dir()):
        raise OutputError(f"{out}: is there already; name a new one")
    with Progress() as progress:
        progress("reading")
        result = read_run(run)
        progress("writing")
        try:
            written = save(result, kind, out, year)
        except OSError as error:
            raise cannot_write(out, error) from None
    click.echo(printable(f"Written {out}" + (f", {len(written)} files" if kind == "pypsa" else "")))
