"""Ramps small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from dcsim.gpu_states import STATES
from dcsim.ramp import run_ramp
from dcsim.scenario.plan import Plan
from dcsim.types import TaskRecord, Timeline

HAND_SITE: dict[str, Any] = {
    "end": "2031-01-01",
    "time_zone": "UTC",
    "power": {"basis": "it", "design_pue": 1.0, "steps": [{"name": "only", "adds": "1 MW"}]},
    "halls": [{"name": "a", "racks": 50, "it_power": "1 MW"}],
    # A rack of two servers draws 16 kW.
    "products": [
        {
            "name": "server",
            "power": "1 kW",
            "server_size": "8 GPU",
            "rack_size": "16 GPU",
            "peak": 1.0,
            "life": "20 year",
        }
    ],
    "orders": [],
    "deployment": {"crews": 99, "install": "0 h", "slots": 99, "commissioning": "0 h"},
}
"""From the first minute of 2030 in UTC, in which nothing waits and nothing takes time."""


@dataclass(frozen=True)
class Story:
    """A timeline, told in hours since its start."""

    timeline: Timeline

    def path(self, rack: int = 0) -> list[tuple[float, str]]:
        """The states a rack enters and when; the racks of all orders count from 0."""
        moves = self.timeline.moves
        mine = moves.subject == rack
        return [
            (time / 60, STATES[target])
            for time, target in zip(moves.time_min[mine], moves.target[mine], strict=True)
        ]

    def entered(self, state: str) -> list[float]:
        """When each rack entered a state for the first time, in the order of racks."""
        paths = [self.path(rack) for rack in range(len(self.timeline.racks))]
        return [next((time for time, s in path if s == state), np.inf) for path in paths]

    def gpus(self, hour: float, *states: str) -> int:
        """GPUs in some states at a time."""
        return int(self.timeline.stock(*states).at(hour * 60))

    def task(self, name: str) -> TaskRecord:
        """A work as it went."""
        return next(task for task in self.timeline.tasks if task.name == name)

    def done(self, name: str) -> float | None:
        """When a work was done."""
        finish_min = self.task(name).finish_min
        return None if finish_min is None else finish_min / 60


@pytest.fixture(scope="session")
def hand_plan(plan_of: Callable[..., Plan]) -> Callable[..., Plan]:
    """The plan of the hand-made site, with the given keys in place of its own."""

    def make(replication: int = 0, **keys: Any) -> Plan:
        keys.setdefault("orders", [_order("first", 16)])
        return plan_of(replication, **{**HAND_SITE, **keys})

    return make


@pytest.fixture(scope="session")
def story_of(hand_plan: Callable[..., Plan]) -> Callable[..., Story]:
    """The ramp of the hand-made site, with the given keys in place of its own."""

    def run(replication: int = 0, lift: frozenset[str] = frozenset(), **keys: Any) -> Story:
        return Story(run_ramp(hand_plan(replication, **keys), lift=lift))

    return run


@pytest.fixture(scope="session")
def order() -> Callable[..., dict[str, Any]]:
    """An order that is placed and delivered in the first minute unless it says otherwise."""
    return _order


def _order(name: str, gpus: int, **keys: Any) -> dict[str, Any]:
    placed = {} if "after" in keys else {"placed": "2030-01-01"}
    return {"name": name, "product": "server", "gpus": f"{gpus} GPU", "lead_time": "0 h"} | (
        placed | keys
    )
