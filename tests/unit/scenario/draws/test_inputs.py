from __future__ import annotations

import math

import pytest

from dcsim.scenario.draws.distributions import TAIL
from dcsim.scenario.plan import Input

CHANCE = (
    "{chance: {probability: 0.36, then: {lognormal: {median: 6 h, p90: 15 h}}, otherwise: 1 h}}"
)


def swapped(text, *pairs):
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


CASES = {
    "a quantity": (
        "lead_time: 26 weeks", "lead_time: {uniform: [2 weeks, 4 weeks]}",
        "orders.first.lead_time", 504.0, "h",
    ),
    "a power": (
        "it_power: 8 MW", "it_power: {uniform: [6000 kW, 10 MW]}", "halls.hall.it_power", 8.0, "MW",
    ),
    "a share": (
        "overhead: 15 %", "overhead: {uniform: [10 %, 30 %]}", "cooling.overhead", 0.2, "",
    ),
    "a count": ("slots: 40", "slots: {uniform: [2, 5]}", "deployment.slots", 4.0, ""),
    "a count of a kind": (
        "gpus: 3200 GPU", "gpus: {uniform: [2 GPU, 4 GPU]}", "demand.training.gpus", 3.0, "GPU",
    ),
    "a chance": ("install: 8 h", f"install: {CHANCE}", "deployment.install", 1.0, "h"),
    "a choice of quantities": (
        "install: 8 h", "install: {discrete: {8 h: 10 %, 1 day: 90 %}}",
        "deployment.install", 24.0, "h",
    ),
    "a choice of words": (
        "basis: facility", "basis: {discrete: {it: 60 %, facility: 40 %}}",
        "power.basis", "it", "",
    ),
    "a choice of days": (
        "placed: 2027-01-15", "placed: {discrete: [2027-02-01, 2027-03-01, 2027-04-01]}",
        "orders.first.placed", "2027-03-01", "",
    ),
    "a choice of nothing": (
        "racks: 400", "racks: 400, air_cooling: {discrete: [null]}",
        "halls.hall.air_cooling", math.nan, "MW",
    ),
    "a choice of no word": (
        "racks: 400", "racks: 400, works: {discrete: [null]}", "halls.hall.works", "", "",
    ),
    "a choice of lists": (
        "lead_time: 26 weeks", "lead_time: 26 weeks, halls: {discrete: [[hall]]}",
        "orders.first.halls", "[hall]", "",
    ),
    "an item of a list": (
        "temp_mean: [2 degC", "temp_mean: [{uniform: [1 degC, 3 degC]}",
        "weather.climate.temp_mean.0", 2.0, "degC",
    ),
    "a price": (
        "power: 1.79 kW", "power: 1.79 kW, price: {uniform: [30 mn KRW/GPU, 50 mn KRW/GPU]}",
        "products.server.price", 4e7, "KRW/GPU",
    ),
    "a price in one of two currencies": (
        "power: 1.79 kW", "power: 1.79 kW, price: {discrete: {1 KRW/GPU: 0.2, 3 USD/GPU: 0.8}}",
        "products.server.price", 3.0, "USD/GPU",
    ),
    "a value for all years": (
        "417 kg/MWh", "{uniform: [0.2 t/MWh, 0.4 t/MWh]}", "grid.carbon", 300.0, "kg/MWh",
    ),
    "a value of one year": (
        "417 kg/MWh", "{2023: 417 kg/MWh, 2030: {uniform: [200 kg/MWh, 300 kg/MWh]}}",
        "grid.carbon.2030", 250.0, "kg/MWh",
    ),
    "a choice of tables": (
        "417 kg/MWh", "{discrete: [{2023: 417 kg/MWh, 2030: 300 kg/MWh}]}",
        "grid.carbon", "{2023: 417 kg/MWh, 2030: 300 kg/MWh}", "",
    ),
    "a value with its source": (
        "install: 8 h", "install: {value: {uniform: [8 h, 10 h]}, note: x}",
        "deployment.install", 9.0, "h",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_single_run_says_what_each_value_became(read, minimal_text, case):
    old, new, key, value, unit = CASES[case]
    inputs = read(swapped(minimal_text, (old, new))).plan().inputs
    assert list(inputs) == [key]
    assert inputs[key] == (pytest.approx(value, nan_ok=True), unit, 0.5)
    assert isinstance(inputs[key], Input)


def test_a_replication_says_the_value_its_site_has_and_the_quantile(read, minimal_text):
    old, new, key, *_ = CASES["a quantity"]
    scenario = read(swapped(minimal_text, (old, new)))
    for replication in (1, 2, 3):
        plan = scenario.plan(replication)
        drawn = plan.inputs[key]
        assert drawn.value == plan.site.orders[0].lead_time_h
        assert TAIL <= drawn.u <= 1 - TAIL
        assert drawn.value == pytest.approx(336 * (1 + drawn.u))


def test_a_price_says_the_currency_of_the_option_that_came(read, minimal_text):
    old, new, key, *_ = CASES["a price in one of two currencies"]
    scenario = read(swapped(minimal_text, (old, new)))
    said = {scenario.plan(replication).inputs[key][:2] for replication in range(1, 30)}
    assert said == {(1.0, "KRW/GPU"), (3.0, "USD/GPU")}


def test_a_section_with_several_models_is_read_by_the_one_it_has(read, minimal_text):
    fixed = "cooling: {model: fixed, overhead: {normal: [15 %, 18 %]}}"
    scenario = read(swapped(minimal_text, ("cooling: {model: fixed, overhead: 15 %}", fixed)))
    assert scenario.plan().inputs["cooling.overhead"] == (pytest.approx(0.15), "", 0.5)


def test_a_number_that_is_left_out_is_the_same_in_equal_plans(read, minimal_text):
    scenario = read(swapped(minimal_text, CASES["a choice of nothing"][:2]))
    assert scenario.plan(1) == scenario.plan(1)


def test_items_of_one_kind_are_told_apart_by_name(read, minimal_text):
    halls = "{name: 9, racks: {uniform: [1, 3]}, it_power: 1 MW}"
    text = swapped(minimal_text, ("[{name: hall,", f"[{halls.replace('9', 'x9')}, {{name: hall,"))
    assert read(text).plan().inputs["halls.x9.racks"].value == 2


def test_inputs_come_in_the_order_of_the_scenario_each_once(read, minimal_text):
    changes = [CASES[case][:2] for case in ("a count", "a chance", "a power", "a quantity")]
    scenario = read(swapped(minimal_text, *changes))
    assert tuple(scenario.plan(4).inputs) == scenario.uncertain
    assert len(scenario.uncertain) == 4


def test_a_plan_without_uncertain_values_has_no_inputs(read, minimal_text):
    assert read(minimal_text).plan(2).inputs == {}
