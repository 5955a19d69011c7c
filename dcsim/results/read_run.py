"""Runs read back: a run folder in, a `Result` out.

A folder holds all that a result is: columns and events from the Parquet files, works, capacity and
outages from `summary.json`, the site from `scenario.yaml`. Folders of earlier versions are read as
far as they have the same files: columns and figures that are not in them are not in the result.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar
from dcsim.errors import Problem, ScenarioError
from dcsim.gpu_states import OUTSIDE, STATES
from dcsim.log import logger_of
from dcsim.results.result import Result
from dcsim.results.run_folder import RUN_FILES, read_parquet
from dcsim.scenario.load import load
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.site import Site
from dcsim.types import (
    LEDGER_COLUMNS,
    LogEntry,
    Moves,
    Outage,
    RackRecord,
    Steps,
    TaskRecord,
    Timeline,
)
from dcsim.units import SECONDS_PER_MINUTE
from dcsim.untrusted_files import FileRefusedError, read_untrusted_file

EARLIER_ZONE = "Asia/Seoul"
"""Zone of a run whose folder names none: that of all versions which did not look it up."""
_LOG = logger_of(__name__)

MOST_TEXT_BYTES = 1 << 30
"""Largest summary or ledger that is read. [B]"""


def read_run(folder: str | PathLike[str]) -> Result:
    """Read a run back from its folder.

    Parameters
    ----------
    folder : str or Path
        Folder that `Result.save` or ``dcsim run`` wrote.

    Returns
    -------
    Result
        With the digest of the run that was saved; its timeline lacks the log of events in words.

    Raises
    ------
    ScenarioError
        If the folder holds no whole run.
    TypeError
        If `folder` is no path.
    """
    if not isinstance(folder, str | PathLike):
        kind = type(folder).__name__
        raise TypeError(f"read_run() takes the folder of a run, not {kind}")
    folder = Path(folder)
    missing = [name for name in RUN_FILES if not (folder / name).is_file()]
    if missing:
        message = f"holds no whole run: {missing[0]} is not there"
        raise ScenarioError([Problem(str(folder), "", message)])
    try:
        summary = json.loads(read_untrusted_file(folder / "summary.json", MOST_TEXT_BYTES).decode())
        hourly = read_parquet(folder / "hourly.parquet")
        events = read_parquet(folder / "events.parquet")
        scenario = _read_scenario(folder / "scenario.yaml", summary)
        site = scenario.plan(_replication_of(summary)).site
        hourly.pop("time")
        timeline = _read_timeline(site, summary, events)
        ledger = _read_ledger(folder / "ledger.csv")
    except FileRefusedError as error:
        raise ScenarioError([Problem(str(folder), "", f"cannot be read back: {error}")]) from None
    except (ValueError, KeyError, OSError) as error:
        message = f"cannot be read back: {type(error).__name__}"
        raise ScenarioError([Problem(str(folder), "", message)]) from error
    _LOG.info("read the run in %s", folder)
    return Result(site, timeline, hourly, ledger, summary, scenario.resolved)


def _read_scenario(path: Path, summary: Mapping[str, Any]) -> Scenario:
    """Return the scenario of a run, in the time zone it ran in."""
    scenario = load(path, check_files=False)
    zone = summary.get("time_zone", EARLIER_ZONE)
    if "time_zone" in scenario.site.model_fields_set or zone == scenario.site.time_zone:
        return scenario
    return scenario.with_overrides({"time_zone": zone})


def _replication_of(summary: Mapping[str, Any]) -> int:
    number: object = summary["replication"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(f"{number!r} is no replication")
    return number


def _read_ledger(path: Path) -> dict[str, list[object]]:
    text = read_untrusted_file(path, MOST_TEXT_BYTES).decode()
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows = list(reader)
    if tuple(reader.fieldnames or ()) != LEDGER_COLUMNS:
        raise ValueError("ledger.csv has other columns")
    numbers = ("quantity", "rate", "amount")
    return {
        name: [float(row[name]) if name in numbers else row[name] for row in rows]
        for name in LEDGER_COLUMNS
    }


def _read_timeline(
    site: Site, summary: Mapping[str, Any], events: Mapping[str, NDArray[Any]]
) -> Timeline:
    calendar = Calendar(site.start_time, site.end_time, site.zone, site.step_h)
    return Timeline(
        calendar=calendar,
        products=tuple(summary["products"]),
        racks=_read_racks(events),
        moves=_read_moves(events, summary["products"]),
        tasks=tuple(_read_task(calendar, work) for work in summary["works"]),
        capacity={
            key: Steps(
                np.array([_minute(calendar, step["time"]) for step in steps], dtype=np.int64),
                np.array([step["level"] for step in steps], dtype=np.float64),
            )
            for key, steps in summary["capacity_mw"].items()
        },
        outages=tuple(
            Outage(
                outage["asset"],
                _minute(calendar, outage["start"]),
                _minute(calendar, outage["end"]),
                outage["lost_frac"],
                outage["cause"],
            )
            for outage in summary["outages"]
        ),
        log=tuple[LogEntry, ...](),
    )


def _read_racks(events: Mapping[str, NDArray[Any]]) -> tuple[RackRecord, ...]:
    """Return the racks in order of their index; the first event of each gives its names."""
    racks, first = np.unique(events["rack_index"], return_index=True)
    records = {
        int(index): RackRecord(
            str(events["rack"][at]), str(events["order"][at]), str(events["product"][at]), None
        )
        for index, at in zip(racks, first, strict=True)
    }
    # A rack without an event is a damaged file: its number would stand for another rack.
    return tuple(records[index] for index in range(len(records)))


def _read_moves(events: Mapping[str, NDArray[Any]], products: Sequence[str]) -> Moves:
    states = {name: index for index, name in enumerate(STATES)} | {"outside": OUTSIDE}
    product_codes = {name: index for index, name in enumerate(products)}
    return Moves(
        events["time_min"].astype(np.int64),
        _codes(events["product"], product_codes, np.int16),
        events["rack_index"].astype(np.int32),
        events["n_gpus"].astype(np.int32),
        _codes(events["origin"], states, np.int8),
        _codes(events["target"], states, np.int8),
    )


def _read_task(calendar: Calendar, work: Mapping[str, Any]) -> TaskRecord:
    start, finish, announced = (
        None if work[key] is None else _minute(calendar, work[key])
        for key in ("start", "finish", "announced")
    )
    return TaskRecord(
        work["name"],
        work["kind"],
        work["label"],
        start,
        finish,
        announced,
        work["driver"],
        tuple(work["unlocks"]),
    )


def _minute(calendar: Calendar, text: str) -> int:
    """Return an ISO time with offset in minutes since the start of the run."""
    seconds = datetime.datetime.fromisoformat(text).timestamp() - calendar.start.timestamp()
    return round(seconds / SECONDS_PER_MINUTE)


def _codes(names: NDArray[Any], code: Mapping[str, int], dtype: Any) -> NDArray[Any]:
    """Return the codes of names; each distinct name is looked up once, of millions of rows."""
    unique, inverse = np.unique(names.astype(str), return_inverse=True)
    return np.array([code[name] for name in unique], dtype=dtype)[inverse]
