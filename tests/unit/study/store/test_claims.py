from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from dcsim.study.records.case import unit_key
from dcsim.study.store import writers
from dcsim.study.store.store import ResultStore

ROOT = Path(__file__).parents[4]
KEYS = [unit_key(f"{n:064x}", 1, 10) for n in range(30)]


@pytest.fixture
def two(tmp_path):
    with (
        ResultStore.open(tmp_path / "st", create=True) as one,
        ResultStore.open(tmp_path / "st", create=True) as other,
    ):
        yield one, other


def other_process(folder, code):
    script = f"""
        import os, sys, time
        from dcsim.study.store.store import ResultStore
        store = ResultStore.open({str(folder)!r}, create=True)
        {code}
        print("ready", flush=True)
        time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    process.stdout.close()


def test_a_unit_is_claimed_by_one(two):
    one, other = two
    assert one.claims.take(KEYS[:2]) == (KEYS[:2], [], [])
    assert other.claims.take(KEYS[:3]) == ([KEYS[2]], KEYS[:2], [])
    assert one.claims.take(KEYS[:3]) == (KEYS[:2], [KEYS[2]], [])
    one.claims.release(KEYS[0])
    assert other.claims.take(KEYS[:2]) == ([KEYS[0]], [KEYS[1]], [])


def test_what_is_stored_is_not_claimed(two):
    one, other = two
    (one.path / "cases" / f"{KEYS[0]}.unit").touch()
    assert other.claims.take(KEYS[:2]) == ([KEYS[1]], [], [KEYS[0]])


def test_closing_gives_up_all_claims(two):
    one, other = two
    one.claims.take(KEYS)
    one.close()
    assert other.claims.take(KEYS).mine == KEYS
    other.close()
    assert [list((one.path / name).iterdir()) for name in ("claims", "writers")] == [[], []]


@pytest.mark.parametrize("call", ["link", "unlink"])
def test_an_interrupt_in_the_middle_of_a_claim_leaves_none(tmp_path, monkeypatch, call):
    def interrupt(*args, **options):
        if call == "link":
            link(*args, **options)
        raise KeyboardInterrupt

    link = os.link
    with (
        contextlib.suppress(KeyboardInterrupt),
        ResultStore.open(tmp_path / "st", create=True) as store,
    ):
        store.claims.take(KEYS[:2])
        with monkeypatch.context() as patch:
            patch.setattr(*{"link": (os, "link"), "unlink": (Path, "unlink")}[call], interrupt)
            store.claims.release(KEYS[0])
            store.claims.take(KEYS[2:3])
        pytest.fail("not interrupted")
    assert list((tmp_path / "st" / "claims").iterdir()) == []


def test_claims_of_a_killed_writer_are_taken_over_by_one(tmp_path):
    process = other_process(tmp_path / "st", f"store.claims.take({KEYS[:5]!r})")
    one = ResultStore.open(tmp_path / "st", create=True)
    other = ResultStore.open(tmp_path / "st", create=True)
    assert one.claims.take(KEYS[:5]).elsewhere == KEYS[:5]
    kill(process)
    assert one.claims.take(KEYS[:3]).mine == KEYS[:3]
    assert other.claims.take(KEYS[:5]) == (KEYS[3:5], KEYS[:3], [])
    one.close()
    assert other.claims.take(KEYS[:3]).mine == KEYS[:3]
    other.close()
    assert list((tmp_path / "st" / "claims").iterdir()) == []


def test_claims_of_dead_writers_on_stored_units_are_removed(tmp_path):
    process = other_process(tmp_path / "st", f"store.claims.take({KEYS[:2]!r})")
    kill(process)
    (tmp_path / "st" / "cases" / f"{KEYS[0]}.unit").touch()
    with ResultStore.open(tmp_path / "st", create=True):
        found = [path.name for path in (tmp_path / "st" / "claims").iterdir()]
    assert found == [f"{KEYS[1]}.0"]


def test_claims_work_where_there_are_no_hard_links(two, monkeypatch):
    def refuse(*_args):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(writers.os, "link", refuse)
    one, other = two
    assert one.claims.take(KEYS[:1]).mine == KEYS[:1]
    assert other.claims.take(KEYS[:1]).elsewhere == KEYS[:1]
    one.close()
    assert other.claims.take(KEYS[:1]).mine == KEYS[:1]


def test_three_writers_compute_each_unit_once_though_two_are_killed(tmp_path):
    """Each writer takes one unit at a time, notes it, and puts an empty file in its place."""
    code = f"""
        import pathlib
        keys = {KEYS!r}
        log = open({str(tmp_path)!r} + f"/log.{{os.getpid()}}", "a", buffering=1)
        for turn in range(500):
            left = [key for key in keys if not store.has(key)]
            if not left:
                break
            for key in left:
                for mine in store.claims.take([key]).mine:
                    log.write(mine + "\\n")
                    time.sleep(0.01)
                    (store.path / "cases" / f"{{mine}}.unit").touch()
                    store.claims.release(mine)
            time.sleep(0.01)
            if turn == 0:
                print("ready", flush=True)
        """
    script = f"""
        import os, sys, time
        from dcsim.study.store.store import ResultStore
        store = ResultStore.open({str(tmp_path / "st")!r}, create=True)
        {code}
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(3)]
    while len(list(tmp_path.glob("log.*"))) < 3:
        time.sleep(0.01)
    for process in running[:2]:
        process.kill()
    assert [process.wait(60) for process in running] == [-9, -9, 0]
    noted = [key for log in tmp_path.glob("log.*") for key in log.read_text().split()]
    assert set(noted) == set(KEYS)
    assert max(noted.count(key) for key in KEYS) <= 2
    assert len(noted) <= len(KEYS) + 2  # what the killed ones were at, and no more
