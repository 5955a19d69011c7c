"""Failures and repair of servers, availability of a plant."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dcsim.pipeline import replay
from dcsim.ramp.failures.hazard import draw_failures
from dcsim.ramp.failures.repair_shop import RepairRequests, Stock, schedule_repairs
from dcsim.ramp.record import stable_order
from dcsim.scenario.load import load
from dcsim.scenario.schema.fleet import Fleet
from dcsim.streams import uniforms
from dcsim.units import HOURS_PER_YEAR
from tests.validation.case import Case
from tests.validation.sites import FIRST_SITE

GPUS_PER_NODE, HOURS_PER_DAY = 8, 24
SEED = 20_260_601
REPAIR_H = 100.0
LENGTH, BEGIN = 1000.0, 50.0
"""Time that is simulated and time that is left out, over the mean repair."""
N_REPLICATIONS = 40


def cases() -> Iterator[Case]:
    source = "Llama 3: 419 interruptions in 54 days on 16,384 GPUs (Meta 2024, table 5)"
    for name, what, expected, unit in (
        ("Interruptions of 16,384 GPUs in 54 days", "count", 419.0, "1"),
        ("Time between interruptions of 16,384 GPUs", "hours", 3.093, "h"),
    ):
        found = functools.partial(_interruptions, per_1000_node_days=3.79, what=what)
        yield Case("Failures", name, source, expected, unit, 0.03, found)
    source = "Kokolis et al. 2025: 6.5 failures per 1,000 node-days"
    for n_gpus, expected in ((16_384, 1.8), (131_072, 0.23)):
        found = functools.partial(
            _interruptions, per_1000_node_days=6.5, what="hours", n_gpus=n_gpus
        )
        name = f"Mean time to failure of {n_gpus:,} GPUs"
        yield Case("Failures", name, source, expected, "h", 0.03, found)
    source = "birth-death chain of machines and repairmen"
    for n, crews, rate, expected in (
        (10, 2, 0.1, 0.896136),
        (8, 1, 0.1, 0.827101959),
        (8, 2, 0.1, 0.901750695),
        (50, 50, 0.04, 0.961538462),
    ):
        found = functools.partial(_availability, n=n, crews=crews, rate=rate)
        name = f"Availability of {n} servers with {crews} technicians"
        yield Case("Failures", name, source, expected, "1", 0.01, found)
    source = "plan of the gas plant of SK Multi Utility: 300 MW, 2,412 GWh a year"
    name = "Energy of 300 MW next door in a year, as its outages leave it"
    yield Case("Failures", name, source, 2412.0, "GWh", 0.02, _plant_next_door)


def _draw(kind: str, replication: int):  # type: ignore[no-untyped-def]
    return lambda what, n: uniforms(SEED, kind, what, replication, n)


def _fleet(rate_per_year: float, repair_h: float) -> Fleet:
    return Fleet.model_validate(
        {
            "failure_rate": f"{rate_per_year!r} 1/GPU/year",
            "hands": 1.0,
            "recovery": "1 h",
            "technicians": 1,
            "hands_on": f"{repair_h} h",
            "repair": f"{repair_h} h",
            "repair_spread": "exponential",
            "spares": 0,
            "spare_lead_time": "1 h",
        }
    )


def _interruptions(
    _: Path, per_1000_node_days: float, what: str, n_gpus: int = 16_384, days: float = 54.0
) -> float:
    per_gpu_year = per_1000_node_days / 1000 / GPUS_PER_NODE * HOURS_PER_YEAR / HOURS_PER_DAY
    years = days * HOURS_PER_DAY / HOURS_PER_YEAR
    rules = _fleet(per_gpu_year, 1.0)
    n_nodes = n_gpus // GPUS_PER_NODE
    counts = [
        draw_failures(rules, n_nodes, GPUS_PER_NODE, years, _draw("nodes", number)).age_min.size
        for number in range(N_REPLICATIONS)
    ]
    mean = float(np.mean(counts))
    return mean if what == "count" else days * HOURS_PER_DAY / mean


def _availability(_: Path, n: int, crews: int, rate: float) -> float:
    """Return the share of servers that run, over many lives, once the start is forgotten."""
    down = [_down(n, crews, rate, number) for number in range(N_REPLICATIONS // 4)]
    return 1 - float(np.mean(down)) / (n * (LENGTH - BEGIN))


def _down(n: int, crews: int, rate: float, number: int) -> float:
    rules = _fleet(HOURS_PER_YEAR * rate / REPAIR_H, REPAIR_H)
    years = LENGTH * REPAIR_H / HOURS_PER_YEAR
    found = draw_failures(rules, n, 1, years, _draw("theory", number))
    first = stable_order(found.age_min)
    end_min = np.full(first.size, round(LENGTH * REPAIR_H * 60) + 1, dtype=np.int64)
    requests = RepairRequests(
        found.age_min[first], found.server[first], end_min, found.repair_scale[first]
    )
    repairs = schedule_repairs(requests, rules, [Stock(0, crews)], [Stock(0, 9999)])
    failed = np.clip(requests.time_min[repairs.request] / (REPAIR_H * 60), BEGIN, LENGTH)
    back = np.clip(repairs.end_min / (REPAIR_H * 60), BEGIN, LENGTH)
    return float((back - failed).sum())


def _plant_next_door(_: Path) -> float:
    scenario = load(FIRST_SITE)
    shares = []
    for number in range(8):
        timeline = replay(scenario, number).timeline
        there = timeline.capacity["chp.skmu"].hourly(timeline.calendar) > 0
        shares.append(timeline.availability_frac("chp.skmu")[there].mean())
    return 300.0 * float(np.mean(shares)) * HOURS_PER_YEAR / 1000
