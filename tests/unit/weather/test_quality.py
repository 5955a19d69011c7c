"""Checks of rows, gaps that may be filled, and cautions."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.resampling import Span
from dcsim.weather.formats.table import read_table
from dcsim.weather.formats.weather_file import ReadOptions
from dcsim.weather.quality import (
    FileColumn,
    calendar_hours,
    check_time_order,
    checked_columns,
    distance_note,
    sunshine_note,
    whole_year,
)

TITLES = "time,temp_dry_bulb_c,relative_humidity_frac,wind_speed_m_s,ghi_w_m2,dni_w_m2,dhi_w_m2"


def table(n_days: int = 4, **cells: dict[int, str]) -> list[str]:
    """Rows of hours with single cells replaced, by title and row."""
    lines = [TITLES]
    for row in range(24 * n_days):
        hour = row % 24
        sun = max(0.0, 500 * np.sin((hour - 6) / 12 * np.pi)) * (1 + row // 24 / 10)
        values = {
            "time": f"2030-01-{1 + row // 24:02}T{hour:02}:00Z",
            "temp_dry_bulb_c": f"{10 + hour / 10:.2f}",
            "relative_humidity_frac": "0.5",
            "wind_speed_m_s": "3.0",
            "ghi_w_m2": f"{sun:.3f}",
            "dni_w_m2": "0",
            "dhi_w_m2": f"{sun:.3f}",
        }
        values |= {title: said[row] for title, said in cells.items() if row in said}
        lines.append(",".join(values.values()))
    return lines


def read(lines: list[str], repair_h: float = 0.0) -> tuple[Span, tuple[str, ...]]:
    file = read_table(lines, Faults("w.csv", "weather.file"), ReadOptions(repair_h))
    assert isinstance(file.table, Span)
    return file.table, file.notes


def test_a_hole_is_an_error_unless_repair_is_declared() -> None:
    lines = table(temp_dry_bulb_c={5: "", 6: "-999"})
    with pytest.raises(ScenarioError, match=r"w\.csv:7: .* has no value"):
        read(lines)
    span, notes = read(lines, 2.0)
    assert span.columns["temp_dry_bulb_c"][4:8] == pytest.approx([10.4, 10.5, 10.6, 10.7])
    assert notes == (
        "Repaired: column temp_dry_bulb_c, 2 rows without a usable value, the longest gap 2 h.",
    )


def test_a_gap_beyond_the_limit_stays_an_error() -> None:
    lines = table(wind_speed_m_s=dict.fromkeys(range(10, 15), ""))
    with pytest.raises(ScenarioError, match="has no value"):
        read(lines, 4.0)
    assert read(lines, 5.0)[0].columns["wind_speed_m_s"].min() == 3.0


def test_sunshine_takes_the_same_hour_of_the_days_beside_it() -> None:
    span, _ = read(table(ghi_w_m2={36: "9999", 37: ""}), 6.0)
    sun = span.columns["ghi_w_m2"]
    np.testing.assert_allclose(sun[36:38], (sun[12:14] + sun[60:62]) / 2)
    first, _ = read(table(ghi_w_m2={12: ""}), 6.0)
    sun = first.columns["ghi_w_m2"]
    assert sun[12] == sun[36]


TEMPERATURE = FileColumn("temp_dry_bulb_c", "temperature", 1, -90, 60, "°C", (99.9,))


def test_every_hole_and_every_value_out_of_range_is_noted_by_its_line() -> None:
    faults = Faults("w.epw", "weather.file")
    rows = [["a", "20"], ["b", "99.9"], ["c", "61"], ["d", "x"]]
    columns, repairs = checked_columns(rows, (TEMPERATURE,), 9, faults)
    np.testing.assert_array_equal(columns["temp_dry_bulb_c"], [20, np.nan, np.nan, np.nan])
    assert repairs == ()
    with pytest.raises(ScenarioError) as caught:
        faults.stop_if_any()
    assert [str(problem) for problem in caught.value.problems] == [
        "w.epw:10: weather.file: column temperature has no value",
        "w.epw:12: weather.file: column temperature has no value",
        "w.epw:11: weather.file: column temperature is not within -90 to 60 °C",
    ]


def test_a_filled_gap_stands_in_the_texts_too() -> None:
    rows = [["a", "20"], ["b", "99.9"], ["c", "21"]]
    columns, repairs = checked_columns(rows, (TEMPERATURE,), 9, Faults("w", "k"), 1.0)
    assert columns["temp_dry_bulb_c"].tolist() == [20, 20.5, 21]
    assert rows[1] == ["b", "20.5"]
    assert len(repairs) == 1


@pytest.mark.parametrize(
    ("moment", "said"), [(60, "repeats"), (30, "is earlier"), (180, "leaves a gap")]
)
def test_the_first_row_out_of_step_is_named(moment: int, said: str) -> None:
    faults = Faults("w.csv", "weather.file")
    check_time_order(np.array([0, 60, moment]), 60, 2, faults)
    with pytest.raises(ScenarioError, match=rf"w\.csv:4: .*the time {said}"):
        faults.stop_if_any()


def test_calendar_hours_are_those_of_a_plain_and_of_a_leap_year() -> None:
    plain, leap = calendar_hours(8760), calendar_hours(8784)
    assert plain[[0, 23, 24, -1]].tolist() == [[1, 1, 1], [1, 1, 24], [1, 2, 1], [12, 31, 24]]
    assert plain[59 * 24].tolist() == [3, 1, 1]
    assert leap[59 * 24].tolist() == [2, 29, 1]


def test_a_plain_year_repeats_its_28th_of_february_and_says_so() -> None:
    year, notes = whole_year({"x": np.arange(8760.0)})
    np.testing.assert_array_equal(year["x"][59 * 24 : 60 * 24], year["x"][58 * 24 : 59 * 24])
    assert len(notes) == 2
    assert len(whole_year({"x": np.arange(8784.0)})[1]) == 1


def test_shifted_sunshine_is_noted_with_its_hours() -> None:
    day = np.maximum(np.cos((np.arange(24) + 0.5 - 12) / 12 * np.pi), 0.0)
    ghi = {"ghi_w_m2": np.tile(day, 365)}
    assert sunshine_note(ghi, 540, 135.0) == ()
    (note,) = sunshine_note(ghi, 540, 105.0)
    assert "-2.0 h from solar noon" in note
    assert sunshine_note({"ghi_w_m2": np.zeros(8760)}, 0, 0.0)[0].endswith("no sunshine at all.")


def test_distance_is_the_great_circle() -> None:
    # A degree of latitude is 111.2 km on a sphere of 6371 km.
    assert distance_note((35.0, 129.0), (36.0, 129.0)) == (
        "The weather station lies 111 km from the site.",
    )
    assert distance_note((35.0, 129.0), (35.8, 129.0)) == ()
