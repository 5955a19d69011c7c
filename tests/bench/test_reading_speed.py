"""Budgets of reading a scenario, each a ratio to a yardstick measured in the same run.

Outside the default tests: ``python -m pytest tests/bench``. The yardstick is the time that the
scanner of ruamel.yaml, which is written in Python, takes for the files of the 1 GW plan: that is
what nine tenths of reading them once were.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import dcsim
from dcsim.scenario.text.events import ruamel_events

sys.path.insert(0, str(Path(__file__).parent))
from yardsticks import ratio

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
GIGAWATT = SCENARIOS / "ulsan.yaml"
FILES = (GIGAWATT, SCENARIOS / "ulsan-103mw.yaml", SCENARIOS / "parts" / "sources.yaml")
ROUNDS = 7

FIRST_LOAD = """
import json, time
import dcsim
load = dcsim.load
began = time.process_time()
load("scenarios/ulsan.yaml")
first_s = time.process_time() - began
from ruamel.yaml import YAML
texts = [open(path, encoding="utf-8").read() for path in {files}]
began = time.process_time()
for text in texts:
    for _ in YAML(typ="safe", pure=True).parse(text):
        pass
print(json.dumps([first_s, time.process_time() - began]))
"""
CHILD = """
import json, resource, subprocess, sys
took = []
show = ["-m", "dcsim", "show", "scenarios/ulsan.yaml"]
for command in (show, ["-c", "import numpy, pydantic.main"]):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
print(json.dumps(took))
"""


def say(name, found, budget):
    print(f"\n{name}: {found:.2f} of the yardstick, budget {budget:g}")


def in_turn(code):
    """Run code in new processes and return the least of its first time over that of its second."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    found = []
    for _ in range(ROUNDS + 1):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env=environment,
            text=True,
        )
        found.append(json.loads(done.stdout))
    first_s, second_s = (min(times) for times in zip(*found[1:], strict=True))
    return first_s / second_s


def scan():
    for path in FILES:
        for _ in ruamel_events(path.read_text(encoding="utf-8")):
            pass


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML without libyaml")
def test_a_gigawatt_is_loaded_in_less_than_half_the_time_of_a_python_scanner(benchmark):
    benchmark.pedantic(lambda: dcsim.load(GIGAWATT), rounds=5, warmup_rounds=1)
    found = ratio(lambda: dcsim.load(GIGAWATT), scan, rounds=ROUNDS)
    say("load", found, 0.5)
    assert found < 0.5


def test_the_first_load_of_a_process_takes_little_more_than_a_python_scanner():
    found = in_turn(FIRST_LOAD.format(files=[str(path) for path in FILES]))
    say("first load", found, 1.6)
    assert found < 1.6


def test_to_show_a_gigawatt_takes_less_than_five_starts_of_numpy_and_pydantic():
    found = in_turn(CHILD)
    say("show", found, 5)
    assert found < 5
