from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.weather.formats.units import converted, title_and_unit


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Temperature", ("temperature", "")),
        ("Air_Temperature [degC]", ("air temperature", "degC")),
        ('"Wind Speed (m/s)"', ("wind speed", "m/s")),
        ("GHI (W/m^2)", ("ghi", "W/m^2")),
    ],
)
def test_a_title_falls_into_words_and_unit(title, wanted):
    assert title_and_unit(title) == wanted


@pytest.mark.parametrize(
    ("value", "written", "unit", "wanted"),
    [
        (68.0, "F", "degC", 20.0),
        (293.15, "K", "degC", 20.0),
        (20.0, "c", "degC", 20.0),
        (101_325.0, "Pa", "mbar", 1013.25),
        (1013.25, "hPa", "mbar", 1013.25),
        (0.5, "kW/m2", "W/m^2", 500.0),
        (36.0, "km/h", "m/s", 10.0),
        (10.0, "knots", "m/s", 10 * 1852 / 3600),
        (50.0, "%", "percent", 50.0),
        (50.0, "percent", "", 0.5),
    ],
)
def test_values_are_converted_from_what_files_write(value, written, unit, wanted):
    faults = Faults("w.csv", "weather.file")
    found = converted(np.array([value]), unit, written, "", faults)
    faults.stop_if_any()
    assert found[0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("written", ["kg", "m", "furlongs", "__import__('os')"])
def test_a_unit_of_something_else_is_refused(written):
    faults = Faults("w.csv", "weather.file")
    converted(np.zeros(1), "degC", written, "column T: ", faults)
    with pytest.raises(ScenarioError, match=r"column T: unit .* is none that turns into degC"):
        faults.stop_if_any()
