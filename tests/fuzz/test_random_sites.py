"""Random valid sites keep the laws of a run, judged from their output files alone.

A hundred by default, a thousand with ``--long-faults``; the seeds are printed. dcsim is asked for
nothing but to run and to write.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from dcsim.pipeline import simulate
from dcsim.results.run_folder import yaml_text
from dcsim.scenario.load import load

sys.path.insert(0, str(Path(__file__).parent))
from output_laws import broken_laws
from random_sites import ALL_TRAITS, STEPS, random_site, traits

FIRST_SEED = 0
N_ALL, N_FEW, N_BATCHES = 1000, 100, 10


def test_each_trait_stands_in_a_hundred_of_a_thousand():
    seen = Counter(trait for n in range(N_ALL) for trait in traits(random_site(FIRST_SEED + n)))
    assert seen.keys() == ALL_TRAITS
    assert min(seen.values()) >= N_ALL // 10, seen
    few = Counter(trait for n in range(N_FEW) for trait in traits(random_site(FIRST_SEED + n)))
    assert few.keys() == ALL_TRAITS


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("batch", range(N_BATCHES))
def test_random_sites_keep_all_laws(batch, tmp_path, pytestconfig):
    n_sites = N_ALL if pytestconfig.getoption("--long-faults") else N_FEW
    seeds = range(FIRST_SEED + batch, FIRST_SEED + n_sites, N_BATCHES)
    print(f"\nsites of the seeds {seeds.start} to {seeds.stop} in steps of {N_BATCHES}")
    broken = {}
    for seed in seeds:
        site = random_site(seed)
        file, folder = tmp_path / "site.yaml", tmp_path / str(seed)
        file.write_text(yaml_text(site), encoding="utf-8")
        try:
            simulate(load(file), 1).save(folder)
            found = broken_laws(folder, site, STEPS[site["step"]])
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"]
        if found:
            broken[seed] = found
    assert not broken


SHORT = 6
"""Seed of a site with load that nothing serves, and with solar."""


def test_the_reader_notices_what_is_wrong(tmp_path):
    site = random_site(SHORT)
    file, folder = tmp_path / "site.yaml", tmp_path / "run"
    file.write_text(yaml_text(site), encoding="utf-8")
    result = simulate(load(file), 1)
    assert result.figure("unserved_mwh") > 1
    result.save(folder)
    step_h = STEPS[site["step"]]
    assert broken_laws(folder, site, step_h) == []
    assert any("import_mwh" in law for law in broken_laws(folder, site, 2 * step_h))
    ledger = folder / "ledger.csv"
    lines = ledger.read_text(encoding="utf-8").splitlines()
    ledger.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert any("cash flow" in law for law in broken_laws(folder, site, step_h))
    timeline = folder / "timeline.csv"
    lines = timeline.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "-> online" not in line]
    timeline.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert any("online at the end" in law for law in broken_laws(folder, site, step_h))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    (folder / "summary.json").write_text(json.dumps(summary | {"outages": []}), encoding="utf-8")
    assert any("unserved, grid idle" in law for law in broken_laws(folder, site, step_h))
