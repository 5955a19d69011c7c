"""Levels that jump, and what a timeline answers from its moves and outages."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest

from dcsim.clock import Calendar
from dcsim.gpu_states import OUTSIDE, STATE
from dcsim.types import Moves, Outage, Steps, Timeline

UTC = zoneinfo.ZoneInfo("UTC")
CALENDAR = Calendar(
    datetime.datetime(2030, 1, 1, tzinfo=UTC), datetime.datetime(2030, 1, 2, tzinfo=UTC), UTC
)


def timeline(*outages: Outage) -> Timeline:
    """Two products: 16 and 8 GPUs online after one and two hours, half of the first fail at six."""
    online = STATE["online"]
    rows = [
        (60, 0, 16, OUTSIDE, online),
        (120, 1, 8, OUTSIDE, online),
        (360, 0, 8, online, STATE["failed"]),
    ]
    time, product, gpus, origin, target = (np.array(column) for column in zip(*rows, strict=True))
    moves = Moves(time, product, np.zeros(3, dtype=np.int32), gpus, origin, target)
    capacity = {"chp.a": Steps.of([(0, 40.0)])}
    return Timeline(CALENDAR, ("new", "old"), (), moves, (), capacity, outages, ())


def test_steps_add_changes_up_in_order_of_time():
    steps = Steps.of([(90, -1.0), (30, 4.0), (60, 2.0)])
    assert steps.time_min.tolist() == [30, 60, 90]
    assert steps.level.tolist() == [4.0, 6.0, 5.0]
    assert steps.change.tolist() == [4.0, 2.0, -1.0]


@pytest.mark.parametrize(("time", "level"), [(29, 0.0), (30, 4.0), (59.9, 4.0), (1e6, 6.0)])
def test_a_level_holds_from_its_minute_on(time, level):
    assert Steps.of([(30, 4.0), (60, 2.0)]).at(time) == level


def test_an_hour_holds_the_mean_of_its_minutes():
    hourly = Steps.of([(30, 4.0), (75, 2.0)]).hourly(CALENDAR)
    # Half an hour of 4; then a quarter of 4 and three quarters of 6; then 6.
    np.testing.assert_allclose(hourly[:3], [2.0, 5.5, 6.0])


def test_a_stock_counts_moves_into_and_out_of_states():
    both = timeline().stock("online")
    assert (both.time_min.tolist(), both.level.tolist()) == ([60, 120, 360], [16, 24, 16])
    assert timeline().stock("online", product="old").level.tolist() == [8]
    assert timeline().stock("online", "failed", product="new").level.tolist() == [16]


def test_gpus_of_an_hour_are_weighted_by_time():
    np.testing.assert_allclose(timeline().hourly_gpus("online")[[0, 1, 2, 6]], [0, 16, 24, 16])


def test_outages_take_their_share_while_they_last():
    half = Outage("chp.a", 60, 150, 0.5, "forced")
    other = Outage("grid", 0, 600, 1.0, "forced")
    available = timeline(half, other)
    np.testing.assert_allclose(available.availability_frac("chp.a")[:4], [1, 0.5, 0.75, 1])
    np.testing.assert_allclose(available.available_mw("chp.a")[:4], [40, 20, 30, 40])


def test_outages_at_once_take_no_more_than_all():
    outages = [Outage("chp.a", 0, 60, 0.75, cause) for cause in ("forced", "maintenance")]
    assert timeline(*outages).availability_frac("chp.a")[:2].tolist() == [0.0, 1.0]
