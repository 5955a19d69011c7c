from __future__ import annotations

import pytest

from dcsim.accounts.gpu.driving_path import driving_path, last_work
from dcsim.types import Steps, TaskRecord


def task(name, driver=None, *, start=0, finish=10, unlocks=()):
    return TaskRecord(name, "grid", name, start, finish, None, driver, tuple(unlocks))


@pytest.fixture
def timeline(build):
    """Works that open a plant, a hall and a step, and one that is not done."""
    return build.timeline(
        build.calendar("2030-01-01", "2030-01-04"),
        tasks=(
            task("farm", finish=30, unlocks=["wind.north"]),
            task("hall", finish=20, unlocks=["hall first"]),
            task("bay", finish=15, unlocks=["41 MW of connection"]),
            task("gas", finish=40, unlocks=["chp.gas"]),
            task("line", start=12, finish=None, unlocks=["62 MW of connection"]),
        ),
        capacity={"wind.north": Steps.of([(30, 1.0)]), "chp.gas": Steps.of([(40, 1.0)])},
    )


def test_the_driving_path_follows_the_drivers_back():
    tasks = [task("a"), task("b", "a"), task("c", "b"), task("d", "a")]
    assert [work.name for work in driving_path(tasks, "c")] == ["a", "b", "c"]


def test_the_driving_path_ends_where_drivers_run_in_a_circle():
    assert len(driving_path([task("a", "b"), task("b", "a")], "a")) == 2


def test_without_a_last_work_there_is_no_path():
    assert driving_path([task("a")], None) == []


@pytest.mark.parametrize(
    ("metric", "until_min", "name"),
    [
        ("renewable_capacity_mw", 99, "farm"),
        ("energized_mw", 99, "bay"),
        ("gpus_online", 99, "hall"),  # halls and steps, not plants
        ("gpus_online", 16, "bay"),  # the hall was done later
        ("gpus_online", 9, None),
        ("gpus_online", None, "line"),  # never met: it waits for what is not done
        ("renewable_capacity_mw", None, "farm"),  # never met, though all is done
    ],
)
def test_the_last_work_is_that_which_opens_what_the_metric_needs(timeline, metric, until_min, name):
    assert last_work(timeline, metric, until_min) == name
