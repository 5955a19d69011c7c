"""The contract of every registered format of weather files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import dcsim
from dcsim.errors import ScenarioError
from dcsim.scenario.plan import Plan
from dcsim.weather import make_weather
from dcsim.weather.formats.registry import FORMATS, read_weather_file
from dcsim.weather.formats.weather_file import ReadOptions, WeatherFormat

ROOT = Path(dcsim.__file__).parent.parent
RANGES = {
    "temp_dry_bulb_c": (-90, 60),
    "relative_humidity_frac": (0, 1),
    "pressure_pa": (31_000, 120_000),
    "wind_speed_m_s": (0, 100),
    "ghi_w_m2": (0, 1500),
    "dni_w_m2": (0, 1500),
    "dhi_w_m2": (0, 1500),
}


class Example(NamedTuple):
    """One year of hours, the same in every format."""

    lines: tuple[str, ...]
    n_header: int
    temperature: int
    """Place of the temperature in a row."""
    cell: str = "{}"
    """How a cell is written."""
    hole: str = ""
    """Text of a cell without a value."""
    separator: str = ","


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> dict[str, Example]:
    """Return a file of each format; a new format adds its line here."""
    return {
        "EPW": Example(request.getfixturevalue("epw_year"), 8, 6),
        "SAM or NSRDB": Example(request.getfixturevalue("sam_year"), 3, 8),
        "TMY3": Example(request.getfixturevalue("tmy3_year"), 2, 5),
        "plain table": Example(request.getfixturevalue("table_year"), 1, 1),
        "PVGIS": Example(request.getfixturevalue("pvgis_year"), 18, 1, hole="nan"),
        "PVGIS as JSON": Example(
            request.getfixturevalue("pvgis_json_year"), 3, 1, '"T2m":{}', hole="null"
        ),
    }


@pytest.fixture(params=FORMATS, ids=lambda form: form.name)
def form(request: pytest.FixtureRequest) -> WeatherFormat:
    return request.param


@pytest.fixture
def example(form: WeatherFormat, examples: dict[str, Example]) -> Example:
    return examples[form.name]


def test_names_are_unique_and_endings_lower_case():
    assert len({form.name for form in FORMATS}) == len(FORMATS)
    assert all(form.suffix == form.suffix.lower() and form.suffix[0] == "." for form in FORMATS)


def test_the_first_format_that_recognizes_a_file_is_its_own(form, example):
    same_ending = [other for other in FORMATS if other.suffix == form.suffix]
    found = next(other for other in same_ending if other.recognize(list(example.lines)))
    assert found is form


def test_the_same_hours_come_out_of_every_format(form, example, epw_year, with_file):
    plan: Callable[..., Plan] = with_file
    weather = make_weather(plan(example.lines, f"w{form.suffix}"))
    wanted = make_weather(plan(epw_year, "wanted.epw"))
    for name in (*RANGES, "temp_wet_bulb_c"):
        np.testing.assert_allclose(getattr(weather, name), getattr(wanted, name), rtol=1e-12)


def test_units_are_those_of_the_weather(form, example, tmp_path):
    path = tmp_path / f"w{form.suffix}"
    path.write_text("\n".join(example.lines), encoding="utf-8")
    columns = read_weather_file(path, path.name, ReadOptions()).table.columns
    assert columns.keys() == RANGES.keys()
    for name, (low, high) in RANGES.items():
        assert low <= columns[name].min() <= columns[name].max() <= high, name
    assert columns["relative_humidity_frac"].max() == 0.5
    assert columns["pressure_pa"].min() == 101_000
    assert columns["ghi_w_m2"].max() > 700


@pytest.mark.parametrize("text", ["x", "", "inf", "451"])
def test_an_unreadable_value_is_refused_with_file_and_line(form, example, with_file, text):
    lines = list(example.lines)
    fields = lines[example.n_header + 99].split(example.separator)
    fields[example.temperature] = example.cell.format(text)
    lines[example.n_header + 99] = example.separator.join(fields)
    with pytest.raises(ScenarioError) as caught:
        make_weather(with_file(lines, f"w{form.suffix}"))
    (problem,) = caught.value.problems
    assert problem.where == f"w{form.suffix}:{example.n_header + 100}"
    assert problem.key == "weather.file"


def test_a_gap_is_filled_where_repair_allows_it_and_noted(form, example, with_file):
    lines = list(example.lines)
    fields = lines[example.n_header + 99].split(example.separator)
    fields[example.temperature] = example.cell.format(example.hole)
    lines[example.n_header + 99] = example.separator.join(fields)
    weather = make_weather(with_file(lines, f"w{form.suffix}", weather={"repair": "1 h"}))
    whole = make_weather(with_file(example.lines, f"whole{form.suffix}"))
    assert abs(weather.temp_dry_bulb_c - whole.temp_dry_bulb_c).max() < 0.01
    assert weather.notes[0].startswith("Repaired: column ")
    assert weather.notes[1:] == whole.notes


@pytest.mark.parametrize("rows", [0, 1])
def test_a_file_cut_short_is_refused_by_its_name(form, example, with_file, rows):
    lines = example.lines[: example.n_header + rows]
    with pytest.raises(ScenarioError) as caught:
        make_weather(with_file(lines, f"w{form.suffix}"))
    assert all(problem.where.startswith(f"w{form.suffix}") for problem in caught.value.problems)


def test_a_repeated_row_is_refused_where_it_stands(form, example, with_file):
    at = example.n_header + 50
    lines = [*example.lines[:at], example.lines[at - 1], *example.lines[at:]]
    with pytest.raises(ScenarioError) as caught:
        make_weather(with_file(lines, f"w{form.suffix}"))
    assert caught.value.problems[0].where == f"w{form.suffix}:{at + 1}"


def test_an_ending_of_no_format_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        read_weather_file(tmp_path / "w.nc", "w.nc", ReadOptions())
    assert all(f"{form.name} ({form.suffix})" in str(caught.value) for form in FORMATS)


def test_every_format_has_its_row_in_the_docs(form):
    page = (ROOT / "docs/models/weather.md").read_text(encoding="utf-8")
    rows = [
        line for line in page.splitlines() if line.startswith(f"| {form.name} | `{form.suffix}`")
    ]
    assert len(rows) == 1
