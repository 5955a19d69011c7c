from __future__ import annotations

import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.weather.formats.weather_file import Station, station_of


def stated(*texts: str) -> Station:
    faults = Faults("w.epw", "weather.file")
    station = station_of(*texts, 2, faults)
    faults.stop_if_any()
    return station


def test_a_station_is_where_its_header_says():
    assert stated("35.5", " 129.3", "9") == Station(35.5, 129.3, 9.0)
    assert stated("-12", "-77", "-5.75").offset_h == -5.75


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("91", "0", "0"), "latitude must be a number from -90 to 90"),
        (("0", "", "0"), "longitude must be a number from -180 to 180"),
        (("0", "0", "nan"), "time zone must be a number from -15 to 15"),
        (("0", "0", "5.6"), "time zone must be whole quarters of an hour"),
    ],
)
def test_a_header_without_a_place_is_refused_by_its_line(texts, message):
    with pytest.raises(ScenarioError, match=f"w.epw:2: weather.file: {message}"):
        stated(*texts)
