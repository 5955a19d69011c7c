from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.errors import ModelError
from dcsim.study.records.rows import text_column
from dcsim.study.statistics.criticality import criticalities, finish_bands
from dcsim.study.statistics.samples import wilson

DAYS = ["2030-01-10", "2030-01-20", "2030-02-10", "NaT"]


@pytest.fixture
def rows(rows_of, milestone_columns):
    return rows_of(
        milestone_columns(DAYS, "2030-01-31")
        | {
            "milestone.all.path": text_column(
                ["permit > grid", "permit > hall", "permit > grid", "grid > grid"]
            ),
            "work.hall.finish": np.array(["2030-01-01"] * 4, dtype="datetime64[s]"),
            "work.grid.finish": np.array(DAYS, dtype="datetime64[s]"),
            "work.permit.finish": np.array(
                ["2029-12-04", "2029-12-03", "2029-12-02", "2029-12-01"], dtype="datetime64[s]"
            ),
            "work.never.finish": np.array(["NaT"] * 4, dtype="datetime64[s]"),
        }
    )


def test_criticality_is_the_share_of_runs_that_a_work_drives(rows):
    found = {one.work: one for one in criticalities(rows, "all")}
    assert {work: one.n_driving for work, one in found.items()} == {
        "grid": 3,
        "permit": 3,
        "hall": 1,
        "never": 0,
    }
    assert (found["grid"].criticality, found["grid"].n) == (0.75, 4)
    assert (found["grid"].low, found["grid"].high) == wilson(3, 4)


def test_those_that_drive_most_come_first(rows):
    n_driving = [one.n_driving for one in criticalities(rows, "all")]
    assert n_driving == sorted(n_driving, reverse=True)


def test_cruciality_is_a_rank_correlation_in_which_never_is_last(rows):
    found = {one.work: one.cruciality for one in criticalities(rows, "all")}
    assert found["grid"] == pytest.approx(1.0)
    assert found["permit"] == pytest.approx(-1.0)
    assert np.isnan([found["hall"], found["never"]]).all(), "what does not vary goes with nothing"


def test_a_failed_run_has_no_path(rows):
    rows.columns["status"][3] = "failed"
    rows.columns["milestone.all.path"][3] = None
    assert {one.n for one in criticalities(rows, "all")} == {3}


def test_an_unknown_milestone_is_refused(rows):
    with pytest.raises(ModelError, match="no milestone 'none'"):
        criticalities(rows, "none")


def test_finish_bands_count_never_and_failed_runs(rows):
    found = {one.work: one for one in finish_bands(rows, (0.5, 1.0))}
    assert found["grid"].dates == (datetime.date(2030, 1, 20), None)
    assert (found["grid"].n, found["grid"].n_done) == (4, 3)
    assert found["never"].dates == (None, None)
