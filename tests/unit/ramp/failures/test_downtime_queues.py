"""Downtime of servers against closed forms of queues with repairs of equal length."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.gpu_states import STATES
from dcsim.ramp import run_ramp
from dcsim.units import HOURS_PER_YEAR


def fleet(**keys):
    return {
        "failure_rate": "1 1/GPU/year",
        "hands": 1.0,
        "recovery": "1 h",
        "technicians": 9,
        "hands_on": "4 h",
        "repair": "24 h",
        "spares": 9,
        "spare_lead_time": "1 h",
        **keys,
    }


def served(hand_plan, gpus, replications, **keys):
    """Runs of one large order, each with its own random numbers."""
    size = keys.pop("size", 8)
    plan_keys = {
        "halls": [{"name": "a", "racks": 10**6, "it_power": "1000 MW"}],
        "power": {"basis": "it", "design_pue": 1.0, "steps": [{"name": "s", "adds": "1000 MW"}]},
        "products": [
            {
                "name": "server",
                "power": "1 kW",
                "server_size": f"{size} GPU",
                "rack_size": f"{size * 25} GPU",
                "peak": 1.0,
                "life": "10.5 year",
            }
        ],
        "deployment": {"crews": 9999, "install": "0 h", "slots": 9999, "commissioning": "0 h"},
        "orders": [
            {
                "name": "all",
                "product": "server",
                "gpus": f"{gpus} GPU",
                "placed": "2030-01-01",
                "lead_time": "0 h",
            }
        ],
    } | keys
    return [run_ramp(hand_plan(1 + r, **plan_keys)) for r in range(replications)]


def mean_gpus(timeline, *states, from_h=0.0):
    """Mean GPUs in some states from a time to the end of the run."""
    stock, end = timeline.stock(*states), timeline.calendar.n_minutes
    weight = end - np.maximum(stock.time_min, from_h * 60)
    return float((weight * stock.change).sum()) / (end - from_h * 60)


def within_four_errors(samples, expected):
    error = np.std(samples, ddof=1) / math.sqrt(len(samples))
    assert abs(np.mean(samples) - expected) < 4 * error
    return error


def per_year(up_h, size=8):
    return f"{HOURS_PER_YEAR / up_h / size!r} 1/GPU/year"


def test_availability_with_no_queue_is_up_over_up_and_repair(hand_plan):
    # Repairs are not exponential here but all equal: without a queue only their mean matters.
    rules = fleet(failure_rate=per_year(500), hands_on="50 h", repair="50 h",
                  technicians=9999, spares=9999)  # fmt: skip
    runs = served(hand_plan, 8 * 200, 12, fleet=rules)
    share = [mean_gpus(run, "online", from_h=1000) / 1600 for run in runs]
    assert within_four_errors(share, 500 / 550) < 0.001
    in_repair = [mean_gpus(run, "in_repair", from_h=1000) / 1600 for run in runs]
    within_four_errors(in_repair, 50 / 550)
    assert {mean_gpus(run, "failed") for run in runs} == {0.0}


def repairman(n, up_h, repair_h):
    """Availability of n machines with exponential lives and one man who repairs all alike.

    Takács, Introduction to the Theory of Queues (1962), chapter 5: M/G/1 with finite source.
    """
    total, product_of, x = 1.0, 1.0, repair_h / up_h
    for r in range(1, n):
        phi = math.exp(-r * x)
        product_of *= (1 - phi) / phi
        total += math.comb(n - 1, r) * product_of
    busy = n * x * total / (1 + n * x * total)
    return busy / (n * x)


def test_one_machine_with_its_own_repairman_checks_the_formula():
    assert repairman(1, 10, 1) == pytest.approx(10 / 11)
    assert repairman(60, 10, 1) == pytest.approx(10 / 60)  # always busy: keeps 10 machines up


def test_eight_machines_with_one_repairman_and_equal_repairs_agree_with_takacs(hand_plan):
    rules = fleet(failure_rate=per_year(10, 16), hands_on="1 h", repair="1 h", technicians=1,
                  spares=999)  # fmt: skip
    runs = served(hand_plan, 16 * 8, 16, fleet=rules, size=16)
    share = [mean_gpus(run, "online") / 128 for run in runs]
    assert within_four_errors(share, repairman(8, 10, 1)) < 0.002


def test_the_wait_for_the_only_technician_agrees_with_pollaczek_and_khinchine(hand_plan):
    # 5,000 servers fail once in 50,000 h each: one failure in 10 h, 5 h each, M/D/1 at one half.
    rules = fleet(failure_rate=per_year(50_000), hands_on="5 h", repair="5 h", technicians=1,
                  spares=9999)  # fmt: skip
    runs = served(hand_plan, 8 * 5000, 16, fleet=rules, end="2032-01-01")
    waiting = [mean_gpus(run, "failed") / 8 for run in runs]
    wait_h = 0.5 * 5 / (2 * (1 - 0.5))
    assert within_four_errors(waiting, 0.1 * wait_h) < 0.02


def test_the_number_in_repair_is_what_little_says_with_every_repair_in_full(hand_plan):
    rules = fleet(failure_rate=per_year(20_000), hands_on="5 h", repair="96 h", technicians=99,
                  spares=9999)  # fmt: skip
    for run in served(hand_plan, 8 * 500, 3, fleet=rules):
        moves, end = run.moves, run.calendar.n_minutes
        begun = moves.time_min[moves.target == STATES.index("in_repair")]
        stays_min = np.minimum(end - begun, 96 * 60)
        assert mean_gpus(run, "in_repair") == pytest.approx(8 * stays_min.sum() / end, rel=1e-12)


def crommelin_late_share(offered, c):
    """Share of arrivals that wait in M/D/c (Crommelin 1932).

    What is in the system a service later is what was beyond `c` and what has arrived.
    """
    n = np.arange(400)
    arrive = np.exp(n * math.log(offered) - offered - np.array([math.lgamma(k + 1) for k in n]))
    p = arrive.copy()
    for _ in range(2000):
        left = np.concatenate([[p[: c + 1].sum()], p[c + 1 :]])
        p = np.convolve(left, arrive)[: n.size]
    return 1 - p[:c].sum()


@pytest.mark.parametrize("spares", [3, 5])
def test_spares_run_out_as_often_as_equal_servers_do_for_crommelin(hand_plan, spares):
    # A spare is away for 100 h from its use, failures come once in 50 h: two erlang.
    rules = fleet(failure_rate=per_year(50_000), hands_on="1 h", repair="1 h", technicians=99,
                  spares=spares, spare_lead_time="100 h")  # fmt: skip
    runs = served(hand_plan, 8 * 1000, 16, fleet=rules, end="2034-01-01")
    error = within_four_errors([late_share(run) for run in runs], crommelin_late_share(2.0, spares))
    assert error < 0.02


def late_share(run):
    """Share of failures whose repair did not begin in the minute of the failure."""
    moves = run.moves
    failed = moves.time_min[moves.target == STATES.index("failed")]
    begun = moves.time_min[moves.target == STATES.index("in_repair")]
    return np.mean(begun > failed[: begun.size])
