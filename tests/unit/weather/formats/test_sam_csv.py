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
        (3, 7, "Global", "column Ghi is missing"),
        (3, 1, "Moon", "column Month is missing"),
        (500, 9, "-999", "column Temperature has no value"),
        (500, 11, "150", "column Relative Humidity is not within 0 to 110 %"),
        (500, 3, "x", "column Hour is not a whole number"),
        (500, 3, "3", "the time "),
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
    with pytest.raises(ScenarioError, match="leaves a gap after the row before"):
        weather_of(lines)
