from __future__ import annotations

import numpy as np
import pytest

from dcsim import streams
from dcsim.supply.dispatch.plants import (
    BackupUnit,
    DispatchableUnit,
    failed_starts,
    follow_load,
    run_backup,
)


def test_chp_stays_between_its_minimum_and_what_it_can_give() -> None:
    plants = {"chp.a": DispatchableUnit(np.array([10.0, 10.0, 10.0, 0.0]), 0.3)}
    made, left = follow_load(plants, np.array([-5.0, 4.0, 20.0, 4.0]), 1.0)
    np.testing.assert_allclose(made["chp.a"], [3, 7, 10, 0])
    np.testing.assert_allclose(left, [-5, 0, 13, 4])


def test_gensets_run_for_what_is_left_only() -> None:
    backup = {"gensets.a": BackupUnit(np.full(3, 4.0)), "gensets.b": BackupUnit(np.full(3, 4.0))}
    made, unserved = run_backup(backup, np.array([0.0, 3.0, 10.0]), 1.0)
    np.testing.assert_array_equal(made["gensets.a"], [0, 3, 4])
    np.testing.assert_array_equal(made["gensets.b"], [0, 0, 4])
    np.testing.assert_array_equal(unserved, [0, 0, 2])


def test_machines_that_fail_to_start_stay_off_to_the_end_of_the_call() -> None:
    u = np.array([0.99, 0.0, 0.0, 0.0, 0.1])
    backup_unit = BackupUnit(
        np.full(5, 8.0), n_units=2, start_failure_frac=0.2, start_uniforms=u.take
    )
    made, unserved = run_backup(
        {"gensets.a": backup_unit}, np.array([9.0, 9.0, 0.0, 0.0, 9.0]), 1.0
    )
    np.testing.assert_array_equal(made["gensets.a"], [0, 0, 0, 0, 8])
    np.testing.assert_array_equal(unserved, [9, 9, 0, 0, 1])


def test_one_machine_of_several_missing_takes_its_share() -> None:
    backup_unit = BackupUnit(
        np.full(1, 8.0), n_units=4, start_failure_frac=0.5, start_uniforms=np.array([0.2]).take
    )
    made, _ = run_backup({"gensets.a": backup_unit}, np.array([100.0]), 1.0)
    assert made["gensets.a"][0] == 6.0  # one of four: cumulative 1/16, then 5/16


@pytest.mark.parametrize(("chance", "failed"), [(0.0, 0.0), (1.0, 5.0)])
def test_certain_starts_and_failures_need_no_random_numbers(chance: float, failed: float) -> None:
    assert (failed_starts(np.array([0.01, 0.99]), 5, chance) == failed).all()


def test_failed_starts_have_the_mean_and_spread_of_a_binomial() -> None:
    n_draws, n_units, chance = 20_000, 40, 0.02
    failed = failed_starts(streams.uniforms(1, "test", "start", 0, n_draws), n_units, chance)
    mean, variance = n_units * chance, n_units * chance * (1 - chance)
    four_sigma = 4 * (variance / n_draws) ** 0.5
    assert failed.mean() == pytest.approx(mean, abs=four_sigma)
    assert failed.var() == pytest.approx(variance, rel=0.05)


def test_thousands_of_machines_do_not_underflow() -> None:
    assert failed_starts(np.array([0.5]), 10_000, 0.5)[0] == pytest.approx(5000, abs=1)


def test_running_machines_fail_within_the_step_and_stay_off() -> None:
    # Lives of 1.5 h and 10 h by inverse transform.
    lives = 1 - np.exp(-np.array([1.5, 10.0]) / 5.0)
    backup_unit = BackupUnit(np.full(4, 8.0), n_units=2, mttf_h=5.0, life_uniforms=lambda _: lives)
    made, unserved = run_backup({"gensets.a": backup_unit}, np.full(4, 8.0), 1.0)
    np.testing.assert_allclose(made["gensets.a"], [8, 6, 4, 4])
    np.testing.assert_allclose(unserved, [0, 2, 4, 4])


def test_machines_are_whole_again_at_the_next_call() -> None:
    lives = 1 - np.exp(-np.array([0.5]) / 5.0)
    backup_unit = BackupUnit(np.full(4, 8.0), n_units=1, mttf_h=5.0, life_uniforms=lambda _: lives)
    made, _ = run_backup({"gensets.a": backup_unit}, np.array([8.0, 8.0, 0.0, 8.0]), 1.0)
    np.testing.assert_allclose(made["gensets.a"], [4, 0, 0, 4])


def test_a_ramp_limits_both_ways_and_makes_surplus_on_the_way_down() -> None:
    plants = {"chp.a": DispatchableUnit(np.full(5, 10.0), 0.2, ramp_mw_per_h=3.0)}
    # The deficit is what is left once the minimum of 2 MW is taken.
    made, left = follow_load(plants, np.array([8.0, -1.0, -1.0, 8.0, 8.0]), 1.0)
    np.testing.assert_allclose(made["chp.a"], [10, 7, 4, 7, 10])
    np.testing.assert_allclose(left, [0, -6, -3, 3, 0])


def test_an_outage_takes_a_plant_at_once_and_its_ramp_brings_it_back() -> None:
    available = np.array([10.0, 0.0, 10.0, 10.0, 10.0])
    plants = {"chp.a": DispatchableUnit(available, 0.5, ramp_mw_per_h=4.0)}
    made, _ = follow_load(plants, np.full(5, 20.0), 1.0)
    np.testing.assert_allclose(made["chp.a"], [10, 0, 4, 8, 10])
