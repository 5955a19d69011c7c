"""Whatever befalls a sweep, its store holds whole results, and going on leads to the same ones.

The short tier takes a minute; ``DCSIM_LONG_FAULTS=1`` in the environment takes all points at full
size. The same by hand: ``python -m tests.faults.kill --help``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "kill"))

import harness as h

pytestmark = pytest.mark.skipif(
    "--long-faults" not in sys.argv, reason="takes minutes; asked for with --long-faults"
)
SWEEPS = {"tiny": h.tiny(0.02), "dcsim": h.program()}
if importlib.util.find_spec("distributed") and "--long-faults" in sys.argv:
    SWEEPS["dcsim, 2 workers"] = h.program(2)


@pytest.fixture(scope="module")
def cleans(tmp_path_factory):
    """Each sweep when nothing befalls it."""
    found = {}

    def clean(sweep):
        if sweep not in found:
            found[sweep] = h.clean(sweep, tmp_path_factory.mktemp("clean") / "st")
        return found[sweep]

    return clean


@pytest.fixture(scope="module")
def tampering(tmp_path_factory, request):
    if not request.config.getoption("--long-faults"):
        pytest.skip("takes minutes; asked for with --long-faults")
    if not h.can_inject(tmp_path_factory.mktemp("tampering")):
        pytest.skip("needs strace and the right to use it on one's own processes")


@pytest.fixture(scope="session")
def is_long():
    return os.environ.get("DCSIM_LONG_FAULTS") == "1"


def test_the_digest_does_not_depend_on_the_number_of_workers(cleans):
    digests = {cleans(sweep).digest for name, sweep in SWEEPS.items() if name != "tiny"}
    assert len(digests) == 1


def test_status_tells_the_digest(cleans):
    clean = cleans(SWEEPS["dcsim"])
    command = [sys.executable, "-m", "dcsim", "status", str(clean.store), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=h.ROOT)
    assert json.loads(done.stdout)["digest"] == clean.digest


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_killed_at_any_moment_goes_on(tmp_path, cleans, is_long, name):
    n_stores = 20 if is_long else {"tiny": 5}.get(name, 1)
    for seed in range(n_stores):
        h.kill9(SWEEPS[name], tmp_path, kills=3, seed=seed, clean_run=cleans(SWEEPS[name]))


@pytest.mark.parametrize("call", h.CALLS)
@pytest.mark.usefixtures("tampering")
def test_a_sweep_killed_at_any_system_call_goes_on(tmp_path, cleans, is_long, call):
    sweeps = [h.tiny(), h.program()] if is_long else [h.tiny()]
    for sweep in sweeps:
        for n in chosen(h.points(sweep, tmp_path / "points", call), is_long):
            h.kill_at(sweep, tmp_path, call, n, cleans(sweep).digest)


@pytest.mark.parametrize(("call", "error"), h.ERRORS)
@pytest.mark.usefixtures("tampering")
def test_a_refusal_of_the_system_is_told_and_costs_nothing(tmp_path, cleans, is_long, call, error):
    sweeps = [h.tiny(), h.program()] if is_long else [h.tiny()]
    for sweep in sweeps:
        found = chosen(h.points(sweep, tmp_path / "points", call), is_long)
        assert found
        for n in found:
            for when in (f"{n}", f"{n}+") if is_long else (f"{n}",):
                h.fail_at(sweep, tmp_path, (call, error), when, cleans(sweep).digest)


def chosen(found, is_long):
    """All points, or the first two, one in the middle of the work and the last."""
    return found if is_long else sorted({*found[:2], found[len(found) // 2], found[-1]})


@pytest.mark.parametrize("name", ["tiny", "dcsim"])
def test_sweeps_that_fill_one_store_share_the_work(tmp_path, cleans, is_long, name):
    sweep = SWEEPS[name]
    for _ in range(10 if is_long else 1):
        n_computed, n_total = h.race([sweep] * 3, tmp_path / "st", cleans(sweep).digest)
        assert n_total <= n_computed <= n_total + n_total // 10  # twice is allowed, but rare


@pytest.mark.parametrize("name", ["tiny", "dcsim"])
def test_times_of_files_cost_no_run(cleans, name):
    sweep = SWEEPS[name]
    assert list(h.clock(sweep, cleans(sweep))) == [0, 0, 0]
