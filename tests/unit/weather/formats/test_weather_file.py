from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import Faults
from dcsim.series.resampling import TypicalYear
from dcsim.weather.formats.weather_file import (
    MODELED_SUNSHINE_NOTE,
    Station,
    check_row_count,
    station_of,
    typical_year,
)


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


@pytest.mark.parametrize(("n_rows", "is_year"), [(8760, True), (8784, True), (8761, False)])
def test_a_year_has_one_of_two_lengths(n_rows, is_year):
    faults = Faults("w.epw", "weather.file")
    check_row_count(n_rows, n_rows + 8, faults)
    if is_year:
        faults.stop_if_any()
    else:
        with pytest.raises(ScenarioError, match="a year of hours has 8760 or 8784"):
            faults.stop_if_any()


def test_a_typical_year_has_366_days_shares_for_percents_and_its_notes_in_order():
    day = np.maximum(np.cos((np.arange(24) + 0.5 - 12) / 12 * np.pi), 0.0)
    columns = {
        "relative_humidity_frac": np.where(np.arange(8760) == 0, 108.0, 40.0),
        "ghi_w_m2": np.tile(day, 365),
    }
    file = typical_year(columns, Station(35.5, 135.0, 9.0), ("Repaired: one.",))
    assert isinstance(file.table, TypicalYear)
    assert file.table.offset_min == 540
    humidity = file.table.columns["relative_humidity_frac"]
    assert humidity.size == 8784
    assert humidity[:2].tolist() == [1.0, 0.4]
    assert file.notes[0] == "Repaired: one."
    assert file.notes[-1] == MODELED_SUNSHINE_NOTE
