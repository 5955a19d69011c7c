from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from dcsim.study.records.case import unit_key
from dcsim.study.store import writers
from dcsim.study.store.store import ResultStore

ROOT = Path(__file__).parents[4]
KEYS = [unit_key(f"{n:064x}", 1, 10) for n in range(30)]


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


def test_a_writer_without_locks_lives_by_its_signs(tmp_path, monkeypatch):
    def refuse(*_args):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(writers.fcntl, "flock", refuse)
    with ResultStore.open(tmp_path / "st", create=True) as one:
        one.claims.take(KEYS[:1])
        with ResultStore.open(tmp_path / "st", create=True) as other:
            assert other.claims.take(KEYS[:2]) == ([KEYS[1]], [KEYS[0]], [])


def test_a_writer_whose_file_is_taken_for_a_dead_ones_enters_again(tmp_path, monkeypatch):
    begun = []

    def taken_away(path, content):
        writers.Path.write_bytes(path, content)
        begun.append(path)
        if len(begun) == 1:  # as another process does that sees it before it is locked
            path.unlink()
        return True

    monkeypatch.setattr(writers, "create_file", taken_away)
    writer = writers.Writer(tmp_path)
    writer.enter()
    assert [writer.path] == list(tmp_path.iterdir()) == begun[1:]
    writer.leave()
    assert list(tmp_path.iterdir()) == []


FOREIGN = "0123456789ab-77-00000000"


def foreign(store, marks):
    """Put up a writer of another machine, with claims."""
    (store.path / "writers" / FOREIGN).touch()
    for key, name in marks.items():
        (store.path / "claims" / f"{key}.0").write_text(json.dumps({"id": name}))
    return store.path / "writers" / FOREIGN
