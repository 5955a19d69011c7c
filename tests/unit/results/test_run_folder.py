from __future__ import annotations

import numpy as np

from dcsim.results.read_run import read_run
from dcsim.results.run_folder import read_parquet


def test_events_bear_the_time_of_the_run(runs, tmp_path):
    result = runs("minimal")
    result.save(tmp_path / "run")
    events = read_parquet(tmp_path / "run" / "events.parquet")
    start = np.datetime64(int(result.calendar.start.timestamp()), "s")
    expected = start + result.timeline.moves.time_min.astype("timedelta64[m]")
    np.testing.assert_array_equal(events["time"].astype("datetime64[s]"), expected)
    assert events["time"].min() >= np.datetime64("2026-12-31")


def test_hours_bear_the_time_of_the_run(runs, tmp_path):
    result = runs("minimal")
    result.save(tmp_path / "run")
    hours = read_parquet(tmp_path / "run" / "hourly.parquet")["time"].astype("datetime64[s]")
    np.testing.assert_array_equal(hours, result.calendar.time_utc)


def test_a_run_read_back_is_the_run(runs, tmp_path):
    result = runs("minimal")
    result.save(tmp_path / "run")
    assert read_run(tmp_path / "run").digest() == result.digest()
