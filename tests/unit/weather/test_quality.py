"""Holes that may be filled, encodings in the wild, and tables with titles of their own."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.schema.weather import Column
from dcsim.series.data_file import Faults, read_lines
from dcsim.weather.formats.table import read_csv
from dcsim.weather.quality import Mending, mended

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


def read(lines: list[str], limit_h: float = 0.0, columns: tuple[Column, ...] = ()):
    mending = Mending(limit_h, [])
    return read_csv(lines, Faults("w.csv", "weather.file"), mending, columns), mending.notes


def test_a_hole_is_an_error_unless_repair_is_declared() -> None:
    lines = table(temp_dry_bulb_c={5: "", 6: "-999"})
    with pytest.raises(ScenarioError, match=r"w\.csv:7: .* has no value"):
        read(lines)
    span, notes = read(lines, 2.0)
    assert span.columns["temp_dry_bulb_c"][4:8] == pytest.approx([10.4, 10.5, 10.6, 10.7])
    assert notes == [
        "Repaired: column temp_dry_bulb_c, 2 rows without a usable value, the longest gap 2 h."
    ]


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


def test_nothing_bad_is_left_and_nothing_good_is_touched() -> None:
    rng = np.random.default_rng(3)
    values = rng.random(24 * 30)
    bad = rng.random(values.size) < 0.2
    for sunny in (False, True):
        filled, left = mended(np.where(bad, np.nan, values), bad, sunny, 72.0, 1.0)
        np.testing.assert_array_equal(filled[~bad], values[~bad])
        assert np.isfinite(filled[~left]).all()
        # Sunshine with no good day on either side stays a hole.
        assert left.sum() <= (0.1 * bad.sum() if sunny else 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "cp949", "utf-16"])
def test_a_weather_file_may_be_in_any_encoding_that_is_found(tmp_path, encoding: str) -> None:
    name = "울산" if encoding in ("cp949", "utf-16", "utf-8", "utf-8-sig") else "Málaga"
    path = tmp_path / "w.epw"
    path.write_bytes(f"LOCATION,{name},1,2\r\n1,2,3\r\n".encode(encoding))
    lines = read_lines(path, Faults("w.epw", "weather.file"), any_encoding=True)
    assert lines[1] == "1,2,3"
    assert lines[0].startswith("LOCATION,")


def test_old_line_ends_are_lines(tmp_path) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(b"a,b\r1,2\r3,4\r")
    faults = Faults("w.csv", "weather.file")
    assert read_lines(path, faults, any_encoding=True) == ["a,b", "1,2", "3,4"]


@pytest.mark.parametrize("content", [b"\xff\xfea", b"ab\0\xff\xff"])
def test_what_is_no_text_is_refused(tmp_path, content: bytes) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(content)
    with pytest.raises(ScenarioError):
        read_lines(path, Faults("w.csv", "weather.file"), any_encoding=True)


def declared(*said: tuple[str, ...]) -> tuple[Column, ...]:
    keys = ("holds", "title", "unit")
    return tuple(Column.model_validate(dict(zip(keys, one, strict=False))) for one in said)


def test_titles_and_units_of_another_program_are_read() -> None:
    lines = table()
    plain, _ = read(lines)
    head = lines[0].replace("temp_dry_bulb_c", "T2M").replace("wind_speed_m_s", "WS")
    head = head.replace("relative_humidity_frac", "RH") + ",cloud"
    rows = []
    for line in lines[1:]:
        cells = line.split(",")
        cells[1] = f"{float(cells[1]) + 273.15:.4f}"
        cells[2], cells[3] = "50", f"{float(cells[3]) * 3.6}"
        rows.append(",".join([*cells, "overcast"]))
    columns = declared(
        ("temp_dry_bulb_c", "T2M", "K"),
        ("wind_speed_m_s", "WS", "km/h"),
        ("relative_humidity_frac", "RH", "percent"),
    )
    span, _ = read([head, *rows], 0.0, columns)
    for name, values in plain.columns.items():
        np.testing.assert_allclose(span.columns[name], values, atol=1e-4)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ((("temp_dry_bulb_c", "T2M", "kg"),), "unit 'kg' is none that turns into degC"),
        ((("temp_dry_bulb_c", "T2M", "__import__('os')"),), "is none that turns into degC"),
        ((("temp_dry_bulb_c", "gone"),), "column temp_dry_bulb_c is missing"),
    ],
)
def test_what_is_declared_wrong_is_told(columns, said: str) -> None:
    lines = table()
    lines[0] = lines[0].replace("temp_dry_bulb_c", "T2M")
    with pytest.raises(ScenarioError) as caught:
        read(lines, 0.0, declared(*columns))
    assert said in str(caught.value)
