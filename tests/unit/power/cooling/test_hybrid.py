from __future__ import annotations

from collections.abc import Callable

import pytest

from dcsim.power.cooling.hybrid import hybrid

HYBRID = {
    "air_fan_frac": 0.05,
    "air_supply_c": 20.0,
    "liquid_pump_frac": 0.03,
    "liquid_supply_c": 32.0,
    "water_rise_k": 8.0,
    "approach_k": 6.0,
    "chiller_load_frac": 0.5,
    "water_l_per_kwh": 1.5,
}


@pytest.fixture
def hybrid_of(heat_of, outside_of) -> Callable[..., tuple[float, float]]:
    """Return power and water for 100 MW of heat at a wet bulb and a liquid share."""

    def run(wet_bulb_c: float, liquid_frac: float = 0.0) -> tuple[float, float]:
        drawn = hybrid(heat_of(100.0, liquid_frac), outside_of(wet_bulb_c), **HYBRID)
        return float(drawn.power_mw[0]), float(drawn.water_m3_h[0])

    return run


def test_hybrid_in_the_cold_runs_fans_only(hybrid_of) -> None:
    assert hybrid_of(10.0) == (pytest.approx(5.0), pytest.approx(150.0))


def test_hybrid_in_the_heat_adds_the_chiller_and_its_heat(hybrid_of) -> None:
    # wet bulb 24 + approach 6 = condenser 30: COP 6.02 at half load
    cop = 16.80 + 0.00884 * 900 - 8.529 * 0.25 + 9.885 * 0.5 - 0.7606 * 30 + 0.0846 * 0.5 * 30
    power_mw, water_m3_h = hybrid_of(24.0)
    assert power_mw == pytest.approx(5 + 100 / cop)
    assert water_m3_h == pytest.approx(1.5 * (100 + 100 / cop))


def test_hybrid_between_shares_the_heat_with_the_chiller(hybrid_of) -> None:
    # sink 24: half way from supply 20 to return 28
    cop = 16.80 + 0.00884 * 576 - 8.529 * 0.25 + 9.885 * 0.5 - 0.7606 * 24 + 0.0846 * 0.5 * 24
    assert hybrid_of(18.0)[0] == pytest.approx(5 + 50 / cop)


def test_warm_liquid_needs_no_chiller_where_air_does(hybrid_of) -> None:
    power_mw, water_m3_h = hybrid_of(24.0, liquid_frac=1.0)
    assert power_mw == pytest.approx(3.0)
    assert water_m3_h == 0


def test_paths_add_up_by_their_heat(hybrid_of) -> None:
    mixed, _ = hybrid_of(24.0, liquid_frac=0.75)
    air, _ = hybrid_of(24.0)
    liquid, _ = hybrid_of(24.0, liquid_frac=1.0)
    assert mixed == pytest.approx(0.25 * air + 0.75 * liquid)
