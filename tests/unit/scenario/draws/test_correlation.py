from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from dcsim.scenario.draws.correlation import (
    Correlation,
    Pair,
    cholesky,
    correlated,
    groups_of,
    pairs_of,
    score_matrix,
)

LEAD, INSTALL, SLOTS = "orders.first.lead_time", "deployment.install", "deployment.slots"
OVERHEAD = "cooling.overhead"
N = 4000
UNCERTAIN = {
    "lead_time: 26 weeks": "lead_time: {lognormal: [26 weeks, 52 weeks]}",
    "install: 8 h": "install: {uniform: [4 h, 12 h]}",
    "slots: 40": "slots: {uniform: [1, 100000]}",
    "overhead: 15 %": "overhead: {triangular: [10 %, 12 %, 30 %]}",
}


@pytest.fixture
def text(minimal_text):
    for old, new in UNCERTAIN.items():
        assert old in minimal_text
        minimal_text = minimal_text.replace(old, new)
    return minimal_text


def section(*entries):
    lines = [f"  - {{between: [{', '.join(keys)}], rank: {rank}}}" for *keys, rank in entries]
    return "\n".join(["correlations:", *lines, ""])


def quantiles(scenario, n=N):
    """Quantile of each uncertain value in replications 1 to n."""
    rows = [scenario._quantiles(replication) for replication in range(1, n + 1)]
    return {key: np.array([row[key] for row in rows]) for key in scenario.uncertain}


def assert_spearman(one, other, target):
    found = stats.spearmanr(one, other).statistic
    # Standard error of a rank correlation near rho, with Fisher's transform (Bonett and Wright
    # 2000); four of them.
    width = 4 * math.sqrt((1 + target**2 / 2) / (len(one) - 3))
    assert abs(math.atanh(found) - math.atanh(target)) < width


@pytest.mark.parametrize("rank", [0.7, 0.2, -0.5, -0.95])
def test_draws_have_the_rank_correlation_that_is_asked_for(read, text, rank):
    u = quantiles(read(text + section((LEAD, INSTALL, rank))))
    assert_spearman(u[LEAD], u[INSTALL], rank)


def test_values_have_it_too_whatever_their_distributions(read, text):
    scenario = read(text + section((LEAD, OVERHEAD, 0.7)))
    plans = [scenario.plan(replication).inputs for replication in range(1, 1001)]
    drawn = np.array([[inputs[LEAD].value, inputs[OVERHEAD].value] for inputs in plans])
    assert_spearman(*drawn.T, 0.7)


def test_three_keys_share_the_rank_of_every_pair(read, text):
    scenario = read(text + section((LEAD, INSTALL, OVERHEAD, 0.6)))
    u = quantiles(scenario)
    for one, other in itertools.combinations((LEAD, INSTALL, OVERHEAD), 2):
        assert_spearman(u[one], u[other], 0.6)
    assert_spearman(u[LEAD], u[SLOTS], 0.0)


def test_entries_that_share_a_key_are_joined_the_rest_of_their_pairs_independent(read, text):
    u = quantiles(read(text + section((LEAD, INSTALL, 0.6), (OVERHEAD, INSTALL, -0.4))))
    assert_spearman(u[LEAD], u[INSTALL], 0.6)
    assert_spearman(u[OVERHEAD], u[INSTALL], -0.4)
    assert_spearman(u[LEAD], u[OVERHEAD], 0.0)


def test_margins_stay_uniform(read, text):
    scenario = read(text + section((LEAD, INSTALL, OVERHEAD, 0.8)))
    for u in quantiles(scenario).values():
        assert stats.kstest(u, stats.uniform(0.001, 0.998).cdf).pvalue > 1e-4


def test_a_correlation_moves_no_one_outside_of_it_nor_its_first_key(read, text):
    alone, joined = read(text), read(text + section((INSTALL, LEAD, 0.7)))
    for replication in range(1, 50):
        before, after = alone.plan(replication).inputs, joined.plan(replication).inputs
        assert before[LEAD] != after[LEAD]
        assert {**before, LEAD: 0} == {**after, LEAD: 0}


def test_the_single_run_stands_at_the_medians(read, text):
    assert read(text + section((INSTALL, LEAD, 0.7))).plan().inputs == read(text).plan().inputs


def test_a_replication_is_drawn_without_the_others(read, text):
    one, other = (read(text + section((INSTALL, LEAD, 0.7))) for _ in range(2))
    backward = {replication: other.plan(replication) for replication in range(9, 0, -1)}
    assert all(one.plan(replication) == plan for replication, plan in backward.items())


def test_choices_and_chances_may_be_correlated(read, text):
    chance = "install: {chance: {probability: 50 %, then: 9 h, otherwise: 4 h}}"
    choice = "slots: {discrete: [1, 2, 3]}"
    text = text.replace(UNCERTAIN["install: 8 h"], chance).replace(UNCERTAIN["slots: 40"], choice)
    scenario = read(text + section((INSTALL, SLOTS, 0.9)))
    inputs = [scenario.plan(replication).inputs for replication in range(1, 401)]
    late = [drawn[SLOTS].value for drawn in inputs if drawn[INSTALL].value == 9]
    early = [drawn[SLOTS].value for drawn in inputs if drawn[INSTALL].value == 4]
    assert len(late) + len(early) == 400
    assert np.mean(late) > np.mean(early) + 1


def test_a_fixed_quantile_wins_and_moves_nobody_else(read, text):
    scenario = read(text + section((INSTALL, LEAD, OVERHEAD, 0.7)))
    fixed = scenario.fixed({INSTALL: 0.9})
    for replication in (1, 2, 3):
        free, stands = scenario.plan(replication).inputs, fixed.plan(replication).inputs
        assert stands[INSTALL].u == pytest.approx(0.001 + 0.998 * 0.9)
        assert {**free, INSTALL: 0} == {**stands, INSTALL: 0}


def test_a_scenario_lists_its_pairs_in_order(read, text):
    scenario = read(text + section((LEAD, INSTALL, SLOTS, 0.3), (OVERHEAD, LEAD, -0.2)))
    assert scenario.correlations == (
        (LEAD, INSTALL, 0.3),
        (LEAD, SLOTS, 0.3),
        (INSTALL, SLOTS, 0.3),
        (OVERHEAD, LEAD, -0.2),
    )


def test_a_correlation_is_part_of_the_digest(read, text):
    digests = {read(text + section((LEAD, INSTALL, rank))).digest for rank in (0.1, 0.2)}
    assert len(digests | {read(text).digest}) == 3


def test_a_correlation_has_a_source_and_can_be_set(read, text):
    entry = f"correlations: [{{between: [{LEAD}, {INSTALL}], rank: 30 %, source: a}}]\n"
    with pytest.raises(Exception, match="must be a number"):
        read(text + entry + "sources: {a: {title: x}}\n")
    entry = entry.replace("30 %", "0.3")
    scenario = read(text + entry + "sources: {a: {title: x}}\n", "correlations.0.rank=0.6")
    assert scenario.correlations == ((LEAD, INSTALL, 0.6),)
    sources = {leaf.key: leaf.source for leaf in scenario.leaves}
    assert sources["correlations.0.between.1"] == "a"


def test_a_layer_replaces_the_list_whole(read, text):
    files = {"below.yaml": text + section((LEAD, INSTALL, 0.3), (OVERHEAD, LEAD, -0.2))}
    top = "extends: below.yaml\n"
    assert len(read(top, files=files).correlations) == 2
    assert read(top + "correlations: []\n", files=files).correlations == ()


WRONG = {
    "an unknown key": (
        section(("deployment.instal", LEAD, 0.5)),
        "plan.yaml:28: correlations.0.between.0: there is no uncertain value deployment.instal; "
        "did you mean deployment.install?",
    ),
    "a value that is certain": (
        section((LEAD, "deployment.crews", 0.5)),
        "plan.yaml:28: correlations.0.between.1: deployment.crews is not uncertain: "
        "it stands at 2",
    ),
    "one key alone": (
        section((LEAD, 0.5)), "plan.yaml:28: correlations.0.between: needs 2 or more items",
    ),
    "a key twice": (
        section((LEAD, LEAD, 0.5)), "plan.yaml:28: correlations.0: between names a value twice",
    ),
    "a pair twice": (
        section((LEAD, INSTALL, 0.5), (INSTALL, OVERHEAD, LEAD, 0.5)),
        f"plan.yaml:29: correlations.1: {INSTALL} and {LEAD} are correlated by correlations.0 "
        "already",
    ),
    "a rank of one": (
        section((LEAD, INSTALL, 1)),
        "plan.yaml:28: correlations.0.rank = 1: must be above -1 and below 1 "
        "(rank correlation (Spearman))",
    ),
    "a rank that is drawn": (
        section((LEAD, INSTALL, "{uniform: [0, 0.5]}")),
        "plan.yaml:28: correlations.0.rank: must be one value: it says how others are drawn",
    ),
    "no rank": (
        f"correlations: [{{between: [{LEAD}, {INSTALL}]}}]\n",
        "plan.yaml:27: correlations.0.rank: is missing (rank correlation (Spearman))",
    ),
    "ranks that cannot be together": (
        section((LEAD, INSTALL, 0.9), (INSTALL, SLOTS, 0.9), (OVERHEAD, SLOTS, 0.1)),
        "plan.yaml:29: correlations.1: no draws have all these ranks: correlations.0 (0.9), "
        "correlations.1 (0.9); make one of them weaker; pairs that are not given count as 0",
    ),
    "three that are all against one another": (
        section((LEAD, INSTALL, SLOTS, -0.6)),
        "plan.yaml:28: correlations.0: no draws have all these ranks: correlations.0 (-0.6); "
        "make one of them weaker; pairs that are not given count as 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_makes_no_correlation_is_refused(complaint, text, case):
    entries, message = WRONG[case]
    assert complaint(text + entries) == message


# The arithmetic ---------------------------------------------------------------------------------


def test_scores_have_pearsons_correlation():
    matrix = score_matrix(("a", "b", "c"), [Pair("a", "b", 0.5), Pair("c", "b", -1 / 3)])
    r = 2 * math.sin(math.pi / 12)
    expected = [[1, r, 0], [r, 1, -2 * math.sin(math.pi / 18)], [0, -2 * math.sin(math.pi / 18), 1]]
    np.testing.assert_allclose(matrix, expected, rtol=1e-15)
    assert 6 / math.pi * math.asin(r / 2) == pytest.approx(0.5)


def test_a_factor_is_that_of_linear_algebra():
    matrix = score_matrix("abcd", [Pair(*pair, 0.4) for pair in itertools.combinations("abcd", 2)])
    lower = np.zeros((4, 4))
    for i, row in enumerate(cholesky(matrix)):
        lower[i, : i + 1] = row
    np.testing.assert_allclose(lower, np.linalg.cholesky(np.array(matrix)), atol=1e-14)


def test_a_matrix_that_is_not_positive_definite_tells_its_row():
    with pytest.raises(ValueError, match=r"^1$"):
        cholesky(((1.0, 1.0), (1.0, 1.0)))


def test_a_pair_of_scores_is_mixed_as_in_the_book():
    u = {"a": 0.8, "x": 0.3, "b": 0.6}
    joined = correlated(u, groups_of([Pair("a", "b", 0.5)]))
    r = 2 * math.sin(math.pi / 12)
    score = r * stats.norm.ppf(0.8) + math.sqrt(1 - r * r) * stats.norm.ppf(0.6)
    assert list(joined) == ["a", "x", "b"]
    assert (joined["a"], joined["x"]) == (0.8, 0.3)
    assert joined["b"] == pytest.approx(stats.norm.cdf(score), rel=1e-12)


def test_groups_and_their_keys_come_in_the_order_of_first_mention():
    pairs = [Pair("c", "d", 0.1), Pair("a", "b", 0.1), Pair("e", "c", 0.1), Pair("b", "f", 0.1)]
    assert [group.keys for group in groups_of(pairs)] == [("c", "d", "e"), ("a", "b", "f")]


def test_the_extreme_numbers_of_a_stream_have_scores():
    joined = correlated({"a": 1.0, "b": 2.0**-54}, groups_of([Pair("a", "b", 0.999)]))
    assert 0 < joined["b"] <= 1


def test_an_entry_of_three_makes_three_pairs():
    entry = Correlation(between=("a", "b", "c"), rank=0.2)
    assert [pair[:2] for pair in pairs_of([entry])] == [("a", "b"), ("a", "c"), ("b", "c")]
