"""Probabilities of milestones against closed forms of schedule theory, over thousands of draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dcsim.accounts.gpu.milestones import METRICS, check_milestone
from dcsim.ramp import run_ramp
from dcsim.scenario.draws.distributions import TAIL
from dcsim.scenario.load import load

N = 1000
DAY = 24.0

SITE = """
name: Works alone
start: 2030-01-01
end: 2034-01-01
time_zone: UTC
latitude: 35 degree
longitude: 129 degree
power: {basis: it, design_pue: 1, steps: [{name: step, adds: 1 MW, works: end}]}
halls: [{name: hall, racks: 1, it_power: 1 MW}]
products: [{name: server, power: 1 kW, server_size: 8 GPU, rack_size: 8 GPU}]
orders: [{name: first, product: server, gpus: 8 GPU, placed: 2030-01-01, lead_time: 0 h}]
deployment: {crews: 1, install: 0 h, slots: 1, commissioning: 0 h}
demand: [{name: all, use: training, gpus: 8 GPU, at: 2030-01-01}]
weather: {file: none.csv}
cooling: {model: fixed, overhead: 0 %}
grid: {carbon: 0 kg/MWh, carbon_free: 0 %}
milestones: [{name: power, metric: energized_mw, power: 1 MW, by: 2031-01-01}]
"""
MEANS = {"short": 60.0, "long": 150.0}
"""Mean durations of two works. [day]"""
BY_DAY = 366
"""A finish before this day is in time: the first of January 2031 counts to its end."""


@pytest.fixture
def scenario_of(tmp_path):
    """Load the site above with some works."""

    def make(text):
        path = tmp_path / "works.yaml"
        path.write_text(SITE + text, encoding="utf-8")
        return load(path, check_files=False)

    return make


def timelines(scenario, n=N):
    for replication in range(1, n + 1):
        plan = scenario.plan(replication)
        yield plan, run_ramp(plan)


def n_met(scenario, n=N):
    """Count the replications that meet the milestone, as accounts do."""
    return sum(
        check_milestone(
            plan.site.milestones[0],
            METRICS["energized_mw"](timeline, None),
            timeline.calendar,
        ).met
        for plan, timeline in timelines(scenario, n)
    )


def finishes_days(scenario, work, n=N):
    found = (next(t for t in line.tasks if t.name == work) for _, line in timelines(scenario, n))
    return np.array([task.finish_min / 60 / DAY for task in found])


def assert_as_likely(count, probability, n=N):
    """Four standard deviations of the count, and half a percent for the tails never drawn."""
    assert abs(count - n * probability) < 4 * math.sqrt(n * probability * (1 - probability)) + (
        5 * TAIL * n
    )


def work(name, mean_days, more=""):
    return f"  - {{name: {name}, duration: {{exponential: {{mean: {mean_days} days}}}}{more}}}\n"


def test_two_exponential_works_in_a_row_finish_as_the_hypoexponential_law_says(scenario_of):
    scenario = scenario_of(
        "works:\n" + work("short", MEANS["short"]) + work("end", MEANS["long"], ", after: [short]")
    )
    a, b = 1 / MEANS["short"], 1 / MEANS["long"]
    late = (a * math.exp(-b * BY_DAY) - b * math.exp(-a * BY_DAY)) / (a - b)
    assert_as_likely(n_met(scenario, 4000), 1 - late, 4000)


def test_of_two_exponential_works_side_by_side_the_later_one_counts(scenario_of):
    scenario = scenario_of(
        "works:\n"
        + "".join(work(name, mean) for name, mean in MEANS.items())
        + "  - {name: end, duration: 0 days, after: [short, long]}\n"
    )
    in_time = math.prod(1 - math.exp(-BY_DAY / mean) for mean in MEANS.values())
    assert_as_likely(n_met(scenario), in_time)


def test_four_works_in_a_row_of_one_mean_finish_as_the_erlang_law_says(scenario_of):
    chain = "".join(
        work(name, 80, f", after: [{before}]" if before else "")
        for name, before in (("a", None), ("b", "a"), ("c", "b"), ("end", "c"))
    )
    law = stats.erlang(4, scale=80)
    assert_as_likely(n_met(scenario_of("works:\n" + chain)), law.cdf(BY_DAY))


def test_a_work_that_may_never_come_and_may_slip_keeps_its_day_with_the_product_of_both(
    scenario_of,
):
    scenario = scenario_of(
        "works:\n"
        "  - name: end\n"
        "    finish: 2030-12-01\n"
        "    slip: {chance: {probability: 40 %, then: {uniform: [0 days, 93 days]}}}\n"
        "    probability: 70 %\n"
    )
    # The first of December and 32 days are the second of January 2031, the first day too late.
    assert_as_likely(n_met(scenario), 0.7 * (0.6 + 0.4 * 32 / 93))


def test_a_shared_stretch_brings_works_side_by_side_together(scenario_of):
    one = "duration: 244 days, risks: [market]"
    text = (
        "risks: [{name: market, probability: 100 %, stretch: {lognormal: {median: 1, p90: 2}}}]\n"
        f"works: [{{name: a, {one}}}, {{name: b, {one}}}, "
        "{name: end, duration: 0 days, after: [a, b]}]\n"
    )
    # Two works in one market are late together: as likely as one of them, not the square of it.
    law = stats.lognorm(s=math.log(2) / stats.norm.ppf(0.9), scale=244)
    assert_as_likely(n_met(scenario_of(text)), law.cdf(BY_DAY))


def test_a_shared_delay_and_own_slips_multiply_out(scenario_of):
    slip = "slip: {chance: {probability: 30 %, then: 500 days}}"
    text = (
        "risks: [{name: review, probability: 20 %, delay: 500 days}]\n"
        f"works: [{{name: a, finish: 2030-06-01, {slip}, risks: [review]}}, "
        f"{{name: b, finish: 2030-06-01, {slip}, risks: [review]}}, "
        "{name: end, duration: 0 days, after: [a, b]}]\n"
    )
    assert_as_likely(n_met(scenario_of(text)), 0.8 * 0.7 * 0.7)


def test_the_mean_and_the_spread_of_a_chain_are_those_that_pert_adds_up(scenario_of):
    # Low, mode, high in days; PERT: mean (a + 4 m + b) / 6, and Vose's variance about it.
    works = {"a": (20, 30, 70), "b": (50, 60, 100), "c": (10, 40, 50), "end": (5, 5, 20)}
    text, before, mean, variance = "works:\n", None, 0.0, 0.0
    for name, (low, mode, high) in works.items():
        after = f", after: [{before}]" if before else ""
        text += (
            f"  - {{name: {name}, duration: {{beta-pert: [{low} d, {mode} d, {high} d]}}{after}}}\n"
        )
        own = (low + 4 * mode + high) / 6
        mean, before = mean + own, name
        variance += (own - low) * (high - own) / 7
    n = 1000
    found = finishes_days(scenario_of(text), "end", n)
    assert abs(found.mean() - mean) < 4 * math.sqrt(variance / n) + 0.1
    assert found.var() == pytest.approx(variance, rel=4 * math.sqrt(2 / n))


NETWORK = {
    # name: duration in days, predecessors, earliest finish by the forward pass
    "design": (20, (), 20),
    "permit": (45, ("design",), 65),
    "order": (10, ("design",), 30),
    "factory": (150, ("order",), 180),
    "ground": (30, ("permit",), 95),
    "frame": (70, ("ground",), 165),
    "plant": (25, ("frame", "factory"), 205),
    "roof": (15, ("frame",), 180),
    "end": (12, ("plant", "roof"), 217),
}


def test_a_network_of_certain_works_finishes_as_the_critical_path_method_says(scenario_of):
    text = "works:\n" + "".join(
        f"  - {{name: {name}, duration: {days} days, after: [{', '.join(after)}]}}\n"
        for name, (days, after, _) in NETWORK.items()
    )
    timeline = run_ramp(scenario_of(text).plan())
    found = {task.name: task.finish_min / 60 / DAY for task in timeline.tasks}
    assert found == {name: finish for name, (_, _, finish) in NETWORK.items()}
    driver = {task.name: task.driver for task in timeline.tasks}
    path = ["end"]
    while driver[path[-1]] is not None:
        path.append(driver[path[-1]])
    assert path == ["end", "plant", "factory", "order", "design"]


def test_uncertain_works_finish_later_on_average_than_the_path_of_their_means(scenario_of):
    # The mean of the later of two exponentials: m1 + m2 - m1 m2 / (m1 + m2).
    scenario = scenario_of(
        "works:\n"
        + "".join(work(name, mean) for name, mean in MEANS.items())
        + "  - {name: end, duration: 0 days, after: [short, long]}\n"
    )
    m1, m2 = MEANS.values()
    later = m1 + m2 - m1 * m2 / (m1 + m2)
    found = finishes_days(scenario, "end")
    assert abs(found.mean() - later) < 4 * found.std() / math.sqrt(found.size) + 1.0
    assert found.mean() > max(MEANS.values())
