"""`dcsim status`, `dcsim merge`, `dcsim query`: what a store holds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from dcsim.errors import ModelError, OutputError, printable, printable_json
from dcsim.study.records.rows import Rows
from dcsim.study.run.runner import table
from dcsim.study.store.merge import merge_store
from dcsim.study.store.store import Damage, ResultStore
from dcsim.study.store.tables import query, run_columns, series_columns

MAX_SHOWN = 200
MAX_FAILURES = 10


def print_status(path: Path, *, as_json: bool) -> None:
    """Print studies, counts, failures and the digest of a store."""
    store = ResultStore.open(path, create=False)
    said = status_of(store)
    if as_json:
        click.echo(json_line(said))
        return
    for study in said["studies"]:
        failed = f", {study['failed']:,} failed" if study["failed"] else ""
        done = f"{study['done']:,} of {study['total']:,} runs{failed}"
        click.echo(printable(f"{study['name']}: {done}"))
        for failure in study["failures"][:MAX_FAILURES]:
            where = f"{failure['case']}, replication {failure['replication']}"
            click.echo(printable(f"  failed: {where}: {failure['cause']}"))
        if len(study["failures"]) > MAX_FAILURES:
            click.echo(f"  … and {len(study['failures']) - MAX_FAILURES} more")
    for damaged in said["damaged"]:
        click.echo(printable(f"damaged: {damaged}; 'dcsim sweep' computes it again"))
    click.echo(f"{said['units']:,} files, digest {said['digest'] or 'none: files are damaged'}")


def status_of(store: ResultStore) -> dict[str, Any]:
    """Return what a store holds."""
    damaged = [damage_text(damage) for damage in store.check()]
    return {
        "units": len(store.keys()),
        "digest": None if damaged else store.digest(),
        "damaged": damaged,
        "studies": [] if damaged else [_study_status(store, name) for name in store.manifests()],
    }


def _study_status(store: ResultStore, name: str) -> dict[str, Any]:
    manifest = store.manifest(name)
    rows = table(store, manifest)
    return {
        "name": name,
        "cases": len(manifest["cases"]),
        "total": sum(case["last"] - case["first"] + 1 for case in manifest["cases"]),
        "done": rows.n_rows,
        "failed": int((~rows.ok).sum()),
        "failures": _failures(rows),
    }


def _failures(rows: Rows) -> list[dict[str, Any]]:
    if not rows.n_rows:
        return []
    lost = rows.where(~rows.ok)
    columns = (lost.columns[name].tolist() for name in ("case", "replication", "cause"))
    return [
        {"case": case, "replication": int(replication), "cause": cause}
        for case, replication, cause in zip(*columns, strict=True)
    ]


def manifest_of(store: ResultStore, study: str | None) -> Mapping[str, Any]:
    """Return what a store remembers of a study, of its only one if none is named.

    Where that is lost, it is made again from what is stored.

    Raises
    ------
    ModelError
        If it holds none, none of that name, or several and none is named.
    """
    names = store.manifests()
    if not names and study is None and store.keys():
        return store.rebuild()
    if not names:
        raise ModelError(f"{store.path}: holds no study yet")
    if study is None and len(names) == 1:
        return store.manifest(names[0])
    if study not in names:
        wanted = "name one with --study" if study is None else f"holds no study {study!r}"
        raise ModelError(f"{store.path}: {wanted}; it holds {', '.join(names)}")
    return store.manifest(study)


def merge_stores(target: Path, sources: Sequence[Path]) -> None:
    """Copy what is finished elsewhere into one store."""
    store = ResultStore.open(target, create=True)
    n_unfit = 0
    with store:
        for path in sources:
            found = merge_store(store, ResultStore.open(path, create=False))
            click.echo(
                printable(f"{path}: {found.copied:,} files copied, {found.unchanged:,} there")
            )
            unfit = [f"damaged, left out: {damage_text(damage)}" for damage in found.damaged]
            unfit += [f"not alike in both, left as it was: {name}" for name in found.differing]
            n_unfit += len(unfit)
            for line in unfit:
                click.echo(printable(line), err=True)
    click.echo(printable(f"{target}: {len(store.keys()):,} files, digest {store.digest()}"))
    if n_unfit:
        raise OutputError(f"{n_unfit} files were not taken over")


def damage_text(damage: Damage) -> str:
    """Return what is wrong with which file."""
    return f"{damage.path}: {damage.reason}"


def print_query(path: Path, sql: str, *, study: str | None, as_json: bool) -> None:
    """Print the answer to a question in SQL."""
    store = ResultStore.open(path, create=False)
    rows = table(store, manifest_of(store, study))
    tables = {"runs": run_columns(rows), "series": series_columns(rows)}
    names, answer = query(tables, sql)
    if as_json:
        records = [dict(zip(names, row, strict=True)) for row in answer]
        click.echo(json_line(records))
        return
    for line in text_table(names, answer[:MAX_SHOWN]):
        click.echo(printable(line))
    if len(answer) > MAX_SHOWN:
        click.echo(f"… and {len(answer) - MAX_SHOWN:,} more rows; --json prints all")


def text_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return rows as lines with aligned columns, numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [
        max([len(name), *(len(row[index]) for row in cells)]) for index, name in enumerate(names)
    ]
    right = [
        all(isinstance(row[index], int | float | None) for row in rows)
        for index in range(len(names))
    ]

    def line(texts: Sequence[str]) -> str:
        parts = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(texts, widths, right, strict=True)
        )
        return "  ".join(parts).rstrip()

    return [line(names), line(["-" * width for width in widths]), *map(line, cells)]


def json_line(value: Any) -> str:
    """Return plain data as JSON for a terminal; what is no finite number is null in it."""
    return printable_json(json.dumps(_known(value), default=str, ensure_ascii=False))


def _known(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _known(inner) for key, inner in value.items()}
    return [_known(inner) for inner in value] if isinstance(value, list | tuple) else value


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return str(value)
