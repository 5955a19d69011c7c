from __future__ import annotations

import copy

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dcsim.clock import Calendar
from dcsim.errors import ScenarioError
from dcsim.physics.wet_bulb import wet_bulb_c
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.site import Site
from dcsim.series.data_file import Faults
from dcsim.series.resampling import Span, TypicalYear, resample
from dcsim.supply.assets.power_curve import PowerCurve
from dcsim.supply.assets.wind import turbine_output_pu
from dcsim.weather import make_weather
from dcsim.weather.formats.table import read_table
from dcsim.weather.formats.weather_file import ReadOptions

laws = settings(
    derandomize=True,
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
steps = st.sampled_from(["15 min", "30 min", "1 h", "3 h", "24 h"])
zones = st.sampled_from(["Asia/Seoul", "UTC", "Asia/Kolkata", "America/New_York"])


@given(
    step=steps,
    zone=zones,
    replication=st.integers(0, 5),
    longitude=st.integers(-180, 180),
    latitude=st.integers(20, 44),  # the monthly sunshine of the site is too much farther north
)
@laws
def test_every_hour_is_physical(minimal_site, *, step, zone, replication, longitude, latitude):
    site = copy.deepcopy(minimal_site)
    site |= {"end": "2030-03-01", "step": step, "time_zone": zone}
    site |= {"longitude": f"{longitude} degree", "latitude": f"{latitude} degree"}
    plan = Plan(Site.model_validate(site), replication)
    weather = make_weather(plan)
    for name in ("ghi_w_m2", "dni_w_m2", "dhi_w_m2", "wind_speed_m_s", "relative_humidity_frac"):
        values = getattr(weather, name)
        assert values.shape == (plan.calendar.n_hours,)
        assert values.min() >= 0
        assert values.max() < 1400
    assert weather.relative_humidity_frac.max() <= 1
    assert (weather.temp_wet_bulb_c <= weather.temp_dry_bulb_c).all()
    assert (weather.dhi_w_m2 <= weather.ghi_w_m2 + 1e-9).all()


@given(
    step_h=st.sampled_from([0.25, 0.5, 1.0, 2.0, 6.0, 24.0]),
    row_min=st.sampled_from([15, 30, 60, 180]),
    zone=zones,
    seed=st.integers(0, 100),
)
@laws
def test_sampling_keeps_the_integral_over_time(step_h, row_min, zone, seed):
    import datetime
    import zoneinfo

    info = zoneinfo.ZoneInfo(zone)
    start = datetime.datetime(2030, 1, 10, tzinfo=info)
    calendar = Calendar(start, datetime.datetime(2030, 1, 14, tzinfo=info), info, step_h)
    first = int(start.timestamp()) // 60 - 1440
    first -= first % row_min
    values = np.random.default_rng(seed).random(7 * 1440 // row_min)
    found = resample(Span({"x": values}, row_min, first), calendar)["x"]
    minutes = np.repeat(values, row_min)[int(start.timestamp()) // 60 - first :][: 4 * 1440]
    np.testing.assert_allclose(found.sum() * step_h * 60, minutes.sum(), rtol=1e-12)


@given(offset_h=st.sampled_from([-7, 0, 5.5, 5.75, 9]), year=st.integers(2024, 2040))
@laws
def test_typical_year_gives_each_of_its_hours_once_a_year(offset_h, year):
    import datetime

    table = TypicalYear({"x": np.arange(8784.0)}, 60, round(offset_h * 60))
    start = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC)
    n_hours = 8784 if year % 4 == 0 else 8760
    time_min = int(start.timestamp()) // 60 - round(offset_h * 60) + np.arange(n_hours) * 60
    rows = table.rows(time_min)
    assert np.unique(rows).size == n_hours
    assert (np.diff(rows) > 0).all()


@given(
    temp=st.floats(-35, 55),
    humidity=st.floats(0, 1),
    drier=st.floats(0, 1),
    pressure=st.sampled_from([101_300.0, 85_000.0]),
)
@laws
def test_wet_bulb_rises_with_humidity_and_never_passes_the_dry_bulb(
    temp, humidity, drier, pressure
):
    low, high = wet_bulb_c(np.array([temp, temp]), np.array([humidity * drier, humidity]), pressure)
    assert low <= high + 1e-9
    assert high <= temp


@given(
    speeds=st.lists(st.floats(0, 40), min_size=1, max_size=50),
    density=st.floats(0.9, 1.4),
)
@laws
def test_turbine_gives_between_nothing_and_its_rating(speeds, density):
    curve = PowerCurve((3.0, 6.0, 11.0, 25.0), (0.0, 0.2, 1.0, 1.0))
    found = turbine_output_pu(np.array(speeds), density, curve)
    assert found.min() >= 0
    assert found.max() <= 1


TITLES = "time,temp_dry_bulb_c,relative_humidity_frac,wind_speed_m_s,ghi_w_m2,dni_w_m2,dhi_w_m2"


@given(
    row=st.integers(0, 20),
    column=st.integers(0, 6),
    text=st.one_of(
        st.sampled_from(["", "nan", "-9999", "1e308", "1,5", "9" * 400, "\x00", '"', "inf"]),
        st.text(max_size=8),
    ),
)
@laws
def test_damaged_table_is_refused_by_line_or_read_as_finite_numbers(row, column, text):
    lines = [TITLES, *(f"2030-05-01T{hour:02d}:00,20,0.5,3,0,0,0" for hour in range(20))]
    fields = lines[row].split(",")
    fields[column] = text
    lines[row] = ",".join(fields)
    problems = []
    try:
        columns = read_table(lines, Faults("w.csv", "weather.file"), ReadOptions()).table.columns
    except ScenarioError as error:
        problems, columns = error.problems, {}
    assert bool(problems) != bool(columns)
    assert all(problem.where.startswith("w.csv:") for problem in problems)
    assert all(np.isfinite(values).all() for values in columns.values())
