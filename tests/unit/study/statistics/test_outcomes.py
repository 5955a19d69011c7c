from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.study.records.rows import text_column
from dcsim.study.statistics.outcomes import (
    in_design_order,
    inputs_and_outcome,
    outcome_of,
    run_inputs,
)

N = 500


@pytest.fixture(scope="module")
def noisy(rows_of):
    """Output 3 a - b + noise; c says nothing, same does not vary, choice shifts it by 10."""
    rng = np.random.default_rng(1)
    a, b, c, noise = rng.random((4, N))
    choice = np.array(["slow", "fast"])[rng.integers(0, 2, N)]
    return rows_of(
        {
            "input.a": a,
            "input.b": b,
            "input.c": c,
            "input.same": np.ones(N),
            "input.word": text_column(["one"] * N),
            "input.choice": text_column(choice.tolist()),
            "input.sometimes": np.where(np.arange(N) < 9, np.nan, a),
            "npv": 3 * a - b + 0.3 * noise + 10 * (choice == "slow"),
            "plain": 3 * a - b + 0.3 * noise,
        }
    )


def test_inputs_that_say_nothing_are_named_with_the_reason(noisy):
    inputs = run_inputs(noisy)
    assert inputs.names == ("a", "b", "c")
    assert list(inputs.categories) == ["choice"]
    assert inputs.skipped == {
        "same": "does not vary",
        "word": "does not vary",
        "sometimes": "is not drawn in every run",
    }


def test_days_late_count_from_the_day_that_was_asked(rows_of, milestone_columns):
    rows = rows_of(milestone_columns(["2030-01-01", "2030-02-10"], "2030-01-31"))
    assert outcome_of(rows, "milestone.all").values.tolist() == [-30.0, 10.0]


def test_never_is_as_late_as_the_end_of_the_run(rows_of, milestone_columns):
    columns = milestone_columns(["2030-01-01", "NaT", "NaT"], "2030-01-31")
    rows = rows_of(columns, series={"x": np.zeros((3, 3))}, failed=[3])
    found = outcome_of(rows, "milestone.all")
    # The run ends with March: April 1 is 60 days after January 31.
    assert (found.values[1], found.n_never, found.never_days) == (60.0, 1, 60.0)
    assert np.isnan(found.values[2]), "a failed run is not late, it is unknown"


def test_where_cases_ask_for_different_days_never_is_latest_by_the_earliest(
    rows_of, milestone_columns
):
    late = milestone_columns(["2030-01-01", "NaT"], "2030-01-31")
    early = milestone_columns(["2030-01-01", "NaT"], "2030-01-11")
    both = {name: np.concatenate([late[name], early[name]]) for name in late}
    rows = rows_of(both, series={"x": np.zeros((4, 3))})
    assert outcome_of(rows, "milestone.all").never_days == 80.0


def test_what_never_stands_for_can_be_stated(rows_of, milestone_columns):
    rows = rows_of(milestone_columns(["NaT", "NaT"], "2030-01-31"))
    with pytest.raises(ModelError, match="say how many days late never is"):
        outcome_of(rows, "milestone.all")
    assert outcome_of(rows, "milestone.all", never_days=900).values.tolist() == [900.0, 900.0]


def test_runs_without_the_figure_are_left_out(rows_of):
    inputs, outcome = inputs_and_outcome(
        rows_of({"input.a": [1, 2, 3], "npv": [5, np.nan, 7]}), "npv"
    )
    assert outcome.values.tolist() == [5.0, 7.0]
    assert inputs.values[:, 0].tolist() == [1.0, 3.0]
    with pytest.raises(ModelError, match="no finished run has a value"):
        inputs_and_outcome(rows_of({"npv": [np.nan]}), "npv")


def test_points_of_a_design_come_in_its_order(rows_of):
    rows = rows_of(
        {"case": list("bbbac"), "npv": [1, 2, 60, 7, 0]},
        replications=[1, 2, 3, 1, 1],
        failed=[],
    )
    assert in_design_order(rows, ["a", "b", "a"], "npv").tolist() == [7.0, 2.0, 7.0]
    with pytest.raises(ModelError, match="1 cases of the design have no rows, first 'd'"):
        in_design_order(rows, ["a", "d"], "npv")


def test_replications_beside_a_design_do_not_push_out_its_points(rows_of):
    rows = rows_of(
        {"case": ["base", "base", "p1", "p2"], "npv": [1, 2, 3, 4]}, replications=[1, 2, 0, 0]
    )
    assert in_design_order(rows, ["p1", "p2"], "npv").tolist() == [3.0, 4.0]


def test_the_run_at_the_medians_is_not_the_output_of_a_point_that_has_draws(rows_of):
    rows = rows_of({"case": list("aaa"), "npv": [9, 1, 3]}, replications=[0, 1, 2])
    assert in_design_order(rows, ["a"], "npv").tolist() == [2.0]


def test_a_point_that_failed_has_no_output(rows_of):
    rows = rows_of({"case": ["a", "b"], "npv": [1, 2]}, replications=[1, 2], failed=[2])
    assert np.isnan(in_design_order(rows, ["a", "b"], "npv")).tolist() == [False, True]
