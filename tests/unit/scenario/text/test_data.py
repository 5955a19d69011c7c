from __future__ import annotations

import datetime
import enum
import re
from pathlib import Path, PureWindowsPath

import numpy as np
import pandas as pd
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.text import data
from dcsim.scenario.text.data import ALLOWED, from_data, plain_scalar, value_from_data


class Basis(enum.StrEnum):
    IT = "it"


class Mark(str, enum.Enum):  # noqa: UP042  (prints as "Mark.IT")
    IT = "it"


class Count(enum.IntEnum):
    SIX = 6


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("text", "text"),
        (True, True),
        (np.True_, True),
        (None, None),
        (6, 6),
        (np.int32(6), 6),
        (np.uint64(6), 6),
        (Count.SIX, 6),
        (0.5, 0.5),
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.str_("it"), "it"),
        (Basis.IT, "it"),
        (Mark.IT, "it"),
        (datetime.date(2027, 1, 15), "2027-01-15"),
        (datetime.datetime(2027, 1, 15), "2027-01-15"),
        (pd.Timestamp("2027-01-15"), "2027-01-15"),
        (np.datetime64("2027-01-15"), "2027-01-15"),
        (np.datetime64("2027-01-15T00:00:00.000000000"), "2027-01-15"),
        (Path("data/year.csv"), "data/year.csv"),
        (PureWindowsPath("data\\year.csv"), "data/year.csv"),
    ],
    ids=repr,
)
def test_a_scalar_becomes_what_a_file_says(value, plain):
    found = plain_scalar(value)
    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("inf"), "is not a finite number"),
        (np.float32("nan"), "is not a finite number"),
        (2**60, "is a whole number beyond ±2^53"),
        (np.uint64(2**63), "is a whole number beyond ±2^53"),
        ("a\x1b[0m", "holds the control character U+001B; leave it out"),
        (Path("a\x07.csv"), "holds the control character U+0007; leave it out"),
        (datetime.datetime(2027, 1, 15, 8), "has a time of day; give a day such as 2027-01-15"),
        (
            datetime.datetime(2027, 1, 15, tzinfo=datetime.UTC),
            "has a time zone; give a day, which is one of the site's time zone",
        ),
        (pd.NaT, "is not a date"),
        (np.datetime64("NaT", "s"), "is not a date"),
        (np.array([1, 2]), f"ndarray is not plain data; allowed are {ALLOWED}"),
        (np.timedelta64(3, "D"), f"timedelta64 is not plain data; allowed are {ALLOWED}"),
        (datetime.timedelta(3), f"timedelta is not plain data; allowed are {ALLOWED}"),
        (b"x", f"bytes is not plain data; allowed are {ALLOWED}"),
        (print, f"builtin_function_or_method is not plain data; allowed are {ALLOWED}"),
    ],
    ids=repr,
)
def test_a_scalar_that_no_file_can_say_is_refused(value, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plain_scalar(value)


def refused(value):
    with pytest.raises(ScenarioError) as caught:
        from_data(value, "scenario")
    return str(caught.value)


def test_items_are_called_by_their_names_as_in_a_file():
    value = {"orders": [{"name": "first", "gpus": {1}}, {"gpus": [1, 2j]}], "seed": float("nan")}
    assert refused(value).splitlines() == [
        f"scenario: orders.first.gpus: set is not plain data; allowed are {ALLOWED}",
        f"scenario: orders.1.gpus.1: complex is not plain data; allowed are {ALLOWED}",
        "scenario: seed: is not a finite number",
    ]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (2030, "a key must be plain text, not 2030; write '2030'"),
        (None, "a key must be plain text, not None"),
        ("x" * 201, "a key is longer than 200 characters"),
        ("a\x07", "holds the control character U+0007; leave it out"),
    ],
)
def test_a_key_is_text(key, message):
    assert refused({"grid": {"carbon": {key: 1}}}) == f"scenario: grid.carbon: {message}"


def test_tuples_are_lists_and_nothing_that_is_given_is_changed():
    given = {"halls": ({"name": "hall", "racks": np.int64(3)},), "at": {"day": [None]}}
    node = from_data(given, "scenario")
    assert node.plain == {"halls": [{"name": "hall", "racks": 3}], "at": {"day": [None]}}
    node.value["halls"].value.clear()
    assert given == {"halls": ({"name": "hall", "racks": np.int64(3)},), "at": {"day": [None]}}


def test_data_that_hold_themselves_are_refused():
    ring: dict[str, object] = {}
    ring["ring"] = ring
    assert refused(ring).endswith("is nested deeper than 32 levels")


def test_one_list_many_times_over_is_refused(monkeypatch):
    monkeypatch.setattr(data, "MOST_VALUES", 1000)
    value: object = [1]
    for _ in range(20):
        value = [value, value]
    assert "holds more than 1,000 values" in refused({"a": value})


def test_one_value_stands_at_its_key():
    assert value_from_data((1, "2"), "override a.b", "a.b").where == "override a.b"
    with pytest.raises(ScenarioError, match=r"^override a\.b: a\.b\.0: is not a finite number$"):
        value_from_data([float("nan")], "override a.b", "a.b")
