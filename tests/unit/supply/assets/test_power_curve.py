"""Power curves as manufacturers give them, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.wind import Wind
from dcsim.scenario.schema.site import Site
from dcsim.supply.assets.power_curve import PowerCurve, curve_notes, power_curve, turbines
from dcsim.supply.assets.wind import turbine_output_pu


def farm(**keys: Any) -> Wind:
    keys = {"name": "w", "capacity": "1 MW", "turbine": "iea-15mw-240"} | keys
    return Wind.model_validate(keys)


@pytest.fixture
def plan(minimal_site):
    return Plan(Site.model_validate(minimal_site))


def test_every_curve_of_our_own_reads(plan):
    assert "dtu-10mw-178" in turbines()
    for name in turbines():
        curve = power_curve(farm(turbine=name), plan)
        assert curve.speed_m_s[-1] == 25
        assert max(curve.power_pu) == 1


def test_unknown_turbine_is_refused_with_the_known_ones(plan):
    with pytest.raises(ScenarioError, match=r"wind\.w\.turbine.*iea-15mw-240"):
        power_curve(farm(turbine="iea-15"), plan)


def curve_file(plan, tmp_path, text):
    path = tmp_path / "own.csv"
    path.write_text(text)
    return Plan(plan.site, 0, {"own.csv": path})


def test_curve_beside_the_scenario_is_read(plan, tmp_path):
    text = "# mine\nwind_speed_m_s,power_kw\n3,0\n12,2000\n25,2000\n"
    curve = power_curve(farm(turbine="own.csv"), curve_file(plan, tmp_path, text))
    assert curve == PowerCurve((3.0, 12.0, 25.0), (0.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ("3,0\n2,5\n", "own.csv:4"),
        ("3,0\n4,x\n", "own.csv:4"),
        ("3,0\n4,-5\n", "own.csv:4"),
        ("3,0\n4,5,6\n", "own.csv:4"),
        ("3,0\n4,0\n", "own.csv"),
        ("", "own.csv:2"),
    ],
)
def test_fault_in_a_curve_is_named_by_line(plan, tmp_path, rows, where):
    text = "# mine\nwind_speed_m_s,power_kw\n" + rows
    with pytest.raises(ScenarioError) as caught:
        power_curve(farm(turbine="own.csv"), curve_file(plan, tmp_path, text))
    assert caught.value.problems[0].where == where
    assert caught.value.problems[0].key == "wind.w.turbine"


UP_TO_RATED = "wind_speed_m_s,power_kw\n0,0\n3,0\n4,100\n6,900\n8,2200\n10,3000\n11,3000\n"


def read(plan, tmp_path, text, **keys):
    own = curve_file(plan, tmp_path, text)
    part = farm(turbine="own.csv", **keys)
    return power_curve(part, own), curve_notes(part, own)


def rayleigh_factor(curve: PowerCurve, mean_m_s: float) -> float:
    speed = np.linspace(0, 60, 600_001)
    scale = 2 * mean_m_s / np.sqrt(np.pi)
    density = 2 * speed / scale**2 * np.exp(-((speed / scale) ** 2))
    return float(np.trapezoid(turbine_output_pu(speed, np.float64(1.225), curve) * density, speed))


def test_a_curve_listed_up_to_rated_wind_asks_for_its_cut_out(plan, tmp_path):
    with pytest.raises(ScenarioError, match=r"own\.csv:8: .*name the cut-out speed.*cut_out: 25"):
        read(plan, tmp_path, UP_TO_RATED)
    named, _ = read(plan, tmp_path, UP_TO_RATED, cut_out="25 m/s")
    listed, notes = read(plan, tmp_path, UP_TO_RATED + "25,3000\n")
    # Integral of the listed curve over the Rayleigh distribution of 8.5 m/s in the mean.
    assert rayleigh_factor(named, 8.5) == pytest.approx(0.596, abs=0.0015)
    assert rayleigh_factor(listed, 8.5) == pytest.approx(rayleigh_factor(named, 8.5), rel=1e-12)
    assert notes == ("wind.w.turbine: cut-out speed 25 m/s, the last row with power.",)


def test_a_named_cut_out_wins_over_the_last_row(plan, tmp_path):
    text = "wind_speed_m_s,power_kw\n3,0\n13,3000\n25,3000\n"
    curve, notes = read(plan, tmp_path, text, cut_out="22 m/s")
    assert curve == PowerCurve((3.0, 13.0, 22.0), (0.0, 1.0, 1.0))
    assert notes == ()
    early, _ = read(plan, tmp_path, text, cut_out="8 m/s")
    assert early == PowerCurve((3.0, 8.0), (0.0, 0.5))
    with pytest.raises(ScenarioError, match="above the cut-out speed"):
        read(plan, tmp_path, text, cut_out="3 m/s")


def test_standby_power_below_cut_in_counts_as_zero_and_is_said(plan, tmp_path):
    text = "wind_speed_m_s,power_kw\n0,-20\n3,-20\n4,100\n12,2000\n25,2000\n"
    curve, notes = read(plan, tmp_path, text)
    assert curve.power_pu == (0.0, 0.0, 0.05, 1.0, 1.0)
    assert any("standby power, up to 20 kW" in note for note in notes)
    deep = text.replace("0,-20\n", "0,-101\n", 1)
    with pytest.raises(ScenarioError, match=r"own\.csv:2: .*-5% of the rating.*write 0"):
        read(plan, tmp_path, deep)


def test_two_rows_at_one_speed_are_a_step(plan, tmp_path):
    head = "wind_speed_m_s,power_kw\n3,0\n12,2000\n25,2000\n"
    plain, _ = read(plan, tmp_path, head)
    for tail in ("25,0\n", "25,0\n30,0\n", "25,0\n26,0\n60,0\n"):
        step, _ = read(plan, tmp_path, head + tail)
        assert step == plain
    with pytest.raises(ScenarioError, match=r"own\.csv:6: .*more than twice"):
        read(plan, tmp_path, head + "25,1000\n25,0\n")


def test_a_step_within_a_curve_is_kept(plan, tmp_path):
    text = "wind_speed_m_s,power_kw\n3,0\n3,100\n10,1000\n20,1000\n20,500\n25,500\n"
    curve, _ = read(plan, tmp_path, text)
    speed = np.array([2.9, 3.0, 6.5, 19.99, 20.01, 25.0, 25.01])
    found = turbine_output_pu(speed, np.float64(1.225), curve)
    np.testing.assert_allclose(found, [0, 0.1, 0.55, 1, 0.5, 0.5, 0])


METERS = "wind_speed_m_s,power_kw\n3,0\n6.5,500\n12,2000\n25,2000\n"


@pytest.mark.parametrize(
    "text",
    [
        "Wind Speed [m/s],Power [kW]\n3,0\n6.5,500\n12,2000\n25,2000\n",
        "Wind Speed (m/s),Cp [-],Power (MW),,\n3,0,0,,\n6.5,.4,.5,,\n12,.3,2,,\n25,.1,2,,\n",
        "windspeed;power_kw\n3;0\n6,5;500\n12;2000\n25;2000\n",
        "v [m/s]\tP [W]\n3\t0\n6,5\t500000\n12\t2e6\n25\t2e6\n",
        '"Wind speed, m/s","Power, kW"\n3,0\n6.5,500\n12,2000\n25,2000\n',
        "Wind Speed,Power\nm/s,kW\n3,0\n6.5,500\n12,2000\n25,2000\n",
        "Turbine X 2.0,,\n\nWind speed [m/s],Power [kW],Ct\n3,0,1\n6.5,500,1\n12,2000,1\n"
        "25,2000,1\n,,\n",
        "Wind Speed [km/h],Power [kW]\n10.8,0\n23.4,500\n43.2,2000\n90,2000\n",
        "Wind Speed (knots),Power [kW]\n5.831533,0\n12.634989,500\n23.326134,2000\n"
        "48.596112,2000\n",
        METERS.replace("\n", "\r\n"),
        METERS.replace("\n", "\r"),
    ],
)
def test_curves_with_titles_of_their_own_give_the_same_turbine(plan, tmp_path, text):
    wanted, _ = read(plan, tmp_path, METERS)
    found, _ = read(plan, tmp_path, text)
    np.testing.assert_allclose(found.speed_m_s, wanted.speed_m_s, rtol=1e-6)
    np.testing.assert_allclose(found.power_pu, wanted.power_pu, rtol=1e-12)


def test_a_speed_without_a_unit_is_said(plan, tmp_path):
    _, notes = read(plan, tmp_path, "speed,power\n3,0\n12,2000\n25,0\n")
    assert notes == ("wind.w.turbine: its wind speed states no unit and is read as m/s.",)


def test_a_curve_that_begins_high_is_said(plan, tmp_path):
    _, notes = read(plan, tmp_path, "wind_speed_m_s,power_kw\n6,600\n12,2000\n25,0\n")
    assert any("begins at 6 m/s with 30% of its rating" in note for note in notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("speed m/s,speed km/h,power\n3,9,0\n25,90,1\n", "own.csv:1: .*several columns"),
        ("speed,coefficient of power\n3,0\n25,1\n", "own.csv:1: .*'Wind Speed"),
        ("speed m/s,power kW\n3,0\n99,1\n", "own.csv:3: .*above 60 m/s"),
        ("speed m/s,power kW\n-1,0\n25,1\n", "own.csv:2: .*below zero"),
        ("speed m/s,power kW\n3,0\n25,1e9\n", "own.csv:3: .*above 1,000,000 kW"),
        ("speed;power\n3;1,234\n25;2,345\n", "own.csv:1: .*may be 1.234 or 1234"),
        ("root:x:0:0:root:/root\n", "own.csv:1: .*needs a column of wind speed"),
    ],
)
def test_an_unfit_curve_says_what_is_wrong(plan, tmp_path, text, message):
    with pytest.raises(ScenarioError, match=message) as caught:
        read(plan, tmp_path, text)
    assert "root" not in str(caught.value)


def test_the_published_file_of_a_reference_turbine_reads(plan, shared_data, tmp_path):
    text = (shared_data / "turbines" / "IEA_Reference_15MW_240.csv").read_text()
    curve, notes = read(plan, tmp_path, text)
    assert len(curve.speed_m_s) == text.strip().count("\n")
    assert rayleigh_factor(curve, 8.0) == pytest.approx(0.464, abs=0.005)
    assert notes == ("wind.w.turbine: cut-out speed 25 m/s, the last row with power.",)


def test_the_curves_of_our_own_need_no_notes(plan):
    for name in turbines():
        assert curve_notes(farm(turbine=name), plan) == ()
