from __future__ import annotations

import os

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import (
    MAX_FAULTS,
    MAX_SERIES_BYTES,
    Faults,
    iso_minutes,
    parse_number,
    parse_numbers,
    read_lines,
)


def test_column_with_one_hole_keeps_the_other_numbers():
    np.testing.assert_array_equal(parse_numbers(["1", "x", " 3 ", "inf"]), [1, np.nan, 3, np.nan])


def test_digits_of_other_scripts_and_underscores_are_no_numbers():
    assert np.isnan(parse_numbers(["1_0", "١٢"])).all()


def test_pipe_is_refused_before_it_blocks(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ScenarioError, match="is not a file"):
        read_lines(pipe, Faults("pipe", "key"))


def test_file_too_large_is_refused(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_SERIES_BYTES + 1)
    with pytest.raises(ScenarioError, match="64 MiB"):
        read_lines(path, Faults("large", "key"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "cp949", "utf-16"])
def test_a_weather_file_may_be_in_any_encoding_that_is_found(tmp_path, encoding: str) -> None:
    name = "울산" if encoding in ("cp949", "utf-16", "utf-8", "utf-8-sig") else "Málaga"
    path = tmp_path / "w.epw"
    path.write_bytes(f"LOCATION,{name},1,2\r\n1,2,3\r\n".encode(encoding))
    lines = read_lines(path, Faults("w.epw", "weather.file"))
    assert lines[1] == "1,2,3"
    assert lines[0].startswith("LOCATION,")


def test_old_line_ends_are_lines(tmp_path) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(b"a,b\r1,2\r3,4\r")
    faults = Faults("w.csv", "weather.file")
    assert read_lines(path, faults) == ["a,b", "1,2", "3,4"]


@pytest.mark.parametrize("content", [b"\xff\xfea", b"ab\0\xff\xff"])
def test_what_is_no_text_is_refused(tmp_path, content: bytes) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(content)
    with pytest.raises(ScenarioError):
        read_lines(path, Faults("w.csv", "weather.file"))


def test_a_number_is_finite_ascii_and_without_underscores() -> None:
    assert parse_number(" -1.5e2 ") == -150
    assert all(np.isnan(parse_number(text)) for text in ("", "1_0", "inf", "nan", "1,5", "٣"))


def test_times_are_minutes_in_utc_and_other_texts_are_noted() -> None:
    faults = Faults("w.csv", "key")
    texts = ["1970-01-01T01:00", "1970-01-01T10:00+09:00", "noon", "1970-01-01T00:00:30Z"]
    assert iso_minutes(texts, 2, faults, subject="column time ").tolist() == [60, 60, 0, 0]
    with pytest.raises(ScenarioError) as caught:
        faults.stop_if_any()
    assert str(caught.value).splitlines() == [
        "w.csv:4: key: column time is not a time such as 2030-01-31T13:00Z",
        "w.csv:5: key: column time is not a time of a whole minute",
    ]


def test_more_faults_than_are_listed_are_counted() -> None:
    faults = Faults("w.csv", "key")
    faults.stop_if_any()
    for line in range(MAX_FAULTS + 7):
        faults.add(line, "is wrong")
    with pytest.raises(ScenarioError) as caught:
        faults.stop_if_any()
    assert len(caught.value.problems) == MAX_FAULTS + 1
    assert "has 7 more faults" in caught.value.problems[-1].message


def test_lines_are_counted_before_they_are_parted(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("dcsim.series.data_file.MAX_LINES", 3)
    path = tmp_path / "w.csv"
    path.write_bytes(b"1\r2\n3\r\n4")
    with pytest.raises(ScenarioError, match="has 4 lines; at most 3 are read"):
        read_lines(path, Faults("w.csv", "key"))
