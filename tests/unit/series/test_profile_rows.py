"""Rows of profiles, from files as other programs write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.schema.profile import Profile
from dcsim.series.data_file import Faults
from dcsim.series.profile_rows import ProfileRows, read_profile_rows, time_rules


def read(path: Path, column: str = "x", **keys: object) -> ProfileRows:
    profile = Profile.model_validate({"file": path.name, "column": column, **keys})
    return read_profile_rows(path, profile, Faults(path.name, "key"))


TABLES = {
    "commas": b"time,x\n2027-01-01T00:00Z,0.5\n2027-01-01T01:00Z,1.5\n",
    "semicolons": b"time;x\n2027-01-01T00:00Z;0,5\n2027-01-01T01:00Z;1,5\n",
    "tabs": b"time\tx\n2027-01-01T00:00Z\t0,5\n2027-01-01T01:00Z\t1,5\n",
    "macintosh": b"time,x\r2027-01-01T00:00Z,0.5\r2027-01-01T01:00Z,1.5\r",
    "windows": b"\xef\xbb\xbftime,x\r\n2027-01-01T00:00Z,0.5\r\n2027-01-01T01:00Z,1.5\r\n",
    "wide letters": "time,x\n2027-01-01T00:00Z,0.5\n2027-01-01T01:00Z,1.5\n".encode("utf-16"),
    "wide letters without mark": (
        "time,x\n2027-01-01T00:00Z,0.5\n2027-01-01T01:00Z,1.5\n".encode("utf-16-le")
    ),
    "latin letters": "time,x,Größe\n2027-01-01T00:00Z,0.5,é\n2027-01-01T01:00Z,1.5,\n".encode(
        "latin-1"
    ),
    "empty rows": b"\n\ntime,x\n\n,\n2027-01-01T00:00Z,0.5\n\n2027-01-01T01:00Z,1.5\n,\n\n",
    "units": b"time,x\nUTC,MW\n2027-01-01T00:00Z,0.5\n2027-01-01T01:00Z,1.5\n",
    "preamble": b"# by\nA table, of it\n\ntime,x\n2027-01-01 00:00Z,.5\n2027-01-01 01:00Z,1.5",
    "quotes": b'"time","a, b","x"\n"2027-01-01T00:00Z","1,2","0.5"\n"2027-01-01T01:00Z","","1.5"\n',
    "count of rows": b",UTC time,x\n0,01/13/2027 00:00:00,0.5\n1,01/13/2027 01:00:00,1.5\n",
    "two columns": b"Date,Hour,x\n2027-01-01,0,0.5\n2027-01-01,1,1.5\n",
    "hours from 1": b"Date,HE,x\n"
    + b"".join(b"2027-01-01,%d,%.1f\n" % (hour, hour - 0.5) for hour in range(1, 25)),
    "parts": b"year,month,day,hour,x\n2027,1,1,0,0.5\n2027,1,1,1,1.5\n",
    "newest first": b"time,x\n2027-01-01T01:00Z,1.5\n2027-01-01T00:00Z,0.5\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_one_series_in_many_forms(tmp_path: Path, name: str) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(TABLES[name])
    rows = read(path)
    assert rows.values[:2].tolist() == [0.5, 1.5]
    assert rows.axis is not None
    day = 12 if name == "count of rows" else 0
    start_min = int(np.datetime64("2027-01-01", "m").astype(np.int64)) + day * 1440
    assert (rows.axis.start_min, rows.axis.step_min) == (start_min, 60)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,x\n2027-01-01,1\n2027-01-02,\n2027-01-03,1\n", "p.csv:3: key: has no number in"),
        ("x\n", "p.csv: key: has no rows"),
        ("first,second,x\n2027-01-01,2027-01-02,1\n", "name the one to read with the key time"),
        ("time,x\n01/02/2027,1\n02/02/2027,2\n", "dates: day-first or dates: month-first"),
        ("time;x\n2027-01-01;1,234\n2027-01-02;1,235\n", "decimal: comma or decimal: point"),
        ("local_time,x\n2027-01-01,1\n2027-01-02,1\n", "write time_zone"),
    ],
)
def test_what_may_mean_two_things_names_the_key(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("first,second,x\n2027-01-01,2026-01-01,1\n2027-01-02,2026-01-02,2\n", {"time": "first"}),
        ("time,x\n01/01/2027,1\n02/01/2027,2\n", {"dates": "day-first"}),
        ("time;x\n2027-01-01;1,000\n2027-01-02;2,000\n", {"decimal": "comma"}),
        ("time,x\n2027-01-01 09:00,1\n2027-01-02 09:00,2\n", {"time_zone": "Asia/Seoul"}),
        ("time,x\n2027-01-02,1\n2027-01-03,2\n", {"labels": "end"}),
    ],
)
def test_the_key_says_which_it_is(tmp_path: Path, text: str, keys: dict[str, str]) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    rows = read(path, **keys)
    assert rows.values.tolist() == [1, 2]
    assert rows.axis is not None
    assert rows.axis.start_min == int(np.datetime64("2027-01-01", "m").astype(np.int64))


def test_a_filled_step_is_told_by_the_row_before(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("time,x\n2027-01-01T00Z,1\n2027-01-01T01Z,2\n2027-01-01T03Z,4\n")
    rows = read(path, repair="1 h")
    assert rows.values.tolist() == [1, 2, 3, 4]
    assert [rows.row_of(step) for step in range(4)] == [0, 1, 1, 2]
    assert rows.notes[-1].startswith("Repaired: column 'x', 1 rows")


@pytest.mark.parametrize(
    ("name", "column", "mean", "step_min"),
    [
        ("CISO_lifecycle_emissions_2020_2021.csv", "carbon_intensity", 272.923012, 60),
        (
            "KR_carbon_intensity_2022_hourly_utc.csv",
            "carbon_intensity_gCO2eq_per_kWh_lca",
            490.824088,
            60,
        ),
        ("pypsa_model_energy_2019_3h.csv", "solar_pu", None, 180),
    ],
)
def test_real_files(shared_data: Path, name: str, column: str, mean, step_min: int) -> None:
    rows = read(shared_data / "series" / name, column)
    assert rows.axis is not None
    assert rows.axis.step_min == step_min
    if mean is not None:
        assert rows.values.mean() == pytest.approx(mean, rel=1e-8)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    path.write_bytes(b"")
    with pytest.raises(ScenarioError, match="must be a CSV file"):
        read(path)
    keys = {"file": "a", "column": "x", "time": "t", "time_zone": "UTC", "labels": "end"}
    rules = time_rules(Profile.model_validate(keys))
    assert (rules.title, rules.zone, rules.order, rules.labels) == ("t", "UTC", None, "end")
