from __future__ import annotations

from pathlib import Path

import numpy as np
import pvlib
import pytest
from pvlib.iotools import read_tmy3

from dcsim.errors import ScenarioError
from dcsim.weather import make_weather


def test_two_formats_of_the_same_year_give_the_same_hours(with_file, epw_year, tmy3_year):
    epw = make_weather(with_file(epw_year))
    tmy3 = make_weather(with_file(tmy3_year, "w.csv"))
    for name in ("temp_dry_bulb_c", "relative_humidity_frac", "pressure_pa", "ghi_w_m2"):
        np.testing.assert_allclose(getattr(tmy3, name), getattr(epw, name), rtol=1e-12)


@pytest.mark.parametrize(
    ("line", "column", "text", "message"),
    [
        (500, 5, "-9900", "column Dry-bulb (C) has no value"),
        (500, 2, "", "column GHI (W/m^2) has no value"),
        (500, 7, "101000", "column Pressure (mbar) is not within 310 to 1200 mbar"),
        (500, 1, "07:00", "row 498 is earlier than the row before"),
        (2, 4, "Diffuse", "column DHI (W/m^2) is missing"),
        (1, 3, "99", "time zone must be a number from -15 to 15"),
        (1, 0, "x", "must hold the 7 values of a TMY3 header"),
    ],
)
def test_fault_is_named_by_line_and_column(with_file, tmy3_year, *, line, column, text, message):
    fields = tmy3_year[line - 1].split(",")
    fields[column] = text
    lines = [*tmy3_year[: line - 1], ",".join(fields), *tmy3_year[line:]]
    with pytest.raises(ScenarioError) as caught:
        make_weather(with_file(lines, "w.csv"))
    (problem,) = caught.value.problems
    assert problem.where == f"w.csv:{line}"
    assert problem.message.startswith(message)


def test_short_year_is_refused(with_file, tmy3_year):
    with pytest.raises(ScenarioError, match="8759 rows"):
        make_weather(with_file(tmy3_year[:-1], "w.csv"))


def test_a_published_file_has_the_sums_that_pvlib_reads(with_file):
    path = Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"
    data, about = read_tmy3(path, map_variables=True, coerce_year=2001)
    keys = {
        "time_zone": "Etc/GMT+5",
        "latitude": f"{about['latitude']} degree",
        "longitude": f"{about['longitude']} degree",
    }
    weather = make_weather(with_file(path.read_bytes(), "w.csv", **keys))
    assert about["TZ"] == -5
    for name, key in (("ghi_w_m2", "ghi"), ("dni_w_m2", "dni"), ("temp_dry_bulb_c", "temp_air")):
        # pvlib stamps the end of each hour; the run begins with the hour that ends at 01:00.
        np.testing.assert_allclose(getattr(weather, name), data[key].to_numpy(), rtol=1e-12)
    assert not any("solar noon" in note or "km from" in note for note in weather.notes)


def test_hours_from_0_to_23_begin_their_step_and_are_told(with_file, tmy3_year):
    def shifted(line: str) -> str:
        date, time, rest = line.split(",", 2)
        return f"{date},{int(time[:2]) - 1:02d}:00,{rest}"

    lines = [*tmy3_year[:2], *map(shifted, tmy3_year[2:])]
    found = make_weather(with_file(lines, "a.csv"))
    plain = make_weather(with_file(tmy3_year, "b.csv"))
    assert found.digest == plain.digest
    assert any("0 to 23" in note for note in found.notes)
