from __future__ import annotations

import numpy as np
import pytest

from dcsim.scenario.draws.distributions import TAIL

UNCERTAIN = {
    "install: 8 h": "install: {lognormal: [8 h, 12 h]}",
    "commissioning: 21 days": "commissioning: {empirical: [10 days, 21 days, 42 days]}",
    "lead_time: 26 weeks": "lead_time: {triangular: [20 weeks, 26 weeks, 52 weeks]}",
}


@pytest.fixture
def uncertain_text(minimal_text):
    for old, new in UNCERTAIN.items():
        assert old in minimal_text
        minimal_text = minimal_text.replace(old, new)
    return minimal_text


def drawn(scenario, replication):
    site = scenario.plan(replication).site
    times = site.deployment
    return times.install_h, times.commissioning_h, site.orders[0].lead_time_h


def test_replication_0_stands_at_the_medians(read, uncertain_text):
    scenario = read(uncertain_text)
    assert scenario.plan(0).site == scenario.site
    assert drawn(scenario, 0) == pytest.approx((8.0, 21 * 24, (52 - (0.5 * 32 * 26) ** 0.5) * 168))


def test_replications_differ_and_each_is_always_the_same(read, uncertain_text):
    scenario, again = read(uncertain_text), read(uncertain_text)
    draws = [drawn(scenario, replication) for replication in range(1, 21)]
    assert len(set(draws)) == 20
    assert draws == [drawn(again, replication) for replication in range(1, 21)]


def test_another_seed_gives_other_random_numbers(read, uncertain_text):
    assert drawn(read(uncertain_text), 1) != drawn(read(uncertain_text, "seed=2"), 1)


def test_draws_of_different_values_are_independent(read, uncertain_text):
    scenario = read(uncertain_text)
    draws = np.array([drawn(scenario, replication) for replication in range(1, 301)])
    correlation = np.corrcoef(draws, rowvar=False)
    assert np.all(np.abs(correlation[np.triu_indices(3, k=1)]) < 4 / np.sqrt(300))


def test_draws_follow_their_distribution(read, uncertain_text):
    scenario = read(uncertain_text)
    install_h = np.array([drawn(scenario, replication)[0] for replication in range(1, 401)])
    assert np.mean(install_h <= 8) == pytest.approx(0.5, abs=0.1)
    assert np.mean(install_h <= 12) == pytest.approx(0.9, abs=0.06)


def test_a_value_added_elsewhere_moves_no_other_draw(read, uncertain_text):
    more = uncertain_text.replace("overhead: 15 %", "overhead: {uniform: [10 %, 20 %]}")
    more = more.replace("slots: 40", "slots: {discrete: [30, 40, 50]}").replace(
        "crews: 2", "crews: 3"
    )
    more += "solar: [{name: roof, capacity: {uniform: [1 MW, 2 MW]}}]\n"
    few, many = read(uncertain_text), read(more)
    assert len(many.uncertain) == len(few.uncertain) + 3
    for replication in range(1, 6):
        assert drawn(many, replication) == drawn(few, replication)


def test_a_source_moves_no_draw(read, uncertain_text):
    sourced = uncertain_text.replace(
        "{lognormal: [8 h, 12 h]}", "{value: {lognormal: [8 h, 12 h]}, note: crews of two}"
    )
    assert drawn(read(sourced), 1) == drawn(read(uncertain_text), 1)


def test_items_are_drawn_by_name_not_by_place(read, minimal_text):
    one = "{name: annex, racks: {uniform: [1, 1000000]}, it_power: 1 MW}"
    old = "[{name: hall, racks: 400, it_power: 8 MW}]"
    first = read(minimal_text.replace(old, f"[{one}, {old[1:]}")).plan(1).site.halls[0]
    last = read(minimal_text.replace(old, f"{old[:-1]}, {one}]")).plan(1).site.halls[1]
    assert first == last
    assert 1 < first.racks < 1_000_000


def test_without_uncertain_values_every_replication_is_the_same_site(read, minimal_text):
    scenario = read(minimal_text)
    assert scenario.uncertain == ()
    assert scenario.plan(3).site is scenario.site
    assert scenario.plan(3).replication == 3


def test_streams_of_a_plan_depend_on_the_replication(read, minimal_text):
    scenario = read(minimal_text)
    one, two = (scenario.plan(r).uniforms("rack", "failure", 5) for r in (1, 2))
    assert not np.any(one == two)
    np.testing.assert_array_equal(one, scenario.plan(1).uniforms("rack", "failure", 5))


def test_the_single_run_takes_the_likelier_case(read, minimal_text):
    plan = read(minimal_text).plan(0)
    assert plan.comes("x", 0.5)
    assert not plan.comes("x", 0.499)


def test_a_chance_comes_as_often_as_it_says(read, minimal_text):
    scenario = read(minimal_text)
    came = [scenario.plan(replication).comes("x", 0.3) for replication in range(1, 501)]
    assert np.mean(came) == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / 500) ** 0.5)


def test_nothing_is_drawn_beyond_the_checked_tails(read, minimal_text):
    text = minimal_text.replace("lead_time: 26 weeks", "lead_time: {uniform: [0 h, 1000 h]}")
    scenario = read(text)
    lead_h = [scenario.plan(r).site.orders[0].lead_time_h for r in range(1, 2001)]
    assert min(lead_h) >= 1000 * TAIL
    assert max(lead_h) <= 1000 * (1 - TAIL)


def test_the_digest_is_that_of_the_resolved_values(read, minimal_text):
    scenario = read(minimal_text)
    assert read("# another comment\n" + minimal_text).digest == scenario.digest
    assert read(minimal_text, "seed=2").digest != scenario.digest
