"""Weather, power and supply of twelve years by the hour.

Outside the default tests: ``python -m pytest -s tests/bench``.
"""

from __future__ import annotations

import time
from pathlib import Path

import dcsim
from dcsim.power import make_load
from dcsim.ramp.ratings import rated
from dcsim.ramp.simulate import run_events
from dcsim.supply import make_flows
from dcsim.supply.kernels.compiled import prefer_compiled, prefer_plain
from dcsim.weather import make_weather

SITE = Path(__file__).parents[2] / "scenarios" / "ulsan-103mw.yaml"
MOST_S = 0.25


def seconds(scenario, replication):
    plan = scenario.plan(replication)
    timeline = rated(run_events(plan), plan.site)
    begin = time.perf_counter()
    weather = make_weather(plan)
    make_flows(plan, timeline, weather, make_load(plan, timeline, weather))
    return time.perf_counter() - begin


def test_the_energy_side_of_a_run_is_a_quarter_of_a_second():
    scenario = dcsim.load(SITE)
    seconds(scenario, 0)
    warm = min(seconds(scenario, 0) for _ in range(5))
    fresh = min(seconds(scenario, number) for number in range(1, 6))
    compiled = None
    if prefer_compiled():
        seconds(scenario, 0)
        compiled = min(seconds(scenario, 0) for _ in range(5))
        prefer_plain()
    print(
        f"\nwarm {warm:.3f} s, compiled {compiled and round(compiled, 3)} s, in new weather "
        f"{fresh:.3f} s; budget {MOST_S} s"
    )
    assert warm < MOST_S
    assert fresh < MOST_S
