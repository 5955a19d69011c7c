"""Sizes of least cost, and the scenarios that have them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dcsim.cli.main import main
from dcsim.scenario.load import load
from dcsim.study.sizing.size import SizeRequest, size

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
    found = size(scenario, SizeRequest(2028, cfe_frac=0.65))
    assert found.replayed.cfe_frac == pytest.approx(0.65, abs=0.02)
