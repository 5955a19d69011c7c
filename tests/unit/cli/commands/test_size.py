"""`dcsim size` and `dcsim survive`: what they print, write and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dcsim.cli.main import main
from dcsim.scenario.scenario import load

SITE = """
extends: {minimal}
end: 2029-01-01
solar:
  - {{name: roof, capacity: 5 MW, delivery: onsite, cost: {{capital: 900 USD/kW, life: 25 years}}}}
batteries:
  - name: store
    power: 2 MW
    energy: 8 MWh
    cost: {{capital_power: 0 USD/kW, capital_energy: 200 USD/kWh, life: 15 years}}
gensets:
  - {{name: diesel, units: 6, unit_power: 2.5 MW, start_failure: 1 %, mttf: 69 h, start_time: 15 s,
      carbon: 700 kg/MWh}}
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
    (tmp_path / "minimal.yaml").write_text((scenarios / "minimal.yaml").read_text())
    path = tmp_path / "site.yaml"
    path.write_text(SITE.format(minimal="minimal.yaml"))
    return path


def run(*args: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    return done.exit_code, done.stdout, done.stderr


def ask(site: Path, *args: object) -> dict:
    code, out, err = run("size", site, "--json", "--set", "step=3 h", *args)
    assert code == 0, err
    return json.loads(out)


def test_sizes_reach_the_share_and_the_replay_comes_close(site: Path) -> None:
    found = ask(site, "--cfe", "60%", "--set", "grid.carbon_free=30 %")
    assert found["program"]["cfe_frac"] == pytest.approx(0.6, abs=1e-6)
    assert found["simulated"]["cfe_frac"] == pytest.approx(0.6, abs=0.01)
    assert found["simulated"]["cost"] == pytest.approx(found["program"]["cost"], rel=0.02)
    assert found["plants_mw"]["solar.roof"] > 5
    assert found["simulated"]["unserved_mwh"] == pytest.approx(0, abs=1e-6)


def test_a_higher_share_costs_more_and_nothing_asked_costs_least(site: Path) -> None:
    key = ("--set", "grid.carbon_free=30 %")
    costs = [ask(site, *args, *key)["program"]["cost"] for args in ((), ("--cfe", "0.55"))]
    costs.append(ask(site, "--cfe", "70 %", *key)["program"]["cost"])
    assert costs == sorted(costs)
    assert costs[0] < costs[2]


def test_a_cost_buys_the_share_that_costs_it(site: Path) -> None:
    key = ("--set", "grid.carbon_free=30 %")
    first = ask(site, "--cfe", "60 %", *key)["program"]
    again = ask(site, "--cost-limit", f"{first['cost']:.0f} USD", *key)["program"]
    assert again["cfe_frac"] == pytest.approx(0.6, abs=2e-3)


def test_the_written_scenario_has_the_sizes_and_runs(site: Path) -> None:
    out = site.parent / "sized.yaml"
    code, text, err = run("size", site, "--cfe", "50%", "--set", "step=3 h", "--out", out)
    assert code == 0, err
    assert "simulated" in text
    assert f"Written {out}" in text
    plant = load(out).site.solar[0]
    assert f"{plant.capacity_mw:,.1f}" in text
    code, _, err = run("size", site, "--out", out)
    assert code == 4
    assert "there already" in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--cfe", "110%"), "at most 100 %"),
        (("--cfe", "often"), "number or a percentage"),
        (("--cfe", "50%", "--cost-limit", "1 USD"), "not both"),
        (("--cost-limit", "12"), "needs one currency"),
        (("--year", "1999"), "not a whole year of the run; those are 2027 to"),
        (("--plant", "solar.none"), "is none of solar.roof, batteries.store"),
        (("--cfe", "100%", "--set", "batteries.store=null"), "the most is"),
        (("--set", "money=null"), "money.tariff"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(site: Path, args: tuple[str, ...], said: str) -> None:
    code, out, err = run("size", site, "--set", "step=3 h", *args)
    assert code == 2, out
    assert said in err
    assert "Traceback" not in err


def test_survival_is_told_by_formula_and_by_replay(site: Path) -> None:
    code, out, err = run("survive", site, "--load", 12, "--hours", 48, "--replications", 300)
    assert code == 0, err
    assert "6 x 2.5 MW, 5 needed alone (N+1)" in out
    assert "UPS of 5 min bridges the start of 0.25 min" in out
    code, out, _ = run(
        "survive", site, "--load", 12, "--hours", 48, "--replications", 300, "--json"
    )
    found = json.loads(out)
    for hour in (1, 24, 48):
        assert found["replayed_unserved_mwh"][hour] == pytest.approx(
            found["unserved_mwh"][hour], abs=4 * found["replayed_unserved_sem"][hour] + 1e-6
        )


def test_the_load_is_the_peak_of_the_last_year_unless_told(site: Path) -> None:
    code, out, err = run("survive", site, "--hours", 4, "--replications", 5)
    assert code == 0, err
    assert "highest of the last year" in out


def test_a_site_without_gensets_is_told_so(scenarios: Path) -> None:
    code, _, err = run("survive", scenarios / "minimal.yaml")
    assert code == 2
    assert "gensets: has none" in err
