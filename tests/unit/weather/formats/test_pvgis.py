from __future__ import annotations

import datetime
import io
import json
import math

import numpy as np
import pytest
from pvlib.iotools import read_pvgis_tmy

from dcsim.errors import ScenarioError
from dcsim.weather import make_weather

UTC = {"time_zone": "UTC", "start": "2030-01-01", "end": "2031-01-01"}


def test_a_typical_year_is_what_pvlib_reads_hour_by_hour(with_file, pvgis_year):
    weather = make_weather(with_file(pvgis_year, "w.csv", **UTC))
    data, _ = read_pvgis_tmy(io.BytesIO("\n".join([*pvgis_year, ""]).encode()), "csv")
    np.testing.assert_allclose(weather.temp_dry_bulb_c, data["temp_air"], rtol=1e-12)
    np.testing.assert_allclose(weather.ghi_w_m2, data["ghi"], rtol=1e-12)
    np.testing.assert_allclose(weather.pressure_pa, data["pressure"], rtol=1e-12)
    np.testing.assert_allclose(weather.wind_speed_m_s, data["wind_speed"], rtol=1e-12)
    assert "typical year" in weather.source
    assert not any("solar noon" in note for note in weather.notes)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_moment_of_the_sun_is_the_middle_of_a_row(with_file, pvgis_year, pvgis_json_year, form):
    lines = {"csv": pvgis_year, "json": pvgis_json_year}[form]
    early = [
        line.replace("(h): 0.5", "(h): 0.1761").replace('offset":0.5', 'offset":0.1761')
        for line in lines
    ]
    plain = make_weather(with_file(lines, f"a.{form}", **UTC))
    moved = make_weather(with_file(early, f"b.{form}", **UTC))
    # 0.1761 h is 10.6 min: rows begin 20 min earlier, each hour is 2/3 of one and 1/3 of the next.
    wanted = plain.ghi_w_m2 * 2 / 3 + np.roll(plain.ghi_w_m2, -1) / 3
    np.testing.assert_allclose(moved.ghi_w_m2, wanted, atol=1e-9)
    assert any("10 min past each hour" in note for note in moved.notes)


def test_a_file_without_the_moment_of_its_sun_says_what_is_assumed(with_file, pvgis_year):
    lines = [line for line in pvgis_year if not line.startswith("Irradiance")]
    weather = make_weather(with_file(lines, "w.csv", **UTC))
    plain = make_weather(with_file(pvgis_year, "v.csv", **UTC))
    np.testing.assert_array_equal(weather.ghi_w_m2, plain.ghi_w_m2)
    assert any("begin at their times" in note for note in weather.notes)


def hourly(minute=30, slope=0, n=8760, titles="time,Gb(i),Gd(i),Gr(i),H_sun,T2m,WS10m,Int"):
    rows = [
        "Latitude (decimal degrees):\t35.500",
        "Longitude (decimal degrees):\t129.300",
        "Elevation (m):\t20",
        "Radiation database:\tPVGIS-ERA5",
        "",
        f"Slope: {slope} deg.",
        "Azimuth: 0 deg.",
        titles,
    ]
    for at in range(n):
        moment = datetime.datetime(2030, 1, 1, 0, minute) + datetime.timedelta(hours=at)
        height = 60 * math.cos((moment.hour + moment.minute / 60 + 129.3 / 15 - 12) / 12 * math.pi)
        beam = 700 * math.sin(math.radians(height)) if height > 3 else 0.0
        diffuse = 80.0 if height > 0 else 0.0
        rows.append(
            f"{moment:%Y%m%d:%H%M},{beam:.4f},{diffuse},0.0,{max(height, 0):.4f},12.5,2.5,0.0"
        )
    return [*rows, "", "Gb(i): Beam irradiance"]


def test_hours_on_the_horizontal_are_read_with_the_humidity_of_the_climate(with_file, minimal_site):
    climate = minimal_site["weather"]["climate"]
    weather = make_weather(with_file(hourly(), "w.csv", weather={"climate": climate}, **UTC))
    # Beam on the horizontal of 700 sin(h) is a normal beam of 700 wherever the sun is high enough.
    high = weather.dni_w_m2[weather.dni_w_m2 > 0]
    np.testing.assert_allclose(high, 700, rtol=1e-3)
    lit = weather.ghi_w_m2 > 0
    np.testing.assert_allclose(weather.dhi_w_m2[lit], 80)
    assert weather.temp_dry_bulb_c[0] == 12.5
    assert weather.relative_humidity_frac[0] == pytest.approx(climate["humidity"][0])
    assert weather.relative_humidity_frac[-1] == pytest.approx(climate["humidity"][11])
    assert any("no humidity" in note for note in weather.notes)
    assert not any("solar noon" in note for note in weather.notes)


def test_hours_without_any_humidity_are_refused(with_file):
    with pytest.raises(ScenarioError, match=r"has no humidity: .*weather\.climate"):
        make_weather(with_file(hourly(), "w.csv", **UTC))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (hourly(slope=35, n=48), "has the sun on a sloped plane"),
        (
            [line.replace("Gb(i),", "G(i),") for line in hourly(n=48)],
            "no beam and diffuse irradiance",
        ),
        (hourly(n=48)[:6], "is no whole file of PVGIS"),
    ],
)
def test_hours_that_are_no_weather_are_refused(with_file, lines, message):
    with pytest.raises(ScenarioError, match=message):
        make_weather(with_file(lines, "w.csv", **UTC))


def test_a_sloped_plane_is_refused_in_json_too(with_file):
    row = {"time": "20300101:0010", "Gb(i)": 0, "Gd(i)": 0, "H_sun": 0, "T2m": 1, "WS10m": 1}
    data = {
        "inputs": {
            "location": {"latitude": 35.5, "longitude": 129.3},
            "mounting_system": {"fixed": {"slope": {"value": 30, "optimal": False}}},
        },
        "meta": {"inputs": {}},
        "outputs": {"hourly": [row | {"Int": 0}, row | {"time": "20300101:0110", "Int": 0}]},
    }
    with pytest.raises(ScenarioError, match="sloped plane"):
        make_weather(with_file([json.dumps(data)], "w.json", **UTC))


@pytest.mark.parametrize("text", ["{}", "[]", "[" * 5000, "null", '{"outputs": 3}', "secret"])
def test_other_json_is_refused_without_a_word_of_it(with_file, text):
    with pytest.raises(ScenarioError) as caught:
        make_weather(with_file([text], "w.json", **UTC))
    assert "secret" not in str(caught.value)
    assert "w.json" in str(caught.value)
