"""Years of real weather as they serve runs."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.resampling import Span
from dcsim.weather import make_weather
from dcsim.weather.years import has_years_to_draw, real_weather, year_of_days, years_of

TITLES = "time,temp_dry_bulb_c,relative_humidity_frac,wind_speed_m_s,ghi_w_m2,dni_w_m2,dhi_w_m2"


def minute(text: str) -> int:
    return int(np.datetime64(text, "m").astype(np.int64))


def span_of(first: str, end: str, step_min: int = 60) -> Span:
    """Rows whose value is their own time in minutes."""
    times = np.arange(minute(first), minute(end), step_min)
    return Span({"x": times.astype(float)}, step_min, int(times[0]))


def table(first: str, end: str) -> list[str]:
    """Hours whose temperature is the year after 2000, and whose humidity spells the day."""
    moment, last = (datetime.datetime.fromisoformat(text) for text in (first, end))
    rows = [TITLES]
    while moment < last:
        day = moment.timetuple().tm_yday
        rows.append(f"{moment.isoformat()},{moment.year - 2000},{day / 1000},2,1,0,1")
        moment += datetime.timedelta(hours=1)
    return rows


@pytest.mark.parametrize(
    ("first", "end", "n_years", "n_rest"),
    [
        ("2019-01-01", "2022-01-01", 3, 0),
        ("2018-12-31T15:00", "2020-12-31T15:00", 2, 0),
        ("2019-07-01", "2021-07-01", 2, 0),
        ("2019-01-01", "2021-06-01", 2, 151 * 24),
        ("2020-01-01", "2021-01-01", 1, 0),
        ("2019-01-01", "2019-12-31", 0, 0),
    ],
)
def test_whole_years_are_counted_from_the_first_row(first, end, n_years, n_rest):
    years = years_of(span_of(first, end))
    if not n_years:
        assert years is None
    else:
        assert (years.n_years, years.n_rest) == (n_years, n_rest)


def test_each_year_has_a_row_for_every_date():
    span = span_of("2019-07-01", "2021-07-01")
    years = years_of(span)
    assert years.row_of_place.shape == (2, 366 * 24)
    assert years.first_place == 182
    # 29 February 2020 is there; that of 2021 repeats the 28th.
    rows = years.row_of_place.reshape(2, 366, 24)
    leap = span.columns["x"][rows[0, 59, 0]], span.columns["x"][rows[1, 59, 0]]
    assert leap == (minute("2020-02-29"), minute("2021-02-28"))


def test_years_that_cannot_be_days_are_none():
    assert years_of(span_of("2019-01-01", "2021-01-01", 7 * 60)) is None
    assert not has_years_to_draw(span_of("2019-01-01", "2020-01-01"))
    assert has_years_to_draw(span_of("2019-01-01", "2021-01-01"))


def test_calendar_years_of_days():
    assert year_of_days(np.array([0, 364, 365])).tolist() == [1970, 1970, 1971]


RUN = {"start": "2030-01-01", "end": "2050-01-01", "time_zone": "UTC"}


def plan_of(with_file, lines, replication, **keys):
    plan = with_file(lines, "w.csv", **(RUN | keys))
    return type(plan)(plan.site, replication, plan.files)


def drawn_years(with_file, lines, replication, **keys):
    """Return the year of the file for each year of a run of 365 or 366 days each."""
    plan = plan_of(with_file, lines, replication, **keys)
    weather = make_weather(plan)
    year = plan.calendar.year
    by_year = [np.unique(weather.temp_dry_bulb_c[year == one]) for one in np.unique(year)]
    assert all(values.size == 1 for values in by_year)
    return [2000 + round(float(values[0])) for values in by_year], weather


def test_replications_draw_whole_years_of_the_file_and_say_so(with_file):
    lines = table("2019-01-01", "2023-01-01")
    first, weather = drawn_years(with_file, lines, 1)
    again, _ = drawn_years(with_file, lines, 1)
    second, _ = drawn_years(with_file, lines, 2)
    assert first == again != second
    assert set(first) == set(second) == {2019, 2020, 2021, 2022}
    assert any("one of the 4 of the file, drawn" in note for note in weather.notes)
    # Every date keeps its place: the humidity of a plain year spells the day.
    day = np.round(weather.relative_humidity_frac[: 59 * 24 : 24] * 1000)
    np.testing.assert_array_equal(day, np.arange(1, 60))


def test_each_year_of_the_file_is_equally_likely(with_file):
    lines = table("2019-01-01", "2023-01-01")
    found = np.concatenate([drawn_years(with_file, lines, r)[0] for r in range(1, 41)])
    share = np.array([(found == year).mean() for year in range(2019, 2023)])
    # 800 draws: a share of 1/4 has a standard deviation of 0.0153.
    np.testing.assert_allclose(share, 0.25, atol=4 * 0.0153)


def test_a_calendar_year_draws_the_same_whenever_the_run_begins(with_file):
    lines = table("2019-01-01", "2023-01-01")
    early, _ = drawn_years(with_file, lines, 1)
    late, _ = drawn_years(with_file, lines, 1, start="2035-01-01")
    assert late == early[5:]


def test_the_single_run_repeats_the_years_in_their_order(with_file):
    lines = table("2019-01-01", "2022-01-01")
    found, weather = drawn_years(with_file, lines, 0)
    # 2030 lies eleven years after 2019: two years beyond a multiple of three.
    assert found == [2021, 2019, 2020] * 6 + [2021, 2019]
    assert any("3 years are repeated in their order" in note for note in weather.notes)


def test_a_run_within_the_file_replays_it_in_the_single_run_only(with_file):
    lines = table("2019-01-01", "2023-01-01")
    within = {"start": "2020-01-01", "end": "2022-01-01"}
    single, weather = drawn_years(with_file, lines, 0, **within)
    assert single == [2020, 2021]
    assert any("single run replays the 4 years" in note for note in weather.notes)
    drawn = {tuple(drawn_years(with_file, lines, r, **within)[0]) for r in range(1, 12)}
    assert len(drawn) > 5


def test_one_year_is_the_same_in_every_replication_and_says_so(with_file):
    lines = table("2030-01-01", "2031-01-01")
    keys = {"end": "2031-01-01"}
    notes = make_weather(plan_of(with_file, lines, 3, **keys)).notes
    assert "The weather is that of the file, the same in every replication." in notes


def test_hours_beyond_the_file_are_told(with_file):
    lines = table("2030-01-01", "2031-01-01")
    keys = {"end": "2031-01-01", "time_zone": "Asia/Seoul"}
    weather = make_weather(plan_of(with_file, lines, 0, **keys))
    assert any("The first 9 h of the run lie outside the file" in note for note in weather.notes)
    two = table("2030-01-01", "2032-01-01")
    weather = make_weather(plan_of(with_file, two, 0, end="2032-01-01", time_zone="Asia/Seoul"))
    assert any("The first 9 h of the run" in note for note in weather.notes)
    assert weather.temp_dry_bulb_c[9:].tolist() == [30] * 8760 + [31] * (8760 - 9)


def test_rows_that_are_neither_the_run_nor_a_year_are_refused(with_file):
    plan = plan_of(with_file, table("2019-01-01", "2019-07-01"), 0)
    with pytest.raises(ScenarioError, match=r"must cover the run.*it covers 2019-01-01T00:00Z"):
        real_weather(span_of("2019-01-01", "2019-07-01"), plan, "w.csv")
