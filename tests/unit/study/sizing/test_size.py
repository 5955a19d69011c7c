"""Sizes of least cost, and the scenarios that have them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pint
import pytest
from click.testing import CliRunner

from dcsim.cli.main import main
from dcsim.errors import ScenarioError
from dcsim.scenario.load import load
from dcsim.study.sizing.size import size

SITE = """
extends: ../plans/minimal.yaml
end: 2029-01-01
step: 6 h
solar:
  - {name: roof, capacity: 5 MW, delivery: onsite, cost: {capital: 900 USD/kW, life: 25 years}}
money:
  price_year: 2026
  discount_rate: 7 %
  tariff:
    seller: grid
    price_year: 2026
    demand_charge: 5 USD/kW/month
    seasons:
      - name: all
        months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        light: 90 USD/MWh
        middle: 120 USD/MWh
        peak: 160 USD/MWh
        weekday: LLLLLLLLMMMMMMMPPPPPPMLL
        saturday: LLLLLLLLMMMMMMMMMMMMMMLL
        sunday: LLLLLLLLLLLLLLLLLLLLLLLL
"""


@pytest.fixture
def site(tmp_path: Path, scenarios: Path) -> Path:
    """A site that extends a file outside its own folder."""
    for name in ("plans", "sites"):
        (tmp_path / name).mkdir()
    (tmp_path / "plans" / "minimal.yaml").write_text((scenarios / "minimal.yaml").read_text())
    path = tmp_path / "sites" / "site.yaml"
    path.write_text(SITE)
    return path


def test_a_scenario_that_extends_a_file_beyond_its_folder_is_sized(site: Path) -> None:
    words = ["size", str(site), "--root", str(site.parent.parent), "--cfe", "45%"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.stderr
    assert "solar.roof, MW" in done.stdout


def test_the_file_is_read_once(site: Path) -> None:
    scenario = load(site, root=site.parent.parent, overrides=["grid.carbon_free=30 %"])
    site.unlink()
    found = size(scenario, year=2028, cfe="65 %")
    assert found.simulated.cfe_frac == pytest.approx(0.65, abs=0.02)


@pytest.fixture
def scenario(site: Path):
    return load(site, root=site.parent.parent, overrides=["grid.carbon_free=30 %"])


def test_a_share_is_text_a_number_or_a_quantity(scenario) -> None:
    shares = ("45 %", "0.45", 0.45, np.float64(0.45), pint.UnitRegistry().Quantity(45, "percent"))
    found = [size(scenario, cfe=share) for share in shares]
    assert {one.cfe_frac for one in found} == {0.45}
    assert len({one.overrides for one in found}) == 1
    assert found[0].year == 2028


def test_a_cost_limit_is_text_in_any_currency_or_a_quantity(scenario) -> None:
    units = pint.UnitRegistry()
    units.define("USD = [money_USD]")
    texts = ("8 mn USD", units.Quantity(8e6, "USD"))
    found = [size(scenario, cost_limit=text) for text in texts]
    assert [one.cost_limit for one in found] == [8e6, 8e6]
    assert found[0].program.cost == pytest.approx(8e6)
    assert found[0].overrides == found[1].overrides


def test_a_share_that_the_simulation_reaches_at_once_needs_no_more(scenario) -> None:
    first = size(scenario, cfe=0.5)
    assert first.simulated.cfe_frac > 0.51
    assert size(scenario, cfe=0.5, meet=True).overrides == first.overrides


def test_the_simulation_meets_the_share_on_request(scenarios) -> None:
    daily = {"step": "1 day", "grid.carbon_free": "30 %"}
    plan = load(scenarios / "ulsan-103mw.yaml", overrides=daily)
    short, met = (size(plan, cfe=0.6, year=2028, meet=meet) for meet in (False, True))
    assert not short.is_met
    assert met.is_met
    assert met.simulated.cfe_frac == pytest.approx(0.6, abs=0.005)
    assert met.program.cfe_frac > short.program.cfe_frac


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"cfe": "110 %"}, "cfe '110 %': must be above 0 and at most 100 %"),
        ({"cfe": 0}, "cfe 0: must be above 0 and at most 100 %"),
        ({"cfe": True}, "cfe True: must be a number or a percentage such as 15 %"),
        ({"cfe": [0.9]}, "cfe [0.9]: list is not plain data"),
        ({"cost_limit": 12}, "cost_limit 12: needs one currency (KRW, USD, EUR), for example"),
        ({"cost_limit": "1 USD/MWh"}, "cost_limit '1 USD/MWh': is not a quantity in USD"),
        ({"cfe": 0.5, "cost_limit": "1 USD"}, "give a share to reach or a cost limit, not both"),
        ({"meet": True}, "meet: needs a share to reach: give cfe"),
        ({"year": 1999}, "year 1999: is not a whole year of the run; those are 2027 to 2028"),
        ({"year": "2028"}, "year '2028': must be a whole number"),
        ({"plants": "solar.roof"}, "plants 'solar.roof': must be a list of assets such as"),
        ({"plants": ["solar.none"]}, "plants: solar.none: is none of solar.roof"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_allowed(scenario, keywords, message) -> None:
    with pytest.raises(ScenarioError, match=re.escape(message)):
        size(scenario, **keywords)


def test_a_path_is_no_scenario(site: Path) -> None:
    with pytest.raises(TypeError, match=r"size\(\) takes a Scenario, not PosixPath"):
        size(site)
