"""The files of a run: columns, events, ledger and timeline in, a run folder out.

`Result.save` writes all files into a new folder and swaps it in with `replace_folder`. Readers
(`read_run`, a notebook, another run of the same command) may come at any moment, and a run of hours
may be killed while it writes: with a rename as the last act they meet the run before or the run
after, never a mixture of both.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar
from dcsim.database_paths import literal_pattern, quoted_target
from dcsim.errors import OutputError
from dcsim.gpu_states import OUTSIDE, STATES
from dcsim.results.output_files import cannot_write, refuse_unwritable_place
from dcsim.types import LEDGER_COLUMNS, Timeline

_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*", re.ASCII)
_NOT_TEXT = frozenset(("null", "true", "false"))

RUN_FILES = (
    "summary.json",
    "hourly.parquet",
    "timeline.csv",
    "ledger.csv",
    "events.parquet",
    "scenario.yaml",
)


REPLICATION_FILES = ("replications.parquet", "bands.csv")
"""Files beside them after many replications."""


def check_output(folder: Path) -> None:
    """Refuse a folder that a run may not write to, before anything is computed.

    A run replaces the run before it, so a folder that holds anything else is left alone.

    Raises
    ------
    OutputError
        If it is no folder, holds files that no run writes, cannot be written, or has a path that
        is no text.
    """
    try:
        _refuse_foreign(folder)
    except OSError as error:
        raise cannot_write(folder, error) from None
    refuse_unwritable_place(folder)


def check_extra_names(names: Iterable[str]) -> None:
    """Refuse further files of a run that would lie elsewhere, or in the place of its own.

    Raises
    ------
    OutputError
        With the name and what is wrong with it.
    """
    for name in names:
        if name in RUN_FILES:
            raise OutputError(f"extra file {name}: the run has a file of that name")
        if not isinstance(name, str) or not name or name != Path(name).name:
            raise OutputError(f"extra file {name}: must be the name of a file, without a folder")


def _refuse_foreign(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OutputError(f"{folder}: is not a folder; choose another folder")
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    if names and "summary.json" not in names:
        raise OutputError(f"{folder}: is not empty and holds no run; choose another folder")
    foreign = [name for name in names if not _is_of_a_run(name)]
    if foreign:
        message = f"{folder}: holds {foreign[0]}, which is not a run's; choose another folder"
        raise OutputError(message)
    if Path.cwd().is_relative_to(folder.resolve()):
        raise OutputError(f"{folder}: is the folder you are in; choose another folder")


def _is_of_a_run(name: str) -> bool:
    return name in (*RUN_FILES, *REPLICATION_FILES) or name.endswith((".png", ".svg"))


def replace_folder(part: Path, folder: Path) -> None:
    """Rename `part` to `folder`, replacing a run that is there.

    No system renames a folder over one that holds files, so the old run is moved aside first. In
    the moment between the two renames there is no run under the name, but never half a one; if the
    second fails, the old run comes back. Both lie in the same folder: a rename across file systems
    would be a copy, which a crash can cut.
    """
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


def summary_text(summary: Mapping[str, Any]) -> str:
    """Return the content of `summary.json`."""
    return json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def add_to_run(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into the folder of a run, each whole or not at all; return their paths.

    Parameters
    ----------
    folder : Path
    files : mapping of bytes
        By name: figures, or what takes the place of a file of the run.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    try:
        for name, content in files.items():
            part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
            try:
                part.write_bytes(content)
                part.replace(folder / name)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return [folder / name for name in files]


def write_hourly(path: Path, calendar: Calendar, hourly: Mapping[str, Any]) -> None:
    """Write the hourly columns with their time in UTC.

    Parameters
    ----------
    path : Path
        File to write.
    calendar : Calendar
        Steps of the run; `time` is the start of each.
    hourly : mapping of ndarray, shape (n_hours,)
        Columns by name; NaN becomes null.
    """
    data = {"time": calendar.time_utc.astype("datetime64[us]"), **hourly}
    select = "SELECT * REPLACE (time::TIMESTAMPTZ AS time) FROM data"
    _write_parquet(path, select, {"data": data})


def write_events(path: Path, timeline: Timeline) -> None:
    """Write every move of every GPU in order of time, with names of rack, order and product."""
    moves = timeline.moves
    start = np.datetime64(int(timeline.calendar.start.timestamp()), "s")
    data = {
        "row": np.arange(moves.time_min.size),
        "time": (start + moves.time_min.astype("timedelta64[m]")).astype("datetime64[us]"),
        "time_min": moves.time_min,
        "rack_index": moves.subject,
        "n_gpus": moves.n_gpus,
        "origin": moves.origin,
        "target": moves.target,
    }
    racks = {
        "rack_index": np.arange(len(timeline.racks), dtype=np.int32),
        "rack": np.array([rack.name for rack in timeline.racks], dtype=np.str_),
        "order": np.array([rack.order for rack in timeline.racks], dtype=np.str_),
        "product": np.array([rack.product for rack in timeline.racks], dtype=np.str_),
    }
    # Codes become names inside the database: two hundred thousand Python strings would be slow.
    states = {
        "code": np.array([OUTSIDE, *range(len(STATES))], dtype=np.int8),
        "name": np.array(["outside", *STATES]),
    }
    select = """
        SELECT time::TIMESTAMPTZ AS time, time_min, rack, rack_index, "order", product, n_gpus,
               o.name AS origin, t.name AS target
        FROM data JOIN racks USING (rack_index)
        JOIN states o ON o.code = origin JOIN states t ON t.code = target
        ORDER BY row"""
    _write_parquet(path, select, {"data": data, "racks": racks, "states": states})


def _write_parquet(path: Path, select: str, tables: Mapping[str, Mapping[str, Any]]) -> None:
    import duckdb  # noqa: PLC0415  (a run without files does without it)

    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")
        for name, columns in tables.items():
            connection.register(name, dict(columns))
        try:
            target = quoted_target(path)
            connection.execute(f"COPY ({select}) TO {target} (FORMAT parquet, COMPRESSION zstd)")
        except ValueError as error:
            raise OSError(errno.EILSEQ, str(error)) from None
        except duckdb.IOException as error:
            code = re.search(r'"errno":"(\d+)"', str(error))
            number = int(code[1]) if code else errno.EIO
            raise OSError(number, os.strerror(number)) from None


def read_parquet(path: Path) -> dict[str, NDArray[Any]]:
    """Read a Parquet file into arrays by name; ValueError if it is damaged."""
    import duckdb  # noqa: PLC0415  (a run without files does without it)

    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            select = "SELECT * FROM read_parquet(?, hive_partitioning = false)"
            read = connection.execute(select, [literal_pattern(path)])
            found: dict[str, Any] = read.fetchnumpy()
        except duckdb.Error:
            raise ValueError(f"{path.name} is no whole Parquet file") from None
    return {name: _filled(values) for name, values in found.items()}


def _filled(values: Any) -> NDArray[Any]:
    """Return a column with NaN where the file has nothing, as for a PUE without load."""
    if np.issubdtype(values.dtype, np.floating):
        return np.ma.filled(values, np.nan)
    return np.ma.getdata(values)


def timeline_csv(timeline: Timeline) -> str:
    """Return the timeline as CSV text: works, capacity, orders, outages, and racks by order.

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
    writer.writerows([[text_cell(value) for value in row] for row in rows])
    return out.getvalue()


def text_cell(value: object) -> object:
    """Return a cell that a spreadsheet does not take for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return float(value) if isinstance(value, np.floating) else value


def yaml_text(data: Mapping[str, Any]) -> str:
    """Return plain data as YAML text that reads back the same.

    Every scalar is written as in JSON, which YAML 1.2 contains, so nothing can be taken for
    something else; text that needs no quotes goes without.
    """
    return "".join(f"{line}\n" for line in _yaml_lines(data, ""))


class Commented(NamedTuple):
    """A value in plain data that stands in YAML text with a comment behind it."""

    value: Any
    comment: str


def _yaml_lines(value: Any, indent: str) -> Iterator[str]:
    items = value.items() if isinstance(value, Mapping) else ((None, item) for item in value)
    for key, item in items:
        head = f"{indent}- " if key is None else f"{indent}{_yaml_scalar(key)}: "
        if isinstance(item, Commented):
            yield f"{head}{_yaml_flow(item.value)}  # {item.comment}"
        elif not isinstance(item, Mapping | list) or not item or is_flat(item):
            yield f"{head}{_yaml_flow(item)}"
        elif key is not None:
            yield head.rstrip()
            yield from _yaml_lines(item, f"{indent}  ")
        else:
            first, *rest = _yaml_lines(item, f"{indent}  ")
            yield f"{head}{first.lstrip()}"
            yield from rest


def is_flat(value: Any) -> bool:
    """Return True if a value holds nothing nested and is short enough for one line."""
    inner = value.values() if isinstance(value, Mapping) else value
    nested = (Mapping, list, Commented)
    return not any(isinstance(item, nested) for item in inner) and len(str(value)) <= 80


def _yaml_flow(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{_yaml_scalar(key)}: {_yaml_flow(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_yaml_flow(item) for item in value) + "]"
    return _yaml_scalar(value)


def _yaml_scalar(value: Any) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
