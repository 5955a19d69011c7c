"""`dcsim status`: studies, runs and failures in a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcsim.cli.options import JSON, STORE
from dcsim.cli.output.tables import json_line
from dcsim.cli.stores import damage_text
from dcsim.errors import printable

if TYPE_CHECKING:
    from dcsim.study.records.rows import Rows
    from dcsim.study.store.store import ResultStore


MAX_FAILURES_SHOWN = 10


@click.command("status")
@STORE
@JSON
def status_command(store: Path, as_json: bool) -> None:
    """Print what STORE holds: studies, runs done, failures, the digest of all results."""
    from dcsim.study.store.store import ResultStore

    status = store_status(ResultStore.open(store, create=False))
    if as_json:
        click.echo(json_line(status))
        return
    for study in status["studies"]:
        _print_study(study)
    for damaged in status["damaged"]:
        click.echo(printable(f"damaged: {damaged}; 'dcsim sweep' computes it again"))
    click.echo(f"{status['units']:,} files, digest {status['digest'] or 'none: files are damaged'}")


def _print_study(study: dict[str, Any]) -> None:
    failed = f", {study['failed']:,} failed" if study["failed"] else ""
    done = f"{study['done']:,} of {study['total']:,} runs{failed}"
    click.echo(printable(f"{study['name']}: {done}"))
    for failure in study["failures"][:MAX_FAILURES_SHOWN]:
        where = f"{failure['case']}, replication {failure['replication']}"
        click.echo(printable(f"  failed: {where}: {failure['cause']}"))
    if len(study["failures"]) > MAX_FAILURES_SHOWN:
        click.echo(f"  … and {len(study['failures']) - MAX_FAILURES_SHOWN} more")


def store_status(store: ResultStore) -> dict[str, Any]:
    """Return counts, digest, damaged files and studies of a store as plain data."""
    damaged = [damage_text(damage) for damage in store.check()]
    return {
        "units": len(store.keys()),
        "digest": None if damaged else store.digest(),
        "damaged": damaged,
        "studies": [] if damaged else [_study_status(store, name) for name in store.manifests()],
    }


def _study_status(store: ResultStore, name: str) -> dict[str, Any]:
    from dcsim.study.run.runner import study_table

    manifest = store.manifest(name)
    rows = study_table(store, manifest)
    return {
        "name": name,
        "cases": len(manifest["cases"]),
        "total": sum(case["last"] - case["first"] + 1 for case in manifest["cases"]),
        "done": rows.n_rows,
        "failed": int((~rows.ok).sum()),
        "failures": _failed_runs(rows),
    }


def _failed_runs(rows: Rows) -> list[dict[str, Any]]:
    if not rows.n_rows:
        return []
    lost = rows.where(~rows.ok)
    columns = (lost.columns[name].tolist() for name in ("case", "replication", "cause"))
    return [
        {"case": case, "replication": int(replication), "cause": cause}
        for case, replication, cause in zip(*columns, strict=True)
    ]
