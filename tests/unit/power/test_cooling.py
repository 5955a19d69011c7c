from __future__ import annotations

import inspect

import numpy as np
import pytest

from dcsim.power.cooling import COOLING, chiller_cop, economizer_frac, evaporative, fixed, hybrid

INPUTS = ("heat_mw", "wet_bulb_c", "liquid_frac")
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
COP_TABLE = {
    0.3: (9.96, 7.83, 6.14, 4.90, 4.09),
    0.5: (10.82, 8.78, 7.18, 6.02, 5.30),
    0.7: (11.01, 9.05, 7.53, 6.45, 5.82),
    0.9: (10.51, 8.63, 7.20, 6.21, 5.66),
}


def hybrid_of(wet_bulb_c: float, liquid_frac: float = 0.0, **changes: float) -> tuple[float, float]:
    drawn = hybrid(
        np.array([100.0]), np.array([wet_bulb_c]), np.array([liquid_frac]), **(HYBRID | changes)
    )
    return float(drawn.power_mw[0]), float(drawn.water_m3_h[0])


@pytest.mark.parametrize("name", COOLING)
def test_keyword_parameters_of_a_model_are_the_fields_of_its_schema(name: str) -> None:
    schema, model = COOLING[name]
    parameters = inspect.signature(model).parameters.values()
    keywords = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    assert keywords == [field for field in schema.model_fields if field != "model"]
    assert tuple(inspect.signature(model).parameters)[:3] == INPUTS
    assert schema.model_fields["model"].default == name


@pytest.mark.parametrize("load_frac", COP_TABLE)
def test_chiller_cop_is_the_published_table_to_its_digits(load_frac: float) -> None:
    cop = chiller_cop(np.array([15.0, 20.0, 25.0, 30.0, 35.0]), load_frac)
    assert tuple(f"{value:.2f}" for value in cop) == tuple(f"{v:.2f}" for v in COP_TABLE[load_frac])


def test_chiller_cop_holds_its_value_outside_the_fit() -> None:
    cop = chiller_cop(np.array([-10.0, 15.0, 35.0, 60.0]), 0.5)
    assert cop[0] == cop[1]
    assert cop[2] == cop[3]
    assert chiller_cop(np.array([20.0]), 1.0) == chiller_cop(np.array([20.0]), 0.9)


def test_economizer_carries_all_below_supply_and_nothing_above_return() -> None:
    sink_c = np.array([19.9, 20.0, 22.0, 28.0, 28.1])
    np.testing.assert_allclose(economizer_frac(sink_c, 20.0, 8.0), [1, 1, 0.75, 0, 0])


def test_fixed_cooling_takes_its_share_of_the_heat_and_no_water() -> None:
    drawn = fixed(np.array([50.0]), np.array([30.0]), np.array([0.5]), overhead_frac=0.2)
    assert drawn.power_mw[0] == 10
    assert drawn.water_m3_h[0] == 0


def test_evaporative_cooling_rises_above_its_knee() -> None:
    drawn = evaporative(
        np.full(3, 100.0),
        np.array([5.0, 15.0, 25.0]),
        np.zeros(3),
        overhead_frac=0.08,
        knee_c=15.0,
        slope_per_k=0.01,
        water_l_per_kwh=1.2,
    )
    np.testing.assert_allclose(drawn.power_mw, [8, 8, 18])
    np.testing.assert_allclose(drawn.water_m3_h, [120, 120, 120])


def test_hybrid_in_the_cold_runs_fans_only() -> None:
    assert hybrid_of(10.0) == (pytest.approx(5.0), pytest.approx(150.0))


def test_hybrid_in_the_heat_adds_the_chiller_and_its_heat() -> None:
    # wet bulb 24 + approach 6 = condenser 30: COP 6.02 at half load
    cop = 16.80 + 0.00884 * 900 - 8.529 * 0.25 + 9.885 * 0.5 - 0.7606 * 30 + 0.0846 * 0.5 * 30
    power_mw, water_m3_h = hybrid_of(24.0)
    assert power_mw == pytest.approx(5 + 100 / cop)
    assert water_m3_h == pytest.approx(1.5 * (100 + 100 / cop))


def test_hybrid_between_shares_the_heat_with_the_chiller() -> None:
    # sink 24: half way from supply 20 to return 28
    cop = 16.80 + 0.00884 * 576 - 8.529 * 0.25 + 9.885 * 0.5 - 0.7606 * 24 + 0.0846 * 0.5 * 24
    assert hybrid_of(18.0)[0] == pytest.approx(5 + 50 / cop)


def test_warm_liquid_needs_no_chiller_where_air_does() -> None:
    power_mw, water_m3_h = hybrid_of(24.0, liquid_frac=1.0)
    assert power_mw == pytest.approx(3.0)
    assert water_m3_h == 0


def test_paths_add_up_by_their_heat() -> None:
    mixed, _ = hybrid_of(24.0, liquid_frac=0.75)
    air, _ = hybrid_of(24.0)
    liquid, _ = hybrid_of(24.0, liquid_frac=1.0)
    assert mixed == pytest.approx(0.25 * air + 0.75 * liquid)


@pytest.mark.parametrize("model", ["evaporative", "hybrid"])
def test_missing_weather_stays_missing(model: str) -> None:
    keywords = (
        HYBRID
        if model == "hybrid"
        else {
            "overhead_frac": 0.1,
            "knee_c": 10.0,
            "slope_per_k": 0.01,
            "water_l_per_kwh": 1.0,
        }
    )
    drawn = COOLING[model][1](np.array([1.0]), np.array([np.nan]), np.array([0.2]), **keywords)
    assert np.isnan(drawn.power_mw[0])
