"""Failures against the Poisson process they are drawn from; fixed seeds, four standard errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim import streams
from dcsim.errors import ModelError
from dcsim.ramp.failures.hazard import Failures, cumulative_hazard, draw_failures
from dcsim.scenario.schema.fleet import Fleet
from dcsim.units import HOURS_PER_YEAR

N_SERVERS, N_GPUS, RATE = 2048, 8, 0.173
MINUTES_PER_YEAR = HOURS_PER_YEAR * 60


def fleet(rate=RATE, **keys):
    return Fleet.model_validate(
        {
            "failure_rate": f"{rate!r} 1/GPU/year",
            "hands": 0.0,
            "recovery": "0 h",
            "technicians": 1,
            "hands_on": "1 h",
            "repair": "1 h",
            "spares": 1,
            "spare_lead_time": "0 h",
            **keys,
        }
    )


def drawn(rules, years, n_servers=N_SERVERS, seed=1, **keys) -> Failures:
    def draw(purpose, n):
        return streams.uniforms(seed, "order", purpose, 0, n)

    return draw_failures(rules, n_servers, N_GPUS, years, draw, **keys)


def counts(rules, years, n_servers, n_seeds):
    return np.array(
        [drawn(rules, years, n_servers, seed).server.size for seed in range(1, n_seeds + 1)]
    )


RULES = {
    "plain": fleet(),
    "early": fleet(early_factor=3, early="3 months"),
    "healthy youth": fleet(early_factor=0, early="6 months"),
    "wear": fleet(wear_shape=3, wear_after="2 year"),
    "bathtub": fleet(early_factor=2, early="3 months", wear_shape=1.3, wear_after="2 year"),
    "wear from the first month": fleet(wear_shape=2, wear_after="1 month"),
}
HAZARD_5_YEARS = {
    "plain": 5,
    "early": 5 + 2 * 0.25,
    "healthy youth": 5 - 0.5,
    "wear": 2 + (5**3 - 2**3) / (3 * 2**2),
    "bathtub": 2 + 0.25 + (5**1.3 - 2**1.3) / (1.3 * 2**0.3),
    "wear from the first month": 1 / 12 + (25 - 1 / 144) / (2 / 12),
}
"""Integral of the rate over five years, in units of the rate; by hand."""


@pytest.mark.parametrize("name", RULES)
def test_the_cumulative_hazard_is_the_integral_of_the_rate(name):
    found = cumulative_hazard(np.array([0.0, 5.0]), RULES[name], N_GPUS)
    np.testing.assert_allclose(found, [0, HAZARD_5_YEARS[name] * RATE * N_GPUS], rtol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_failures_number_as_many_as_the_cumulative_hazard_says(name):
    expected = HAZARD_5_YEARS[name] * RATE * N_GPUS * N_SERVERS
    assert abs(drawn(RULES[name], 5.0).server.size - expected) < 4 * math.sqrt(expected)


@pytest.mark.parametrize("name", ["plain", "bathtub"])
def test_the_number_of_failures_varies_as_a_poisson_number_does(name):
    mean = HAZARD_5_YEARS[name] * RATE * N_GPUS * 10
    found = counts(RULES[name], 5.0, 10, 400)
    # The sample variance of n Poisson numbers has a standard error of about mean * sqrt(2 / n).
    assert abs(found.mean() - mean) < 4 * math.sqrt(mean / 400)
    assert abs(found.var(ddof=1) / mean - 1) < 4 * math.sqrt(2 / 400)


@pytest.mark.parametrize("name", RULES)
def test_ages_follow_the_hazard_through_life(name):
    found = drawn(RULES[name], 5.0)
    passed = cumulative_hazard(found.age_min / MINUTES_PER_YEAR, RULES[name], N_GPUS)
    u = np.sort(passed) / (HAZARD_5_YEARS[name] * RATE * N_GPUS)
    distance = np.abs(u - np.linspace(0, 1, u.size)).max()
    assert distance < 1.95 / math.sqrt(u.size)  # Kolmogorov-Smirnov at one in a thousand


def test_failures_fall_on_all_servers_alike():
    found = drawn(fleet(5.0), 5.0, n_servers=100)
    expected = found.server.size / 100
    chi_square = ((np.bincount(found.server, minlength=100) - expected) ** 2 / expected).sum()
    assert abs(chi_square - 99) < 4 * math.sqrt(2 * 99)


def test_first_failures_of_servers_wear_as_weibull_once_young_is_over():
    # Wear from the first day on with shape 3: P(no failure to age t) = exp(-H(t)).
    rules = fleet(0.5, wear_shape=3, wear_after="0.001 year")
    rate = 0.5 * N_GPUS / (3 * 0.001**2)
    years = (0.6 / rate) ** (1 / 3)
    found = drawn(rules, years, n_servers=10_000)
    failed = np.unique(found.server).size / 10_000
    expected = 1 - math.exp(-0.6)
    assert abs(failed - expected) < 4 * math.sqrt(expected * (1 - expected) / 10_000)


def test_54_days_of_2048_servers_bring_about_419_failures():
    # Llama 3 (2024): 419 interruptions of 16,384 GPUs in 54 days; 0.173 a GPU and year.
    found = counts(fleet(), 54 / 365.25, N_SERVERS, 100)
    assert abs(found.mean() - 419) < 4 * math.sqrt(419 / 100)
    gaps_h = 54 * 24 / found.mean()
    assert gaps_h == pytest.approx(3.093, rel=0.01)


@pytest.mark.parametrize(("n_gpus", "mttf_h"), [(16_384, 1.8), (131_072, 0.23)])
def test_mttf_of_large_jobs_follows_from_6_5_failures_per_1000_node_days(n_gpus, mttf_h):
    # Kokolis et al. (HPCA 2025), RSC-1.
    rate = 6.5e-3 * 365.25 / N_GPUS
    found = counts(fleet(rate), 30 / 365.25, n_gpus // N_GPUS, 50)
    assert 30 * 24 / found.mean() == pytest.approx(mttf_h, rel=0.03)


def test_hands_are_needed_as_often_as_their_share():
    hands = drawn(fleet(hands=0.25), 5.0).hands
    assert abs(hands.mean() - 0.25) < 4 * math.sqrt(0.25 * 0.75 / hands.size)


def test_recoveries_are_exponential_with_their_mean():
    recovery_h = drawn(fleet(recovery="2.2 h"), 5.0).recovery_min / 60
    n = recovery_h.size
    assert abs(recovery_h.mean() - 2.2) < 4 * 2.2 / math.sqrt(n)
    late = (recovery_h > 2.2).mean()
    assert abs(late - math.exp(-1)) < 4 * math.sqrt(math.exp(-1) * (1 - math.exp(-1)) / n)


def test_no_server_fails_while_it_recovers_by_itself():
    found = drawn(fleet(20.0, recovery="40 h", hands=0.3), 1.0)
    same = found.server[1:] == found.server[:-1]
    busy = np.where(found.hands[:-1], 0, found.recovery_min[:-1])
    assert (np.diff(found.age_min)[same] > busy[same]).all()


def test_servers_that_recover_fail_as_often_as_an_alternating_renewal_process():
    # Up 100 h, down 20 h on average, both exponential: one failure every 120 h in the long run.
    rate = HOURS_PER_YEAR / 100 / N_GPUS
    found = drawn(fleet(rate, recovery="20 h"), 2.0, n_servers=500)
    failures = np.count_nonzero(found.age_min > 0.2 * MINUTES_PER_YEAR)
    expected = 500 * 1.8 * HOURS_PER_YEAR / 120
    # Asymptotic variance of the number of renewals: t * variance / mean^3 of a cycle.
    error = math.sqrt(expected * (100**2 + 20**2) / 120**2)
    assert abs(failures - expected) < 4 * error


def test_failures_come_by_server_and_in_order_of_age_from_the_first_minute_on():
    found = drawn(fleet(20.0), 5.0, n_servers=50)
    order = np.lexsort((found.age_min, found.server))
    np.testing.assert_array_equal(order, np.arange(found.server.size))
    assert found.age_min.min() >= 1
    assert found.age_min.max() <= 5 * MINUTES_PER_YEAR
    assert found.recovery_min.min() >= 1
    assert 0 <= found.server.min() <= found.server.max() < 50


def test_without_a_rate_nothing_fails():
    assert drawn(fleet(0.0), 5.0).server.size == 0


def test_twice_the_rate_meets_the_same_random_numbers_in_half_the_time():
    slow, fast = (drawn(fleet(rate), 4 / rate, n_servers=200) for rate in (1.0, 2.0))
    np.testing.assert_array_equal(slow.server, fast.server)
    np.testing.assert_allclose(slow.age_min, 2 * fast.age_min, atol=1.01)


def test_a_longer_life_keeps_the_failures_of_a_shorter_one():
    short, long = drawn(fleet(1.0), 2.0), drawn(fleet(1.0), 5.0)
    kept = long.age_min < 1.99 * MINUTES_PER_YEAR
    mine = short.age_min < 1.99 * MINUTES_PER_YEAR
    np.testing.assert_array_equal(short.server[mine], long.server[kept])
    np.testing.assert_allclose(short.age_min[mine], long.age_min[kept], atol=1.01)


def test_leaving_out_ages_beyond_the_run_changes_none_before():
    rules = fleet(2.0, early_factor=3, early="3 months", wear_shape=2.5, wear_after="1 year")
    whole, part = drawn(rules, 5.0), drawn(rules, 5.0, until_years=2.5)
    kept = whole.age_min < 2.4999 * MINUTES_PER_YEAR
    mine = part.age_min < 2.4999 * MINUTES_PER_YEAR
    for a, b in zip(whole, part, strict=True):
        np.testing.assert_array_equal(a[kept], b[mine])
    assert part.age_min.max() <= 2.5 * MINUTES_PER_YEAR + 1


def test_more_failures_than_could_be_drawn_are_refused_with_a_reason():
    with pytest.raises(ModelError, match="lower failure_rate or a later wear_after"):
        drawn(fleet(100.0, wear_shape=10, wear_after="1 h"), 5.0)


def test_repairs_are_all_equal_unless_their_spread_is_asked():
    assert (drawn(fleet(hands=0.5), 3).repair_scale == 1.0).all()


def test_exponential_repairs_have_the_mean_that_was_asked_and_fail_at_the_same_times():
    equal, spread = (
        drawn(fleet(hands=0.5, repair_spread=name), 5) for name in ("fixed", "exponential")
    )
    for same in range(4):
        np.testing.assert_array_equal(equal[same], spread[same])
    scale = spread.repair_scale
    assert abs(scale.mean() - 1) < 4 / math.sqrt(scale.size)
    assert abs((scale > 2).mean() - math.exp(-2)) < 4 * math.sqrt(0.12 / scale.size)
