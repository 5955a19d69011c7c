"""The table of key figures against accounts: neither holds a figure that the other lacks."""

from __future__ import annotations

import json
import re

import pytest

from dcsim.accounts.key_figures import (
    SOURCE_FIGURES,
    CapacityFigures,
    KeyFigures,
    figure_of,
    in_currency,
    money_names,
    records_of,
    run_records,
    year_records,
)

MONEY = {"price_year": 2027, "discount_rate": 0.08}


@pytest.fixture(scope="module", params=[None, "USD", "EUR"])
def run(request, scenarios):
    """Accounts of a short run without money, with money in dollars, and in euros."""
    from dcsim.pipeline import replay
    from dcsim.scenario.load import load

    money = {**MONEY, "currency": request.param, "rates": {}}
    overrides = ["end=2027-02-01"] + ([f"money={json.dumps(money)}"] if request.param else [])
    accounts = replay(load(scenarios / "minimal.yaml", overrides=overrides), 0).accounts
    return accounts, (request.param or "usd").lower()


def of_table(name, records, currency):
    """Return whether a table has a figure, as itself or by a pattern of sources."""
    names = {in_currency(key, currency) for key in records}
    patterns = [re.sub(r"\{\w+\}", r"\\w+", pattern) for pattern in SOURCE_FIGURES]
    return name in names or any(re.fullmatch(pattern, name) for pattern in patterns)


def test_every_figure_of_a_run_is_in_the_table(run):
    accounts, currency = run
    unknown = [n for n in accounts.key_figures if not of_table(n, run_records(), currency)]
    assert unknown == []


def test_every_figure_of_the_table_is_in_a_run(run):
    accounts, currency = run
    names = [in_currency(name, currency) for name in run_records() if name not in SOURCE_FIGURES]
    assert [name for name in names if name not in accounts.key_figures] == []


def test_figures_by_year_are_those_of_the_table(run):
    accounts, currency = run
    assert [n for n in accounts.yearly if not of_table(n, year_records(), currency)] == []
    names = {in_currency(name, currency) for name in year_records()} - SOURCE_FIGURES.keys()
    # Without money there are none of it, without training in step no swing.
    absent = {n for n in names - accounts.yearly.keys() if n not in money_names(currency)}
    assert absent == {"swing_mw_max"}


def test_figures_of_money_stand_in_the_order_of_the_table(run):
    accounts, currency = run
    assert list(accounts.key_figures)[-len(money_names(currency)) :] == money_names(currency)


def test_every_key_of_the_type_has_a_record():
    keys = KeyFigures.__annotations__.keys()
    assert keys == {*run_records()} - {*SOURCE_FIGURES}


def test_records_have_units_and_end_in_them():
    assert records_of(CapacityFigures)["stranded_gpu_days"].unit == "GPU-day"
    for name, record in run_records().items():
        ends = {"MWh": "_mwh", "share": "_frac", "m3": "_m3", "t CO2": "_t", "currency": "_usd"}
        assert record.unit
        assert record.meaning
        assert name.endswith(ends.get(record.unit, ""))


def test_only_the_currency_in_a_name_changes():
    assert in_currency("npv_usd", "krw") == "npv_krw"
    assert in_currency("irr_frac", "krw") == "irr_frac"
    assert in_currency("levelized_cost_usd_per_gpu_hour", "krw") == (
        "levelized_cost_krw_per_gpu_hour"
    )


def test_a_figure_is_read_by_a_name_that_is_known_at_run_time():
    summary = {"npv_krw": -1.5, "pue_mean": None, "gpu_days": {"online": 1.0}}
    assert figure_of(summary, "npv_krw") == -1.5
    assert figure_of(summary, "pue_mean") is None
    for name in ("npv_usd", "gpu_days"):
        with pytest.raises(KeyError, match=name):
            figure_of(summary, name)
