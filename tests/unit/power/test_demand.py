from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest

from dcsim.clock import Calendar
from dcsim.power.demand import served_gpus, wanted_gpus
from dcsim.scenario.schema.fleet import Segment

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
DAY_SHAPE = [round(0.5 + hour / 23, 4) for hour in range(24)]


def calendar_of(start: str, n_days: int, step_h: float = 1.0) -> Calendar:
    first = datetime.datetime.combine(datetime.date.fromisoformat(start), datetime.time(), SEOUL)
    return Calendar(first, first + datetime.timedelta(days=n_days), SEOUL, step_h)


def segment_of(**changes: object) -> Segment:
    raw = {"name": "s", "use": "training", "gpus": "1000 GPU", "at": "2030-01-01", **changes}
    return Segment.model_validate(raw)


def wanted(calendar: Calendar, **changes: object) -> np.ndarray:
    return wanted_gpus([segment_of(**changes)], calendar)[0]


def test_flat_demand_is_its_gpus_in_every_hour() -> None:
    assert (wanted(calendar_of("2030-01-01", 3)) == 1000).all()


def test_demand_grows_by_its_rate_each_mean_year() -> None:
    gpus = wanted(calendar_of("2030-01-01", 800), growth=0.5)
    np.testing.assert_allclose(gpus[[0, 8766, 2 * 8766]], [1000, 1500, 2250], rtol=1e-12)


def test_demand_before_its_day_counts_back_when_it_begins_earlier() -> None:
    gpus = wanted(calendar_of("2029-01-01", 400), growth=1.0, begins="2029-01-01")
    assert gpus[0] == pytest.approx(1000 * 2 ** (-8760 / 8766))


def test_nothing_is_wanted_before_demand_begins() -> None:
    gpus = wanted(calendar_of("2029-12-30", 4))
    assert (gpus[:48] == 0).all()
    assert (gpus[48:] == 1000).all()


def test_demand_that_began_before_the_run_is_there_from_its_start() -> None:
    assert wanted(calendar_of("2031-06-01", 2), begins="2030-03-01")[0] == 1000


def test_shape_follows_the_hours_of_the_local_day() -> None:
    gpus = wanted(calendar_of("2030-01-01", 2), weekday=DAY_SHAPE)
    np.testing.assert_allclose(gpus, 1000 * np.tile(DAY_SHAPE, 2))


def test_shape_follows_the_clock_of_its_own_zone() -> None:
    gpus = wanted(calendar_of("2030-01-02", 1), weekday=DAY_SHAPE, time_zone="UTC")
    # Midnight in Seoul is 15:00 of the day before in UTC.
    np.testing.assert_allclose(gpus, 1000 * np.roll(DAY_SHAPE, -15))


def test_shape_follows_the_clock_of_the_site_where_no_other_is_named() -> None:
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    first = datetime.datetime(2027, 1, 4, tzinfo=berlin)
    calendar = Calendar(first, first + datetime.timedelta(days=1), berlin, 1.0)
    office = [float(9 <= hour < 18) for hour in range(24)]
    gpus = wanted(calendar, weekday=office, at="2027-01-01")
    assert np.flatnonzero(gpus).tolist() == list(range(9, 18))


def test_shape_follows_summer_time() -> None:
    gpus = wanted(calendar_of("2030-07-02", 1), weekday=DAY_SHAPE, time_zone="Europe/Berlin")
    np.testing.assert_allclose(gpus[0], 1000 * DAY_SHAPE[17])  # 15:00 UTC is 17:00 there


def test_weekend_has_its_own_shape() -> None:
    gpus = wanted(calendar_of("2030-01-04", 4), weekday=[1.0], weekend=[0.5])  # from a Friday
    np.testing.assert_array_equal(gpus.reshape(4, 24)[:, 0], [1000, 500, 500, 1000])


def test_long_steps_have_the_mean_of_their_hours() -> None:
    hourly = wanted(calendar_of("2030-01-01", 2), weekday=DAY_SHAPE, weekend=[0.3])
    daily = wanted(calendar_of("2030-01-01", 2, step_h=24.0), weekday=DAY_SHAPE, weekend=[0.3])
    np.testing.assert_allclose(daily, hourly.reshape(2, 24).mean(axis=1))


def test_short_steps_have_the_value_of_their_hour() -> None:
    quarters = wanted(calendar_of("2030-01-01", 1, step_h=0.25), weekday=DAY_SHAPE)
    np.testing.assert_allclose(
        quarters.reshape(24, 4), 1000 * np.array(DAY_SHAPE)[:, None] + np.zeros(4)
    )


def test_segments_are_served_in_order_up_to_the_gpus_online() -> None:
    busy = served_gpus(np.array([[60.0, 60.0], [50.0, 10.0]]), np.array([100.0, 20.0]))
    np.testing.assert_array_equal(busy, [[60, 20], [40, 0]])


def test_a_measured_shape_follows_the_local_clock_and_the_weekend() -> None:
    week = calendar_of("2030-01-07", 7)  # a Monday
    gpus = wanted(week, shape="chat", use="inference")
    assert gpus.argmax() % 24 == 10
    assert gpus[: 5 * 24].mean() == pytest.approx(1000, rel=0.01)
    assert gpus[5 * 24 :].mean() / gpus[: 5 * 24].mean() == pytest.approx(0.57, abs=0.01)
    code = wanted(week, shape="code", use="inference")
    assert code[:24].max() / code[:24].min() > 9


def test_a_shape_in_another_zone_is_turned_by_the_hours_between() -> None:
    week = calendar_of("2030-01-07", 2)
    here, far = wanted(week, shape="code"), wanted(week, shape="code", time_zone="Asia/Kolkata")
    # India is three and a half hours behind.
    assert (far.argmax() - here.argmax()) in (3, 4)


def test_shape_and_hours_together_are_refused() -> None:
    with pytest.raises(ValueError, match="either shape"):
        segment_of(shape="chat", weekday=DAY_SHAPE)
