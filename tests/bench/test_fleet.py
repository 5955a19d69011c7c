"""The model of failures and repair against the plainest one that SimPy can hold."""

from __future__ import annotations

import random

import numpy as np
from simpy import Environment

from dcsim import streams
from dcsim.ramp.fleet import Workshop, recoveries
from dcsim.ramp.record import ON_ORDER, ONLINE, Rack, Record, as_moves, rows
from dcsim.scenario.fleet import Fleet, Product
from dcsim.stages import STATE

N_GPUS, SERVER, RACK = 60_000, 8, 16
YEARS = 12
HORIZON_MIN = YEARS * 8766 * 60
RULES = Fleet.model_validate(
    {
        "failure_rate": "0.173 1/GPU/year",  # Llama 3 (2024)
        "hands": "25 %",
        "recovery": "2.2 h",
        "technicians": 6,
        "hands_on": "4 h",
        "repair": "96 h",
        "spares": 230,
        "spare_lead_time": "336 h",
    }
)
SERVERS = Product.model_validate(
    {
        "name": "server",
        "power": "1 kW",
        "server_size": f"{SERVER} GPU",
        "rack_size": f"{RACK} GPU",
        "life": f"{YEARS + 1} year",
    }
)


def rack(index):
    return Rack(
        index=index,
        product=0,
        order=0,
        place=index,
        n_gpus=RACK,
        need_w=1,
        air_w=1,
        liquid_w=0,
        nameplate_w=1,
        halls=(),
    )


def workshop():
    """60,000 GPUs in service from the first minute on, and every move of theirs."""
    env, record = Environment(), Record()
    shop = Workshop(env, record, RULES, HORIZON_MIN)
    shop.expect(0, N_GPUS, SERVERS, lambda what, n: streams.uniforms(1, "all", what, 0, n))
    for index in range(N_GPUS // RACK):
        new = rack(index)
        for state in (ON_ORDER, ONLINE):
            record.move(0, new, state)
        shop.went_online(new)
    env.run(until=HORIZON_MIN)
    return as_moves(np.concatenate([rows(record.moves), recoveries(shop)]))


def plain():
    """The same failures as callbacks: down, back after its time, down again; a count, no record."""
    env = Environment()
    rate_per_min = 0.173 * SERVER / (8766 * 60)
    draw = random.Random(1)
    free, queue, count = [6], [], [0]

    def fail_later(_):
        env.timeout(draw.expovariate(rate_per_min)).callbacks.append(fail)

    def fail(_):
        count[0] += 1
        if draw.random() >= 0.25:
            env.timeout(draw.expovariate(1 / 132)).callbacks.append(fail_later)
        elif free[0]:
            free[0] -= 1
            repair()
        else:
            queue.append(None)

    def repair():
        env.timeout(240).callbacks.append(hands_free)
        env.timeout(5760).callbacks.append(fail_later)

    def hands_free(_):
        if queue:
            queue.pop()
            repair()
        else:
            free[0] += 1

    for _ in range(N_GPUS // SERVER):
        fail_later(None)
    env.run(until=HORIZON_MIN)
    return count[0]


def test_both_models_see_the_failures_that_the_rate_says():
    expected = 0.173 * N_GPUS * YEARS
    fell = np.isin(workshop().target, [STATE["failed"], STATE["recovering"]]).sum()
    for found in (fell, plain()):
        # Less the 0.4 % of their time in which servers are down and do not fail.
        assert abs(found / expected - 1) < 0.015


def test_failures_and_repair_take_less_than_three_times_plain_callbacks(ratio_to):
    assert ratio_to(workshop, plain) < 3
