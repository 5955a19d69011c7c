from __future__ import annotations

import numpy as np
import pytest
from pvlib.iotools import read_epw

from dcsim.errors import ScenarioError
from dcsim.weather import make_weather


def problems(plan):
    with pytest.raises(ScenarioError) as caught:
        make_weather(plan)
    return caught.value.problems


def replaced(lines, line, column, text):
    fields = lines[line - 1].split(",")
    fields[column] = text
    return [*lines[: line - 1], ",".join(fields), *lines[line:]]


def test_first_row_of_a_day_is_the_hour_from_midnight_to_one(with_file, epw_year):
    weather = make_weather(with_file(epw_year))
    np.testing.assert_allclose(
        weather.temp_dry_bulb_c[[0, 1, 23, 24]], [1.0101, 1.0102, 1.0124, 1.0201], rtol=1e-12
    )


def test_sunshine_of_a_symmetric_day_is_centered_on_noon(with_file, epw_year):
    weather = make_weather(with_file(epw_year))
    day = weather.ghi_w_m2[:24]
    np.testing.assert_allclose(day, day[::-1])
    assert day[11] == day[12] == day.max()


def test_site_in_another_zone_meets_the_file_at_the_same_instant(with_file, epw_year):
    plan = with_file(epw_year, time_zone="UTC")
    assert make_weather(plan).temp_dry_bulb_c[0] == pytest.approx(1.0110)


def test_half_hour_zone_takes_the_mean_of_two_rows(with_file, epw_year):
    lines = replaced(epw_year, 1, 8, "9.5")
    weather = make_weather(with_file(lines))
    assert weather.temp_dry_bulb_c[1] == pytest.approx((1.0102 + 1.0103) / 2)


def test_leap_day_repeats_the_day_before(with_file, epw_year):
    weather = make_weather(with_file(epw_year, start="2032-02-28", end="2032-03-02"))
    temp = weather.temp_dry_bulb_c
    np.testing.assert_array_equal(temp[24:48], temp[:24])
    assert temp[48] == pytest.approx(3.0101)
    assert any("29 February" in note for note in weather.notes)


def test_file_with_a_leap_day_uses_it_in_leap_years_only(with_file, epw_leap_year):
    leap = make_weather(with_file(epw_leap_year, start="2032-02-29", end="2032-03-01"))
    assert leap.temp_dry_bulb_c[0] == pytest.approx(2.2901)
    plain = make_weather(with_file(epw_leap_year, start="2031-02-28", end="2031-03-02"))
    np.testing.assert_allclose(plain.temp_dry_bulb_c[[0, 24]], [2.2801, 3.0101])


def test_coarse_and_fine_steps_keep_the_energy_of_the_sun(with_file, epw_year):
    sums = []
    for step, step_h in (("15 min", 0.25), ("1 h", 1), ("3 h", 3), ("24 h", 24)):
        weather = make_weather(with_file(epw_year, step=step))
        sums.append(weather.ghi_w_m2.sum() * step_h)
    np.testing.assert_allclose(sums, sums[0], rtol=1e-12)


def test_years_of_a_typical_year_are_the_same_and_the_report_says_so(with_file, epw_year):
    weather = make_weather(with_file(epw_year, end="2032-01-01"))
    np.testing.assert_array_equal(weather.ghi_w_m2[:8760], weather.ghi_w_m2[8760:])
    assert any("typical year repeated" in note for note in weather.notes)
    assert any("often modeled" in note for note in weather.notes)


def test_irradiance_factor_scales_all_irradiance_and_nothing_else(with_file, epw_year):
    plain = make_weather(with_file(epw_year))
    dimmed = make_weather(with_file(epw_year, weather={"irradiance_factor": 0.8}))
    for name in ("ghi_w_m2", "dni_w_m2", "dhi_w_m2"):
        np.testing.assert_allclose(getattr(dimmed, name), 0.8 * getattr(plain, name))
    np.testing.assert_array_equal(dimmed.temp_dry_bulb_c, plain.temp_dry_bulb_c)


def test_byte_order_mark_and_windows_line_ends_make_no_difference(with_file, epw_year):
    plain = make_weather(with_file(epw_year))
    raw = b"\xef\xbb\xbf" + "\r\n".join(epw_year).encode() + b"\r\n"
    assert make_weather(with_file(raw)).digest == plain.digest


def test_truncated_file_is_refused_with_its_number_of_rows(with_file, epw_year):
    (problem,) = problems(with_file(epw_year[:-100]))
    assert problem.where == "w.epw:8668"
    assert problem.key == "weather.file"
    assert "8660 rows" in problem.message


@pytest.mark.parametrize("n_rows", [0, 1, 8759, 8761, 8783])
def test_any_number_of_rows_that_is_no_year_is_refused(with_file, epw_leap_year, n_rows):
    lines = (*epw_leap_year, epw_leap_year[-1])[: 8 + n_rows]
    assert f"{n_rows} rows" in problems(with_file(lines))[-1].message


def test_a_row_beyond_the_year_is_refused(with_file, epw_leap_year):
    (problem,) = problems(with_file((*epw_leap_year, epw_leap_year[-1])))
    assert (problem.where, problem.message) == (
        "w.epw:8793",
        "row 8785 repeats the time of the row before",
    )


@pytest.mark.parametrize("encoding", ["latin-1", "cp949", "utf-16", "utf-8-sig"])
def test_the_encoding_of_a_file_changes_no_number(with_file, epw_year, encoding):
    text = "\n".join(epw_year)
    name = "f\xfcr Tests" if encoding == "latin-1" else "\uc6b8\uc0b0"
    other = make_weather(with_file(text.replace("made for tests", name).encode(encoding)))
    assert other.digest == make_weather(with_file(text.encode())).digest


@pytest.mark.parametrize(
    ("column", "code", "title"),
    [
        (6, "99.9", "dry bulb temperature"),
        (9, "999999", "atmospheric pressure"),
        (13, "9999", "global horizontal radiation"),
        (14, "9999.", "direct normal radiation"),
        (15, "", "diffuse horizontal radiation"),
        (21, "999", "wind speed"),
        (21, "nan", "wind speed"),
        (6, "1_0", "dry bulb temperature"),
        (13, "1e999", "global horizontal radiation"),
    ],
)
def test_hole_is_refused_by_line_and_column(with_file, epw_year, column, code, title):
    (problem,) = problems(with_file(replaced(epw_year, 1234, column, code)))
    assert problem.where == "w.epw:1234"
    assert problem.message == f"column {title} has no value"


@pytest.mark.parametrize(
    ("column", "text"),
    [(6, "98.6"), (8, "-1"), (9, "1013"), (13, "-9999"), (14, "1e308"), (21, "120")],
)
def test_value_out_of_range_is_refused_without_being_quoted(with_file, epw_year, column, text):
    (problem,) = problems(with_file(replaced(epw_year, 999, column, text)))
    assert problem.where == "w.epw:999"
    assert "is not within" in problem.message
    assert text not in problem.message


def test_missing_hour_is_refused_where_it_is_missing(with_file, epw_year):
    (problem,) = problems(with_file([*epw_year[:100], *epw_year[101:]]))
    assert problem.where == "w.epw:101"
    assert "gap of 1 h before this row" in problem.message


def test_repeated_hour_is_refused(with_file, epw_year):
    lines = [*epw_year[:100], epw_year[99], *epw_year[100:-1]]
    assert problems(with_file(lines))[0].where == "w.epw:101"


def test_short_row_is_refused_with_its_number_of_columns(with_file, epw_year):
    lines = list(epw_year)
    lines[49] = ",".join(lines[49].split(",")[:21])
    (problem,) = problems(with_file(lines))
    assert problem.where == "w.epw:50"
    assert "21 columns" in problem.message


def test_row_with_a_field_too_many_does_not_shift_its_columns(with_file, epw_year):
    lines = [*epw_year[:8], *(f"{line},0" for line in epw_year[8:])]
    weather = make_weather(with_file(lines))
    assert weather.temp_dry_bulb_c[0] == pytest.approx(1.0101)


def test_stray_quotation_marks_where_nobody_reads_do_no_harm(with_file, epw_year):
    plain = make_weather(with_file(epw_year))
    for line in (1, 1234):
        weather = make_weather(with_file(replaced(epw_year, line, 5, '"')))
        assert weather.digest == plain.digest


def test_missing_header_line_is_refused(with_file, epw_year):
    (problem,) = problems(with_file([*epw_year[:5], *epw_year[6:]]))
    assert problem.where == "w.epw:6"


@pytest.mark.parametrize(("column", "text"), [(6, "x"), (7, "200"), (8, "9.1"), (9, "")])
def test_header_without_a_place_is_refused(with_file, epw_year, column, text):
    assert problems(with_file(replaced(epw_year, 1, column, text)))[0].where == "w.epw:1"


def test_many_faults_are_listed_and_the_rest_is_counted(with_file, epw_year):
    lines = list(epw_year)
    for line in range(100, 200):
        lines = replaced(lines, line, 6, "99.9")
    found = problems(with_file(lines))
    assert len(found) == 21
    assert "80 more" in found[-1].message


def test_folder_as_a_file_is_refused(with_file, epw_year, tmp_path):
    plan = with_file(epw_year)
    plan.files["w.epw"].unlink()
    (tmp_path / "w.epw").mkdir()
    assert problems(plan)[0].message == "is not a file"


def test_content_of_a_foreign_file_never_shows(with_file):
    found = problems(with_file(b"root:x:0:0:root:/root:/bin/sh\n"))
    assert "root" not in "\n".join(map(str, found))


def test_unknown_kind_of_file_is_refused(with_file, epw_year):
    assert "EPW" in problems(with_file(epw_year, "w.txt"))[0].message


def test_shifted_hours_get_a_note(with_file, epw_year):
    shifted = [*epw_year[:8]]
    for line, later in zip(epw_year[8:], (*epw_year[9:], epw_year[8]), strict=True):
        fields, other = line.split(","), later.split(",")
        fields[13:16] = other[13:16]
        shifted.append(",".join(fields))
    assert not any("solar noon" in note for note in make_weather(with_file(epw_year)).notes)
    assert any("solar noon" in note for note in make_weather(with_file(shifted)).notes)


def test_far_station_gets_a_note(with_file, epw_year):
    plan = with_file(epw_year, latitude="37.5 degree")
    assert any("222 km" in note for note in make_weather(plan).notes)


def test_real_file_keeps_its_sums_and_extremes(shared_data, minimal_site, with_file):
    raw = (shared_data / "weather" / "KOR_Ulsan.epw").read_bytes()
    weather = make_weather(with_file(raw))
    sums = [x.sum() / 1000 for x in (weather.ghi_w_m2, weather.dni_w_m2, weather.dhi_w_m2)]
    np.testing.assert_allclose(sums, [1752.8, 1705.6, 689.7], rtol=1e-3)
    temp = weather.temp_dry_bulb_c
    np.testing.assert_allclose([temp.mean(), temp.min(), temp.max()], [14.5, -9.6, 34.0], atol=0.1)
    assert not any("solar noon" in note for note in weather.notes)


def test_the_real_file_is_what_pvlib_reads_hour_by_hour(shared_data, with_file):
    for name, zone in (("KOR_Ulsan.epw", 9), ("USA_AZ_Davis-Monthan.AFB.722745_TMY3.epw", -7)):
        path = shared_data / "weather" / name
        data, _ = read_epw(path, coerce_year=2001)
        weather = make_weather(with_file(path.read_bytes(), time_zone=f"Etc/GMT{-zone:+d}"))
        np.testing.assert_allclose(weather.temp_dry_bulb_c, data["temp_air"], rtol=1e-12)
        np.testing.assert_allclose(weather.ghi_w_m2, data["ghi"], rtol=1e-12)
        np.testing.assert_allclose(weather.wind_speed_m_s, data["wind_speed"], rtol=1e-12)


def test_hours_from_0_to_23_begin_their_step_and_are_told(with_file, epw_year):
    def shifted(line: str) -> str:
        cells = line.split(",")
        return ",".join([*cells[:3], str(int(cells[3]) - 1), *cells[4:]])

    found = make_weather(with_file([*epw_year[:8], *map(shifted, epw_year[8:])], "a.epw"))
    assert found.digest == make_weather(with_file(epw_year, "b.epw")).digest
    assert any("0 to 23" in note for note in found.notes)


@pytest.mark.parametrize("first_minute", [15, 0])
def test_quarters_of_an_hour_close_at_their_minute(with_file, epw_year, first_minute):
    lines = [*epw_year[:8]]
    for line in epw_year[8:]:
        cells = line.split(",")
        for quarter in range(4):
            minute = first_minute + 15 * quarter
            temp = f"{float(cells[6]) + quarter / 10:.4f}"
            lines.append(",".join([*cells[:4], str(minute), cells[5], temp, *cells[7:]]))
    weather = make_weather(with_file(lines, "a.epw", step="15 min"))
    np.testing.assert_allclose(
        weather.temp_dry_bulb_c[:5], [1.0101, 1.1101, 1.2101, 1.3101, 1.0102]
    )
    hourly = make_weather(with_file(lines, "b.epw"))
    plain = make_weather(with_file(epw_year, "c.epw"))
    np.testing.assert_allclose(hourly.temp_dry_bulb_c, plain.temp_dry_bulb_c + 0.15)


def test_humidity_without_a_value_follows_from_the_dew_point(with_file, epw_year):
    weather = make_weather(with_file(replaced(epw_year, 9, 8, "999")))
    # Magnus at 1.0 °C of dew point and 1.0101 °C: 99.93 %.
    assert weather.relative_humidity_frac[0] == pytest.approx(0.9993, abs=1e-4)
    assert weather.relative_humidity_frac[1] == 0.5
    assert any("in 1 rows follows from the dew point" in note for note in weather.notes)
