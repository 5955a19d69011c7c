"""Laws of the statistics of many runs: order, monotony, and that rows have no order."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dcsim.study.records.rows import RUN_FAILED, RUN_OK, Rows, text_column
from dcsim.study.sensitivity.discovery import discover
from dcsim.study.sensitivity.sensitivity import rank_effects, tornado_of
from dcsim.study.statistics.bands import nearest, scalar_bands, series_bands
from dcsim.study.statistics.criticality import criticalities, finish_bands
from dcsim.study.statistics.milestones import confidence_dates, milestone_chances, s_curves
from dcsim.study.statistics.paired import change_interval, paired, paired_milestones
from dcsim.study.statistics.samples import wilson

law = settings(max_examples=40, derandomize=True, deadline=None)
seeds = st.integers(0, 2**32 - 1)
counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
N_MONTHS = 24


def some_rows(seed: int, n: int = 40) -> Rows:
    """Rows with all kinds of columns: ties, gaps, milestones never reached and failed runs."""
    rng = np.random.default_rng(seed)
    slip, stretch = np.round(rng.random((2, n)), 2)
    bad = rng.random(n) < 0.15 * rng.random()
    late = np.round(300 * slip + 200 * stretch * rng.random(n)).astype(int)
    by = np.datetime64("2030-12-31")
    day = np.where(late > 380, np.datetime64("NaT", "D"), np.datetime64("2030-06-01") + late)
    margin = np.where(np.isnat(day), 0, (by - day).astype(np.int64)).astype(float)
    met = (~np.isnat(day) & (margin >= 0)).astype(float)
    columns: dict[str, Any] = {
        "replication": np.arange(1.0, n + 1),
        "status": text_column([RUN_FAILED if one else RUN_OK for one in bad]),
        "cause": text_column(["power: too little" if one else None for one in bad]),
        "input.slip": slip,
        "input.stretch": stretch,
        "input.kind": text_column([["a", "b"][i] for i in rng.integers(0, 2, n)]),
        "milestone.all.met": np.where(bad, np.nan, met),
        "milestone.all.reached": np.where(bad, np.datetime64("NaT", "D"), day).astype(
            "datetime64[s]"
        ),
        "milestone.all.margin_days": np.where(bad | np.isnat(day), np.nan, margin),
        "milestone.all.path": text_column(
            [None if b else ["x > y", "y", ""][rng.integers(0, 3)] for b in bad]
        ),
        "work.x.finish": (np.datetime64("2030-01-01") + late).astype("datetime64[s]"),
        "npv": np.where(bad, np.nan, np.round(slip - stretch, 1)),
    }
    series = np.cumsum(rng.integers(0, 3, (n, N_MONTHS)), axis=1).astype(float)
    series[bad] = np.nan
    series[:, :3] = np.nan
    months = np.datetime64("2030-01", "M") + np.arange(N_MONTHS)
    return Rows(columns, {"gpus": series}, months)


def shuffled(rows: Rows, seed: int) -> Rows:
    return rows.where(np.random.default_rng(seed + 1).permutation(rows.n_rows))


@law
@given(counts)
def test_an_interval_holds_its_share_and_stays_within_zero_and_one(count):
    n_yes, n = count
    low, high = wilson(n_yes, n)
    assert 0 <= low <= n_yes / n <= high <= 1
    # The mirror image: as many misses as there were hits.
    np.testing.assert_allclose(wilson(n - n_yes, n), (1 - high, 1 - low), atol=1e-12)


@law
@given(counts)
def test_four_times_the_runs_make_an_interval_narrower(count):
    n_yes, n = count
    low, high = wilson(n_yes, n)
    closer = wilson(4 * n_yes, 4 * n)
    assert closer[1] - closer[0] < high - low


@law
@given(seeds)
def test_bands_are_ordered_and_lie_within_what_was_seen(seed):
    rows = some_rows(seed)
    found = series_bands(rows, "gpus", (0.0, 0.1, 0.5, 0.9, 1.0))
    known = found.n_known > 0
    assert known.tolist() == [False] * 3 + [True] * (N_MONTHS - 3)
    assert np.all(np.diff(found.values[:, known], axis=0) >= 0)
    seen = rows.series["gpus"][rows.ok][:, known]
    np.testing.assert_array_equal(found.at(0.0)[known], seen.min(axis=0))
    np.testing.assert_array_equal(found.at(1.0)[known], seen.max(axis=0))


@law
@given(seeds)
def test_an_s_curve_never_falls_and_ends_at_what_was_reached(seed):
    rows = some_rows(seed)
    (curve,) = s_curves(rows)
    (confidence,) = confidence_dates(rows)
    assert np.all(np.diff(curve.probability) >= 0)
    assert np.all(np.diff(curve.low) >= -1e-12)
    assert np.all(np.diff(curve.high) >= -1e-12)
    assert curve.probability[-1] == confidence.reached / confidence.n


@law
@given(seeds, st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6).map(sorted))
def test_a_larger_share_is_never_dated_earlier(seed, shares):
    (confidence,) = confidence_dates(some_rows(seed), shares)
    days = [one.day for one in confidence.dates]
    there = [day for day in days if day is not None]
    assert there == sorted(there)
    assert days == there + [None] * (len(days) - len(there))


@law
@given(seeds)
def test_the_confidence_of_the_target_date_is_the_chance(seed):
    rows = some_rows(seed)
    (chance,) = milestone_chances(rows)
    if chance.met:
        (confidence,) = confidence_dates(rows, (chance.probability,))
        assert confidence.dates[0].day is not None
        assert str(confidence.dates[0].day) <= "2030-12-31"


@law
@given(seeds)
def test_naming_failed_runs_never_lowers_a_chance(seed):
    rows = some_rows(seed)
    (chance,), (named,) = milestone_chances(rows), milestone_chances(rows, without=["power"])
    assert named.met == chance.met
    assert named.n == chance.n - chance.n_failed
    assert named.n_left_out == chance.n_failed
    assert named.probability >= chance.probability or not named.n


@law
@given(seeds)
def test_the_order_of_rows_changes_nothing(seed):
    rows = some_rows(seed)
    other = shuffled(rows, seed)
    np.testing.assert_array_equal(
        series_bands(rows, "gpus").values, series_bands(other, "gpus").values
    )
    assert nearest(rows, ["gpus", "npv"], 0.1) == nearest(other, ["gpus", "npv"], 0.1)
    for statistic in (
        lambda r: scalar_bands(r, ["npv"]),
        milestone_chances,
        confidence_dates,
        finish_bands,
        lambda r: [one[:7] for one in sorted(criticalities(r, "all"))],
        lambda r: discover(r, "all").sentences,
        lambda r: {s.name: s for s in tornado_of(r, "milestone.all", never_days=999).swings},
    ):
        assert statistic(rows) == statistic(other)


@law
@given(seeds)
def test_rank_correlations_do_not_care_for_order_or_scale(seed):
    rows = some_rows(seed)
    scaled = Rows({**rows.columns, "npv": 4 * rows.columns["npv"] - 1})
    first, other, again = (
        {e.name: e for e in rank_effects(r, "npv").effects}
        for r in (rows, shuffled(rows, seed), scaled)
    )
    for name, effect in first.items():
        assert -1 <= effect.low <= effect.correlation <= effect.high <= 1
        np.testing.assert_allclose(effect[1:], other[name][1:], atol=1e-9)
        np.testing.assert_allclose(effect[1:], again[name][1:], atol=1e-9)


@law
@given(seeds)
def test_two_scenarios_compared_the_other_way_round_differ_by_the_sign(seed):
    a, b = some_rows(seed), shuffled(some_rows(seed ^ 1), seed)
    (there,), (back,) = paired(a, b, ["npv"]), paired(b, a, ["npv"])
    assert (there.n, there.share_higher) == (back.n, back.share_lower)
    np.testing.assert_allclose(there[2:8], -np.array(back[2:8])[[0, 2, 1, 3, 5, 4]], atol=1e-12)
    (there,), (back,) = paired_milestones(a, b), paired_milestones(b, a)
    assert (there.only_a, there.n_earlier, there.reached_only_a) == (
        back.only_b,
        back.n_later,
        back.reached_only_b,
    )
    np.testing.assert_allclose((there.low, there.high), (-back.high, -back.low), atol=1e-12)
    assert there.low <= there.change <= there.high
    assert there.both + there.only_a + there.only_b + there.neither == there.n


@law
@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_the_interval_of_a_change_holds_it_and_stays_within_one(table):
    _, only_first, only_second, _ = table
    low, high = change_interval(*table)
    change = (only_first - only_second) / sum(table)
    assert -1 - 1e-12 <= low <= change + 1e-12
    assert change - 1e-12 <= high <= 1 + 1e-12


@law
@given(seeds)
def test_a_scenario_compared_with_itself_does_not_differ(seed):
    rows = some_rows(seed)
    (figure,), (milestone,) = paired(rows, rows, ["npv"]), paired_milestones(rows, rows)
    assert (figure.median, figure.mean, figure.share_higher, figure.share_lower) == (0, 0, 0, 0)
    assert (milestone.change, milestone.only_a, milestone.only_b, milestone.p_value) == (0, 0, 0, 1)
    assert milestone.n_earlier == milestone.n_later == 0
