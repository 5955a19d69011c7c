from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from dcsim.errors import ModelError, ScenarioError
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.wind import Wind
from dcsim.scenario.schema.site import Site
from dcsim.supply.assets.power_curve import PowerCurve, power_curve
from dcsim.supply.assets.wind import at_height, turbine_output_pu, wind_available_pu
from dcsim.weather import make_weather

SITE = {
    "mean": "8 m/s",
    "height": "150 m",
    "weibull_shape": 2.0,
    "shear": 0.1,
    "monthly_factor": [1.0] * 12,
    "memory": "20 h",
}


def farm(**keys: Any):
    keys = {"name": "w", "capacity": "1 MW", "turbine": "iea-15mw-240"} | keys
    return Wind.model_validate(keys)


@pytest.fixture
def plan(minimal_site):
    minimal_site["weather"]["wind"] = SITE
    return Plan(Site.model_validate(minimal_site))


def capacity_factor(curve, mean_m_s, shape=2.0):
    speed = np.linspace(0, 40, 40_001)
    scale = mean_m_s / math.gamma(1 + 1 / shape)
    density = shape / scale * (speed / scale) ** (shape - 1) * np.exp(-((speed / scale) ** shape))
    return np.trapezoid(turbine_output_pu(speed, 1.225, curve) * density, speed)


@pytest.mark.parametrize(
    ("turbine", "mean_m_s", "wanted"),
    [
        ("iea-15mw-240", 6.5, 0.329),
        ("iea-15mw-240", 8.0, 0.464),
        ("iea-15mw-240", 9.0, 0.538),
        ("atb-15mw-240", 8.0, 0.444),
        ("iea-10mw-198", 8.0, 0.470),
        ("leanwind-8mw-164", 8.0, 0.419),
    ],
)
def test_gross_capacity_factor_is_that_of_the_published_curve(plan, turbine, mean_m_s, wanted):
    curve = power_curve(farm(turbine=turbine), plan)
    assert capacity_factor(curve, mean_m_s) == pytest.approx(wanted, abs=0.005)


def test_narrower_distribution_agrees_as_well(plan):
    assert capacity_factor(power_curve(farm(), plan), 8.0, 2.2) == pytest.approx(0.472, abs=0.005)


def test_curve_of_our_own_follows_the_finer_published_one(plan, shared_data):
    path = shared_data / "turbines" / "IEA_Reference_15MW_240.csv"
    fine = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 1))
    found = turbine_output_pu(fine[:, 0], 1.225, power_curve(farm(), plan))
    inside = (fine[:, 0] >= 3) & (fine[:, 0] <= 25)
    # Whole meters a second cut the corner where the turbine reaches its rating.
    np.testing.assert_allclose(found[inside], fine[inside, 1] / 14_995, atol=0.07)


CURVE = PowerCurve((4.0, 10.0, 25.0), (0.1, 1.0, 1.0))


def test_turbine_stands_below_cut_in_and_above_cut_out():
    found = turbine_output_pu(np.array([0, 3.99, 4, 7, 10, 25, 25.01]), 1.225, CURVE)
    np.testing.assert_allclose(found, [0, 0, 0.1, 0.55, 1, 1, 0])


def test_thin_air_acts_like_slower_wind_by_the_cube_root():
    speed = np.array([8.0])
    thin = turbine_output_pu(speed, 1.225 * 0.9, CURVE)
    np.testing.assert_allclose(thin, turbine_output_pu(speed * 0.9 ** (1 / 3), 1.225, CURVE))


def test_speed_rises_with_height_by_the_power_law():
    assert at_height(np.array([8.0]), 100, 150, 0.1)[0] == pytest.approx(8 * 1.5**0.1)
    with pytest.raises(ModelError, match="above 0"):
        at_height(np.array([8.0]), 0, 150, 0.1)


def test_losses_multiply(plan):
    weather = make_weather(plan)
    gross = wind_available_pu(farm(), plan, weather)
    losses = {"wake": 0.1, "availability": 0.95, "electrical_loss": 0.03, "other_loss": 0.02}
    net = wind_available_pu(farm(**losses), plan, weather)
    np.testing.assert_allclose(net, gross * 0.9 * 0.95 * 0.97 * 0.98)
    assert not net.flags.writeable


def test_farm_in_drawn_wind_has_the_gross_capacity_factor(minimal_site):
    minimal_site["weather"]["wind"] = SITE
    minimal_site["end"] = "2042-01-01"
    plan = Plan(Site.model_validate(minimal_site))
    output_pu = wind_available_pu(farm(), plan, make_weather(plan))
    assert output_pu.mean() == pytest.approx(0.464, abs=0.02)


def test_weather_without_wind_at_the_turbines_is_refused(plan):
    weather = dataclasses.replace(make_weather(plan), wind_site_m_s=None)
    with pytest.raises(ScenarioError, match=r"weather\.wind"):
        wind_available_pu(farm(), plan, weather)
