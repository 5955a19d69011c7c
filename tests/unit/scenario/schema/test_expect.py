"""Gates: units of metrics, and which keys a gate needs."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.expect import Expectation, level_of, unit_of


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("unserved_mwh", "MWh"),
        ("grid_import_mwh_2030", "MWh"),
        ("facility_power_mw@2031-06", "MW"),
        ("cfe_frac", "%"),
        ("levelized_cost_usd_per_gpu_hour", "USD/GPU/h"),
        ("levelized_cost_krw_per_gpu_hour", "KRW/GPU/h"),
        ("levelized_energy_cost_eur_per_mwh_2031", "EUR/MWh"),
        ("npv_krw", "KRW"),
        ("gpus_online_2030", "GPU"),
        ("lost_gpu_days", "GPU*day"),
        ("gpu_hours_rented", "GPU*h"),
        ("water_m3", "m^3"),
        ("pue_mean", ""),
    ],
)
def test_the_ending_of_a_metric_says_its_unit(metric, unit):
    assert unit_of(metric) == unit


@pytest.mark.parametrize(
    ("metric", "text", "level"),
    [
        ("unserved_mwh", "1.5 GWh", 1500.0),
        ("cfe_frac", "90 %", 0.9),
        ("gpus_online_max", "60000 GPU", 60_000.0),
        ("levelized_cost_usd_per_mwh", "0.09 USD/kWh", 90.0),
        ("pue_mean", "1.2", 1.2),
    ],
)
def test_a_level_is_read_in_the_unit_of_its_metric(metric, text, level):
    assert level_of(metric, text) == pytest.approx(level)


def test_a_level_of_another_dimension_is_refused():
    with pytest.raises(ValueError, match="MWh"):
        level_of("unserved_mwh", "3 MW")
    with pytest.raises(ValueError, match="plain number"):
        level_of("pue_mean", "often")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"metric": "pue_mean"}, "needs one of at_least and at_most"),
        ({"metric": "pue_mean", "at_least": 1.1, "at_most": 1.3}, "needs one of"),
        ({"metric": "pue_mean", "by": "2030-01-01"}, "needs one of"),
        ({"metric": "unserved_mwh", "at_most": "3 MW"}, "at_most .*MWh"),
        ({"metric": "milestone.half", "at_least": "1 GPU"}, "is a day: give by"),
        ({"metric": "work.grid"}, "needs by"),
    ],
)
def test_a_gate_has_one_level_or_a_day(keys, message):
    with pytest.raises(ValidationError, match=message):
        Expectation.model_validate({"name": "gate", **keys})


def test_a_milestone_has_a_day_of_its_own():
    gate = Expectation.model_validate({"name": "gate", "metric": "milestone.half"})
    assert (gate.by, gate.probability_frac) == (None, None)
