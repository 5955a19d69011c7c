"""Feasibility is a bound: no milestone called infeasible is met in any replication."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

from dcsim.pipeline import replay
from dcsim.scenario.load import load
from dcsim.scenario.scenario import Scenario
from dcsim.study.checks.feasibility import infeasible_milestones

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
N_PLANS, REPLICATIONS = 60, (0, 1, 2, 3)
WORKS = """
end: 2028-03-01
risks:
  - {name: market, probability: 50 %%, stretch: {uniform: [0.8, 1.4]}}
works:
  - {name: survey, start: 2027-01-01, duration: %d days}
  - {name: transformer, after: [survey], duration: {triangular: [%d days, %d days, %d days]},
     risks: [market]}
  - {name: line, after: [transformer], duration: 2 weeks, slip: {uniform: [-5 days, 20 days]}}
  - {name: fit-out, start: 2027-02-01, duration: {uniform: [%d days, %d days]}}
"""

# Values of all sections that the bounds read, of either direction and of none.
UNCERTAIN = (
    "halls.a.it_power={uniform: [2 MW, 7 MW]}",
    "halls.b.it_power={uniform: [1 MW, 9 MW]}",
    "halls.a.racks={uniform: [100, 300]}",
    "power.steps.first.adds={uniform: [1 MW, 8 MW]}",
    "power.steps.grid.granted={uniform: [20 %, 100 %]}",
    "power.design_pue={uniform: [1.05, 1.6]}",
    "power.network={uniform: [0, 20 %]}",
    "power.oversubscription={uniform: [0, 40 %]}",
    "products.server.peak={uniform: [50 %, 100 %]}",
    "products.server.life={uniform: [1 year, 6 years]}",
    "orders.first.lot={uniform: [100 GPU, 4000 GPU]}",
    "orders.first.interval={uniform: [1 days, 60 days]}",
    "works.transformer.probability={uniform: [0, 100 %]}",
    "works.transformer.slip={uniform: [-30 days, 60 days]}",
    "risks.market.probability={uniform: [0, 100 %]}",
)


def some_plan(rng: np.random.Generator, folder: Path) -> Scenario:
    """A hall whose power, racks and room come step by step, with milestones near what it can do."""

    def days(low: int, high: int) -> int:
        return int(rng.integers(low, high))

    def date() -> datetime.date:
        return datetime.date(2027, 4, 1) + datetime.timedelta(days(0, 300))

    least, fit_out = days(20, 120), days(30, 200)
    text = MINIMAL.read_text().replace("end: 2030-01-01\n", "")
    text += WORKS % (days(5, 40), least, least + 20, least + 60, fit_out, fit_out + 60)
    power = rng.choice(
        ["1.79 kW", "{uniform: [1.2 kW, 1.9 kW]}", "{discrete: {1.85 kW: 0.5, 1.2 kW: 0.5}}"]
    )
    targets = {
        "gpus_online": f"gpus: {days(500, 4200)} GPU",
        "gpus_delivered": f"gpus: {days(500, 4200)} GPU",
        "energized_mw": f"power: {days(2, 11)} MW",
        "it_capacity_mw": f"power: {days(2, 11)} MW",
    }
    entries = ", ".join(
        f"{{name: m-{i}, metric: {metric}, {target}, by: {date()}}}"
        for i, (metric, target) in enumerate(targets.items())
    )
    path = folder / "plan.yaml"
    path.write_text(f"{text}milestones: [{entries}]\n")
    lead = days(40, 220)
    return load(
        path,
        overrides=[
            f"power.steps=[{{name: first, adds: {days(1, 5)} MW}}, "
            f"{{name: grid, adds: {days(1, 7)} MW, works: line}}]",
            "halls=[{name: a, racks: 200, it_power: 4 MW}, "
            "{name: b, racks: 200, it_power: 4 MW, works: fit-out}]",
            f"products.server.power={power}",
            f"orders.first.lead_time={{uniform: [{lead} days, {lead + 60} days]}}",
            f"orders.first.lot={days(500, 4000)} GPU",
            f"orders.first.interval={days(5, 60)} days",
            "deployment.slots=300",
            "deployment.crews=20",
            *(text for text in UNCERTAIN if rng.random() < 0.3),
        ],
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> list[tuple[bool, bool]]:
    """Infeasible, and met in any replication, for each milestone of some plans."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(N_PLANS):
        scenario = some_plan(rng, tmp_path_factory.mktemp("plan"))
        infeasible = {one.milestone for one in infeasible_milestones(scenario)}
        runs = [replay(scenario, number).accounts.milestones for number in REPLICATIONS]
        found += [
            (results[0].name in infeasible, any(one.met for one in results))
            for results in zip(*runs, strict=True)
        ]
    return found


def test_capacity_at_its_low_end_makes_no_milestone_infeasible(tmp_path) -> None:
    hall = "halls=[{name: hall, racks: 400, it_power: {uniform: [4 MW, 9 MW]}}]"
    milestone = "milestones=[{name: m, metric: it_capacity_mw, power: 8 MW, by: 2028-01-01}]"
    scenario = load(MINIMAL, overrides=[hall, milestone, "end=2028-02-01"])
    assert infeasible_milestones(scenario) == []
    met = [replay(scenario, number).accounts.milestones[0].met for number in range(1, 41)]
    assert 2 <= sum(met) <= 20
    more = scenario.with_overrides(["milestones.m.power=9.5 MW"])
    assert [one.key for one in infeasible_milestones(more)] == ["halls"]


def test_nothing_is_claimed_where_the_favorable_end_is_not_known() -> None:
    milestone = "milestones=[{name: m, metric: gpus_online, gpus: 9000 GPU, by: 2028-01-01}]"
    scenario = load(MINIMAL, overrides=[milestone])
    assert len(infeasible_milestones(scenario)) == 1
    racks = "products.server.rack_size={discrete: {72 GPU: 0.5, 144 GPU: 0.5}}"
    size = scenario.site.products[0].server_size
    racks = racks.replace("72", str(2 * size)).replace("144", str(4 * size))
    assert infeasible_milestones(scenario.with_overrides([racks])) == []


def test_no_infeasible_milestone_is_ever_met(outcomes) -> None:
    assert (True, True) not in outcomes


def test_the_bound_finds_most_of_the_milestones_that_are_never_met(outcomes) -> None:
    n_missed = sum(not met for _, met in outcomes)
    n_infeasible = sum(infeasible for infeasible, _ in outcomes)
    assert n_missed > 40
    assert len(outcomes) - n_missed > 40
    assert n_infeasible > n_missed / 2
