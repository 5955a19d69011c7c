"""Studies, gated plans and repositories that several commands are tested on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dcsim.cli.main import main

STUDY = """name: little
scenario: site.yaml
replications: 3
grid:
  deployment.crews: [1, 2]
  power.design_pue: [1.2, 1.3]
"""


@pytest.fixture
def study(folder, scenarios):
    shutil.copy(scenarios.parent / "tests" / "faults" / "data" / "kill-site.yaml", "site.yaml")
    (folder / "study.yaml").write_text(STUDY)
    return folder / "study.yaml"


@pytest.fixture
def swept(cli, study):
    assert cli("sweep", "study.yaml", "--store", "st").exit_code == 0
    return study.with_name("st")


SIZED_SITE = """
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
def sized_site(tmp_path: Path, scenarios: Path) -> Path:
    (tmp_path / "minimal.yaml").write_text((scenarios / "minimal.yaml").read_text())
    path = tmp_path / "site.yaml"
    path.write_text(SIZED_SITE.format(minimal="minimal.yaml"))
    return path


MILESTONE = "milestones: [{name: half, metric: gpus_online, gpus: 2000 GPU, by: %s}]\n"


@pytest.fixture
def gated(tmp_path: Path, scenarios: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "plan").mkdir()
    text = (scenarios / "minimal.yaml").read_text()
    (tmp_path / "plan" / "site.yaml").write_text(
        text
        + MILESTONE % "2027-12-31"
        + "expect: [{name: in-time, metric: milestone.half}, {name: pue, metric: pue_mean, "
        "at_most: 1.25}]\n"
    )
    return tmp_path


@pytest.fixture
def repository(gated) -> Path:
    git("init", "--quiet", ".")
    (gated / ".gitignore").write_text("runs/\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "plan")
    return gated


def git(*words: str) -> str:
    who = ["-c", "user.name=p", "-c", "user.email=p@example.org"]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(["git", *who, *words], check=True, capture_output=True, env=env)
    return done.stdout.decode()


@pytest.fixture
def check() -> Callable[..., Result]:
    """Run `dcsim check` in this process."""
    return lambda *words: CliRunner().invoke(main, ["check", *map(str, words)])


@pytest.fixture
def baseline() -> Callable[..., Result]:
    """Run `dcsim baseline` in this process."""
    return lambda *words: CliRunner().invoke(main, ["baseline", *map(str, words)])


@pytest.fixture
def change(gated: Path) -> Callable[[str, str], None]:
    """Replace a text of the gated plan by another."""
    path = gated / "plan" / "site.yaml"

    def replace(old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return replace


@pytest.fixture
def commit(repository: Path) -> Callable[[str], None]:
    """Commit all files of the repository."""

    def call(message: str) -> None:
        git("add", "--all")
        git("commit", "--quiet", "-m", message)

    return call
