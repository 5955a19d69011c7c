from __future__ import annotations

import numpy as np
import pytest

from dcsim.study.records.rows import text_column
from dcsim.study.sensitivity.discovery import DisplayUnit, InputRange, discover

N = 1000


def unit_cube(seed, n=N, n_columns=10):
    return np.random.default_rng(seed).random((n, n_columns))


@pytest.fixture(scope="module")
def planted(rows_of):
    points = unit_cube(11, N, 4)
    slip, stretch, other, u = points.T
    late = (slip > 0.4) & (stretch > 0.5)
    met = 1.0 - (late ^ (u < 0.05))
    return rows_of(
        {
            "input.works.grid-103mw.slip": 24 * 30 * slip,
            "input.risks.market.stretch": stretch,
            "input.other": other,
            "input.same": np.ones(N),
            "input.kind": text_column(["a", "b"] * (N // 2)),
            "milestone.phase-2.met": met,
        },
        failed=[1, 2],
    )


def test_the_ranges_that_miss_a_milestone_are_told_in_their_units(planted):
    units = {"works.grid-103mw.slip": DisplayUnit("months", 730.5), "risks.market.stretch": "times"}
    found = discover(planted, "phase-2", units=units)
    (box,) = found.boxes
    by_key = {one.key: one for one in box.ranges}
    assert by_key["works.grid-103mw.slip"].low == pytest.approx(24 * 30 * 0.4, rel=0.1)
    assert by_key["risks.market.stretch"].low == pytest.approx(0.5, rel=0.1)
    assert max(one.p_value for one in box.ranges) < 1e-6
    (sentence,) = found.sentences
    assert "works.grid-103mw.slip above 0.398 months" in sentence
    assert "risks.market.stretch above 0.499 times" in sentence
    assert f"{100 * box.density.share:.0f} % of these runs miss phase-2" in sentence
    assert f"(coverage {100 * box.coverage.share:.0f} %)" in sentence


def test_density_and_coverage_are_what_they_say(planted):
    found = discover(planted, "phase-2")
    (box,) = found.boxes
    kept = planted.where(planted.ok)
    inside = np.ones(kept.n_rows, dtype=bool)
    for one in box.ranges:
        values = kept.columns[f"input.{one.key}"]
        inside &= values >= (one.low if one.low is not None else -np.inf)
        inside &= values <= (one.high if one.high is not None else np.inf)
    missed = kept.columns["milestone.phase-2.met"] < 0.5
    assert (box.density.n_yes, box.density.n) == (missed[inside].sum(), inside.sum())
    assert (box.coverage.n_yes, box.coverage.n) == (missed[inside].sum(), missed.sum())
    assert (found.n, found.n_missed, found.n_failed) == (kept.n_rows, missed.sum(), 2)


def test_inputs_that_are_not_looked_at_are_named(planted):
    skipped = discover(planted, "phase-2").skipped
    assert skipped == {"same": "does not vary", "kind": "is text, which has no ranges"}


def test_a_second_way_to_miss_is_told_after_the_first(rows_of):
    points = unit_cube(12, N, 3)
    missed = (points[:, 0] > 0.7) | (points[:, 1] < 0.15)
    columns = {f"input.x{i}": points[:, i] for i in range(3)}
    found = discover(rows_of({**columns, "milestone.all.met": 1.0 - missed}), "all")
    assert [[one.key for one in box.ranges] for box in found.boxes] == [["x0"], ["x1"]]
    assert [box.is_first for box in found.boxes] == [True, False]
    assert "of these other runs" in found.sentences[1]
    assert sum(box.coverage.share for box in found.boxes) > 0.95
    assert {box.coverage.n for box in found.boxes} == {missed.sum()}
    assert (
        len(
            discover(
                rows_of({**columns, "milestone.all.met": 1.0 - missed}), "all", n_boxes=1
            ).boxes
        )
        == 1
    )


def test_ranges_in_which_misses_are_rarer_than_elsewhere_are_not_told(rows_of):
    points = unit_cube(0, N, 20)
    missed = 400 * points[:, 0] + 300 * points[:, 1] > 350
    columns = {f"input.x{i}": points[:, i] for i in range(20)}
    found = discover(rows_of({**columns, "milestone.all.met": 1.0 - missed}), "all")
    assert [{one.key for one in box.ranges} for box in found.boxes] == [{"x0", "x1"}]


@pytest.mark.parametrize(
    ("n_missed", "words"),
    [(3, "3 of 40 runs miss all: too few misses"), (38, "too few runs in time to see a pattern")],
)
def test_too_few_of_either_kind_show_no_pattern(rows_of, n_missed, words):
    columns = {"input.x": np.arange(40.0), "milestone.all.met": np.arange(40) >= n_missed}
    columns["milestone.all.met"] = columns["milestone.all.met"].astype(float)
    assert words in discover(rows_of(columns), "all").sentences[0]


def test_if_no_range_stands_out_it_is_said(rows_of):
    columns = {"input.x": np.ones(40), "milestone.all.met": np.arange(40) % 2.0}
    assert discover(rows_of(columns), "all").sentences == [
        "no range of one or several inputs tells which runs miss all"
    ]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (InputRange("a", 1.234, None, 0, DisplayUnit("")), "a above 1.23"),
        (InputRange("a", None, 26_000.0, 0, DisplayUnit("MWh")), "a below 26,000 MWh"),
        (InputRange("a", 24.0, 60.0, 0, DisplayUnit("days", 24)), "a between 1 and 2.5 days"),
        (InputRange("risks.storm.happens", 0.5, None, 0, DisplayUnit("")), "risks.storm happens"),
        (InputRange("works.grid.comes", None, 0.5, 0, DisplayUnit("")), "works.grid does not come"),
    ],
)
def test_a_range_reads_as_part_of_a_sentence(one, words):
    assert one.words == words
