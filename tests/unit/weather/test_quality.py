"""Checks of values, and gaps that may be filled."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.resampling import Span
from dcsim.series.text_table import ForeignTable
from dcsim.weather.formats.table import read_table
from dcsim.weather.formats.weather_file import ReadOptions
from dcsim.weather.quality import FileColumn, usable_values

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
    assert notes[0] == (
        "Repaired: column temp_dry_bulb_c, 2 rows without a usable value, the longest gap 2 h."
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


TEMPERATURE = FileColumn("temp_dry_bulb_c", "temperature", -90, 60, "°C", 1, (99.9,))
DEW_POINT = FileColumn("dew_point_c", "dew point", -120, 60, "°C", 1, (99.9,))
HUMIDITY = FileColumn("relative_humidity_frac", "humidity", 0, 110, "%", 0.01, (999.0,))
GHI = FileColumn("ghi_w_m2", "GHI", 0, 1500, "W/m2")
PRESSURE = FileColumn("pressure_pa", "pressure", 310, 1200, "mbar", 100.0, (9999.0,))


def usable(*columns_and_values, is_repaired=False):
    faults = Faults("w.epw", "weather.file")
    columns = [column for column, _ in columns_and_values]
    values = {column.name: np.array(rows, dtype=float) for column, rows in columns_and_values}
    n_rows = len(columns_and_values[0][1])
    table = ForeignTable({}, np.arange(9, 9 + n_rows))
    found = usable_values(columns, values, table, faults, is_repaired=is_repaired)
    faults.stop_if_any()
    return found


def test_values_come_in_the_units_of_the_weather_and_codes_are_holes():
    found, _ = usable(
        (TEMPERATURE, [20, 99.9]),
        (HUMIDITY, [50, 999]),
        (PRESSURE, [1013, 9999]),
        is_repaired=True,
    )
    np.testing.assert_array_equal(found["temp_dry_bulb_c"], [20, np.nan])
    np.testing.assert_array_equal(found["relative_humidity_frac"], [0.5, np.nan])
    np.testing.assert_array_equal(found["pressure_pa"], [101_300, np.nan])


def test_a_value_out_of_range_is_a_fault_or_a_hole_to_be_filled():
    with pytest.raises(ScenarioError, match=r"w\.epw:10: .*temperature is not within -90 to 60 °C"):
        usable((TEMPERATURE, [20, 61]))
    found, _ = usable((TEMPERATURE, [20, 61]), is_repaired=True)
    np.testing.assert_array_equal(found["temp_dry_bulb_c"], [20, np.nan])


def test_night_offsets_count_as_zero_and_are_told():
    found, notes = usable((GHI, [-2.4, 0, 300, -0.1]), (PRESSURE, [1000] * 4))
    assert found["ghi_w_m2"].tolist() == [0, 0, 300, 0]
    assert notes == ("Column GHI: 2 values of up to 2.4 W/m2 below zero count as zero.",)
    with pytest.raises(ScenarioError, match="GHI is not within 0 to 1500 W/m2"):
        usable((GHI, [-11, 0]))


def test_humidity_above_saturation_counts_as_full_and_is_told():
    found, notes = usable((HUMIDITY, [104, 100, 40]), (PRESSURE, [1000] * 3))
    assert found["relative_humidity_frac"].tolist() == [1.0, 1.0, 0.4]
    assert notes == ("Column humidity: 1 values of up to 104% count as 100 %.",)
    assert usable((HUMIDITY, [100.2, 40]), (PRESSURE, [1000] * 2))[1] == ()


def test_humidity_follows_from_the_dew_point_where_it_is_missing():
    # Magnus: e(10) = 6.112 exp(176.2 / 253.12) = 12.260 hPa, e(20) = 23.326 hPa: 52.56 %.
    found, notes = usable(
        (TEMPERATURE, [20, 20, 20]),
        (DEW_POINT, [10, 10, 20.4]),
        (HUMIDITY, [70, 999, 999]),
        (PRESSURE, [1000] * 3),
    )
    np.testing.assert_allclose(found["relative_humidity_frac"], [0.7, 0.5256, 1.0], atol=1e-4)
    assert "dew_point_c" not in found
    assert notes == ("Relative humidity in 2 rows follows from the dew point.",)
    alone, notes = usable((TEMPERATURE, [20.0]), (DEW_POINT, [10]), (PRESSURE, [1000]))
    np.testing.assert_allclose(alone["relative_humidity_frac"], [0.5256], atol=1e-4)
    assert notes == ("Relative humidity follows from the dew point.",)


@pytest.mark.parametrize("columns", [(), ((PRESSURE, [9999, 9999]),)])
def test_a_pressure_that_no_row_has_is_left_to_the_standard_atmosphere(columns):
    found, notes = usable((TEMPERATURE, [20, 21]), *columns)
    assert "pressure_pa" not in found
    assert notes == (
        "The file has no pressure: that of the standard atmosphere at the elevation is used.",
    )


def test_a_column_without_any_value_is_one_fault():
    with pytest.raises(ScenarioError) as caught:
        usable((TEMPERATURE, [99.9] * 50), (PRESSURE, [1000] * 50))
    (problem,) = caught.value.problems
    assert problem.message == "column temperature has no value in any row"
