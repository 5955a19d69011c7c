"""Hand-made runs: a calendar, moves, a load and flows as small as a test needs."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dcsim.clock import Calendar
from dcsim.gpu_states import OUTSIDE, STATE
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows, Load, Moves, RackRecord, Timeline


def make_calendar(
    start: str = "2030-01-01",
    end: str = "2031-01-01",
    *,
    zone: str = "Asia/Seoul",
    step_h: float = 1.0,
) -> Calendar:
    tz = zoneinfo.ZoneInfo(zone)
    first, last = (
        datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), tz)
        for day in (start, end)
    )
    return Calendar(first, last, tz, step_h)


def make_moves(*rows: tuple[Any, ...]) -> Moves:
    """Rows of time, GPUs, origin, target and optionally rack, product; names of states or None."""
    full = [(*row, 0, 0)[:6] if len(row) < 5 else row for row in rows]
    code = {None: OUTSIDE, **STATE}
    return Moves(
        np.array([row[0] for row in full], dtype=np.int64),
        np.array([row[5] for row in full], dtype=np.int16),
        np.array([row[4] for row in full], dtype=np.int32),
        np.array([row[1] for row in full], dtype=np.int32),
        np.array([code[row[2]] for row in full], dtype=np.int8),
        np.array([code[row[3]] for row in full], dtype=np.int8),
    )


def make_timeline(calendar: Calendar, moves: Moves | None = None, **changes: Any) -> Timeline:
    values: dict[str, Any] = {
        "calendar": calendar,
        "products": ("server",),
        "racks": (RackRecord("first/rack-1", "first", "server", None),),
        "moves": moves or make_moves(),
        "tasks": (),
        "capacity": {},
        "outages": (),
        "log": (),
    }
    return Timeline(**values | changes)


def make_load(calendar: Calendar, facility_mw: Any = 0.0, **changes: Any) -> Load:
    n = calendar.n_hours
    facility = np.broadcast_to(np.asarray(facility_mw, dtype=float), n).copy()
    values: dict[str, Any] = {
        "segments": ("all",),
        "online_gpus": np.zeros((1, n)),
        "wanted_gpus": np.zeros((1, n)),
        "busy_gpus": np.zeros((1, n)),
        "it_power_mw": facility / 1.25,
        "throttled_mw": np.zeros(n),
        "cooling_power_mw": facility * 0.2,
        "electrical_loss_mw": np.zeros(n),
        "facility_power_mw": facility,
        "pue": np.where(facility > 0, 1.25, np.nan),
        "water_m3": np.zeros(n),
    }
    return Load(**values | changes)


def make_flows(calendar: Calendar, **changes: Any) -> Flows:
    n = calendar.n_hours
    zero = np.zeros(n)
    values: dict[str, Any] = {
        "generation_mw": {},
        "asset_generation_mw": {},
        "grid_import_mw": zero,
        "grid_export_mw": zero,
        "battery_charge_mw": zero,
        "battery_discharge_mw": zero,
        "battery_stored_mwh": np.zeros(n + 1),
        "grid_charge_mw": zero,
        "curtailed_mw": zero,
        "unserved_mw": zero,
    }
    filled = {
        name: np.broadcast_to(np.asarray(value, dtype=float), n).copy()
        if name.endswith("_mw") and not isinstance(value, dict)
        else value
        for name, value in changes.items()
    }
    for name in ("generation_mw", "asset_generation_mw"):
        made = filled.get(name, {})
        filled[name] = {
            key: np.broadcast_to(np.asarray(value, dtype=float), n).copy()
            for key, value in made.items()
        }
    return Flows(**values | filled)


@pytest.fixture
def make_plan(minimal_site: dict[str, Any]) -> Callable[..., Plan]:
    return lambda **changes: Plan(Site.model_validate(minimal_site | changes))


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return make_calendar()


@pytest.fixture(scope="session")
def build() -> Any:
    """The builders above, for tests that need other runs than the year 2030."""

    class Build:
        calendar = staticmethod(make_calendar)
        moves = staticmethod(make_moves)
        timeline = staticmethod(make_timeline)
        load = staticmethod(make_load)
        flows = staticmethod(make_flows)

    return Build
