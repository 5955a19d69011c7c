"""Whole runs against SimPy counting events that do nothing."""

from __future__ import annotations

import pytest
from simpy import Environment

import dcsim


def bare_timeouts(n):
    def tick(env):
        for _ in range(n):
            yield env.timeout(1)

    env = Environment()
    env.process(tick(env))
    env.run()


@pytest.mark.parametrize(
    ("name", "n_timeouts"), [("ulsan-103mw", 1_000_000), ("ulsan", 3_000_000)], ids=str
)
def test_a_run_takes_less_than_bare_timeouts(ratio_to, scenarios, name, n_timeouts):
    scenario = dcsim.load(scenarios / f"{name}.yaml")
    assert ratio_to(lambda: dcsim.simulate(scenario), lambda: bare_timeouts(n_timeouts)) < 1
