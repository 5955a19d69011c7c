from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.weather import make_weather

HEAD = (
    "Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation,Local Time Zone",
    "NSRDB,1,-,-,-,35.5,129.3,9,20,9",
    "Year,Month,Day,Hour,Minute,DHI,DNI,GHI,Dew Point,Temperature,Pressure,Relative Humidity,"
    "Wind Speed",
)


def stamped(first, n, minutes, offset):
    moment = datetime.datetime.fromisoformat(first)
    for number in range(n):
        at = moment + datetime.timedelta(minutes=minutes * number + offset)
        yield at.year, at.month, at.day, at.hour, at.minute


def rows_of(stamps):
    for year, month, day, hour, minute in stamps:
        sun = max(0, 6 - abs(hour + minute / 60 - 12)) * 100
        yield (
            f"{year},{month},{day},{hour},{minute},{sun * 0.3:.1f},{sun * 0.6:.1f},{sun:.1f},5.0,"
            f"{month + hour / 24:.4f},1010,50,3.5"
        )


def year_of(first="2030-01-01", n=8760, minutes=60, offset=30):
    return (*HEAD, *rows_of(stamped(first, n, minutes, offset)))


@pytest.fixture
def weather_of(with_file):
    def read(lines):
        return make_weather(with_file(lines, "w.csv", time_zone="Asia/Seoul"))

    return read


def test_hours_stamped_in_their_middle_are_those_of_the_clock(weather_of):
    weather = weather_of(year_of())
    np.testing.assert_allclose(
        weather.temp_dry_bulb_c[:3], [1 + 0.0, 1 + 1 / 24, 1 + 2 / 24], atol=1e-3
    )
    assert weather.ghi_w_m2[12] == weather.ghi_w_m2[:24].max()
    assert weather.pressure_pa[0] == 101_000
    assert weather.relative_humidity_frac[0] == 0.5


def test_half_hours_are_averaged_over_the_hour(weather_of):
    weather = weather_of(year_of(n=17520, minutes=30, offset=0))
    assert weather.ghi_w_m2[9] == pytest.approx((300 + 350) / 2)


def test_months_of_several_years_are_a_typical_year(weather_of):
    lines = list(year_of("2001-01-01"))
    for at in range(3, len(lines)):
        month = int(lines[at].split(",")[1])
        lines[at] = f"{1998 + month % 5},{lines[at].partition(',')[2]}"
    weather = weather_of(lines)
    assert "typical year" in weather.source
    assert any("years do not differ" in note for note in weather.notes)
    np.testing.assert_array_equal(weather.ghi_w_m2, weather_of(year_of()).ghi_w_m2)


def test_several_years_in_a_row_are_taken_as_they_are(weather_of):
    weather = weather_of(year_of("2029-12-31", n=8760 * 2))
    assert "table" in weather.source
    assert weather.ghi_w_m2[12] == weather.ghi_w_m2[:24].max()


@pytest.mark.parametrize(
    ("line", "column", "text", "message"),
    [
        (2, 5, "99", "latitude must be a number from -90 to 90"),
        (3, 7, "Global", "column GHI is missing"),
        (3, 1, "Moon", "column Month is missing"),
        (500, 9, "-999", "column Temperature has no value"),
        (500, 11, "150", "column Relative Humidity is not within 0 to 110 %"),
        (500, 3, "x", "column Hour is not a whole number"),
        (500, 3, "3", "row 497 is earlier than the row before"),
    ],
)
def test_fault_is_named_by_line_and_column(weather_of, *, line, column, text, message):
    lines = list(year_of())
    fields = lines[line - 1].split(",")
    fields[column] = text
    lines[line - 1] = ",".join(fields)
    with pytest.raises(ScenarioError) as caught:
        weather_of(lines)
    problem = caught.value.problems[0]
    assert problem.where == f"w.csv:{line}"
    assert problem.message.startswith(message)


def test_a_missing_hour_is_a_gap(weather_of):
    lines = list(year_of())
    del lines[4000]
    with pytest.raises(
        ScenarioError, match=r"w\.csv:4001: .*the time leaves a gap of 1 h before this row"
    ):
        weather_of(lines)


def test_the_dew_point_serves_for_the_humidity(weather_of):
    lines = list(year_of())
    lines[2] = lines[2].replace("Relative Humidity", "Cloud Type")
    weather = weather_of(lines)
    # Magnus: e(5) = 6.112 exp(88.1 / 248.12) = 8.717 hPa, e(1) = 6.566 hPa would be oversaturated.
    assert weather.relative_humidity_frac[0] == 1.0
    july = weather.relative_humidity_frac[4344]
    # e(7) = 6.112 exp(123.34 / 250.12) = 10.008 hPa.
    assert july == pytest.approx(8.717 / 10.008, abs=2e-3)
    assert "Relative humidity follows from the dew point." in weather.notes
    for lacking in ("Dew Point", "Relative Humidity"):
        lines[2] = HEAD[2].replace("Relative Humidity", "Cloud Type").replace("Dew Point", "x")
        with pytest.raises(ScenarioError, match="column Relative Humidity is missing"):
            weather_of(lines)
        assert lacking


def test_units_of_the_header_are_converted(weather_of):
    lines = list(year_of())
    plain = weather_of(lines)
    lines[0] += ",Temperature Units,Pressure Units,Wind Speed Units,GHI Units"
    lines[1] += ",f,Pa,km/h,w/m2"
    for at in range(3, len(lines)):
        cells = lines[at].split(",")
        cells[9] = repr(float(cells[9]) * 1.8 + 32)
        cells[10] = "101000"
        cells[12] = "12.6"
        lines[at] = ",".join(cells)
    found = weather_of(lines)
    np.testing.assert_allclose(found.temp_dry_bulb_c, plain.temp_dry_bulb_c, atol=1e-9)
    np.testing.assert_allclose(found.pressure_pa, 101_000)
    np.testing.assert_allclose(found.wind_speed_m_s, 3.5)


def test_units_of_titles_are_converted(weather_of):
    lines = list(year_of())
    lines[2] = (
        lines[2]
        .replace("Wind Speed", "wind_speed (knots)")
        .replace("Temperature", "air_temperature [K]")
    )
    for at in range(3, len(lines)):
        cells = lines[at].split(",")
        cells[9] = repr(float(cells[9]) + 273.15)
        lines[at] = ",".join(cells)
    found = weather_of(lines)
    np.testing.assert_allclose(found.wind_speed_m_s, 3.5 * 1852 / 3600)
    np.testing.assert_allclose(found.temp_dry_bulb_c[0], 1.0, atol=1e-9)


@pytest.mark.parametrize("minute", [0, 30])
def test_hours_from_1_to_24_close_their_step(weather_of, minute):
    lines = list(year_of())
    plain = weather_of(lines)
    for at in range(3, len(lines)):
        cells = lines[at].split(",")
        lines[at] = ",".join([*cells[:3], str(int(cells[3]) + 1), str(minute), *cells[5:]])
    found = weather_of(lines)
    np.testing.assert_array_equal(found.ghi_w_m2, plain.ghi_w_m2)
    assert any("1 to 24" in note for note in found.notes)


@pytest.mark.parametrize("label", ["end", "59"])
def test_labels_at_the_end_of_an_hour_are_told_by_the_year_they_make(weather_of, label):
    lines = list(year_of())
    plain = weather_of(lines)
    stamps = stamped("2030-01-01", 8760, 60, 60 if label == "end" else 59)
    for at, stamp in enumerate(stamps, 3):
        lines[at] = ",".join([*map(str, stamp), *lines[at].split(",")[5:]])
    found = weather_of(lines)
    np.testing.assert_array_equal(found.ghi_w_m2, plain.ghi_w_m2)


def test_semicolons_and_decimal_commas_are_read(weather_of):
    lines = list(year_of())
    other = [line.replace(",", ";").replace(".", ",") for line in lines]
    assert weather_of(other).digest == weather_of(lines).digest
