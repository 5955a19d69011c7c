"""Budgets of the compiled battery kernel, each a ratio to a yardstick measured in the same run.

Outside the default tests: ``python -m pytest tests/bench``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.power import make_load
from dcsim.ramp import run_ramp
from dcsim.supply import make_flows
from dcsim.supply.kernels import compiled
from dcsim.supply.kernels.battery import BatteryConstants, BatteryLevels, StorageRequest
from dcsim.weather import make_weather

sys.path.insert(0, str(Path(__file__).parent))
from yardsticks import ratio

numba = pytest.importorskip("numba", reason="needs the extra speed")

ROOT = Path(__file__).parents[2]
N_STEPS = 105_192
ENERGY_MWH = 120.0


def by_hand(change_mwh, energy_mwh, level_mwh):
    """The loop one would write for a battery that nothing but its size limits."""
    level = 0.0
    for step in range(change_mwh.size):
        level = min(max(level + change_mwh[step], 0.0), energy_mwh)
        level_mwh[step] = level


def test_the_compiled_kernel_takes_less_than_ten_times_a_loop_by_hand():
    change_mwh = np.random.default_rng(1).normal(0.0, 20.0, N_STEPS)
    zeros = np.zeros(N_STEPS)
    request = StorageRequest(change_mwh, zeros, zeros, zeros, zeros)
    levels = BatteryLevels(*np.zeros((3, N_STEPS)))
    kernel, level_mwh = compiled.compiled_kernel(), np.zeros(N_STEPS)
    loop = numba.njit(by_hand, error_model="numpy")

    def plain():
        loop(change_mwh, ENERGY_MWH, level_mwh)

    def ours():
        kernel(request, BatteryConstants(0.0, ENERGY_MWH), levels)

    # The same work: the same levels, before any time is compared.
    plain()
    ours()
    np.testing.assert_array_equal(levels.after_mwh, level_mwh)
    found = ratio(ours, plain)
    print(f"\nthe battery kernel: {found:.2f} of the loop by hand, budget 10")
    assert found < 10


def test_make_flows_is_faster_compiled():
    plan = dcsim.load(ROOT / "scenarios" / "ulsan-103mw.yaml").plan(0)
    timeline, weather = run_ramp(plan), make_weather(plan)
    load = make_load(plan, timeline, weather)

    def plain():
        compiled.prefer_plain()
        make_flows(plan, timeline, weather, load)

    def fast():
        assert compiled.prefer_compiled()
        make_flows(plan, timeline, weather, load)

    try:
        fast()
        found = ratio(fast, plain, rounds=15)
    finally:
        compiled.prefer_plain()
    print(f"\nmake_flows compiled: {found:.2f} of plain, budget 0.75")
    assert found < 0.75
