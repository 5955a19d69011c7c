"""Tables of a run: every figure has its unit and meaning, in any currency."""

from __future__ import annotations

import numpy as np
import pytest

import dcsim
from dcsim.accounts.key_figures import money_names
from dcsim.results.result_tables import (
    figure_table,
    hourly_table,
    known_figures,
    ledger_table,
    milestone_table,
    year_table,
)
from dcsim.scenario.schema.conversion import CURRENCIES


@pytest.fixture(scope="module")
def result(scenarios):
    overrides = ["money.currency=KRW", "money.rates={USD: 0.000703}"]
    return dcsim.simulate(dcsim.load(scenarios / "ulsan-103mw.yaml", overrides=overrides))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_figures_of_money_have_unit_and_meaning_in_every_currency(currency):
    names = money_names(currency.lower())
    found = known_figures(names)
    assert list(found) == names
    assert found[f"npv_{currency.lower()}"] == (currency, "net present value of all lines")
    per_mwh = found[f"levelized_cost_{currency.lower()}_per_mwh"]
    assert per_mwh[0] == f"{currency}/MWh"


def test_every_key_figure_is_there_with_its_unit(result):
    table = figure_table(result.summary)
    by_name = dict(zip(table["figure"], table["unit"], strict=True))
    numbers = {
        name
        for name, value in result.summary.items()
        if (isinstance(value, float) or value is None) and name != "replication"
    }
    assert set(by_name) == numbers
    assert by_name["npv_krw"] == "KRW"
    assert by_name["levelized_cost_krw_per_mwh"] == "KRW/MWh"
    assert by_name["solar_mwh"] == "MWh"


def test_years_are_whole_numbers_and_no_figure_is_lost(result):
    table = year_table(result.summary)
    assert table["year"].tolist() == list(range(2025, 2037))
    assert set(table) == set(result.summary["yearly"])
    assert np.isnan(table["pue"][0])
    assert table.units["energy_cost_krw"] == "KRW"


def test_every_hourly_column_has_unit_and_name(result):
    table = hourly_table(result.calendar, result.hourly)
    assert set(table.units) == set(result.hourly)
    assert table.units["facility_power_mw"] == "MW"
    assert table["time"][0] == np.datetime64("2024-12-31T15:00")


def test_milestones_are_rows(result):
    table = milestone_table(result.milestones)
    assert table["name"].tolist() == [one["name"] for one in result.milestones]
    assert table["by"][0] == np.datetime64("2027-11-30")
    assert table["reached"].dtype == "datetime64[D]"
    assert "probability" not in table
    assert len(milestone_table([])) == 0
    lost = milestone_table([{**result.milestones[0], "reached": None, "margin_days": None}])
    assert (lost["reached"].dtype.kind, lost["margin_days"].dtype.kind) == ("M", "f")


def test_the_ledger_keeps_its_lines(result):
    table = ledger_table(result.ledger)
    assert len(table) == len(result.ledger["amount"])
    assert table["amount"].dtype == np.float64
