"""`dcsim query`: SQL on the runs of a store."""

from __future__ import annotations

from pathlib import Path

import click

from dcsim.cli.options import JSON, STORE, STUDY
from dcsim.cli.output.tables import json_line, text_table
from dcsim.cli.stores import study_manifest
from dcsim.errors import printable

MAX_ROWS_SHOWN = 200


@click.command("query")
@STORE
@click.argument("sql")
@STUDY
@JSON
def query_command(store: Path, sql: str, study: str | None, as_json: bool) -> None:
    """Ask STORE in SQL; its tables are runs (a row a run) and series (a row a run and month)."""
    from dcsim.study.run.runner import study_table
    from dcsim.study.store.store import ResultStore
    from dcsim.study.store.tables import query, run_columns, series_columns

    opened = ResultStore.open(store, create=False)
    rows = study_table(opened, study_manifest(opened, study))
    tables = {"runs": run_columns(rows), "series": series_columns(rows)}
    names, answer = query(tables, sql)
    if as_json:
        click.echo(json_line([dict(zip(names, row, strict=True)) for row in answer]))
        return
    for line in text_table(names, answer[:MAX_ROWS_SHOWN]):
        click.echo(printable(line))
    if len(answer) > MAX_ROWS_SHOWN:
        click.echo(f"… and {len(answer) - MAX_ROWS_SHOWN:,} more rows; --json prints all")
