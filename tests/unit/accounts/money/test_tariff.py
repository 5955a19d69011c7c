from __future__ import annotations

import csv

import numpy as np
import pytest

from dcsim.accounts.money.ledger import amounts_by_currency, ledger_from
from dcsim.accounts.money.tariff import (
    band_codes,
    energy_by_code,
    grid_bill,
    mean_energy_price,
    monthly_peak_mw,
)
from dcsim.accounts.months import Months
from dcsim.scenario.schema.money import Tariff

FLAT = "L" * 24
# Industrial class B, 154 kV, option III, in force from June 2026; winter hours as before it.
KEPCO_WEEKDAY, KEPCO_SATURDAY = "LLLLLLLLMMMMMMMPPPPPPMLL", "LLLLLLLLMMMMMMMMMMMMMMLL"
KEPCO = {
    "seller": "KEPCO",
    "demand_charge": "8190 KRW/kW/month",
    "price_year": 2027,
    "seasons": [
        {
            "name": name,
            "months": months,
            "light": f"{prices[0]} KRW/kWh",
            "middle": f"{prices[1]} KRW/kWh",
            "peak": f"{prices[2]} KRW/kWh",
            "weekday": weekday,
            "saturday": KEPCO_SATURDAY,
            "sunday": FLAT,
            "weekend_discount": discount,
            "weekend_discount_hours": [11, 12, 13],
        }
        for name, months, prices, weekday, discount in (
            ("mild", [3, 4, 5, 9, 10], (125.9, 143.2, 160.3), KEPCO_WEEKDAY, 0.5),
            ("summer", [6, 7, 8], (125.9, 173.1, 237.5), KEPCO_WEEKDAY, 0.0),
            ("winter", [11, 12, 1, 2], (133.0, 173.1, 212.4), "LLLLLLLLMPPPMMMMPPPMMMLL", 0.0),
        )
    ],
}


def flat_tariff(**changes):
    season = {
        "name": "all",
        "months": list(range(1, 13)),
        "light": "100 USD/MWh",
        "middle": "200 USD/MWh",
        "peak": "300 USD/MWh",
        "weekday": FLAT,
        "saturday": FLAT,
        "sunday": FLAT,
    } | changes.pop("season", {})
    values = {
        "seller": "grid",
        "demand_charge": "10 USD/kW/month",
        "seasons": [season],
        "price_year": 2030,
    }
    return Tariff.model_validate(values | changes)


@pytest.fixture
def bill(build):
    def run(tariff, import_mw, start="2030-01-01", end="2031-01-01", step_h=1.0):
        calendar = build.calendar(start, end, step_h=step_h)
        mw = np.broadcast_to(np.asarray(import_mw, dtype=float), calendar.n_hours)
        return ledger_from(grid_bill(tariff, Months.of(calendar), mw, "operator"))

    return run


def _sum(ledger, kind):
    amounts = zip(ledger["kind"], ledger["amount"], strict=True)
    return sum(amount for name, amount in amounts if name.startswith(kind))


def test_a_blended_tariff_agrees_with_the_reference(bill, shared_data):
    with (shared_data / "tables" / "reference_values.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["id"] == "H8")
    energy, demand = (float(part.split()[0]) for part in row["expected"].split(";"))
    ledger = bill(flat_tariff(), 10.0 / 8760)
    assert -_sum(ledger, "grid_energy") == pytest.approx(energy, abs=float(row["tolerance"]))
    assert -_sum(ledger, "grid_demand") == pytest.approx(demand, abs=float(row["tolerance"]))


def test_a_flat_load_in_ulsan_pays_149_krw_per_kwh_for_energy(bill):
    ledger = bill(Tariff.model_validate(KEPCO), 1.0, "2027-01-01", "2028-01-01")
    mean_krw_per_kwh = -_sum(ledger, "grid_energy") / 8760 / 1000
    # Holidays billed as weekdays explain the difference, 0.7 % upward.
    assert mean_krw_per_kwh == pytest.approx(149.0, rel=0.01)
    assert mean_krw_per_kwh == pytest.approx(149.905, abs=0.001)
    demand_krw_per_kwh = -_sum(ledger, "grid_demand") / 8760 / 1000
    assert demand_krw_per_kwh / 0.9 == pytest.approx(12.5, abs=0.05)


def test_the_bands_partition_the_hours_of_each_month(build):
    months = Months.of(build.calendar("2027-01-01", "2029-01-01"))
    flat = np.ones(months.calendar.n_hours)
    hours = energy_by_code(flat, months, band_codes(Tariff.model_validate(KEPCO)))
    lengths = np.diff(months.edges_min) / 60
    np.testing.assert_array_equal(hours.sum(axis=1), lengths)


@pytest.mark.parametrize("step_h", [0.25, 2.0, 6.0, 24.0])
def test_the_bands_do_not_depend_on_the_length_of_a_step(build, step_h):
    codes = band_codes(Tariff.model_validate(KEPCO))

    def table(length):
        months = Months.of(build.calendar("2027-01-01", "2027-06-01", step_h=length))
        return energy_by_code(np.ones(months.calendar.n_hours), months, codes)

    np.testing.assert_allclose(table(step_h), table(1.0), atol=1e-9)


def test_a_weekend_discount_holds_in_its_hours_only(bill):
    season = {"weekend_discount": 0.5, "weekend_discount_hours": [12, 13]}
    # 5 and 6 January 2030 are a weekend; 4 January is a Friday.
    ledger = bill(flat_tariff(season=season), 1.0, "2030-01-04", "2030-01-07")
    assert _sum(ledger, "grid_energy_light_weekend") == -4 * 50.0
    assert _sum(ledger, "grid_energy") == -4 * 50.0 - 68 * 100.0


def test_bands_follow_the_local_clock(build):
    season = {"weekday": "L" * 12 + "P" + "L" * 11}
    calendar = build.calendar("2030-01-01", "2030-01-02")
    noon = np.zeros(24)
    noon[12] = 1.0
    lines = grid_bill(flat_tariff(season=season), Months.of(calendar), noon, "x")
    ledger = ledger_from(lines)
    assert ledger["kind"][:1] == ["grid_energy_peak"]
    assert ledger["amount"][0] == -300.0


def test_the_demand_charge_is_for_the_highest_hour_of_each_month(build):
    calendar = build.calendar("2030-01-01", "2030-03-01")
    mw = np.ones(calendar.n_hours)
    mw[[5, 40 * 24]] = [7.0, 3.0]
    assert monthly_peak_mw(mw, calendar).tolist() == [7.0, 3.0]


def test_short_peaks_are_averaged_over_the_hour(build):
    calendar = build.calendar("2030-01-01", "2030-03-01", step_h=0.25)
    mw = np.ones(calendar.n_hours)
    mw[9] = 5.0
    assert monthly_peak_mw(mw, calendar).tolist() == [2.0, 1.0]


def test_a_month_the_run_begins_in_pays_its_demand_charge_in_full(bill):
    ledger = bill(flat_tariff(), 2.0, "2030-01-20", "2030-02-01")
    assert _sum(ledger, "grid_demand") == -2000 * 10.0


def test_all_prices_rise_from_their_price_year(bill):
    tariff = flat_tariff(escalation=0.1, adders="10 USD/MWh", price_year=2028)
    ledger = bill(tariff, 1.0, "2030-01-01", "2030-01-02")
    grown = 1.1**2
    assert _sum(ledger, "grid_energy") == pytest.approx(-24 * 100 * grown)
    assert _sum(ledger, "grid_adders") == pytest.approx(-24 * 10 * grown)
    assert _sum(ledger, "grid_demand") == pytest.approx(-1000 * 10 * grown)


def test_the_levy_is_on_the_whole_bill(bill):
    ledger = bill(flat_tariff(levy=0.03, adders="10 USD/MWh"), 1.0, "2030-01-01", "2030-01-02")
    assert _sum(ledger, "grid_levy") == pytest.approx(-0.03 * (24 * 110 + 10_000))


def test_the_levy_is_taken_in_each_currency_of_the_bill(bill):
    ledger = bill(flat_tariff(levy=0.5, adders="10 EUR/MWh"), 1.0, "2030-01-01", "2030-01-02")
    levies = {
        currency: amount
        for kind, currency, amount in zip(
            ledger["kind"], ledger["currency"], ledger["amount"], strict=True
        )
        if kind == "grid_levy"
    }
    assert levies == {"USD": -0.5 * (2400 + 10_000), "EUR": -0.5 * 240}


def test_the_mean_price_is_what_a_constant_load_pays_for_energy(build):
    tariff = flat_tariff(levy=0.1, adders="20 USD/MWh", season={"sunday": "P" * 24})
    months = Months.of(build.calendar("2030-01-05", "2030-01-07"))  # a Saturday and a Sunday
    price = mean_energy_price(tariff, months)
    assert price["USD"] == pytest.approx([1.1 * (20 + 200)])


def test_amounts_are_summed_by_day_and_currency(build):
    months = Months.of(build.calendar("2030-01-01", "2030-03-01"))
    lines = grid_bill(flat_tariff(), months, np.ones(months.calendar.n_hours), "x")
    due = amounts_by_currency(lines, months.day)["USD"]
    assert due == pytest.approx([-744 * 100 - 10_000, -672 * 100 - 10_000])
