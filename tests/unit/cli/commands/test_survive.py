"""`dcsim survive`: emergency generators by formula and by replay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dcsim.cli.main import main


def run(*args: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    return done.exit_code, done.stdout, done.stderr


def test_survival_is_told_by_formula_and_by_replay(sized_site: Path) -> None:
    code, out, err = run("survive", sized_site, "--load", 12, "--hours", 48, "--replications", 300)
    assert code == 0, err
    assert "6 x 2.5 MW, 5 needed alone (N+1)" in out
    assert "UPS of 5 min bridges the start of 0.25 min" in out
    code, out, _ = run(
        "survive", sized_site, "--load", 12, "--hours", 48, "--replications", 300, "--json"
    )
    found = json.loads(out)
    for hour in (1, 24, 48):
        assert found["replayed_unserved_mwh"][hour] == pytest.approx(
            found["unserved_mwh"][hour], abs=4 * found["replayed_unserved_sem"][hour] + 1e-6
        )


def test_the_load_is_the_highest_of_the_run_unless_told(sized_site: Path) -> None:
    code, out, err = run("survive", sized_site, "--hours", 4, "--replications", 5)
    assert code == 0, err
    assert "highest of the run" in out


def test_a_site_without_gensets_is_told_so(scenarios: Path) -> None:
    code, _, err = run("survive", scenarios / "minimal.yaml")
    assert code == 2
    assert "gensets: has none" in err


def test_a_load_or_time_that_is_no_load_or_time_is_refused(sized_site):
    for words in (("--load", 0), ("--hours", 0), ("--hours", 9000), ("--replications", 1)):
        code, out, err = run("survive", sized_site, *words)
        assert (code, out) == (2, "")
        assert "is not in the range" in err


BATTERY = "batteries=[{name: b, power: 60 kW, energy: 300 kWh, round_trip: 100 %"
NEVER = "gensets=[{name: g, units: 1, unit_power: 1 MW, start_failure: 100 %, carbon: 700 kg/MWh}]"
FULL = "reserve: 100 %, initial: 100 %"


def survival_with(scenarios: Path, keys: str) -> dict[str, object]:
    code, out, err = run(
        *("survive", scenarios / "minimal.yaml", "--load", 0.06, "--hours", 6, "--json"),
        *("--replications", 2, "--with-batteries", "--begins", "2027-09-02"),
        *("--set", f"{BATTERY}, {keys}}}]", "--set", NEVER),
    )
    assert code == 0, err
    return json.loads(out)


@pytest.mark.parametrize(
    ("keys", "hours"),
    [
        (FULL, 5.0),
        (f"{FULL}, charge_efficiency: 100 %, discharge_efficiency: 50 %", 2.5),
        (f"{FULL}, minimum: 40 %", 3.0),
        ("reserve: 60 %, initial: 60 %, maximum: 60 %", 3.0),
        ("reserve: 20 %", 1.0),
        ("initial: 100 %", 0.0),
    ],
)
def test_every_key_of_a_battery_counts(scenarios: Path, keys: str, hours: float) -> None:
    found = survival_with(scenarios, keys)
    served_mwh = 0.06 * 6 - found["replayed_unserved_mwh"][-1]
    assert served_mwh == pytest.approx(0.06 * hours)
    whole = int(hours)
    carried = [1.0] * (whole + 1) + [0.0] * (6 - whole)
    assert found["replayed_carried_frac"] == carried
    assert found["carried_frac"] == pytest.approx(carried)


def test_a_battery_of_less_power_than_the_load_does_not_carry_it(scenarios: Path) -> None:
    found = survival_with(scenarios, f"{FULL}, discharge_power: 20 kW")
    assert found["replayed_carried_frac"][1] == found["carried_frac"][1] == 0
    assert found["replayed_unserved_mwh"][-1] == pytest.approx(0.04 * 6)


def test_age_and_self_discharge_count(scenarios: Path) -> None:
    aged = survival_with(scenarios, f"{FULL}, fade_per_year: 20 %")
    stored = aged["batteries"]["batteries.b"]["stored_mwh"]
    assert 0.3 * 0.8 < stored < 0.3 * 0.95
    leaks = survival_with(scenarios, f"{FULL}, self_discharge: 5 %/h")
    assert leaks["replayed_carried_frac"][4:6] == [1.0, 0.0]


def test_the_load_follows_a_file_or_the_run(sized_site: Path, tmp_path: Path) -> None:
    path = tmp_path / "load.txt"
    path.write_text("5\n6\n")
    words = ("survive", sized_site, "--hours", 2, "--replications", 5, "--json")
    code, out, err = run(*words, "--load-file", path)
    assert code == 0, err
    assert json.loads(out)["loads_mw"] == [5.0, 6.0]
    assert run(*words, "--load-file", path, "--load", 3)[0] == 2
    code, out, err = run(*words, "--begins", "2028-03-01T05:00")
    assert code == 0, err
    assert len(json.loads(out)["loads_mw"]) == 2
