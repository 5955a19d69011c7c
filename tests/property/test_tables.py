"""One series, written by many programs in many ways, reads back as what it was."""

from __future__ import annotations

import contextlib
import csv
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dcsim.errors import ScenarioError
from dcsim.scenario.schema.profile import Profile
from dcsim.series.data_file import Faults
from dcsim.series.profile_rows import ProfileRows, read_profile_rows

ZONES = ("UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
TITLES = (
    *("time", "Time", "Timestamp", "date", "datetime", "Date/Time", "", "index", "snapshots"),
    *("utc_timestamp", "Datetime (UTC)", "valid_time", "anything at all"),
)
FORMS = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M"),
    *("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%Y%m%dT%H%M", "%d-%b-%Y %H:%M"),
)
ORDER = {
    "%d.%m.%Y %H:%M": "day-first",
    "%d/%m/%Y %H:%M:%S": "day-first",
    "%m/%d/%Y %I:%M %p": "month-first",
}


@st.composite
def series(draw: st.DrawFn) -> pd.Series:
    """Rows at equal steps of whole minutes, their times in UTC."""
    step_min = draw(st.sampled_from([1, 5, 7, 10, 15, 30, 60, 90, 120, 180, 300, 1440]))
    n_rows = draw(st.integers(3, 60))
    first = draw(st.integers(0, 2 * 366 * 1440))
    start = pd.Timestamp("2027-01-01", tz="UTC") + pd.Timedelta(minutes=first)
    index = pd.date_range(start, periods=n_rows, freq=f"{step_min}min")
    whole = draw(st.lists(st.integers(-(10**7), 10**7), min_size=n_rows, max_size=n_rows))
    return pd.Series(np.array(whole) / 1000.0, index, name="x")


def read(path: Path, **keys: object) -> ProfileRows:
    given_keys = {name: value for name, value in keys.items() if value is not None}
    profile = Profile.model_validate({"file": path.name, "column": "x", **given_keys})
    return read_profile_rows(path, profile, Faults(path.name, "key"))


def same(rows: ProfileRows, expected: pd.Series) -> None:
    assert rows.axis is not None
    stamps = expected.index.astype("datetime64[s, UTC]").asi8 // 60
    assert rows.axis.start_min == stamps[0]
    assert rows.axis.step_min == stamps[1] - stamps[0]
    np.testing.assert_allclose(rows.values, expected.to_numpy(), rtol=0, atol=1e-9)


def is_told_by_its_order(local: pd.DatetimeIndex) -> bool:
    """Times of a doubled hour must be there in full, or lie on no other step."""
    wall = local.tz_localize(None)
    doubled = wall.tz_localize(local.tz, ambiguous=np.zeros(len(wall), bool)) != wall.tz_localize(
        local.tz, ambiguous=np.ones(len(wall), bool)
    )
    return not doubled.any()


@settings(deadline=None, max_examples=150)
@given(data=st.data(), wanted=series())
def test_csv_of_many_programs(data: st.DataObject, wanted: pd.Series) -> None:
    draw = data.draw
    sep = draw(st.sampled_from([",", ";", "\t", "|"]))
    decimal = draw(st.sampled_from([".", ","])) if sep != "," else "."
    form = draw(st.sampled_from(FORMS))
    zone = draw(st.sampled_from(ZONES))
    title = draw(st.sampled_from(TITLES if zone == "UTC" else TITLES[:9]))
    local = wanted.index.tz_convert(zone)
    assume(is_told_by_its_order(local))
    frame = pd.DataFrame({"x": wanted.to_numpy(), "note": "a, b; c"}, index=local)
    if draw(st.booleans()):
        frame.insert(0, "y", 1.5)
    text = frame.to_csv(
        sep=sep,
        decimal=decimal,
        date_format=form,
        index_label=title,
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        float_format="%.3f",
    )
    lines = text.splitlines()
    if draw(st.booleans()):
        lines.insert(1, sep.join([zone if zone == "UTC" else "", *["MW"] * (frame.shape[1])]))
    if draw(st.booleans()):
        lines[:0] = ["# made by a program", "", "A site; its load, 2027", ""]
    for _ in range(draw(st.integers(0, 3))):
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(["", " ", sep])))
    content = draw(st.sampled_from(["\n", "\r\n", "\r"])).join([*lines, ""])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "p[1].csv")
        path.write_bytes(content.encode(encoding))
        found = read(
            path,
            time_zone=None if zone == "UTC" else zone,
            dates=ORDER.get(form),
            decimal="comma" if decimal == "," else None,
        )
    same(found, wanted)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), wanted=series())
def test_parquet_of_many_programs(data: st.DataObject, wanted: pd.Series) -> None:
    time = data.draw(
        st.sampled_from(
            [
                *("t", "t::TIMESTAMP_NS", "t::TIMESTAMP_MS", "t::TIMESTAMP_S", "t::TIMESTAMPTZ"),
                *("strftime(t, '%Y-%m-%dT%H:%M:%SZ')", "strftime(t, '%Y-%m-%d %H:%M')"),
                "epoch_ms(t)",
            ]
        )
    )
    value = data.draw(st.sampled_from(["x", "x::DECIMAL(18, 3)", "x::VARCHAR"]))
    title = data.draw(st.sampled_from([name for name in TITLES if name]))
    assume(time != "epoch_ms(t)" or title != "anything at all")
    frame = {"t": wanted.index.tz_localize(None).to_numpy().astype("datetime64[us]")}
    frame["x"] = wanted.to_numpy()
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("rows", frame)
        path = Path(folder, "p[1].parquet")
        connection.execute(
            f"COPY (SELECT {time} AS \"{title}\", {value} AS x FROM rows) TO '{path}' "
            "(FORMAT parquet)"
        )
        found = read(path)
    same(found, wanted)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("step_min", [15, 30, 60, 120, 180])
def test_a_year_of_local_time_reads_back(tmp_path: Path, zone: str, step_min: int) -> None:
    index = pd.date_range("2027-01-01", "2028-01-01", freq=f"{step_min}min", tz="UTC")[:-1]
    wanted = pd.Series(np.arange(float(len(index))), index, name="x")
    path = tmp_path / "p.csv"
    frame = wanted.to_frame()
    frame.index = frame.index.tz_convert(zone).tz_localize(None)
    path.write_text(frame.to_csv(index_label="Time"))
    same(read(path, time_zone=zone), wanted)


@settings(deadline=None, max_examples=60)
@given(content=st.binary(max_size=400) | st.text(max_size=400).map(str.encode), kind=st.booleans())
def test_any_content_is_read_or_refused_in_words(content: bytes, kind: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "p.parquet" if kind else "p.csv")
        path.write_bytes(content if kind else b"x,time\n" + content)
        # Anything but a table or a refusal in words fails the test.
        with contextlib.suppress(ScenarioError):
            read(path)
