"""One sweep, computed in many ways, gives one digest; random numbers stay with their thing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dcsim
from dcsim.pipeline import replay

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from dcsim.study.engine.engine import Engine
from dcsim.study.definition.expand import read_study
from dcsim.study.run.runner import RunRequest, run_study
from dcsim.study.store.store import ResultStore

if __name__ == "__main__":
    folder, workers, method, order = sys.argv[1:]
    study = read_study(Path("tests/faults/data/kill.yaml"))
    cases = list(study.cases())[:: -1 if order == "backward" else 1]
    with ResultStore.open(folder, create=True) as store:
        run_study(RunRequest("kill", cases, 1, 8), store, Engine(int(workers), start_method=method))
        print(store.digest())
"""
FEW = [
    ("1", "spawn", "0", "forward"),
    ("1", "spawn", "4242", "backward"),
    ("2", "spawn", "1", "backward"),
    ("4", "forkserver", "4242", "forward"),
]
ALL = [
    (workers, method, seed, order)
    for workers in ("1", "2", "4")
    for method in ("spawn", "forkserver")
    for seed in ("0", "1", "4242")
    for order in ("forward", "backward")
    if workers != "1" or method == "spawn"
]


def digest(folder, workers, method, seed, order):
    program = folder / "program.py"
    program.write_text(PROGRAM)
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(program), str(folder / "store"), workers, method, order]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_workers_start_method_order_and_hash_seed_change_no_digit(tmp_path, request):
    pytest.importorskip("distributed")
    ways = ALL if request.config.getoption("--long-faults", default=False) else FEW
    digests = {}
    for place, way in enumerate(ways):
        folder = tmp_path / str(place)
        folder.mkdir()
        digests[way] = digest(folder, *way)
    assert len(set(digests.values())) == 1, digests


@pytest.mark.parametrize("replication", [0, 1, 2])
def test_another_battery_moves_no_event(scenarios, replication):
    site = scenarios / "ulsan-103mw.yaml"
    added = {"name": "second", "power": "50 MW", "energy": "200 MWh"}
    scenario = dcsim.load(site)
    batteries = [*(dict(b) for b in scenario.resolved["batteries"]), added]
    before = replay(scenario, replication)
    after = replay(dcsim.load(site, overrides=[f"batteries={batteries!r}"]), replication)
    for name in ("time_min", "subject", "origin", "target", "n_gpus"):
        moved = getattr(after.timeline.moves, name)
        np.testing.assert_array_equal(getattr(before.timeline.moves, name), moved)
    assert before.timeline.tasks == after.timeline.tasks
    assert before.timeline.outages == after.timeline.outages
    assert before.flows.battery_charge_mw.sum() < after.flows.battery_charge_mw.sum()
