from __future__ import annotations

import numpy as np
import pytest

from dcsim.accounts.gpu.delivery import held_by_delivery
from dcsim.scenario.provision import design_it_kw
from dcsim.types import Steps

DAY = 1440


@pytest.fixture
def held(make_plan, build):
    """Return GPU-days held back on each day, by how many GPUs power and halls can carry."""
    site = make_plan().site
    gpu_mw = design_it_kw(site.products[0], site.power) / 1000
    facility_mw = gpu_mw * (site.power.design_pue if site.power.basis == "facility" else 1.0)

    def run(*moves, energized=((0, 99),), halls=((0, 99),)):
        capacity = {
            "energized": Steps.of([(time, n * facility_mw) for time, n in energized]),
            "halls": Steps.of([(time, n * gpu_mw) for time, n in halls]),
        }
        timeline = build.timeline(
            build.calendar("2030-01-01", "2030-01-04"),
            build.moves(*moves),
            products=(site.products[0].name,),
            capacity=capacity,
        )
        edges = np.arange(4) * DAY
        return (held_by_delivery(site, timeline, edges) / DAY).tolist()

    return run


ORDERED = (0, 16, None, "on_order")


def test_gpus_on_order_that_power_and_halls_could_carry_are_held_back(held):
    assert held(ORDERED, (2 * DAY, 16, "on_order", "crew")) == [16, 16, 0]


def test_gpus_that_arrive_in_time_for_a_later_step_lose_nothing(held):
    assert held(ORDERED, energized=((2 * DAY, 99),)) == [0, 0, 16]


def test_halls_limit_as_power_does(held):
    assert held(ORDERED, halls=((0, 4), (DAY, 6))) == [4, 10, 10]


def test_what_is_delivered_takes_its_part_first(held):
    moves = [ORDERED, (DAY, 6, "on_order", "online")]
    assert held(*moves, halls=((0, 10),)) == [10, 4, 4]


def test_what_is_retired_gives_its_part_back(held):
    moves = [ORDERED, (0, 6, "on_order", "online"), (DAY, 6, "online", "retired")]
    assert held(*moves, halls=((0, 10),)) == [4, 10, 10]


def test_nothing_on_order_is_nothing_held(held):
    assert held((0, 16, None, "crew")) == [0, 0, 0]
