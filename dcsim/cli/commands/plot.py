"""`dcsim plot`: the figures of a run that was written before."""

from __future__ import annotations

from pathlib import Path

import click

from dcsim.cli.options import FIGURE_FORMATS, FILE_PATH, FOLDER_PATH
from dcsim.cli.output.progress import Progress
from dcsim.errors import printable


@click.command("plot")
@click.argument("folder", type=FOLDER_PATH)
@click.option("--out", type=FILE_PATH, help="Folder. [default: the run's own]")
@FIGURE_FORMATS
def plot_command(folder: Path, *, out: Path | None, formats: tuple[str, ...]) -> None:
    """Draw the figures of the run in FOLDER."""
    from dcsim.plots import save_figures
    from dcsim.results.output_files import refuse_unwritable_place, write_output_file
    from dcsim.results.read_run import read_run

    target = out or folder
    refuse_unwritable_place(target / "figure")
    with Progress() as progress:
        progress("reading")
        result = read_run(folder)
        progress("figures")
        figures = save_figures(result, formats=formats)
    for name, content in figures.items():
        write_output_file(target / name, content)
        click.echo(printable(str(target / name)))
