"""The files of a run folder, and folders that a run leaves alone."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from dcsim.errors import OutputError
from dcsim.results.run_folder import (
    _write_parquet,
    check_output,
    ledger_csv,
    read_parquet,
    replace_folder,
    text_cell,
    timeline_csv,
    yaml_text,
)
from dcsim.types import LEDGER_COLUMNS


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


def test_a_pue_without_load_is_nothing_in_the_file_and_nan_when_read(runs, tmp_path):
    result = runs("minimal")
    result.save(tmp_path / "run")
    pue = read_parquet(tmp_path / "run" / "hourly.parquet")["pue"]
    np.testing.assert_array_equal(pue, result.hourly["pue"])
    assert np.isnan(pue[0])


def test_the_timeline_is_in_order_and_racks_that_move_together_share_a_line(runs):
    result = runs("minimal")
    rows = list(csv.DictReader(io.StringIO(timeline_csv(result.timeline))))
    times = [row["time"] for row in rows]
    assert times == sorted(times)
    ordered = [row for row in rows if row["event"] == "outside -> on_order"]
    assert [(row["subject"], row["gpus"]) for row in ordered] == [("first", "4000")]
    assert not any("in_repair" in row["event"] for row in rows)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_of_text_is_a_formula(text):
    assert text_cell(text) == f"'{text}"


def test_numbers_stay_numbers_in_cells():
    assert text_cell(-1.5) == -1.5
    assert type(text_cell(np.float64(2.0))) is float
    ledger = {name: ["=x"] if name == "asset" else [-1.0] for name in LEDGER_COLUMNS}
    [row] = csv.DictReader(io.StringIO(ledger_csv(ledger)))
    assert (row["asset"], row["amount"]) == ("'=x", "-1.0")


@pytest.mark.parametrize("value", ["no", "null", "True", "1e6", "12", "a: b", "", "- x", "é", "#x"])
def test_yaml_reads_back_the_text_that_was_written(value):
    from ruamel.yaml import YAML

    data = {"key": value, "list": [value, {"inner": [value, None, True, 1.5]}]}
    assert YAML(typ="safe").load(yaml_text(data)) == data


def test_a_long_value_goes_on_lines_of_its_own():
    text = yaml_text({"names": {f"key-{n}": "x" * 20 for n in range(5)}})
    assert text.splitlines()[0] == "names:"
    assert text.splitlines()[1] == f"  key-0: {'x' * 20}"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not empty and holds no run"):
        check_output(tmp_path)
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(OutputError, match=r"holds notes\.txt, which is not a run's"):
        check_output(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_or_a_link_is_no_folder_for_a_run(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(OutputError, match="is not a folder"):
            check_output(tmp_path / name)
    with pytest.raises(OutputError, match="cannot be written"):
        check_output(tmp_path / "file" / "run")


def test_the_folder_one_stands_in_is_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "summary.json").write_text("{}")
    monkeypatch.chdir(tmp_path / "run")
    with pytest.raises(OutputError, match="is the folder you are in"):
        check_output(tmp_path / "run")


def test_a_folder_that_is_not_there_or_holds_a_run_may_be_written(tmp_path):
    check_output(tmp_path / "a" / "b")
    (tmp_path / "run").mkdir()
    for name in ("summary.json", "bands.csv", "gantt.svg"):
        (tmp_path / "run" / name).write_text("")
    check_output(tmp_path / "run")


def test_a_swap_replaces_the_run_and_leaves_nothing_beside_it(tmp_path):
    for name in ("run", "part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "summary.json").write_text(json.dumps(name))
    replace_folder(tmp_path / "part", tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert json.loads((tmp_path / "run" / "summary.json").read_text()) == "part"


def test_a_swap_that_fails_brings_the_earlier_run_back(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "summary.json").write_text("before")
    with pytest.raises(OSError, match="part"):
        replace_folder(tmp_path / "part", tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (tmp_path / "run" / "summary.json").read_text() == "before"


def test_a_damaged_parquet_file_is_a_value_error(tmp_path):
    path = tmp_path / "hourly.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(ValueError, match=r"hourly\.parquet is no whole Parquet file"):
        read_parquet(path)


def test_a_folder_of_runs_is_read_by_its_very_name(tmp_path):
    """A pattern of DuckDB in the name of one folder matches that of another."""
    for name, n_rows in (("run1", 1), ("run[1]", 2), ("run*", 3), ("year=2027", 4)):
        folder = tmp_path / name
        folder.mkdir()
        _write_parquet(folder / "t.parquet", "SELECT * FROM t", {"t": {"x": np.arange(n_rows)}})
        assert [path.name for path in folder.iterdir()] == ["t.parquet"]
    for name, n_rows in (("run1", 1), ("run[1]", 2), ("run*", 3), ("year=2027", 4)):
        found = read_parquet(tmp_path / name / "t.parquet")
        assert {column: values.tolist() for column, values in found.items()} == {
            "x": list(range(n_rows))
        }


def test_a_folder_that_is_no_text_is_said(tmp_path):
    with pytest.raises(OSError, match="not UTF-8 text"):
        _write_parquet(tmp_path / "bad\udcff", "SELECT * FROM t", {"t": {"x": np.arange(2)}})
    with pytest.raises(ValueError, match="not UTF-8 text"):
        read_parquet(tmp_path / "bad\udcff")
