"""The table of hourly columns against runs: neither holds a column that the other lacks."""

from __future__ import annotations

import numpy as np
import pytest

import dcsim
from dcsim.results.columns import COLUMNS, column_part, column_record

OVERRIDES = (
    "end=2027-02-01",
    "contracts=[{name: firm-ppa, capacity: 1 MW, renewable: true}]",
    "demand=[{name: train-a, use: training, gpus: 100 GPU, at: 2027-01-01},"
    " {name: serve-b, use: inference, gpus: 100 GPU, at: 2027-01-01}]",
)


@pytest.fixture(scope="module")
def hourly(scenarios):
    return dcsim.simulate(dcsim.load(scenarios / "minimal.yaml", overrides=OVERRIDES)).hourly


def test_every_column_of_a_run_is_in_the_table(hourly):
    assert [name for name in hourly if column_record(name) is None] == []


def test_every_record_is_a_column_of_a_run(hourly):
    written = {column_record(name) for name in hourly}
    assert [record.name for record in COLUMNS if record not in written] == []


def test_columns_stand_in_the_order_of_the_table_and_segments_take_turns(hourly):
    names = list(hourly)
    assert names[:4] == [record.name for record in COLUMNS[:4]]
    first = names.index("gpus_wanted_train_a")
    assert names[first : first + 4] == [
        "gpus_wanted_train_a",
        "gpus_busy_train_a",
        "gpus_wanted_serve_b",
        "gpus_busy_serve_b",
    ]


def test_names_of_a_scenario_become_parts_of_names_of_columns(hourly):
    assert column_part("firm-ppa.1") == "firm_ppa_1"
    assert "firm_ppa_generation_mw" in hourly


def test_a_full_name_goes_before_a_pattern(hourly):
    records = {record.name: column_record(record.name) for record in COLUMNS if not record.field}
    assert all(name == found.name for name, found in records.items())


def test_names_that_no_run_writes_have_no_record():
    assert column_record("facility_power_kw") is None
    assert column_record("_generation_mw") is None
    assert column_record("gpus_online_") is None


def test_names_of_records_are_distinct_and_end_in_their_unit():
    assert len({record.name for record in COLUMNS}) == len(COLUMNS)
    ends = {"MW": "_mw", "MWh": "_mwh", "m3": "_m3", "°C": "_c"}
    for record in COLUMNS:
        assert record.name.endswith(ends.get(record.unit, ""))
        assert record.name.startswith("gpus_") == (record.unit == "GPU")


def test_a_term_bears_the_name_that_its_column_bears():
    record = column_record("gpus_busy_serve_b")
    assert record.term_of("gpus_busy_serve_b") == "GPUs busy, serve b"
    assert column_record("pue").term_of("pue") == "power usage effectiveness"


def test_a_ratio_is_that_of_its_columns_and_parts_add_up_to_the_load(hourly):
    facility, it = hourly["facility_power_mw"], hourly["it_power_mw"]
    on = it > 0
    np.testing.assert_allclose(hourly["pue"][on], facility[on] / it[on])
    parts = it + hourly["cooling_power_mw"] + hourly["electrical_loss_mw"]
    np.testing.assert_allclose(parts, facility)


def test_every_step_balances_over_the_columns(hourly):
    made = sum(v for name, v in hourly.items() if name.endswith("_generation_mw"))
    supply = (
        made + hourly["grid_import_mw"] + hourly["battery_discharge_mw"] + hourly["unserved_mw"]
    )
    demand = (
        hourly["facility_power_mw"]
        + hourly["battery_charge_mw"]
        + hourly["grid_export_mw"]
        + hourly["curtailed_mw"]
    )
    np.testing.assert_allclose(supply, demand, atol=1e-9)
