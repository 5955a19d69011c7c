"""Runs read back from their folders."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar
from dcsim.errors import Problem, ScenarioError
from dcsim.gpu_states import OUTSIDE, STATES
from dcsim.results.result import Result
from dcsim.results.run_folder import RUN_FILES, read_parquet
from dcsim.scenario.scenario import load
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
        reader = csv.DictReader(file)
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

    def minute(text: str | None) -> int | None:
        if text is None:
            return None
        seconds = datetime.datetime.fromisoformat(text).timestamp() - calendar.start.timestamp()
        return round(seconds / SECONDS_PER_MINUTE)

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
