"""Units of power that titles state, of CSV and Parquet alike."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.schema.profile import LoadProfile, Profile
from dcsim.series.data_file import Faults
from dcsim.series.power_units import stated_unit, wrong_unit
from dcsim.series.profile_rows import read_profile_rows

TITLES = {
    "Load [kW]": "0.001",
    "Load (W)": "1e-06",
    "load_kw": "0.001",
    "load kW": "0.001",
    "KW": "0.001",
    "W": "1e-06",
    "load_w": "1e-06",
    "load, GW": "1000",
    "kW_facility": "0.001",
    "load_kwh": "0.004",
    "Load [MWh]": "4",
}
"""By title, the scale that a quarter of an hour needs."""


def written(path: Path, title: str) -> Path:
    if path.suffix == ".csv":
        path.write_text(f'time,"{title}"\n2027-01-01T00:00Z,1\n2027-01-01T00:15Z,2\n')
        return path
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT TIMESTAMP '2027-01-01' + INTERVAL (15 * i) MINUTE AS time, "
            f"i + 1.0 AS \"{title}\" FROM range(2) t(i)) TO '{path}' (FORMAT parquet)"
        )
    return path


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
@pytest.mark.parametrize("title", TITLES)
def test_a_load_in_another_unit_needs_a_scale(tmp_path: Path, name: str, title: str) -> None:
    path = written(tmp_path / name, title)
    keys = {"file": name, "column": title}
    with pytest.raises(ScenarioError) as caught:
        read_profile_rows(path, LoadProfile.model_validate(keys), Faults(name, "power.load"))
    assert f"not MW: write scale: {TITLES[title]}" in str(caught.value)
    scaled = LoadProfile.model_validate({**keys, "scale": 0.5})
    found = read_profile_rows(path, scaled, Faults(name, "power.load"))
    np.testing.assert_array_equal(found.values, [1, 2])


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
@pytest.mark.parametrize("title", ["load", "facility_mw", "Load [MW]", "W wing", "x_kwx", "MW"])
def test_others_are_read_as_they_are(tmp_path: Path, name: str, title: str) -> None:
    path = written(tmp_path / name, title)
    profile = LoadProfile.model_validate({"file": name, "column": title})
    found = read_profile_rows(path, profile, Faults(name, "power.load"))
    np.testing.assert_array_equal(found.values, [1, 2])


def test_a_share_is_no_power_and_power_no_share() -> None:
    load = LoadProfile.model_validate({"file": "f", "column": "x"})
    plant = Profile.model_validate({"file": "f", "column": "x"})
    assert "states %, not MW" in str(wrong_unit(("", "Load [%]"), load, "power.load", None))
    assert "over the capacity in MW" in str(wrong_unit(("MW", "x"), plant, "solar.a.profile", 1.0))
    assert wrong_unit(("", "output_pu"), plant, "solar.a.profile", 1.0) is None
    for title in ("g/kWh", "kg_per_mwh", "Carbon [t/MWh]"):
        assert wrong_unit(("", title), plant, "grid.carbon_profile", 1.0) is None
    said = LoadProfile.model_validate({"file": "f", "column": "load_kw", "scale": 1})
    assert wrong_unit(("", "load_kw"), said, "power.load", 1.0) is None


def test_a_row_of_units_counts_before_the_title() -> None:
    load = LoadProfile.model_validate({"file": "f", "column": "x"})
    assert wrong_unit(("[kW]", "load_mw"), load, "power.load", None) is not None
    assert stated_unit("MW or kW") is None
