"""Mutants of the scenarios that ship: each is read, or refused with a place, and none ends badly.

A hundred and sixty by default, two thousand with ``--long-faults``.
"""

from __future__ import annotations

import copy
import random
import resource
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dcsim.errors import ModelError, ScenarioError
from dcsim.pipeline import simulate
from dcsim.results.run_folder import yaml_text
from dcsim.scenario.load import load
from dcsim.scenario.text.document import parse
from dcsim.study.checks.feasibility import infeasible_milestones

pytestmark = pytest.mark.usefixtures("yaml_reader")
ROOT = Path(__file__).parents[2]
SEEDS = (
    *sorted((ROOT / "scenarios").glob("*.yaml")),
    *sorted((ROOT / "scenarios" / "parts").glob("*.yaml")),
    *sorted((ROOT / "examples" / "ci" / "plan").glob("*.yaml")),
)
MOST_S = 10.0
MOST_MB = 500.0
TOKENS = (
    "nan", ".nan", "inf", "1e400", "1" * 31, "-1", "0", '"100 MW"', "[]", "{}", "null", "true",
    "2027-02-29", "2027-03-14", "9999-12-31", "1 kW", "-5 MW", "5 %", "~", "!x y", "&a b", "*a",
    "{uniform: [1]}", "{discrete: {}}", "x: y: z", "'", '"', "\t", "\u202e", "\x00", "=1+1", "::x",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, [], {}, [[]], {"a": {"b": {}}}, -1, 0, 0.5, 1e30, "", "x" * 300, "0 MW", "-1 MW",
    "1e9 h", "2028-02-29", "2027-02-29", "2027-03-28", "1900-01-01", "5 USD", "100 %", "-3 %",
    {"value": None}, {"uniform": ["1 h", "0 h"]}, {"chance": {"probability": 2, "then": "1 h"}},
    {"lognormal": ["1 h", "1e300 h"]}, {"2030": 1, "2025": 2}, ["a", "a"], "America/New_York",
)  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    shutil.copytree(ROOT / "examples" / "ci" / "plan", tmp_path / "plan")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def file_in(place: Path, seed: Path) -> Path:
    folder = "plan" if "plan" in seed.parts else seed.parent.relative_to(ROOT).as_posix()
    return place / folder / seed.name


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        found.append((*path, key))
        if isinstance(item, dict | list):
            found += places(item, (*path, key))
    return found


def of_bytes(text: str, rng: random.Random) -> bytes:
    raw = bytearray(text.encode())
    for _ in range(rng.choice((1, 1, 3))):
        at, way = rng.randrange(len(raw)), rng.randrange(3)
        if way == 0:
            raw[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            del raw[at : at + rng.randrange(1, 200)]
        else:
            raw[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 9)))
    return bytes(raw)


def of_tokens(text: str, rng: random.Random) -> bytes:
    lines = text.splitlines()
    at = rng.choice([i for i, line in enumerate(lines) if ":" in line])
    key, _, _ = lines[at].partition(":")
    if rng.random() < 0.2:
        lines.insert(at, lines[at])
    else:
        lines[at] = f"{key}: {rng.choice(TOKENS)}"
    return "\n".join(lines).encode(errors="surrogatepass")


def holder(plain: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        plain = plain[key]
    return plain


def of_structure(text: str, rng: random.Random) -> bytes:
    plain = copy.deepcopy(parse(text, "x").plain)
    path = rng.choice(places(plain))
    inside, last, way = holder(plain, path), path[-1], rng.randrange(6)
    if way == 0:
        del inside[last]
    elif way == 1:
        inside[last] = []
    elif way == 2:
        inside[last] = {"value": {"value": inside[last]}}
    elif way == 3:
        plain["extends"] = "plan.yaml"
    elif way == 4 and isinstance(inside, list):
        inside.append(copy.deepcopy(inside[last]))
    else:
        plain[f"k{rng.randrange(9)}"] = inside[last]
    return yaml_text(plain).encode()


def of_meaning(text: str, rng: random.Random) -> bytes:
    plain = copy.deepcopy(parse(text, "x").plain)
    path = rng.choice(places(plain))
    inside, last, old = holder(plain, path), path[-1], None
    old = inside[last]
    if rng.random() < 0.2 and {"start", "end"} <= set(plain):
        plain["start"], plain["end"] = plain["end"], plain["start"]
    elif isinstance(old, str) and old[:1].isdigit() and rng.random() < 0.5:
        inside[last] = rng.choice(("0", "-")) + old if rng.random() < 0.5 else f"0 {old}"
    else:
        inside[last] = rng.choice(VALUES)
    return yaml_text(plain).encode()


KINDS = {"bytes": of_bytes, "tokens": of_tokens, "structure": of_structure, "meaning": of_meaning}


def judged(path: Path, *, to_the_end: bool) -> str:
    """Return what becomes of a file: it runs, or is refused with a place in every message."""
    try:
        scenario = load(path, root=path.parents[1])
        infeasible_milestones(scenario)
        scenario.plan(1)
        if to_the_end:
            simulate(scenario, 1)
    except ScenarioError as error:
        placed = error.problems and all(one.message and one.where for one in error.problems)
        return "refused" if placed else f"refused without a place: {error.problems}"
    except ModelError as error:
        return "refused" if str(error) else "refused without a word"
    return "runs"


def test_no_mutant_ends_badly(place, n_mutants):
    rng, counts, slowest = random.Random(1), Counter(), (0.0, "")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(n_mutants):
        kind = list(KINDS)[number % len(KINDS)]
        seed = SEEDS[rng.randrange(len(SEEDS))]
        text = seed.read_text(encoding="utf-8")
        path = file_in(place, seed)
        kept = path.read_bytes()
        path.write_bytes(KINDS[kind](text, rng))
        small = seed.name in ("minimal.yaml", "site.yaml", "base.yaml")
        began = time.process_time()
        found = judged(path, to_the_end=small and number % 4 == 0)
        took = time.process_time() - began
        counts[kind, found] += 1
        slowest = max(slowest, (took, f"{kind} of {seed.name}"))
        path.write_bytes(kept)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"\n{n_mutants} mutants: {dict(counts)}; slowest {slowest[0]:.2f} s ({slowest[1]})")
    print(f"memory grew by {grown_mb:.0f} MB in all of them together")
    assert grown_mb < MOST_MB
    assert {found for _, found in counts} <= {"runs", "refused"}
    assert slowest[0] < MOST_S
    assert sum(n for (_, found), n in counts.items() if found == "runs") > n_mutants / 20
    assert sum(n for (_, found), n in counts.items() if found == "refused") > n_mutants / 3


def test_the_seeds_are_sound_or_parts_of_others(place):
    whole = [seed for seed in SEEDS if seed.parent.name != "parts"]
    assert len(SEEDS) >= 10
    for seed in whole:
        assert judged(file_in(place, seed), to_the_end=False) == "runs", seed
