"""K1, K7 to K10, K12: sweeps that are killed, orphaned, interrupted, raced, or fooled by clocks."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import sweeps
from sweeps import TIMEOUT_S, Clean, Sweep

from dcsim.study.store.merge import merge_store
from dcsim.study.store.store import ResultStore

PATIENCE_S = 5.0
"""A sweep that is told to stop has stopped by then."""
ORPHANED_S = 2.0
"""Workers whose sweep was killed have ended by then."""
DIED = "its worker died (out of memory, or killed), twice"
MISDEEDS = {
    "7": ("allocate", "out of memory, twice"),
    "13": ("kill", DIED),
    "22": ("hang", "it took longer than 2 s, twice"),
    "39": ("exit", DIED),
}
"""What goes wrong in which case of forty, and how that is told: of one worker, without "twice"."""


def kill9(sweep: Sweep, folder: Path, *, kills: int, seed: int, clean_run: Clean) -> Counter[str]:
    """K1: kill the sweep and all its processes at random moments, then let it finish.

    Returns how many kills met it at work, and how many left a file half written or a claim.
    """
    rng = random.Random(seed)
    store = folder / f"store-{seed}"
    count: Counter[str] = Counter()
    for _ in range(kills):
        process = sweep.start(store)
        time.sleep(clean_run.moment_s(store, rng))
        at_work = process.poll() is None
        sweeps.kill_group(process)
        sweeps.assert_only_whole_files(store)
        found = len(sweeps.parts(store))
        assert found <= 1
        count["kills"] += 1
        count["at work"] += at_work and (store / "cases").is_dir()
        count["half-written files"] += found
        count["claims left"] += any((store / "claims").glob("*"))
    sweeps.assert_recovers(sweep, store, clean_run.digest)
    shutil.rmtree(store)
    return count + Counter({"stores": 1})


def orphan(sweep: Sweep, folder: Path, *, kills: int, seed: int, clean_run: Clean) -> int:
    """K8: kill the sweep but not its workers and go on at once; return kills that met it at work.

    One store is begun again after each kill, so that old workers may still live.
    """
    rng = random.Random(seed)
    store = folder / f"orphan-{seed}"
    n_met = 0
    for _ in range(kills):
        process = sweep.start(store)
        time.sleep(clean_run.moment_s(store, rng))
        n_met += process.poll() is None and len(sweeps.members(process.pid)) > 1
        process.kill()
        killed_s = time.monotonic()
        again = sweep.start(store)
        try:
            left_s = ORPHANED_S - (time.monotonic() - killed_s)
            assert sweeps.are_gone_within(process.pid, left_s), sweeps.members(process.pid)
        finally:
            sweeps.kill_group(process)
            sweeps.kill_group(again)
    sweeps.assert_only_whole_files(store)
    sweeps.assert_recovers(sweep, store, clean_run.digest)
    shutil.rmtree(store)
    return n_met


def interrupted(
    sweep: Sweep, store: Path, numbers: Sequence[signal.Signals], wait_s: float
) -> float:
    """K9: send signals to a sweep once it has finished something; return how long it took to end.

    It must end with 5 in time, say how to go on, leave no process, and keep what was finished.
    """
    before = sweeps.units_of(store)
    process = sweep.start(store)
    try:
        while process.poll() is None and sweeps.units_of(store) <= before:
            time.sleep(0.01)
        time.sleep(wait_s)
        assert process.poll() is None, "ended before the signal came"
        kept, begun = sweeps.units_of(store), time.monotonic()
        for number in numbers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            time.sleep(0.1 if number != numbers[-1] else 0)
        _, errors = process.communicate(timeout=TIMEOUT_S)
        seconds = time.monotonic() - begun
        assert sweeps.are_gone_within(process.pid, 1), sweeps.members(process.pid)
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            sweeps.kill_group(process)
    assert process.returncode == 5, (process.returncode, errors)
    assert seconds < PATIENCE_S
    assert "Traceback" not in errors, errors
    assert f"--store {store} --resume" in errors, errors
    assert kept <= sweeps.units_of(store)
    assert sweeps.left_over(store) == []
    sweeps.assert_only_whole_files(store)
    return seconds


def misdeeds(sweep: Sweep, store: Path, chosen: Sequence[str]) -> int:
    """K10: let some cases end their workers; return how many runs were computed nevertheless."""
    bad = json.dumps({number: MISDEEDS[number][0] for number in chosen})
    done = sweep.saying("--unit-timeout", "2", MADE_UP_BAD=bad).run(store)
    assert done.returncode == 3, done.stderr
    causes = failures(ResultStore.open(store, create=False))
    assert sorted(causes) == sorted(chosen)
    assert all(MISDEEDS[number][1].startswith(cause) for number, cause in causes.items()), causes
    said = json.loads(done.stdout)
    assert said["failed"] == len(chosen)
    return int(said["computed"]) - len(chosen)


def failures(store: ResultStore) -> Mapping[str, str]:
    """Return the causes of failed runs by the number in their case's name."""
    found = {}
    for head in store.heads():
        rows = store.get(head.key).rows
        for cause in rows.columns["cause"][~rows.ok].tolist():
            found[head.case.rpartition("=")[2]] = cause
    return found


def race(running: Sequence[Sweep], store: Path, expected: str) -> tuple[int, int]:
    """K7: let sweeps fill one store at once; return runs computed by all, and runs in the store."""
    processes = [sweep.start(store) for sweep in running]
    ended = [process.communicate(timeout=TIMEOUT_S) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(running), ended
    said = [json.loads(out) for out, _ in ended]
    assert sweeps.digest_of(store) == expected
    assert sweeps.parts(store) == []
    assert list((store / "writers").iterdir()) == []
    times = Counter(unit for one in said for unit in one.get("units", []))
    assert max(times.values(), default=0) <= 2
    rows = sum(head.n_rows for head in ResultStore.open(store, create=False).heads())
    shutil.rmtree(store)
    return sum(one["computed"] for one in said), rows


def together(alone: Sequence[Path], store: Path) -> str:
    """Return the digest of a store that holds what several stores hold."""
    with ResultStore.open(store, create=True) as whole:
        for path in alone:
            merged = merge_store(whole, ResultStore.open(path, create=False))
            assert merged.damaged == []
        return whole.digest()


def clock(sweep: Sweep, clean_run: Clean) -> Iterator[int]:
    """K12: play with the times of all files; yield how many runs were computed again."""
    rng = random.Random(0)
    for moments in ([0], [4_102_444_800], [1_700_000_000], range(0, 4_000_000_000, 86_400)):
        for path in [clean_run.store, *clean_run.store.rglob("*")]:
            moment = rng.choice(moments)
            os.utime(path, (moment, moment))
        done = sweep.run(clean_run.store)
        assert done.returncode == 0, done.stderr
        assert sweeps.digest_of(clean_run.store) == clean_run.digest
        yield json.loads(done.stdout)["computed"]


def jumping_clock(sweep: Sweep, store: Path, expected: str) -> None:
    """K12: let the clock jump by a day while the sweep runs; no time it tells is negative."""
    said = sweeps.assert_recovers(sweep.saying(MADE_UP_CLOCK="1"), store, expected)
    assert 0 <= float(str(said["seconds"])) < TIMEOUT_S
    for head in ResultStore.open(store, create=False).heads():
        assert 0 <= head.seconds < TIMEOUT_S
