"""Run folders: written whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcsim.errors import OutputError
from dcsim.stages import OUTSIDE, STATES, Timeline

LEDGER_COLUMNS = (
    "date",
    "party",
    "asset",
    "kind",
    "quantity",
    "unit",
    "rate",
    "currency",
    "amount",
)


def check_output(folder: Path) -> None:
    """Refuse a folder that a run may not write to, before anything is computed."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OutputError(f"{folder}: is not a folder; choose another --out")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "summary.json").is_file():
        raise OutputError(f"{folder}: is not empty and holds no run; choose another --out")
    place = folder if folder.is_dir() else folder.parent
    while not place.exists():
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: cannot be written: no permission in {place}")


def replace_folder(part: Path, folder: Path) -> None:
    """Put `part` in the place of `folder`; at no moment is a half-written run under its name."""
    if not folder.exists():
        part.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.old")
    folder.rename(old)
    try:
        part.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_parquet(path: Path, columns: Mapping[str, Any], *, utc: str) -> None:
    """Write arrays as one Parquet file; column `utc` becomes a timestamp with zone UTC."""
    import duckdb  # noqa: PLC0415  (a run without files does without it)

    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")
        data = dict(columns)  # noqa: F841  (DuckDB reads the dict by its name)
        target = str(path).replace("'", "''")
        select = f'SELECT * REPLACE ("{utc}"::TIMESTAMPTZ AS "{utc}") FROM data'
        connection.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def read_parquet(path: Path) -> dict[str, NDArray[Any]]:
    """Read a Parquet file into arrays by name."""
    import duckdb  # noqa: PLC0415  (a run without files does without it)

    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found: dict[str, Any] = connection.execute(
            "SELECT * FROM read_parquet(?)", [str(path)]
        ).fetchnumpy()
    return {name: _filled(values) for name, values in found.items()}


def _filled(values: Any) -> NDArray[Any]:
    """Return a column with NaN where the file has nothing, as for a PUE without load."""
    if np.issubdtype(values.dtype, np.floating):
        return np.ma.filled(values, np.nan)
    return np.ma.getdata(values)


def event_columns(timeline: Timeline) -> dict[str, NDArray[Any]]:
    """Return every move of every GPU as columns of `events.parquet`."""
    moves = timeline.moves
    states = np.array([*STATES, "outside"])
    start = np.datetime64(int(timeline.calendar.start.timestamp()), "s")
    time = start + moves.time_min.astype("timedelta64[m]")
    racks = np.array([rack.name for rack in timeline.racks] or [""])
    orders = np.array([rack.order for rack in timeline.racks] or [""])
    return {
        "time": time.astype("datetime64[us]"),
        "time_min": moves.time_min,
        "rack": racks[moves.subject],
        "rack_index": moves.subject,
        "order": orders[moves.subject],
        "product": np.array(timeline.products)[moves.product],
        "n_gpus": moves.n_gpus,
        "origin": states[moves.origin],
        "target": states[moves.target],
    }


def timeline_csv(timeline: Timeline) -> str:
    """Return what happened, line by line: works, capacity, orders, outages, and racks by order.

    Racks of an order that move together stand in one line. Failures and repairs, hundreds of
    thousands, are in `events.parquet` alone.
    """
    calendar, moves = timeline.calendar, timeline.moves
    lines: list[tuple[int, str, str, str, int]] = [
        (entry.time_min, entry.kind, entry.subject, entry.text, 0) for entry in timeline.log
    ]
    for outage in timeline.outages:
        text = f"{outage.cause} outage of {outage.lost_frac:.0%}"
        lines.append((outage.start_min, "outage", outage.asset, f"{text} begins", 0))
        lines.append((outage.end_min, "outage", outage.asset, f"{text} ends", 0))
    repair = {STATES.index(state) for state in ("recovering", "failed", "in_repair")}
    kept = ~(np.isin(moves.origin, list(repair)) | np.isin(moves.target, list(repair)))
    together: dict[tuple[int, str, int, int], int] = {}
    for time, subject, n_gpus, origin, target in zip(
        *(
            column[kept].tolist()
            for column in (moves.time_min, moves.subject, moves.n_gpus, moves.origin, moves.target)
        ),
        strict=True,
    ):
        key = (time, timeline.racks[subject].order, origin, target)
        together[key] = together.get(key, 0) + n_gpus
    for (time, order, origin, target), n_gpus in together.items():
        before = "outside" if origin == OUTSIDE else STATES[origin]
        lines.append((time, "gpus", order, f"{before} -> {STATES[target]}", n_gpus))
    lines.sort(key=lambda line: line[0])
    rows = (
        (calendar.moment(time).isoformat(timespec="minutes"), kind, subject, text, n_gpus or "")
        for time, kind, subject, text, n_gpus in lines
    )
    return _csv(("time", "kind", "subject", "event", "gpus"), rows)


def ledger_csv(ledger: Mapping[str, list[object]]) -> str:
    """Return the ledger as CSV text."""
    return _csv(LEDGER_COLUMNS, zip(*(ledger[name] for name in LEDGER_COLUMNS), strict=True))


def _csv(header: tuple[str, ...], rows: Any) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _cell(value: object) -> object:
    """Return a cell that a spreadsheet does not take for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return float(value) if isinstance(value, np.floating) else value


def yaml_text(data: Mapping[str, Any]) -> str:
    """Return plain data as YAML text that reads back the same."""
    from ruamel.yaml import YAML  # noqa: PLC0415  (only when a run is written)

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 100
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = io.StringIO()
    writer.dump(dict(data), out)
    return out.getvalue()
