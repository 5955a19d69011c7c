"""Proof that a change of the code moved no number: the same runs by two commits, compared.

``python tests/same_numbers.py BEFORE [AFTER ...]`` lays out each commit in a folder of its own,
runs all scenarios that ship and sites of every kind and policy with the code of that commit, and
fails where digests differ. Without ``AFTER``, the working tree is compared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

EVERYTHING = """
extends: ../scenarios/minimal.yaml
name: Everything
time_zone: Asia/Seoul
end: 2028-02-01
step: {step}
works: [{{name: later, label: Later, finish: 2027-08-15, kind: supply}}]
solar:
  - {{name: roof, capacity: 3 MW, delivery: onsite, degradation: 1 %, tracking: one-axis,
      price: {{2027: 60 USD/MWh}}}}
  - {{name: far, capacity: 4 MW, works: later, price: {{2027: 70 USD/MWh}}}}
wind:
  - {{name: hill, capacity: 3 MW, delivery: onsite, turbine: leanwind-8mw-164, hub_height: 110 m,
      wake: 8 %}}
  - {{name: sea, capacity: 4 MW, turbine: iea-15mw-240, price: {{2027: 90 USD/MWh}}}}
contracts:
  - {{name: hydro, capacity: 0.4 MW, renewable: true, price: {{2027: 50 USD/MWh}}}}
  - {{name: firm, capacity: 0.5 MW, renewable: false}}
  - {{name: mixed, capacity: 0.6 MW, renewable: false, carbon: 300 kg/MWh,
      price: {{2027: 45 USD/MWh}}}}
chp:
  - {{name: next, capacity: 2 MW, minimum: 40 %, efficiency: 55 %, carbon: 370 kg/MWh,
      outages: {{rate: 12 1/year, repair: 30 h}}, maintenance: {{month: 10, duration: 10 days}},
      discount: 5 %{ramp}}}
  - {{name: second, capacity: 1 MW, works: later, efficiency: 50 %, carbon: 400 kg/MWh,
      price: {{2027: 80 USD/MWh}}}}
batteries:
  - {{name: one, power: 2 MW, energy: 6 MWh, reserve: 20 %}}
  - {{name: two, power: 1 MW, energy: 3 MWh, works: later{battery}}}
gensets:
  - {{name: g, units: 4, unit_power: 1 MW, start_failure: 2 %, mttf: 500 h, carbon: 700 kg/MWh,
      fuel_price: 250 USD/MWh, start_time: 10 min}}
grid:
  carbon: {{2027: 417 kg/MWh, 2029: 300 kg/MWh}}
  carbon_free: {{2027: 39 %, 2029: 50 %}}
  export_limit: 2 MW
  outages: {{rate: 30 1/year, repair: 8 h}}
power: {{basis: facility, design_pue: 1.2, steps: [{{name: connection, adds: 4.5 MW}}]}}
weather:
  wind:
    mean: 7.5 m/s
    height: 100 m
    weibull_shape: 2
    shear: 0.1
    monthly_factor: [1.2, 1.1, 1.1, 1, 0.9, 0.8, 0.8, 0.8, 0.9, 1, 1.2, 1.2]
    memory: 10 h
money:
  currency: USD
  price_year: 2027
  discount_rate: 8 %
  carbon_price: {{2027: 20 USD/t}}
  carbon_paid: 50 %
  tariff:
    price_year: 2027
    demand_charge: 10 USD/kW/month
    seller: utility
    seasons:
      - name: year
        months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        light: 50 USD/MWh
        middle: 100 USD/MWh
        peak: 200 USD/MWh
        weekday: LLLLLLLLLMMMPPPPPMMMMMLL
        saturday: LLLLLLLLLLLLLLLLLLLLLLLL
        sunday: LLLLLLLLLLLLLLLLLLLLLLLL
milestones: [{{name: renewables, metric: renewable_capacity_mw, power: 12 MW, by: 2027-09-30}}]
dispatch: {{policy: {policy}{objective}}}
"""
PLAIN = {"ramp": "", "battery": "", "objective": "", "step": "1 h"}
RICH = PLAIN | {
    "ramp": ", ramp: 0.1 1/h",
    "battery": ", self_discharge: 2 %/month, charge_efficiency: 95 %, discharge_efficiency: 90 %, "
    "minimum: 10 %, initial: 30 %, fade_per_cycle: 0.1 %, replace_below: 90 %",
}
SITES = {
    "self-consumption": PLAIN | {"policy": "self-consumption"},
    "self-consumption-rich": RICH | {"policy": "self-consumption"},
    "cfe-first": RICH | {"policy": "cfe-first"},
    "arbitrage": RICH | {"policy": "arbitrage"},
    "peak-shaving": RICH | {"policy": "peak-shaving"},
    "reserve": RICH | {"policy": "reserve"},
    "optimal-import": RICH | {"policy": "optimal"},
    "optimal-cost": RICH | {"policy": "optimal", "objective": ", objective: cost"},
    "optimal-carbon": PLAIN | {"policy": "optimal", "objective": ", objective: carbon"},
    "quarter-hours": RICH | {"policy": "reserve", "step": "15 min"},
    "three-hours": RICH | {"policy": "cfe-first", "step": "3 h"},
}

PROBE = """
import hashlib, json, sys
from pathlib import Path
import dcsim
def text(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
found = {}
for path in sorted(Path("scenarios").glob("*.yaml")) + sorted(Path("sites").glob("*.yaml")):
    scenario = dcsim.load(path, root=".")
    found[f"{path.stem} scenario"] = scenario.digest[:16]
    for number in (0, 1) if path.parent.name == "scenarios" else (2,):
        result = dcsim.simulate(scenario, number)
        summary = {k: v for k, v in result.summary.items() if k != "provenance"}
        found[f"{path.stem} {number}"] = result.digest()[:16]
        found[f"{path.stem} {number} columns"] = text(list(result.hourly))
        found[f"{path.stem} {number} summary"] = text(summary)
        found[f"{path.stem} {number} ledger"] = text(dict(result.ledger))
print(json.dumps(found))
"""


def laid_out(commit: str | None, folder: Path) -> Path:
    """Lay out package and scenarios of a commit, or of the working tree, in an empty folder."""
    if commit is None:
        for name in ("dcsim", "scenarios"):
            shutil.copytree(ROOT / name, folder / name)
    else:
        done = subprocess.run(
            ["git", "archive", commit, "dcsim", "scenarios"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
    (folder / "sites").mkdir()
    for name, keys in SITES.items():
        (folder / "sites" / f"{name}.yaml").write_text(EVERYTHING.format(**keys), encoding="utf-8")
    return folder


def digests(commit: str | None) -> dict[str, str]:
    """Return digests of all runs by the code of a commit, or of the working tree."""
    with tempfile.TemporaryDirectory() as place:
        folder = laid_out(commit, Path(place))
        done = subprocess.run(
            [sys.executable, "-c", PROBE],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{commit or 'working tree'} does not run:\n{done.stderr}")
        found: dict[str, str] = json.loads(done.stdout)
        return found


def main() -> int:
    """Compare and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", help="commit whose numbers count")
    parser.add_argument("after", nargs="*", help="commits to compare; by default the working tree")
    asked = parser.parse_args()
    before = digests(asked.before)
    worst = 0
    for commit in asked.after or [None]:
        after = digests(commit)
        moved = [key for key in sorted(before.keys() | after) if before.get(key) != after.get(key)]
        said = f"differ: {', '.join(moved)}" if moved else f"{len(after)} digests equal"
        print(f"{commit or 'working tree'}: {said}", flush=True)
        worst |= bool(moved)
    return int(worst)


if __name__ == "__main__":
    sys.exit(main())
