"""Lines of the ledger for energy and carbon other than the grid's tariff, by hand."""

from __future__ import annotations

import pytest


def test_a_purchase_agreement_pays_for_all_that_is_made(book):
    solar = [{"name": "s", "capacity": "9 MW", "price": "150 KRW/kWh"}]
    made = {"generation_mw": {"solar": 2.0}, "asset_generation_mw": {"solar.s": 2.0}}
    [line] = book({}, end="2030-02-01", site={"solar": solar}, flows=made | {"curtailed_mw": 2.0})
    assert line[1:4] == ("operator", "solar.s", "ppa_energy")
    assert line[4:] == (1488.0, "MWh", -150e3, "KRW", pytest.approx(-1488 * 150e3))


def _chp(**changes):
    plant = {"name": "c", "capacity": "9 MW", "efficiency": 0.5, "carbon": "370 kg/MWh"}
    made = {"generation_mw": {"chp": 2.0}, "asset_generation_mw": {"chp.c": 2.0}}
    return {"end": "2030-02-01", "site": {"chp": [plant | changes]}, "flows": made}


def test_chp_has_its_own_price_or_a_discount_on_the_tariff(book):
    tariff = {
        "seller": "grid",
        "demand_charge": "10 USD/kW/month",
        "price_year": 2030,
        "seasons": [{
            "name": "all", "months": list(range(1, 13)),
            "light": "100 USD/MWh", "middle": "100 USD/MWh", "peak": "100 USD/MWh",
            "weekday": "L" * 24, "saturday": "L" * 24, "sunday": "L" * 24,
        }],
    }  # fmt: skip
    [line] = book({"tariff": tariff}, **_chp(discount=0.04))
    assert (line[3], line[6]) == ("chp_energy", pytest.approx(-96.0))
    [line] = book({"tariff": tariff}, **_chp(price="70 EUR/MWh"))
    assert line[6:8] == (-70.0, "EUR")
    assert book({}, **_chp(discount=0.04)) == []


def test_carbon_is_paid_for_plants_on_the_site_in_part(book):
    money = {"carbon_price": "10 USD/t", "carbon_paid": 0.5}
    [line] = book(money, **_chp())
    assert line[2:4] == ("chp.c", "carbon")
    assert line[-1] == pytest.approx(-1488 * 0.37 * 0.5 * 10)


def test_gensets_burn_fuel(book):
    gensets = [{"name": "g", "units": 1, "unit_power": "2 MW", "carbon": "700 kg/MWh",
                "fuel_price": "300 USD/MWh"}]  # fmt: skip
    made = {"generation_mw": {"genset": 1.0}, "asset_generation_mw": {"gensets.g": 1.0}}
    [line] = book({}, end="2030-01-02", site={"gensets": gensets}, flows=made)
    assert (line[3], line[-1]) == ("genset_fuel", -24 * 300.0)
