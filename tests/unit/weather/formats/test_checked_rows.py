"""What holds for weather files of every format, on files that people have."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.physics.air import standard_pressure_pa
from dcsim.weather import make_weather
from dcsim.weather.formats.checked_rows import MODELED_SUNSHINE_NOTE, TYPICAL_YEAR_NOTE

FORMS = ("epw", "tmy3", "sam", "table")
SUFFIX = {"epw": "w.epw", "tmy3": "w.csv", "sam": "w.csv", "table": "w.csv"}
NSRDB = (
    "Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation,Local Time Zone"
)
TITLES = "Year,Month,Day,Hour,Minute,GHI,DNI,DHI,Temperature,Relative Humidity,Pressure,Wind Speed"
ULSAN = {"start": "2027-01-01", "end": "2028-01-01", "time_zone": "Asia/Seoul"}


def sun_of(moment: datetime.datetime, latitude: float, longitude: float) -> float:
    """Return the sine of the height of the sun, by Cooper's declination."""
    tilt = math.radians(23.45) * math.sin(2 * math.pi * (284 + moment.timetuple().tm_yday) / 365)
    turn = math.radians((moment.hour + moment.minute / 60 + longitude / 15 - 12) * 15)
    place = math.radians(latitude)
    height = math.sin(place) * math.sin(tilt) + math.cos(place) * math.cos(tilt) * math.cos(turn)
    return max(0.0, height)


def nsrdb(
    *, zone: float = 9, local: float = 9, year: int = 2027, n: int = 8760,
    latitude: float = 35.5, longitude: float = 129.3, lag_h: float = 0.0,
) -> list[str]:  # fmt: skip
    """A year of the NSRDB whose rows stand at UTC + `zone`, stamped at half past."""
    rows = [NSRDB, f"NSRDB,1,-,-,-,{latitude},{longitude},{zone:g},10,{local:g}", TITLES]
    for i in range(n):
        clock = datetime.datetime(year, 1, 1, 0, 30) + datetime.timedelta(hours=i)
        sun = sun_of(clock - datetime.timedelta(hours=zone - lag_h), latitude, longitude)
        rows.append(
            f"{clock.year},{clock.month},{clock.day},{clock.hour},30,{950 * sun:.1f},"
            f"{700 * (sun > 0)},{100 * sun:.1f},15,60,1010,2"
        )
    return rows


@pytest.fixture
def years(epw_year, tmy3_year, sam_year, table_year):
    return {"epw": epw_year, "tmy3": tmy3_year, "sam": sam_year, "table": table_year}


N_HEADER = {"epw": 8, "tmy3": 2, "sam": 3, "table": 1}


def center_h(weather) -> float:
    by_hour = weather.ghi_w_m2.reshape(-1, 24).sum(axis=0)
    return float(by_hour @ (np.arange(24) + 0.5) / by_hour.sum())


def test_rows_in_utc_are_those_of_local_time(with_file):
    local = make_weather(with_file(nsrdb(), "a.csv", **ULSAN))
    utc = make_weather(with_file(nsrdb(zone=0), "b.csv", **ULSAN))
    assert center_h(local) == pytest.approx(12.4, abs=0.1)
    assert center_h(utc) == pytest.approx(center_h(local), abs=0.02)
    np.testing.assert_allclose(utc.ghi_w_m2.sum(), local.ghi_w_m2.sum(), rtol=1e-3)
    np.testing.assert_allclose(utc.ghi_w_m2[24:], local.ghi_w_m2[24:], atol=0.2)
    assert any("UTC+0, its Time Zone" in note for note in utc.notes)
    assert not any("Time Zone" in note for note in local.notes)
    assert any("first 9 h of the run lie outside the file" in note for note in utc.notes)


def test_a_local_zone_alone_is_that_of_the_rows(with_file):
    lines = nsrdb()
    lines[0] = lines[0].replace(",Time Zone,", ",Something,")
    assert center_h(make_weather(with_file(lines, "w.csv", **ULSAN))) == pytest.approx(
        12.4, abs=0.1
    )


def test_a_far_place_and_a_shifted_sun_are_told_of_a_real_year(with_file):
    far = make_weather(
        with_file(nsrdb(zone=-7, local=-7, latitude=40, longitude=-105), "a.csv", **ULSAN)
    )
    # Great circle from 35.5 N, 129.3 E to 40 N, 105 W.
    assert any("lies 9,948 km from the site" in note for note in far.notes)
    # Solar noon lies 234.3 degrees apart, 15.62 h later there: +15.6 h, or -8.4 h, on a clock.
    assert any("-8.4 h from solar noon at the site" in note for note in far.notes)
    shifted = make_weather(with_file(nsrdb(lag_h=3), "b.csv", **ULSAN))
    assert any("-3.0 h from solar noon" in note for note in shifted.notes)
    near = make_weather(with_file(nsrdb(), "c.csv", **ULSAN))
    assert not any("solar noon" in note or "km from" in note for note in near.notes)


def test_a_plain_table_is_judged_by_the_sun_of_the_site(with_file, table_year):
    shifted = [line.replace("+09:00", "+04:00") for line in table_year]
    plain = make_weather(with_file(table_year, "a.csv", time_zone="Asia/Seoul"))
    assert not any("solar noon" in note for note in plain.notes)
    late = make_weather(with_file(shifted, "b.csv", time_zone="Asia/Seoul"))
    assert any("+4.6 h from solar noon" in note for note in late.notes)


def test_quoted_titles_with_commas_are_read(with_file):
    plain = nsrdb()
    titles = f'{TITLES},"GaAs (B, et al., 2009)","InGaP (G, 2008)"'
    quoted = [*plain[:2], titles, *(f"{row},0.1,0.2" for row in plain[3:])]
    found = make_weather(with_file(quoted, "a.csv", **ULSAN))
    wanted = make_weather(with_file(plain, "b.csv", **ULSAN))
    assert found.digest == wanted.digest


def test_a_real_leap_year_without_its_leap_day_repeats_the_28th(with_file):
    rows = nsrdb(year=2028, n=8784)
    short = [row for row in rows if not row.startswith("2028,2,29,")]
    assert len(short) == 3 + 8760
    leap = {"start": "2028-01-01", "end": "2029-01-01", "time_zone": "Asia/Seoul"}
    weather = make_weather(with_file(short, "w.csv", **leap))
    days = weather.ghi_w_m2.reshape(-1, 24)
    np.testing.assert_array_equal(days[59], days[58])
    whole = make_weather(with_file(rows, "v.csv", **leap)).ghi_w_m2.reshape(-1, 24)
    np.testing.assert_array_equal(days[60], whole[60])
    assert "29 February repeats 28 February." in weather.notes


@pytest.mark.parametrize("form", FORMS)
def test_a_missing_row_is_refused_and_filled_where_repair_allows_it(with_file, years, form):
    n_header, lines = N_HEADER[form], list(years[form])
    at = n_header + 24 * 40 + 5
    cut = [*lines[:at], *lines[at + 1 :]]
    with pytest.raises(ScenarioError, match=f"{SUFFIX[form]}:{at + 1}: .*gap of 1 h before this"):
        make_weather(with_file(cut, SUFFIX[form]))
    weather = make_weather(with_file(cut, SUFFIX[form], weather={"repair": "1 h"}))
    whole = make_weather(with_file(lines, f"v{SUFFIX[form]}"))
    np.testing.assert_allclose(weather.temp_dry_bulb_c, whole.temp_dry_bulb_c, atol=0.01)
    np.testing.assert_allclose(weather.ghi_w_m2, whole.ghi_w_m2, atol=1e-9)
    assert weather.notes[0] == "Repaired: 1 missing rows, the longest gap 1 h."


@pytest.mark.parametrize("form", FORMS)
def test_a_gap_beyond_repair_stays_an_error(with_file, years, form):
    at = N_HEADER[form] + 24 * 40
    cut = [*years[form][:at], *years[form][at + 5 :]]
    with pytest.raises(ScenarioError, match="gap of 5 h before this row"):
        make_weather(with_file(cut, SUFFIX[form], weather={"repair": "4 h"}))


@pytest.mark.parametrize(
    ("form", "place", "code"),
    [("epw", 9, "999999"), ("tmy3", 7, "-9900"), ("sam", 9, "-999"), ("table", 7, "")],
)
def test_missing_pressure_is_that_of_the_elevation_and_told(with_file, years, form, place, code):
    n_header = N_HEADER[form]
    rows = [line.split(",") for line in years[form][n_header:]]
    for row in rows:
        row[place] = code
    lines = [*years[form][:n_header], *map(",".join, rows)]
    weather = make_weather(with_file(lines, SUFFIX[form], elevation="1000 m"))
    # ASHRAE Fundamentals 2017, chapter 1, table 1: 89.875 kPa at 1000 m.
    np.testing.assert_allclose(weather.pressure_pa, 89_875, rtol=1e-4)
    assert standard_pressure_pa(1000.0) == weather.pressure_pa[0]
    assert any("standard atmosphere" in note for note in weather.notes)


@pytest.mark.parametrize(("form", "place"), [("tmy3", 7), ("sam", 9), ("table", 7)])
def test_a_file_without_a_column_of_pressure_reads(with_file, years, form, place):
    n_header = N_HEADER[form]
    first = {"tmy3": 1, "sam": 2, "table": 0}[form]
    lines = list(years[form])
    for at in (first, *range(n_header, len(lines))):
        cells = lines[at].split(",")
        del cells[place]
        lines[at] = ",".join(cells)
    weather = make_weather(with_file(lines, SUFFIX[form]))
    assert weather.pressure_pa[0] == standard_pressure_pa(0.0)
    assert any("standard atmosphere" in note for note in weather.notes)


@pytest.mark.parametrize(
    ("form", "place", "text"),
    [("epw", 13, "-2"), ("tmy3", 2, "-2"), ("sam", 7, "-2"), ("table", 4, "-2")],
)
def test_night_offsets_count_as_zero_in_every_format(with_file, years, form, place, text):
    lines = list(years[form])
    cells = lines[N_HEADER[form]].split(",")
    cells[place] = text
    lines[N_HEADER[form]] = ",".join(cells)
    weather = make_weather(with_file(lines, SUFFIX[form]))
    assert weather.ghi_w_m2.min() == 0
    assert any("1 values of up to 2 W" in note for note in weather.notes)


def test_a_typical_year_says_so_and_a_real_one_does_not(with_file, years):
    for form in FORMS:
        notes = make_weather(with_file(years[form], SUFFIX[form])).notes
        is_typical = form in ("epw", "tmy3")
        assert (TYPICAL_YEAR_NOTE in notes) is is_typical
        assert (MODELED_SUNSHINE_NOTE in notes) is is_typical


def test_two_real_years_of_a_format_of_typical_years_are_real(with_file, epw_year):
    def of(year: int) -> list[str]:
        return [f"{year},{line.partition(',')[2]}" for line in epw_year[8:]]

    warm = [
        ",".join([*(c := line.split(","))[:6], str(float(c[6]) + 5), *c[7:]]) for line in of(2027)
    ]
    lines = [*epw_year[:8], *of(2026), *warm]
    keys = {"start": "2026-06-01", "end": "2027-06-01", "time_zone": "Asia/Seoul"}
    weather = make_weather(with_file(lines, "w.epw", **keys))
    assert weather.temp_dry_bulb_c[0] == pytest.approx(6.0101)
    assert weather.temp_dry_bulb_c[-1] == pytest.approx(5.3124 + 5)
    assert "table" in weather.source


def test_a_file_of_two_places_is_refused(with_file):
    lines = nsrdb()
    lines[4000:4000] = [TITLES]
    with pytest.raises(ScenarioError, match=r"w\.csv:4001: .*files of two places"):
        make_weather(with_file(lines, "w.csv", **ULSAN))
