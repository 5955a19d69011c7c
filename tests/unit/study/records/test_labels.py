from __future__ import annotations

import math

import pytest

from dcsim.accounts.key_figures import in_currency
from dcsim.pipeline import replay
from dcsim.scenario.load import load
from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.study.records.labels import KEY_FIGURES, label_of


def test_a_figure_is_shown_in_the_unit_of_its_label():
    assert label_of("npv_usd").shown(2.5e9) == "2.50"
    assert label_of("carbon_free_hourly_frac").shown(0.1234) == "12.3"
    assert label_of("gpus_online_max").shown(58496.0) == "58,496"


def test_a_missing_value_is_a_dash_and_a_rounded_zero_has_no_sign():
    assert label_of("npv_usd").shown(math.nan) == "–"
    assert label_of("npv_usd").shown(-1.0) == "0.00"


def test_a_column_without_a_label_goes_by_its_own_name():
    label = label_of("gpu_days.failed")
    assert (label.text, label.shown(12345.678)) == ("gpu_days.failed", "1.235e+04")


def test_every_label_is_that_of_a_figure_a_run_has(scenarios):
    figures = replay(load(scenarios / "ulsan-103mw.yaml"), 0).accounts.key_figures
    in_all = {in_currency(name, currency.lower()) for name in figures for currency in CURRENCIES}
    assert set(KEY_FIGURES) - in_all == set()


def test_money_is_labeled_in_every_currency_that_totals_can_be_in():
    assert {f"npv_{code.lower()}" for code in CURRENCIES} <= set(KEY_FIGURES)
    assert label_of("npv_eur").text == "Net present value [bn EUR]"
    assert label_of("levelized_cost_krw_per_gpu_hour").text == "Levelized [KRW per GPU-hour]"
    assert label_of("npv_eur").shown(-5.4e8) == "-0.54"


@pytest.mark.parametrize("name", KEY_FIGURES)
def test_no_label_repeats_the_name_of_its_column(name):
    assert name not in KEY_FIGURES[name].text
