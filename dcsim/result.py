"""The result of a run: what its files hold, and nothing that they do not."""

from __future__ import annotations

import contextlib
import csv
import datetime
import hashlib
import io
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar, Floats
from dcsim.errors import OutputError, Problem, ScenarioError
from dcsim.scenario.site import Site
from dcsim.stages import (
    OUTSIDE,
    STATES,
    LogEntry,
    Moves,
    Outage,
    RackRecord,
    Steps,
    TaskRecord,
    Timeline,
)

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
RUN_FILES = (
    "summary.json",
    "hourly.parquet",
    "timeline.csv",
    "ledger.csv",
    "events.parquet",
    "scenario.yaml",
)


@dataclass(frozen=True)
class Result:
    """One run, in memory or read back from its folder."""

    site: Site = field(repr=False)
    """The site with its values as drawn."""
    timeline: Timeline = field(repr=False)
    """Every event."""
    hourly: Mapping[str, Floats] = field(repr=False)
    """Hourly columns by name, shape ``(n_hours,)`` each; `calendar` holds their time."""
    ledger: Mapping[str, list[object]] = field(repr=False)
    """Columns of the ledger by name."""
    summary: Mapping[str, Any]
    """What `summary.json` holds: milestones, key figures, what bound, works, provenance."""
    resolved: Mapping[str, Any] = field(repr=False)
    """The scenario after layering, as plain data."""

    @property
    def calendar(self) -> Calendar:
        """The steps of the run."""
        return self.timeline.calendar

    @property
    def milestones(self) -> list[dict[str, Any]]:
        """Each promise: name, metric, target, by, reached, met, margin_days."""
        found: list[dict[str, Any]] = self.summary["milestones"]
        return found

    def digest(self) -> str:
        """Return a hash over the hourly columns and all events, independent of file formats."""
        hashed = hashlib.sha256()
        columns: dict[str, NDArray[Any]] = dict(self.hourly)
        moves = self.timeline.moves
        for name in ("time_min", "product", "subject", "n_gpus", "origin", "target"):
            columns[f"moves.{name}"] = getattr(moves, name)
        for name in sorted(columns):
            values = np.ascontiguousarray(columns[name])
            hashed.update(f"{name}:{values.dtype.str}:{values.shape}".encode())
            hashed.update(values.tobytes())
        return hashed.hexdigest()

    def to_pandas(self) -> Any:
        """Return the hourly columns as a pandas DataFrame over UTC time."""
        import pandas as pd  # noqa: PLC0415  (only for who asks)

        index = pd.DatetimeIndex(self.calendar.time_utc, tz="UTC", name="time")
        return pd.DataFrame(dict(self.hourly), index=index)

    def save(self, folder: str | Path, *, extra: Mapping[str, bytes] | None = None) -> list[Path]:
        """Write the run to a folder, whole or not at all, and return the paths.

        An earlier run in the same folder is replaced; any other folder that is not empty is left
        alone. `extra` holds further files by name, such as figures.

        Raises
        ------
        OutputError
            If the folder cannot be written or holds something else.
        """
        folder = Path(folder)
        check_output(folder)
        names = [*RUN_FILES, *(extra or {})]
        part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
        try:
            part.mkdir(parents=True)
            self._write(part)
            for name, content in (extra or {}).items():
                (part / name).write_bytes(content)
            _replace_folder(part, folder)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise OutputError(f"{folder}: cannot be written: {reason}") from None
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return [folder / name for name in names]

    def _write(self, folder: Path) -> None:
        text = json.dumps(self.summary, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
        time = self.calendar.time_utc.astype("datetime64[us]")
        write_parquet(folder / "hourly.parquet", {"time": time, **self.hourly}, utc="time")
        write_parquet(folder / "events.parquet", event_columns(self.timeline), utc="time")
        (folder / "timeline.csv").write_text(_timeline_csv(self.timeline), encoding="utf-8")
        (folder / "ledger.csv").write_text(_ledger_csv(self.ledger), encoding="utf-8")
        (folder / "scenario.yaml").write_text(yaml_text(self.resolved), encoding="utf-8")


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


def _replace_folder(part: Path, folder: Path) -> None:
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
    return {name: np.ma.getdata(values) for name, values in found.items()}


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


def _timeline_csv(timeline: Timeline) -> str:
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


def _ledger_csv(ledger: Mapping[str, list[object]]) -> str:
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


def read_run(folder: str | Path) -> Result:
    """Read a run back from its folder.

    Raises
    ------
    ScenarioError
        If the folder holds no whole run.
    """
    folder = Path(folder)
    missing = [name for name in RUN_FILES if not (folder / name).is_file()]
    if missing:
        message = f"holds no whole run: {missing[0]} is not there"
        raise ScenarioError([Problem(str(folder), "", message)])
    from dcsim.scenario.scenario import load  # noqa: PLC0415  (reads YAML only when asked)

    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        hourly = read_parquet(folder / "hourly.parquet")
        events = read_parquet(folder / "events.parquet")
        scenario = load(folder / "scenario.yaml", check_files=False)
        site = scenario.plan(summary["replication"]).site
        hourly.pop("time")
        timeline = _read_timeline(site, summary, events)
        ledger = _read_ledger(folder / "ledger.csv")
    except (ValueError, KeyError, OSError) as error:
        message = f"cannot be read back: {type(error).__name__}"
        raise ScenarioError([Problem(str(folder), "", message)]) from error
    return Result(site, timeline, hourly, ledger, summary, scenario.resolved)


def _read_ledger(path: Path) -> dict[str, list[object]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = ("quantity", "rate", "amount")
    return {
        name: [float(row[name]) if name in numbers else row[name] for row in rows]
        for name in LEDGER_COLUMNS
    }


def _read_timeline(
    site: Site, summary: Mapping[str, Any], events: Mapping[str, NDArray[Any]]
) -> Timeline:
    calendar = Calendar(site.start_time, site.end_time, site.zone, site.step_h)

    def minute(text: str | None) -> int | None:
        if text is None:
            return None
        seconds = datetime.datetime.fromisoformat(text).timestamp() - calendar.start.timestamp()
        return round(seconds / 60)

    def certain(text: str) -> int:
        return minute(text) or 0

    products = tuple(summary["products"])
    states = {name: index for index, name in enumerate(STATES)} | {"outside": OUTSIDE}
    subject = events["rack_index"].astype(np.int32)
    racks, first = np.unique(subject, return_index=True)
    found = {
        int(index): RackRecord(
            str(events["rack"][at]), str(events["order"][at]), str(events["product"][at]), None
        )
        for index, at in zip(racks, first, strict=True)
    }
    return Timeline(
        calendar=calendar,
        products=products,
        racks=tuple(found[index] for index in range(len(found))),
        moves=Moves(
            events["time_min"].astype(np.int64),
            _codes(events["product"], {name: i for i, name in enumerate(products)}, np.int16),
            subject,
            events["n_gpus"].astype(np.int32),
            _codes(events["origin"], states, np.int8),
            _codes(events["target"], states, np.int8),
        ),
        tasks=tuple(
            TaskRecord(
                work["name"],
                work["kind"],
                work["label"],
                minute(work["start"]),
                minute(work["finish"]),
                minute(work["announced"]),
                work["driver"],
                tuple(work["unlocks"]),
            )
            for work in summary["works"]
        ),
        capacity={
            key: Steps(
                np.array([certain(step["time"]) for step in steps], dtype=np.int64),
                np.array([step["level"] for step in steps], dtype=np.float64),
            )
            for key, steps in summary["capacity_mw"].items()
        },
        outages=tuple(
            Outage(o["asset"], certain(o["start"]), certain(o["end"]), o["lost_frac"], o["cause"])
            for o in summary["outages"]
        ),
        log=tuple[LogEntry, ...](),
    )


def _codes(names: NDArray[Any], code: Mapping[str, int], dtype: Any) -> NDArray[Any]:
    unique, place = np.unique(names.astype(str), return_inverse=True)
    return np.array([code[name] for name in unique], dtype=dtype)[place]
