"""`dcsim status`: studies, runs and failures in a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
OUTCOME = ("replication", "status", "cause")
"""Columns that tell what became of a run."""


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
    for damaged in status["damaged_tables"]:
        click.echo(printable(f"damaged: {damaged}; 'dcsim sweep' makes it anew"))
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
    """Return counts, digest, damaged files and studies of a store as plain data.

    Every unit is read once; of its rows only the outcomes are kept.
    """
    from dcsim.study.records.joined import logical_digest
    from dcsim.study.store.files import DamagedError
    from dcsim.study.store.tables import damaged_tables

    outcomes: dict[str, Rows] = {}
    try:
        digest = logical_digest(_results_by_case(store, outcomes))
        damaged = [damage_text(damage) for damage in store.check_manifests()]
    except DamagedError:
        damaged = [damage_text(damage) for damage in store.check()]
    return {
        "units": len(store.keys()),
        "digest": None if damaged else digest,
        "damaged": damaged,
        "damaged_tables": [f"{path}: {fault}" for path, fault in damaged_tables(store.path)],
        "studies": []
        if damaged
        else [_study_status(name, store.manifest(name), outcomes) for name in store.manifests()],
    }


def _results_by_case(store: ResultStore, outcomes: dict[str, Rows]) -> Iterator[tuple[str, Rows]]:
    """Yield the results of each case, and keep their outcomes by the digest of the case."""
    from dcsim.study.records.rows import Rows

    for digest in store.digests():
        rows = store.rows_of(digest)
        outcomes[digest] = Rows({name: rows.columns[name] for name in OUTCOME})
        yield digest, rows


def _study_status(
    name: str, manifest: Mapping[str, Any], outcomes: Mapping[str, Rows]
) -> dict[str, Any]:
    cases = manifest["cases"]
    total = sum(case["last"] - case["first"] + 1 for case in cases)
    status = {"name": name, "cases": len(cases), "total": total, "done": 0, "failed": 0}
    failures: list[dict[str, Any]] = []
    for case in cases:
        if case["digest"] not in outcomes:
            continue
        rows = outcomes[case["digest"]]
        numbers = rows.columns["replication"]
        chosen = (numbers >= case["first"]) & (numbers <= case["last"])
        lost = rows.where(chosen & ~rows.ok)
        status["done"] += int(chosen.sum())
        status["failed"] += lost.n_rows
        failures += _failed_runs(case["id"], lost)
    return {**status, "failures": failures}


def _failed_runs(case: str, lost: Rows) -> list[dict[str, Any]]:
    columns = (lost.columns[name].tolist() for name in ("replication", "cause"))
    return [
        {"case": case, "replication": int(replication), "cause": cause}
        for replication, cause in zip(*columns, strict=True)
    ]
