"""A result in memory: figures by name, its digest, its table, and folders left whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import dcsim
from dcsim.errors import OutputError
from dcsim.results.run_folder import RUN_FILES


@pytest.fixture(scope="module")
def result(scenarios):
    return dcsim.simulate(dcsim.load(scenarios / "minimal.yaml", overrides=["end=2027-02-01"]))


def test_figures_are_read_by_names_that_depend_on_the_scenario(result):
    assert result.figure("solar_mwh") == result.summary["solar_mwh"]
    assert result.figure("npv_usd") is None
    with pytest.raises(KeyError, match="npv_krw"):
        result.figure("npv_krw")


def test_milestones_are_those_of_the_summary(result):
    assert result.milestones is result.summary["milestones"]


def test_the_digest_sees_every_column_and_the_events(result):
    moved = dict(result.hourly)
    moved["curtailed_mw"] = moved["curtailed_mw"] + np.spacing(1.0)
    assert replace(result, hourly=moved).digest() != result.digest()
    reordered = dict(reversed(result.hourly.items()))
    assert replace(result, hourly=reordered).digest() == result.digest()
    moves = result.timeline.moves
    later = replace(result.timeline, moves=replace(moves, time_min=moves.time_min + 1))
    assert replace(result, timeline=later).digest() != result.digest()


def test_the_data_frame_stands_over_utc(result):
    pytest.importorskip("pandas")
    frame = result.to_pandas()
    assert list(frame.columns) == list(result.hourly)
    assert str(frame.index[0]) == "2026-12-31 15:00:00+00:00"
    assert len(frame) == result.calendar.n_hours


def test_a_run_is_written_whole_with_extra_files_and_nothing_is_left_beside_it(result, tmp_path):
    paths = result.save(tmp_path / "run", extra={"figure.svg": b"<svg/>"})
    assert [path.name for path in paths] == [*RUN_FILES, "figure.svg"]
    assert (tmp_path / "run" / "figure.svg").read_bytes() == b"<svg/>"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_write_that_fails_leaves_the_earlier_run_alone(result, tmp_path, monkeypatch):
    result.save(tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dcsim.results.result.write_events", full)
    with pytest.raises(OutputError, match="No space left"):
        result.save(tmp_path / "run")
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_result_is_shown_in_one_line_and_in_a_notebook(result):
    assert repr(result).startswith("<Result One hall, 2027-01-01 to 2027-02-01, replication 0")
    shown = result._repr_html_()
    assert "<strong>Milestones</strong>" in shown
    assert "gpus_online_max" in shown


def test_every_column_is_handed_on_with_its_unit(result):
    pytest.importorskip("xarray")
    dataset = result.to_xarray()
    assert set(dataset.data_vars) == set(result.hourly)
    assert dataset["facility_power_mw"].attrs["units"] == "MW"
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(result)
    assert frame.columns == ["time", *result.hourly]
    assert frame.height == result.calendar.n_hours


@pytest.mark.parametrize("name", ["summary.json", "../beside.txt", "deeper/file.txt", ""])
def test_further_files_stay_in_the_folder_and_take_no_place_of_another(result, tmp_path, name):
    with pytest.raises(OutputError, match="extra file"):
        result.save(tmp_path / "run", extra={name: b"x"})
    assert list(tmp_path.iterdir()) == []
