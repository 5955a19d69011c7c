from __future__ import annotations

import numpy as np
import pytest

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
        (500, 1, "07:00", "row 498: columns date, time should be 01/21, 18:00: rows must"),
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
