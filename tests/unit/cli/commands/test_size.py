"""`dcsim size`: sizes, their replay, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dcsim.cli.main import main
from dcsim.scenario.load import load


def run(*args: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    return done.exit_code, done.stdout, done.stderr


def ask(sized_site: Path, *args: object) -> dict:
    code, out, err = run("size", sized_site, "--json", "--set", "step=3 h", *args)
    assert code == 0, err
    return json.loads(out)


def test_sizes_reach_the_share_and_the_replay_comes_close(sized_site: Path) -> None:
    found = ask(sized_site, "--cfe", "60%", "--set", "grid.carbon_free=30 %")
    assert found["program"]["cfe_frac"] == pytest.approx(0.6, abs=1e-6)
    assert found["simulated"]["cfe_frac"] == pytest.approx(0.6, abs=0.01)
    assert found["simulated"]["cost"] == pytest.approx(found["program"]["cost"], rel=0.02)
    assert found["plants_mw"]["solar.roof"] > 5
    assert found["simulated"]["unserved_mwh"] == pytest.approx(0, abs=1e-6)


def test_what_the_program_leaves_out_of_batteries_is_told(sized_site: Path) -> None:
    box = "power: 2 MW, energy: 4 MWh, fade_per_year: 2 %, charge_power: 1 MW"
    cost = "cost: {capital_power: 200 USD/kW, capital_energy: 150 USD/kWh, life: 15 years}"
    site = sized_site.with_name("with-batteries.yaml")
    site.write_text(
        f"extends: {sized_site.name}\nbatteries:\n  - {{name: box, {box}, {cost}}}\n"
        "  - {name: other, power: 1 MW, energy: 1 MWh}\n"
    )
    code, out, err = run("size", site, "--set", "step=1 day")
    assert code == 0, err
    assert "batteries.box fades: the program leaves that out" in out
    assert "batteries.box: charge_power and discharge_power stay as they are" in out
    assert "batteries.other is not sized: the program leaves it out" in out


def test_a_higher_share_costs_more_and_nothing_asked_costs_least(sized_site: Path) -> None:
    key = ("--set", "grid.carbon_free=30 %")
    costs = [ask(sized_site, *args, *key)["program"]["cost"] for args in ((), ("--cfe", "0.55"))]
    costs.append(ask(sized_site, "--cfe", "70 %", *key)["program"]["cost"])
    assert costs == sorted(costs)
    assert costs[0] < costs[2]


def test_a_cost_buys_the_share_that_costs_it(sized_site: Path) -> None:
    key = ("--set", "grid.carbon_free=30 %")
    first = ask(sized_site, "--cfe", "60 %", *key)["program"]
    again = ask(sized_site, "--cost-limit", f"{first['cost']:.0f} USD", *key)["program"]
    assert again["cfe_frac"] == pytest.approx(0.6, abs=2e-3)


def test_the_written_scenario_has_the_sizes_and_runs(sized_site: Path) -> None:
    out = sized_site.parent / "sized.yaml"
    code, text, err = run("size", sized_site, "--cfe", "50%", "--set", "step=3 h", "--out", out)
    assert code == 0, err
    assert "simulated" in text
    assert f"Written {out}" in text
    plant = load(out).site.solar[0]
    assert f"{plant.capacity_mw:,.1f}" in text
    code, _, err = run("size", sized_site, "--out", out)
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
def test_what_cannot_be_is_told_in_one_line(
    sized_site: Path, args: tuple[str, ...], said: str
) -> None:
    code, out, err = run("size", sized_site, "--set", "step=3 h", *args)
    assert code == 2, out
    assert said in err
    assert "Traceback" not in err


def test_a_year_without_load_is_refused(sized_site: Path) -> None:
    code, out, err = run(
        *("size", sized_site, "--set", "step=1 day", "--set", "products.server.life=1 year"),
        *("--set", "end=2033-01-01", "--year", "2031"),
    )
    assert (code, out) == (2, "")
    assert "the site draws nothing in that year; it draws power from" in err


def test_a_curve_has_a_line_for_each_share(sized_site: Path) -> None:
    words = ("size", sized_site, "--set", "step=1 day", "--curve", "90%,95%")
    code, out, err = run(*words)
    assert code == 0, err
    shares = [line.split()[0] for line in out.splitlines() if "%" in line]
    assert shares == ["90.0%", "95.0%"]
    code, out, err = run(*words, "--cfe", "50%")
    assert (code, out) == (2, "")
    assert "--curve: stands alone" in err
