from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from dcsim.errors import OutputError
from dcsim.study.records.case import Case, Unit, split_key
from dcsim.study.records.rows import FAILED, OK, Rows, text_column, to_bytes
from dcsim.study.store.files import DamagedError
from dcsim.study.store.store import ResultStore

ROOT = Path(__file__).parents[4]
CASES = [Case(f"slip={n}-months", {"n": n}, {"slip": f"{n} months"}, model="m1") for n in range(4)]


def rows(first, last, *, failed=(), salt=0.0):
    numbers = np.arange(first, last + 1, dtype=float)
    bad = np.isin(numbers, failed)
    return Rows(
        {
            "replication": numbers,
            "status": text_column([FAILED if one else OK for one in bad]),
            "cause": text_column(["power: too little" if one else None for one in bad]),
            "input.slip": np.where(bad, np.nan, np.sqrt(numbers + salt)),
            "milestone.all.reached": np.where(
                bad, np.datetime64("NaT"), np.datetime64("2030-01-01", "s") + numbers.astype(int)
            ),
            "milestone.all.path": text_column([None if one else "a > b" for one in bad]),
        },
        {"gpus_online": np.where(bad[:, None], np.nan, numbers[:, None] * np.arange(6.0))},
        np.arange("2030-01", "2030-07", dtype="datetime64[M]"),
    )


def unit(case=0, first=1, last=10):
    return Unit(CASES[case], first, last)


def fill(store, units, **options):
    for one in units:
        store.put(one, to_bytes(rows(one.first, one.last, **options)), seconds=1.5)


def file_of(store, one):
    return store.path / "cases" / f"{one.key}.unit"


TWENTY = [unit(case, first, first + 4) for case in range(4) for first in range(1, 26, 5)]


@pytest.fixture
def store(tmp_path):
    with ResultStore.open(tmp_path / "st", create=True) as opened:
        yield opened


@pytest.fixture
def full(store):
    fill(store, TWENTY)
    return store


# What goes in comes out


def test_what_is_put_is_got_back(store):
    assert store.put(unit(), to_bytes(rows(1, 10, failed=[3])), seconds=2.5) == "written"
    got = store.get(unit().key)
    head = got.head
    assert (head.case, head.parameters) == ("slip=0-months", {"slip": "0 months"})
    assert (head.n_ok, head.n_failed, head.n_rows, head.seconds) == (9, 1, 10, 2.5)
    assert (head.model, head.digest) == ("m1", CASES[0].digest)
    assert to_bytes(got.rows) == got.payload == to_bytes(rows(1, 10, failed=[3]))


def test_names_of_units_need_no_reading(full):
    assert ResultStore.open(full.path, create=False).keys() == sorted(one.key for one in TWENTY)
    assert full.covered(CASES[1].digest) == [(n, n + 4) for n in range(1, 26, 5)]
    assert full.covered("0" * 64) == []
    assert full.digests() == sorted(case.digest for case in CASES)
    assert full.has(TWENTY[0].key)
    assert not full.has(unit(0, 1, 6).key)


def test_the_same_results_are_kept_as_they_are(full):
    before = file_of(full, TWENTY[0]).read_bytes()
    assert full.put(TWENTY[0], to_bytes(rows(1, 5)), seconds=99.0) == "kept"
    assert full.put(TWENTY[0], to_bytes(rows(1, 5, salt=1)), seconds=1.0) == "differs"
    assert full.put(TWENTY[0], to_bytes(rows(1, 5, failed=[2])), seconds=1.0) == "differs"
    assert file_of(full, TWENTY[0]).read_bytes() == before


def test_results_of_which_more_finished_take_the_place_of_failed_ones(store):
    store.put(unit(), to_bytes(rows(1, 10, failed=[3, 4])), seconds=1.0)
    assert store.put(unit(), to_bytes(rows(1, 10, failed=[3])), seconds=1.0) == "written"
    assert store.get(unit().key).head.n_failed == 1


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not an archive",
        to_bytes(rows(1, 9)),
        to_bytes(rows(2, 11)),
        to_bytes(Rows({"replication": np.arange(1.0, 11.0)})),
        to_bytes(rows(1, 10))[:-30],
    ],
)
def test_what_is_not_the_rows_of_the_unit_is_not_stored(store, payload):
    with pytest.raises(ValueError, match=r"replications|cannot be read"):
        store.put(unit(), payload, seconds=1.0)
    assert store.keys() == []
    assert not any((store.path / "cases").iterdir())


def test_rows_that_unfold_to_more_than_they_are_are_refused(store, tmp_path):
    np.savez_compressed(tmp_path / "bomb.npz", numbers=np.zeros(10**6))
    with pytest.raises(ValueError, match="unfold"):
        store.put(unit(), (tmp_path / "bomb.npz").read_bytes(), seconds=1.0)


def test_rows_of_a_case_come_in_order_and_each_replication_once(store):
    for first, last in ((11, 20), (1, 10), (8, 12), (20, 20)):
        fill(store, [unit(0, first, last)])
    found = store.rows_of(CASES[0].digest)
    assert found.columns["replication"].tolist() == list(range(1, 21))
    part = store.rows_of(CASES[0].digest, 9, 12)
    assert part.columns["replication"].tolist() == [9, 10, 11, 12]
    assert store.rows_of(CASES[1].digest).n_rows == 0
    assert store.rows_of(CASES[0].digest, 30, 40).n_rows == 0


def test_where_units_overlap_the_widest_counts_unless_its_run_failed(store):
    fill(store, [unit(0, 1, 10)], salt=1.0, failed=[5])
    fill(store, [unit(0, 4, 6)], salt=2.0)
    slip = store.rows_of(CASES[0].digest).columns["input.slip"]
    assert slip[3] == np.sqrt(4 + 1.0)
    assert slip[4] == np.sqrt(5 + 2.0)


# The digest of results


def test_the_digest_depends_neither_on_the_cut_nor_on_order_nor_on_times(tmp_path):
    digests = set()
    for name, cuts in (
        ("one", [(1, 20)]),
        ("two", [(11, 20), (1, 10)]),
        ("single", [(n, n) for n in range(1, 21)]),
        ("over", [(5, 15), (1, 10), (11, 20)]),
    ):
        with ResultStore.open(tmp_path / name, create=True) as store:
            for case in (1, 0):
                for first, last in cuts:
                    data = to_bytes(rows(first, last, failed=[3, 4]))
                    store.put(unit(case, first, last), data, seconds=time.perf_counter())
            digests.add(store.digest())
    assert len(digests) == 1


def test_the_digest_sees_every_number_text_and_moment(store):
    def changed(**columns):
        table = rows(1, 10)
        series = {"gpus_online": columns.pop("series", table.series["gpus_online"])}
        return Rows({**table.columns, **columns}, series, table.months)

    tables = [
        rows(1, 10),
        changed(**{"input.slip": np.nextafter(rows(1, 10).columns["input.slip"], 9)}),
        changed(**{"milestone.all.path": text_column(["a > c"] * 10)}),
        changed(cause=text_column(["x"] + [None] * 9)),
        changed(**{"milestone.all.reached": np.full(10, np.datetime64("2031-01-01", "s"))}),
        changed(series=np.ones((10, 6))),
        rows(1, 10, failed=[10]),
    ]
    digests = set()
    for table in tables:
        store.put(unit(), to_bytes(table), seconds=1.0)
        digests.add(store.digest())
        store.drop(unit().key)
    assert len(digests) == len(tables)
    assert store.digest() not in digests
    assert store.digests() == []


def test_the_digest_of_some_cases_ignores_the_others(full, tmp_path):
    with ResultStore.open(tmp_path / "few", create=True) as few:
        fill(few, TWENTY[:5])
        assert few.digest() == full.digest([CASES[0].digest]) != full.digest()


# Damage


def empty(path, _data, _):
    path.write_bytes(b"")


def half(path, data, _):
    path.write_bytes(data[: len(data) // 2])


def junk(path, data, _):
    path.write_bytes(data + b"junk")


def swapped(path, data, neighbor):
    path.write_bytes(neighbor.read_bytes())
    neighbor.write_bytes(data)


def folder(path, _data, _):
    path.unlink()
    path.mkdir()


def link(path, _data, _):
    path.unlink()
    path.symlink_to("/etc/passwd")


def pipe(path, _data, _):
    path.unlink()
    os.mkfifo(path)


def unreadable(path, _data, _):
    path.chmod(0)


@pytest.mark.parametrize("mutate", [empty, half, junk, swapped, folder, link, pipe, unreadable])
def test_a_damaged_file_is_named_refused_and_computed_anew(full, mutate):
    clean, passwd = full.digest(), Path("/etc/passwd").read_bytes()
    hit, next_to_it = TWENTY[7], TWENTY[8]
    path = file_of(full, hit)
    mutate(path, path.read_bytes(), file_of(full, next_to_it))
    if mutate is unreadable and os.geteuid() == 0:
        assert full.check() == []  # root may read anything
        return
    expected = [hit, next_to_it] if mutate is swapped else [hit]
    full.refresh()
    assert sorted(damage.path for damage in full.check()) == sorted(
        file_of(full, one) for one in expected
    )
    with pytest.raises(DamagedError) as caught:
        full.get(hit.key)
    assert (caught.value.key, caught.value.path) == (hit.key, path)
    assert "root:" not in str(caught.value)
    with pytest.raises(DamagedError):
        full.digest()
    for one in expected:
        full.drop(one.key)
    assert full.covered(hit.case.digest) == [
        (one.first, one.last) for one in TWENTY[5:10] if one not in expected
    ]
    fill(full, expected)
    assert full.check() == []
    assert full.digest() == clean
    assert Path("/etc/passwd").read_bytes() == passwd


def test_no_flipped_bit_goes_unnoticed(full):
    clean = full.digest()
    luck = np.random.default_rng(1)
    for one in TWENTY:
        path = file_of(full, one)
        data = path.read_bytes()
        for at in luck.integers(0, 8 * len(data), 20).tolist():
            flipped = bytearray(data)
            flipped[at // 8] ^= 1 << at % 8
            path.write_bytes(flipped)
            assert [damage.path for damage in full.check([one.key])] == [path], at
        path.write_bytes(data)
    assert full.check() == []
    assert full.digest() == clean


def test_a_damaged_file_is_replaced_by_what_is_put(full):
    for mutate in (half, folder, link):
        path = file_of(full, TWENTY[0])
        mutate(path, path.read_bytes(), None)
        assert full.put(TWENTY[0], to_bytes(rows(1, 5)), seconds=1.0) == "written"
        assert full.check() == []


def test_a_whole_file_of_a_later_format_is_refused_but_not_taken_for_damaged(full):
    path = file_of(full, TWENTY[0])
    body = b"dcsim-unit 2" + path.read_bytes()[12:-65]
    path.write_bytes(body + hashlib.sha256(body).hexdigest().encode() + b"\n")
    with pytest.raises(OutputError, match=r"is of format 2, this version reads 1; use a later"):
        full.check()
    with pytest.raises(OutputError) as caught:
        full.get(TWENTY[0].key)
    assert not isinstance(caught.value, DamagedError)


def test_damage_keeps_its_data_when_it_crosses_a_process():
    error = DamagedError("k", Path("/st/k.unit"), "is empty")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "/st/k.unit: is damaged: is empty"


def test_what_the_system_cannot_read_now_is_not_damaged(full, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("dcsim.study.store.files.os.open", refuse)
    with pytest.raises(OutputError, match="Too many open files") as caught:
        full.get(TWENTY[0].key)
    assert not isinstance(caught.value, DamagedError)


def test_other_files_are_left_alone(full):
    strange = full.path / "cases" / "notes.txt"
    strange.write_text("mine")
    (full.path / "cases" / "²³.unit").write_text("mine")
    with ResultStore.open(full.path, create=True) as again:
        assert again.keys() == full.keys()
        assert again.check() == []
    assert strange.read_text() == "mine"


# Writing


def crash(folder, code):
    """Run code in a process that is killed in the middle of it."""
    script = f"""
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import test_store as t
        def die(*args, **options):
            os.kill(os.getpid(), signal.SIGKILL)
        store = t.ResultStore.open({str(folder)!r}, create=True)
        {code}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=False, cwd=ROOT, timeout=60
    )
    assert done.returncode == -signal.SIGKILL


def test_what_a_killed_writer_left_is_removed_at_the_next_start(full):
    clean = full.digest()
    crash(full.path, "t.os.fsync = die; t.fill(store, [t.unit(0, 41, 45)])")
    parts = [p for p in (full.path / "cases").iterdir() if p.name.startswith(".tmp-")]
    assert len(parts) == 1
    assert len(list((full.path / "writers").iterdir())) == 2
    with ResultStore.open(full.path, create=True) as again:
        assert not parts[0].exists()
        assert len(list((full.path / "writers").iterdir())) == 2  # `full` and `again`
        assert again.digest() == clean


def test_tables_that_a_killed_writer_left_are_removed_at_the_next_start(full):
    write = "tables.write_tables(store.path, store.rows_of(store.digests()[0]), store.enter().id)"
    crash(full.path, f"from dcsim.study.store import tables; t.os.replace = die; {write}")
    parts = [path for path in full.path.iterdir() if path.name.startswith(".tmp-")]
    assert len(parts) == 1
    with ResultStore.open(full.path, create=True):
        assert not parts[0].exists()


@pytest.mark.parametrize("folder", ["cases", "."])
def test_what_a_live_writer_is_about_to_finish_stays(full, folder):
    part = full.path / folder / f".tmp-{full.enter().id}-00000000"
    part.write_bytes(b"half")
    with ResultStore.open(full.path, create=True):
        assert part.exists()


def test_nothing_is_left_of_a_file_that_cannot_be_written(store, monkeypatch):
    for name, number in (("write", 28), ("fsync", 5)):

        def refuse(*_args, number=number):
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(f"dcsim.study.store.files.os.{name}", refuse)
            with pytest.raises(OutputError, match=os.strerror(number)) as caught:
                fill(store, [unit()])
        assert str(store.path / "cases") in str(caught.value)
        assert not any((store.path / "cases").iterdir())
    fill(store, [unit()])
    assert store.check() == []


def test_threads_that_put_the_same_units_leave_one_of_each(store):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(fill, store, TWENTY) for _ in range(2)]:
            done.result()
    assert store.keys() == sorted(one.key for one in TWENTY)
    assert store.check() == []
    names = sorted(path.stem for path in (store.path / "cases").iterdir())
    assert names == store.keys()


def test_processes_that_put_the_same_units_leave_one_of_each(tmp_path, full):
    script = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import test_store as t
        with t.ResultStore.open({str(tmp_path / "shared")!r}, create=True) as store:
            t.fill(store, t.TWENTY)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    shared = ResultStore.open(tmp_path / "shared", create=False)
    assert shared.digest() == full.digest()
    assert [list((shared.path / name).iterdir()) for name in ("writers", "claims")] == [[], []]


def test_times_of_files_say_nothing(full):
    clean, keys = full.digest(), full.keys()
    for moment in (0, 4102444800, 4102444800):
        for path in full.path.rglob("*"):
            os.utime(path, (moment, moment))
        with ResultStore.open(full.path, create=True) as again:
            assert again.keys() == keys
            assert again.digest() == clean
            assert again.check() == []


def test_ten_thousand_units_are_listed_in_a_fifth_of_a_second(tmp_path, store):
    for number in range(10_000):
        key = Unit(CASES[number % 4], number * 10 + 1, number * 10 + 10).key
        (store.path / "cases" / f"{key}.unit").touch()
    best = min(timed(store.refresh) for _ in range(3))
    assert len(store.keys()) == 10_000
    assert best < 0.2


def timed(work):
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


# Folders


def test_a_store_that_is_not_there_is_not_made_by_reading(tmp_path):
    with pytest.raises(OutputError, match="there is no store of this name"):
        ResultStore.open(tmp_path / "none", create=False)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path, create):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match=r"holds no store|is no store"):
        ResultStore.open(tmp_path, create=create)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_may_become_a_store_and_a_file_may_not(tmp_path):
    ResultStore.open(tmp_path, create=True).close()
    assert ResultStore.open(tmp_path, create=False).keys() == []
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file: is not a folder"):
        ResultStore.open(tmp_path / "file", create=True)


def test_the_folders_are_the_users_alone(store):
    for path in (store.path, *store.path.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_store_into_which_anyone_may_write_is_refused(full):
    (full.path / "cases").chmod(0o777)
    with pytest.raises(OutputError, match="cases: anyone may write"):
        ResultStore.open(full.path, create=False)
    (full.path / "cases").chmod(0o1777)
    assert ResultStore.open(full.path, create=False).keys() == full.keys()


def test_a_store_with_a_link_for_a_folder_is_refused(full, tmp_path):
    (full.path / "cases").rename(tmp_path / "elsewhere")
    (full.path / "cases").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="cases: is not a folder"):
        ResultStore.open(full.path, create=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_store_of_another_user_is_refused(full):
    os.chown(full.path, 12345, -1)
    with pytest.raises(OutputError, match="belongs to another user"):
        ResultStore.open(full.path, create=False)


def test_reading_writes_nothing(full):
    full.remember("s", {"cases": []})
    before = {path: path.stat().st_mtime_ns for path in full.path.rglob("*")}
    reader = ResultStore.open(full.path, create=False)
    reader.check(), reader.digest(), reader.manifest("s"), reader.rebuild(), reader.refresh()
    reader.close()
    assert {path: path.stat().st_mtime_ns for path in full.path.rglob("*")} == before


# Studies


MANIFEST = {"about": {"axes": ["slip"]}, "cases": [{"id": "a", "first": 1, "last": 2, "x": 0.1}]}


def test_what_a_study_consists_of_is_remembered(store):
    store.remember("grid-delay", MANIFEST)
    store.remember("other.1", {"cases": []})
    again = ResultStore.open(store.path, create=False)
    assert again.manifests() == ["grid-delay", "other.1"]
    assert again.manifest("grid-delay") == MANIFEST
    with pytest.raises(DamagedError, match="is not there"):
        again.manifest("third")


def test_every_change_of_a_manifest_is_noticed(store):
    store.remember("s", MANIFEST)
    store.remember("t", {"cases": []})
    path = store.path / "studies" / "s.json"
    data = path.read_bytes()
    json.loads(data)
    for at in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[at // 8] ^= 1 << at % 8
        path.write_bytes(flipped)
        assert [damage.key for damage in store.check()] == ["s"], at
    path.write_bytes((store.path / "studies" / "t.json").read_bytes())
    assert [damage.path for damage in store.check()] == [path]
    path.unlink()
    path.mkdir()
    store.remember("s", MANIFEST)
    assert store.check() == []


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "-x", "a" * 65, "ä", "a\n"])
def test_a_study_has_the_name_of_a_file(store, name):
    with pytest.raises(OutputError, match="cannot name a study"):
        store.remember(name, {})


def test_a_lost_manifest_is_made_again_from_the_units(full):
    assert full.rebuild() == {
        "about": {},
        "cases": [
            {
                "id": case.id,
                "digest": case.digest,
                "parameters": case.parameters,
                "model": "m1",
                "profile": "",
                "first": 1,
                "last": 25,
            }
            for case in CASES
        ],
    }


# Merging


def test_merging_shards_gives_the_whole(full, tmp_path):
    shards = []
    for number in range(2):
        shard = ResultStore.open(tmp_path / f"shard{number}", create=True)
        fill(shard, TWENTY[number::2])
        shard.remember("s", MANIFEST)
        shards.append(shard)
    with ResultStore.open(tmp_path / "whole", create=True) as whole:
        assert [whole.merge(shard).copied for shard in shards] == [10, 10]
        assert whole.merge(shards[0]) == (0, 10, [], [])
        assert whole.digest() == full.digest()
        assert whole.manifest("s") == MANIFEST
        assert whole.covered(CASES[0].digest) == full.covered(CASES[0].digest)
    for shard in shards:
        shard.close()


def test_merging_names_what_is_damaged_and_what_differs(full, tmp_path):
    with (
        ResultStore.open(tmp_path / "other", create=True) as other,
        ResultStore.open(tmp_path / "whole", create=True) as whole,
    ):
        fill(other, TWENTY)
        other.remember("s", {"cases": []})
        full.remember("s", MANIFEST)
        path = file_of(other, TWENTY[3])
        junk(path, path.read_bytes(), None)
        fill(whole, [TWENTY[4]], salt=3.0)
        found = whole.merge(other)
        assert (found.copied, found.kept, found.differing) == (18, 0, [TWENTY[4].key])
        assert [damage.path for damage in found.damaged] == [path]
        assert whole.check() == []
        assert split_key(TWENTY[3].key)[1:] not in whole.covered(TWENTY[3].case.digest)
        assert full.merge(other).differing == ["s"]
