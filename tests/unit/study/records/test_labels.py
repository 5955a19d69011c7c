from __future__ import annotations

import math

import pytest

from dcsim.accounts.key_figures import in_currency
from dcsim.pipeline import replay
from dcsim.scenario.load import load
from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.study.records.labels import KEY_FIGURES, group_label, label_of
from dcsim.study.records.measure import measure, rows_of
from dcsim.study.records.metric import known_metrics, metric_of


def test_a_figure_is_shown_in_the_unit_of_its_label():
    assert label_of("npv_usd").shown(2.5e9) == "2.50"
    assert label_of("carbon_free_hourly_frac").shown(0.1234) == "12.3"
    assert label_of("gpus_online_max").shown(58496.0) == "58,496"


def test_a_missing_value_is_a_dash_and_a_rounded_zero_has_no_sign():
    assert label_of("npv_usd").shown(math.nan) == "–"
    assert label_of("npv_usd").shown(-1.0) == "0.00"


def test_large_numbers_have_all_their_digits():
    label = label_of("geothermal_mwh")
    assert (label.text, label.shown(12345.678)) == ("Geothermal [MWh]", "12,346")
    assert label.shown(9.87654) == "9.877"


@pytest.fixture(scope="module")
def rows(scenarios):
    return rows_of([measure(replay(load(scenarios / "ulsan-103mw.yaml"), 0))])


def test_every_metric_of_a_run_is_named_in_words_with_its_unit(rows):
    for name in known_metrics(rows):
        label, metric = label_of(name), metric_of(rows, name)
        assert name not in label.text
        assert "_" not in label.words
        if metric.unit in ("MW", "MWh", "USD"):
            assert metric.unit in label.unit


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


def test_groups_are_named_in_words_each_of_them():
    assert group_label("money.costs.rental") == "rental (money, costs)"
    assert group_label("deployment.crews, orders and 3 more") == (
        "crews (deployment), orders and 3 more"
    )
    assert group_label("products.rubin-box") == "rubin-box (products)"
