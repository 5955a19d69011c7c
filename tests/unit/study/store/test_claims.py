from __future__ import annotations

import contextlib
import json
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
    process.wait(10)
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


def test_a_child_does_not_keep_its_parents_lock(tmp_path):
    fork = """
        heard, told = os.pipe()
        if os.fork() == 0:
            os.write(told, b"!")
            time.sleep(20)
            os._exit(0)
        os.read(heard, 1)  # a child that has only just begun may hold it still
        import subprocess
        subprocess.Popen(["sleep", "20"], close_fds=False)
    """
    code = textwrap.indent(textwrap.dedent(fork), " " * 8).strip()
    process = other_process(tmp_path / "st", f"store.claims.take({KEYS[:1]!r})\n        {code}")
    kill(process)
    with ResultStore.open(tmp_path / "st", create=True) as store:
        assert store.claims.take(KEYS[:1]).mine == KEYS[:1]


def test_a_forked_child_does_not_take_its_parent_for_itself(tmp_path):
    store = ResultStore.open(tmp_path / "st", create=True)
    child = os.fork()
    if child == 0:
        store.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert [path.name for path in (tmp_path / "st" / "writers").iterdir()] == [store.enter().id]
    store.close()


FOREIGN = "0123456789ab-77-00000000"


def foreign(store, marks):
    """Put up a writer of another machine, with claims."""
    (store.path / "writers" / FOREIGN).touch()
    for key, name in marks.items():
        (store.path / "claims" / f"{key}.0").write_text(json.dumps({"id": name}))
    return store.path / "writers" / FOREIGN


def test_a_writer_of_another_machine_is_dead_once_it_stands_still(tmp_path, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(writers.time, "monotonic", lambda: now)
    with ResultStore.open(tmp_path / "st", create=True) as store:
        path = foreign(store, {KEYS[0]: FOREIGN, KEYS[1]: "", KEYS[2]: "../../etc/passwd"})
        for moment in (0, 4_000_000_000, 4_000_000_000):  # what its clock says is of no account
            os.utime(path, (moment, moment + now))
            assert store.claims.take(KEYS[:3]).elsewhere == KEYS[:3]
            now += writers.STALE_S / 4
        now += writers.STALE_S / 3
        taken = store.claims.take(KEYS[:3])
        assert taken.mine == KEYS[1:3]  # nobody's name was in them, and nobody put it in
        now += writers.STALE_S
        assert store.claims.take(KEYS[:1]).mine == KEYS[:1]
        assert not path.exists()


def test_a_live_writer_gives_a_sign_of_life(tmp_path, monkeypatch):
    with ResultStore.open(tmp_path / "st", create=True) as store:
        path = store.path / "writers" / store.enter().id
        os.utime(path, (0, 0))
        store.claims.beat()
        assert path.stat().st_mtime == 0  # not more often than is of use
        later = time.monotonic() + writers.BEAT_S + 1
        monkeypatch.setattr(writers.time, "monotonic", lambda: later)
        store.claims.beat()
        assert path.stat().st_mtime > 0


def test_claims_work_where_there_are_no_hard_links(two, monkeypatch):
    def refuse(*_args):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(writers.os, "link", refuse)
    one, other = two
    assert one.claims.take(KEYS[:1]).mine == KEYS[:1]
    assert other.claims.take(KEYS[:1]).elsewhere == KEYS[:1]
    one.close()
    assert other.claims.take(KEYS[:1]).mine == KEYS[:1]


def test_a_writer_without_locks_lives_by_its_signs(tmp_path, monkeypatch):
    def refuse(*_args):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(writers.fcntl, "flock", refuse)
    with ResultStore.open(tmp_path / "st", create=True) as one:
        one.claims.take(KEYS[:1])
        with ResultStore.open(tmp_path / "st", create=True) as other:
            assert other.claims.take(KEYS[:2]) == ([KEYS[1]], [KEYS[0]], [])


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
