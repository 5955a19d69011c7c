"""Values that a scenario leaves to dcsim."""

from __future__ import annotations

import pytest

import dcsim
from dcsim.scenario.defaults import Default, defaults_of, notes_on_place, written
from dcsim.scenario.schema.fleet import Product
from dcsim.scenario.schema.power import Electrical
from tests.unit.scenario.test_load import FILES, SCENARIOS


def found(**overrides):
    site = dcsim.load(SCENARIOS / "minimal.yaml", overrides=overrides).site
    return {one.key: one for one in defaults_of(site)}


def test_what_is_given_is_no_default():
    keys = found(step="1 h", time_zone="UTC")
    assert not {"step", "time_zone", "power.basis", "grid.carbon", "halls.hall.racks"} & keys.keys()
    assert keys["seed"] == Default(("seed",), 1, "")


def test_a_default_is_written_with_its_unit():
    keys = found()
    assert keys["halls.hall.rack_limit"].value == "2000 kW"
    assert keys["products.server.idle"].value == "22 %"
    assert keys["electrical.ups_load"].value == ["10 %", "25 %", "50 %", "75 %", "100 %"]
    assert keys["dispatch.policy"].value == "self-consumption"


def test_a_default_that_follows_from_others_says_from_which():
    solar = [{"name": "roof", "capacity": "1 MW"}]
    keys = found(latitude="-33.9 degree", longitude="151.2 degree", solar=solar)
    assert keys["solar.roof.azimuth"][1:] == ("0 degree", "toward the equator")
    assert keys["time_zone"][1:] == ("Australia/Sydney", "the zone at its coordinates")
    assert keys["demand.training.time_zone"].value == "Australia/Sydney"
    assert keys["halls.hall.air_cooling"][1:] == ("8 MW", "the same as it_power")
    assert keys["fleet"][1:] == (None, "without it nothing fails")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_that_spells_out_its_defaults_is_the_same_site(path):
    site = dcsim.load(path).site
    data = dcsim.load(path).resolved
    for one in defaults_of(site):
        where = data
        for part in one.path[:-1]:
            where = where.get("value", where) if isinstance(where, dict) else where
            if isinstance(where, list):
                where = next(item for item in where if item["name"] == part)
            else:
                where = where.setdefault(part, {})
        where[one.path[-1]] = one.value
    spelled = dcsim.load(data, base=path.parent).site
    assert {one.key: one for one in defaults_of(spelled)} == {}
    for derived in ("time_zone", "halls", "demand", "solar", "wind", "batteries"):
        assert getattr(spelled, derived) is not None
    assert spelled.electrical == site.electrical
    assert spelled.products == site.products


def test_numbers_keep_all_their_digits():
    field = Electrical.model_fields["house_frac"]
    assert (written(field, 0.07), written(field, 0.1 + 0.2)) == ("7 %", 0.1 + 0.2)
    assert written(Product.model_fields["life_years"], 1 / 3) == "0.3333333333333333 year"


def test_a_place_that_is_said_needs_no_note():
    scenario = dcsim.load(SCENARIOS / "minimal.yaml")
    assert notes_on_place(scenario.site) == [
        "time_zone is not given: Asia/Seoul, the zone at its coordinates.",
        "elevation is not given: 0 m, the level of the sea.",
    ]
    said = scenario.with_overrides({"time_zone": "UTC", "elevation": "0 m"})
    assert notes_on_place(said.site) == []
