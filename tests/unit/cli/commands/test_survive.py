"""`dcsim survive`: emergency generators by formula and by replay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dcsim.cli.commands.survive import redundancy
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


def test_the_load_is_the_peak_of_the_last_year_unless_told(sized_site: Path) -> None:
    code, out, err = run("survive", sized_site, "--hours", 4, "--replications", 5)
    assert code == 0, err
    assert "highest of the last year" in out


def test_a_site_without_gensets_is_told_so(scenarios: Path) -> None:
    code, _, err = run("survive", scenarios / "minimal.yaml")
    assert code == 2
    assert "gensets: has none" in err


def test_a_load_or_time_that_is_no_load_or_time_is_refused(sized_site):
    for words in (("--load", 0), ("--hours", 0), ("--hours", 9000), ("--replications", 1)):
        code, out, err = run("survive", sized_site, *words)
        assert (code, out) == (2, "")
        assert "is not in the range" in err


@pytest.mark.parametrize(
    ("n_units", "text"), [(7, "1 short of N"), (8, "N"), (10, "N+2"), (16, "2N"), (17, "2N+1")]
)
def test_redundancy_has_its_usual_name(n_units, text):
    assert redundancy(n_units, 8) == text
