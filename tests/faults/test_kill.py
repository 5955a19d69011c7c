"""Whatever befalls a sweep, its store holds whole results, and going on leads to the same ones.

Some points of each fault by default; ``pytest tests/faults --long-faults`` takes all, at full size.
The same by hand: ``python -m tests.faults.kill --help``.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from dcsim.cli import main

sys.path.insert(0, str(Path(__file__).parent / "kill"))  # conftest.py says more of these

import damage
import moments
import sweeps
import tampering

TINY = sweeps.tiny(0.03)
MADE_UP = sweeps.made_up(seconds=0.02)
PROGRAM, UNCOMPILED = sweeps.program(), sweeps.uncompiled()
MANY = sweeps.made_up(study=sweeps.MANY, seconds=0.001)
needs_workers = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="needs the extra 'cluster'"
)
long = pytest.mark.long_faults


@pytest.fixture(scope="module")
def cleans(tmp_path_factory):
    """Each sweep when nothing befalls it; no test changes what is in these stores."""
    found = {}

    def clean(sweep):
        key = (*sweep.command, *sweep.settings.items())
        if key not in found:
            found[key] = sweeps.clean(sweep, tmp_path_factory.mktemp("clean") / "st")
        return found[key]

    return clean


@pytest.fixture
def alone(tmp_path_factory):
    """One at a time among the workers of pytest-xdist: what ends in time, alone ends in time."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    # Workers have a temporary folder each; that above is theirs in common.
    with (tmp_path_factory.getbasetemp().parent / "alone").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# Killed at any moment


@pytest.mark.parametrize(
    "sweep",
    [
        pytest.param(TINY, id="tiny"),
        pytest.param(sweeps.made_up(2), id="two workers", marks=[needs_workers, long]),
    ],
)
def test_a_sweep_killed_at_any_moment_goes_on(tmp_path, cleans, long_faults, sweep):
    count = Counter()
    for seed in range(20 if long_faults else 2):
        count += moments.kill9(sweep, tmp_path, kills=3, seed=seed, clean_run=cleans(sweep))
    print(dict(count))
    assert count["at work"] >= count["kills"] // 3


def test_the_program_killed_at_any_moment_goes_on(tmp_path, cleans, long_faults):
    sweep = PROGRAM if long_faults else UNCOMPILED
    count = Counter()
    for seed in range(20 if long_faults else 1):
        kills = 3 if long_faults else 1
        count += moments.kill9(sweep, tmp_path, kills=kills, seed=seed, clean_run=cleans(sweep))
    print(dict(count))


# Killed at, or refused, any system call


@pytest.fixture(scope="module")
def points(tmp_path_factory, cleans):
    """The system calls of a sweep in its store."""
    if not tampering.can_tamper(tmp_path_factory.mktemp("tampering")):
        pytest.skip("needs strace and the right to use it on one's own processes")
    found = {}

    def of(sweep):
        if sweep.name not in found:
            cleans(sweep)  # the first time, Python writes files of its own
            folder = tmp_path_factory.mktemp("points")
            found[sweep.name] = tampering.points(sweep, folder / "st")
        return found[sweep.name]

    return of


def spread(found, n):
    """So many points, from the second, at which the store is there, to the last."""
    return sorted({found[1 + index * (len(found) - 2) // (n - 1)] for index in range(n)})


KILLS = [
    pytest.param(call, marks=[long] if call in ("link", "unlink") else [])
    for call in tampering.CALLS
]
REFUSALS = [
    pytest.param(one, id="-".join(one), marks=[] if number < 4 else [long])
    for number, one in enumerate(tampering.ERRORS)
]


@pytest.mark.parametrize("call", KILLS)
def test_a_sweep_killed_at_any_system_call_goes_on(tmp_path, cleans, points, long_faults, call):
    sweep = sweeps.tiny()
    found = points(sweep)[call] if long_faults else spread(points(sweep)[call], 2)
    for n in found:
        tampering.kill_at(sweep, tmp_path, call, n, cleans(sweep).digest)
    print(len(found), "points")


@long
@pytest.mark.parametrize("call", tampering.CALLS)
def test_the_program_killed_at_a_system_call_goes_on(tmp_path, cleans, points, call):
    found = spread(points(UNCOMPILED)[call], 5)
    for n in found:
        tampering.kill_at(UNCOMPILED, tmp_path, call, n, cleans(UNCOMPILED).digest)
    print(len(found), "points")


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_of_the_system_is_told_and_costs_nothing(
    tmp_path, cleans, points, long_faults, refusal
):
    sweep, codes = sweeps.tiny(), Counter()
    found, expected = points(sweep)[refusal[0]], cleans(sweep).digest
    for n in found if long_faults else spread(found, 2):
        for when in (f"{n}", f"{n}+") if long_faults else (f"{n}",):
            codes[tampering.fail_at(sweep, tmp_path, refusal, when, expected)] += 1
    print("exit codes", dict(codes))
    assert codes[4] > 0


@long
@pytest.mark.parametrize("refusal", tampering.ERRORS, ids="-".join)
def test_a_refusal_to_the_program_is_told_and_costs_nothing(tmp_path, cleans, points, refusal):
    codes, expected = Counter(), cleans(UNCOMPILED).digest
    for n in spread(points(UNCOMPILED)[refusal[0]], 3):
        for when in (f"{n}", f"{n}+"):
            codes[tampering.fail_at(UNCOMPILED, tmp_path, refusal, when, expected)] += 1
    print("exit codes", dict(codes))


# Damaged


def test_every_damage_to_every_file_is_named_refused_and_repaired(tmp_path, long_faults):
    n_cases, n_flips = (20, 20) if long_faults else (2, 3)
    count = damage.corrupt(tmp_path / "st", n_cases, n_flips)
    print(dict(count))
    assert count["units"] >= 2 * n_cases * (n_flips + 6)


def test_the_program_names_damage_and_refuses_to_draw_on_it(tmp_path, cleans):
    clean, store = cleans(MADE_UP), tmp_path / "st"
    shutil.copytree(clean.store, store)
    hit = sorted((store / "cases").iterdir())[3]
    hit.write_bytes(hit.read_bytes()[:-70])
    status = dcsim("status", store, "--json")
    assert [hit.name in line for line in json.loads(status.output)["damaged"]] == [True]
    for asked in (dcsim("query", store, "SELECT 1"), dcsim("drivers", store)):
        assert (asked.exit_code, hit.name in asked.output) == (4, True)
    assert sweeps.assert_recovers(MADE_UP, store, clean.digest)["computed"] == 4


def dcsim(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


# Raced


def test_sweeps_that_fill_one_store_share_the_work(tmp_path, cleans, long_faults):
    sweep = sweeps.tiny(0.005, 0, 200) if long_faults else TINY
    for _ in range(10 if long_faults else 1):
        n_computed, n_total = moments.race([sweep] * 3, tmp_path / "st", cleans(sweep).digest)
        print(n_computed, "computed for", n_total)
        assert n_total <= n_computed <= n_total + n_total // 10  # twice is allowed, but rare


def test_sweeps_that_overlap_lose_and_mix_nothing(tmp_path, cleans, long_faults):
    n = 200 if long_faults else 10
    ranges = [(0, n * 3 // 5), (n * 3 // 10, n * 9 // 10), (n // 2, n)]
    whole, other = sweeps.tiny(0.0, 0, n), sweeps.tiny(0.0, 0, n // 2, "other")
    both = moments.together([cleans(whole).store, cleans(other).store], tmp_path / "both")
    running = [sweeps.tiny(0.005, first, last) for first, last in ranges]
    for _ in range(10 if long_faults else 1):
        n_computed, n_total = moments.race([*running, other], tmp_path / "st", both)
        print(n_computed, "computed for", n_total)


@long
def test_programs_that_fill_one_store_share_the_work(tmp_path, cleans):
    for sweep in (MADE_UP, PROGRAM):
        n_computed, n_total = moments.race([sweep] * 3, tmp_path / "st", cleans(sweep).digest)
        assert n_total <= n_computed <= n_total + n_total // 5
        print(n_computed, "computed for", n_total)


# Orphaned, interrupted, out of workers


@needs_workers
@pytest.mark.usefixtures("alone")
def test_workers_do_not_outlive_a_sweep_that_is_killed_and_begun_again(
    tmp_path, cleans, long_faults
):
    sweep, kills = sweeps.made_up(2), 10 if long_faults else 1
    found = moments.orphan(sweep, tmp_path, kills=kills, seed=1, clean_run=cleans(MADE_UP))
    print(found, "of", kills, "kills met workers")


SIGNALS = {
    "interrupt": [signal.SIGINT],
    "interrupt twice": [signal.SIGINT, signal.SIGINT],
    "terminate": [signal.SIGTERM],
    "hang up": [signal.SIGHUP],
}
TIMES = {"interrupt": 20, "interrupt twice": 10, "terminate": 10, "hang up": 5}


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=[needs_workers, long])])
@pytest.mark.usefixtures("alone")
def test_a_signal_ends_a_sweep_soon_and_what_was_finished_stays(
    tmp_path, cleans, long_faults, workers
):
    slow, took_s = sweeps.made_up(workers, study=sweeps.MANY, seconds=0.2), []
    for name in SIGNALS if long_faults else ("interrupt twice", "terminate"):
        for index in range(TIMES[name] if long_faults and workers == 1 else 1):
            # A few interruptions are not yet the end of forty cases.
            store = tmp_path / (f"{name}-{index // 5}" if long_faults else "st")
            seconds = moments.interrupted(slow, store, SIGNALS[name], wait_s=0.013 * index)
            took_s.append(seconds)
    for store in tmp_path.iterdir():
        sweeps.assert_recovers(MANY, store, cleans(MANY).digest)
    print(f"{len(took_s)} signals, at most {max(took_s):.2f} s to the end")


@long
@pytest.mark.parametrize("numbers", SIGNALS.values(), ids=SIGNALS)
@pytest.mark.usefixtures("alone")
def test_a_signal_ends_the_program(tmp_path, cleans, numbers):
    moments.interrupted(PROGRAM, tmp_path / "st", numbers, wait_s=0.02)
    sweeps.assert_recovers(PROGRAM, tmp_path / "st", cleans(PROGRAM).digest)


@pytest.mark.parametrize(
    ("workers", "chosen"),
    [(1, ["7"]), pytest.param(2, [*moments.MISDEEDS], marks=[needs_workers, long])],
)
def test_cases_that_end_their_worker_fail_alone_and_can_be_tried_again(
    tmp_path, cleans, workers, chosen
):
    sweep, store = sweeps.made_up(workers, study=sweeps.MANY, seconds=0.01), tmp_path / "st"
    assert moments.misdeeds(sweep, store, chosen) == 40 - len(chosen)
    said = sweeps.assert_recovers(MANY.saying("--retry-failed"), store, cleans(MANY).digest)
    assert (said["computed"], said["failed"]) == (len(chosen), 0)


# Fooled by clocks


def test_times_of_files_cost_no_run(tmp_path, cleans):
    clean = cleans(TINY)
    copy = clean._replace(store=tmp_path / "st")
    assert moments.together([clean.store], copy.store) == clean.digest
    assert list(moments.clock(TINY, copy)) == [0, 0, 0, 0]


def test_a_clock_that_jumps_costs_nothing(tmp_path, cleans):
    moments.jumping_clock(MADE_UP, tmp_path / "st", cleans(MADE_UP).digest)


# The same whichever way


@long
@needs_workers
def test_the_digest_does_not_depend_on_the_number_of_workers(cleans):
    assert cleans(PROGRAM).digest == cleans(sweeps.program(2)).digest


def test_status_tells_the_digest(cleans):
    clean = cleans(MADE_UP)
    assert json.loads(dcsim("status", clean.store, "--json").output)["digest"] == clean.digest
