"""The repair shop against closed forms of queues, from independent replications.

Failures of servers are drawn and repaired as in a run; hands and repair take the same time, spares
are plentiful. What the shop cannot say is a queue that turns customers away: every failed server
waits until it is repaired or retired.
"""

from __future__ import annotations

import csv
import math
from typing import NamedTuple

import numpy as np
import pytest

from dcsim.ramp.failures.hazard import draw_failures
from dcsim.ramp.failures.repair_shop import RepairRequests, Stock, schedule_repairs
from dcsim.ramp.record import stable_order
from dcsim.scenario.schema.fleet import Fleet
from dcsim.streams import uniforms
from dcsim.units import HOURS_PER_YEAR

SEED = 20_260_601
REPAIR_H = 100.0
"""Mean repair, long beside the minutes that times are rounded to."""


def fleet(up_h, spread):
    return Fleet.model_validate(
        {
            "failure_rate": f"{HOURS_PER_YEAR / up_h!r} 1/GPU/year",
            "hands": 1.0,
            "recovery": "1 h",
            "technicians": 1,
            "hands_on": f"{REPAIR_H} h",
            "repair": f"{REPAIR_H} h",
            "repair_spread": spread,
            "spares": 0,
            "spare_lead_time": "1 h",
        }
    )


class Sojourns(NamedTuple):
    """When servers failed, when their repair began, when they were back. [repairs]"""

    failed: np.ndarray
    begun: np.ndarray
    back: np.ndarray


def repaired(
    n_servers, failures_a_repair, technicians, length, replication, *, spread="exponential"
):
    """Servers that fail at a rate [1/repair] over a time [repairs], in one replication."""
    rules = fleet(REPAIR_H / failures_a_repair, spread)
    years = length * REPAIR_H / HOURS_PER_YEAR
    found = draw_failures(
        rules, n_servers, 1, years, lambda what, n: uniforms(SEED, "theory", what, replication, n)
    )
    first = stable_order(found.age_min)
    end_min = np.full(first.size, round(length * REPAIR_H * 60) + 1, dtype=np.int64)
    requests = RepairRequests(
        found.age_min[first], found.server[first], end_min, found.repair_scale[first]
    )
    repairs = schedule_repairs(requests, rules, [Stock(0, technicians)], [Stock(0, 9999)])
    times = (requests.time_min[repairs.request], repairs.start_min, repairs.end_min)
    return Sojourns(*(time / (REPAIR_H * 60) for time in times))


def share_of_time(sojourns, n_servers, begin, end):
    """Share of the time in which 0, 1, … servers were down."""
    changes = np.concatenate([sojourns.failed, sojourns.back])
    order = np.argsort(changes, kind="stable")
    signs = np.concatenate([np.ones(sojourns.failed.size), -np.ones(sojourns.back.size)])[order]
    edges = np.clip(np.concatenate([[0.0], changes[order], [end]]), begin, end)
    down = np.concatenate([[0], np.cumsum(signs)]).astype(int)
    return np.bincount(down, np.diff(edges), n_servers + 1) / (end - begin)


def machine_repairman(n, c, failures_a_repair):
    """Shares of the time in which 0 … n of n machines are down with c repairmen, M/M/c//n."""
    weight = [1.0]
    for k in range(1, n + 1):
        weight.append(weight[-1] * (n - k + 1) * failures_a_repair / min(k, c))
    return np.array(weight) / sum(weight)


def erlang_c(offered, c):
    """Probability of waiting with c servers for an endless source, M/M/c."""
    waits = offered**c / math.factorial(c) * c / (c - offered)
    return waits / (sum(offered**k / math.factorial(k) for k in range(c)) + waits)


def within_four_errors(samples, expected):
    error = np.std(samples, ddof=1) / math.sqrt(len(samples))
    assert abs(np.mean(samples) - expected) < 4 * error
    return error


@pytest.fixture
def reference(shared_data):
    """Expected figures that were computed elsewhere, by their name."""
    with (shared_data / "tables" / "reference_values.csv").open(encoding="utf-8") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


# -------------------------------------------------------------------------------- the closed forms


@pytest.mark.parametrize(
    ("n", "c", "rate", "down", "none_down"),
    [
        (8, 1, 0.1, 1.383184329, 0.338318433),
        (8, 2, 0.1, 0.785994441, 0.456642659),
        (100, 3, 0.04, 25.097103014, 0.000205292),
        (50, 50, 0.04, 50 * 0.02 / 0.52, 0.52**-50 * 0.5**50),
    ],
)
def test_the_repairmans_formula_gives_the_published_figures(n, c, rate, down, none_down):
    shares = machine_repairman(n, c, rate)
    assert shares @ np.arange(n + 1) == pytest.approx(down, rel=1e-9)
    assert shares[0] == pytest.approx(none_down, rel=1e-5)


def test_the_closed_forms_are_those_of_the_reference(reference):
    expected = reference["H6"]["expected"].replace(";", "").split()
    assert erlang_c(8, 10) == pytest.approx(float(expected[2]), abs=5e-6)
    assert erlang_c(8, 10) / (10 - 8) == pytest.approx(float(expected[4]), abs=5e-6)
    down = machine_repairman(10, 2, 0.1) @ np.arange(11)
    assert 1 - down / 10 == pytest.approx(float(reference["H7"]["expected"].split()[1]), abs=5e-7)


# ---------------------------------------------------------------------------------------- the shop


@pytest.mark.parametrize(
    ("n", "c", "rate", "error"),
    [(8, 1, 0.1, 0.015), (8, 2, 0.1, 0.006), (100, 3, 0.04, 0.2), (50, 50, 0.04, 0.01)],
)
def test_servers_down_agree_with_the_machine_repairman(n, c, rate, error):
    begin, end = 500, 10_000
    runs = [repaired(n, rate, c, end, replication) for replication in range(16)]
    shares = [share_of_time(run, n, begin, end) for run in runs]
    expected = machine_repairman(n, c, rate)
    down = np.arange(n + 1)
    assert within_four_errors([share @ down for share in shares], expected @ down) < error
    # At most c of those who are down are in the repairmen's hands.
    busy = np.minimum(down, c)
    within_four_errors([share @ busy for share in shares], expected @ busy)


@pytest.mark.parametrize("c", [1, 2])
def test_the_share_of_time_with_all_servers_up_agrees_with_the_machine_repairman(c):
    runs = [repaired(8, 0.1, c, 10_000, replication) for replication in range(16)]
    samples = [share_of_time(run, 8, 100, 10_000)[0] for run in runs]
    assert within_four_errors(samples, machine_repairman(8, c, 0.1)[0]) < 0.004


def test_ten_units_with_two_crews_are_available_as_the_reference_says(reference):
    expected = float(reference["H7"]["expected"].split()[1])
    runs = [repaired(10, 0.1, 2, 10_000, replication) for replication in range(16)]
    samples = [1 - share_of_time(run, 10, 100, 10_000) @ np.arange(11) / 10 for run in runs]
    assert within_four_errors(samples, expected) < 0.001
    assert np.mean(samples) == pytest.approx(expected, rel=0.01)


def test_waits_of_a_large_fleet_agree_with_erlang(reference):
    # 20,000 servers are as good as an endless source: ten of them down change the rate by 0.05 %.
    expected = reference["H6"]["expected"].replace(";", "").split()
    waits, late = [], []
    for replication in range(24):
        run = repaired(20_000, 8 / 20_000, 10, 4000, replication)
        counted = (run.failed > 100) & (run.failed < 3900)
        wait = (run.begun - run.failed)[counted]
        waits.append(wait.mean())
        late.append((wait > 0).mean())
    assert within_four_errors(late, float(expected[2])) < 0.005
    assert within_four_errors(waits, float(expected[4])) < 0.01
    assert np.mean(waits) == pytest.approx(float(expected[4]), rel=0.03)


@pytest.mark.parametrize("spread", ["fixed", "exponential"])
def test_without_a_queue_only_the_mean_of_repairs_matters(spread):
    # With a repairman for each of 50 servers, Palm's theorem: 50 * 0.04 / 1.04 are down.
    runs = [repaired(50, 0.04, 50, 5000, replication, spread=spread) for replication in range(16)]
    samples = [share_of_time(run, 50, 100, 5000) @ np.arange(51) for run in runs]
    assert within_four_errors(samples, 50 * 0.02 / 0.52) < 0.01
    assert all((run.begun == run.failed).all() for run in runs)


def test_equal_repairs_wait_half_as_long_as_exponential_ones():
    # Pollaczek and Khinchine: one repairman, half of his time busy; M/M/1 waits 1, M/D/1 0.5.
    for spread, expected in (("exponential", 1.0), ("fixed", 0.5)):
        waits = []
        for replication in range(16):
            run = repaired(20_000, 0.5 / 20_000, 1, 10_000, replication, spread=spread)
            counted = (run.failed > 100) & (run.failed < 9900)
            waits.append((run.begun - run.failed)[counted].mean())
        assert within_four_errors(waits, expected) < 0.05


def test_interruptions_of_a_training_cluster_come_as_often_as_they_were_counted(shared_data):
    with (shared_data / "tables" / "llama3_interruptions.csv").open(encoding="utf-8") as lines:
        counted = sum(int(row["interruptions"]) for row in csv.DictReader(lines))
    assert counted == 419
    days, n_gpus = 54, 16_384
    per_year = counted / n_gpus / days * 365.25
    rules = fleet(HOURS_PER_YEAR / per_year, "fixed")
    samples = [
        draw_failures(
            rules,
            n_gpus // 8,
            8,
            days / 365.25,
            lambda what, n, r=replication: uniforms(SEED, "cluster", what, r, n),
        ).server.size
        for replication in range(64)
    ]
    within_four_errors(samples, counted)
