from __future__ import annotations

import base64
import concurrent.futures
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from dcsim.errors import OutputError
from dcsim.study.records.case import Case, Unit
from dcsim.study.records.rows import Rows, text_column, to_bytes
from dcsim.study.store.files import DamagedError
from dcsim.study.store.store import ResultStore

sys.path.insert(0, str(Path(__file__).parent / "programs"))
from stored_units import (
    CASES,
    TWENTY,
    empty,
    file_of,
    fill,
    folder,
    half,
    junk,
    link,
    pipe,
    rows,
    swapped,
    unit,
    unreadable,
)

PROGRAMS = Path(__file__).parent / "programs"
ROOT = Path(__file__).parents[4]


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


def test_a_unit_that_is_there_already_stays_as_it_is(full):
    before = file_of(full, TWENTY[0]).read_bytes()
    assert full.put(TWENTY[0], to_bytes(rows(1, 5)), seconds=99.0) == "unchanged"
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
    random = np.random.default_rng(1)
    for one in TWENTY:
        path = file_of(full, one)
        data = path.read_bytes()
        for at in random.integers(0, 8 * len(data), 20).tolist():
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


def test_other_files_are_left_alone(full):
    strange = full.path / "cases" / "notes.txt"
    strange.write_text("mine")
    (full.path / "cases" / "²³.unit").write_text("mine")
    with ResultStore.open(full.path, create=True) as again:
        assert again.keys() == full.keys()
        assert again.check() == []
    assert strange.read_text() == "mine"


def crash(folder, code):
    """Run code in a process that is killed in the middle of it."""
    script = f"""
        import os, signal, sys
        sys.path.insert(0, {str(PROGRAMS)!r})
        import stored_units as t
        from dcsim.study.store.store import ResultStore
        def die(*args, **options):
            os.kill(os.getpid(), signal.SIGKILL)
        store = ResultStore.open({str(folder)!r}, create=True)
        {code}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=False, cwd=ROOT, timeout=60
    )
    assert done.returncode == -signal.SIGKILL


def test_what_a_killed_writer_left_is_removed_at_the_next_start(full):
    clean = full.digest()
    crash(full.path, "os.fsync = die; t.fill(store, [t.unit(0, 41, 45)])")
    parts = [p for p in (full.path / "cases").iterdir() if p.name.startswith(".tmp-")]
    assert len(parts) == 1
    assert len(list((full.path / "writers").iterdir())) == 2
    with ResultStore.open(full.path, create=True) as again:
        assert not parts[0].exists()
        assert len(list((full.path / "writers").iterdir())) == 2  # `full` and `again`
        assert again.digest() == clean


def test_tables_that_a_killed_writer_left_are_removed_at_the_next_start(full):
    write = "tables.write_tables(store.path, store.rows_of(store.digests()[0]), store.enter().id)"
    crash(full.path, f"from dcsim.study.store import tables; os.replace = die; {write}")
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
        import os, sys
        sys.path.insert(0, {str(PROGRAMS)!r})
        import stored_units as t
        from dcsim.study.store.store import ResultStore
        with ResultStore.open({str(tmp_path / "shared")!r}, create=True) as store:
            t.fill(store, t.TWENTY)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [process.wait(120) for process in running] == [0, 0]
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


def test_units_are_listed_without_being_opened(store, monkeypatch):
    for number in range(100):
        key = Unit(CASES[number % 4], number * 10 + 1, number * 10 + 10).key
        (store.path / "cases" / f"{key}.unit").touch()
    opened = []
    monkeypatch.setattr(os, "open", lambda *given: opened.append(given))
    store.refresh()
    monkeypatch.undo()
    assert len(store.keys()) == 100
    assert opened == []


def test_reading_writes_nothing(full):
    full.remember("s", {"cases": []})
    before = {path: path.stat().st_mtime_ns for path in full.path.rglob("*")}
    reader = ResultStore.open(full.path, create=False)
    reader.check(), reader.digest(), reader.manifest("s"), reader.rebuild(), reader.refresh()
    reader.close()
    assert {path: path.stat().st_mtime_ns for path in full.path.rglob("*")} == before


FIRST_FORMAT = {
    "cases/5df705f91ab8e682b119a049fdf171dfd68475949485dfb7ade212ab92349fd9.000001-000002.unit": (
        "c-pm9O>5LZ7|!-X%I?L32ahqAwU}Kp`OczPFCMIw1@WMzER)PkcW5?=`DktHV*h|p@Z_!N52!yu@F;>_{0ky"
        "pya?WOCLc7ZMT)iWlAWD*-e=~0-e>YI@)A1fWdTh^(B73c@U}FN3`8u&AP#`8jZIs10dSzAI|LD60Ys2#>z3"
        "i@j&8G1*MbPEK!vWOYCOp4E8IXYA5=+}JeXj%Z{pMFhS{5hK{`&DJAyHs;1tJ+G}z5oS&%7~>r+_@M&X7u0Q"
        "?7m)W;~FOhSZx7OC{XH3hIU4b!q6=<*%okgzzm7;S5P0GKPmUKk*Dg3>qGjP9^iU|3+<9xl($^@PH%2twyj{"
        "#Dw7a7h?ri26aa-4ZSev{gh^<BNL_R)!B-!ltm>ML6-|?m+B5%|KTcyCjU$7_!V`gt`AV^b^ed$rwhM&9ADO"
        "CNIk3RQzXSLIv5x&Fi)*#W?b*2U8jbjBXHZj<N(vYrIYq9He>7Rv2&e*JFzMga$Mj^W_vjNsGd#FwOEXR&7}"
        "-E4{{L%eZc<LFW6cw&50z2VxqAqEFM5Re5d7%NtXigV&=h8HIsQ1I)oW|3C99534pmN?1N2$!Sxf`=jSyD~U"
        "QxqOu5;N(W_NHJ+%_bz+}RC0SI@s8W%|_nT!pOYC{udGz^KG5z_hNzS<Y{zIKysa{2HzYN^}D>-^Pa^OFZ`}"
        "XRwaAbQ;GVgZ2ys5~v8JXgioQqJL%h~9(g}N;rE>!}ZEYzKstEkScXjkW=lX}KR!MJ^#Df0MKj>F~FOmDW?_"
        "IO+4&q7_$ywz1r@HmRUi3g>Eod)VP!`0r)<3N7P_sjA$fqN{$+MPcR<Tt81vE2Z!%nG&pbsWdlst#=87UzVT"
        "cEjcQ3*0}?K9?DXA9H+$poVOh5ZALc)c}U$dBoHJFjPbL6w`AQ_HAjpO)$ikZdvRv(X>p{R6SjT#B2Wsw{XG"
        "U"
    ),
    "studies/grid-delay.json": (
        "c-lo!%Wi`(5WMph$k!&7*Z5hfUsCn3#&%)}LWGIbDB|C{CZWBcot<H3ypN`3p)YwnmgN@i?4yMPtu8o5n%Qa"
        "2;TYn8cUITsj6&&3^o9$Qq?Bm2QA)+wtKbdN#8nR+=gw%ayQumkY=;soC}EuJqvc)Vo85?)oMKtX@X@p_LqF"
        "YiK<FnH0$&wS^pLNtj^FfI4^`e{`ByxivK(r=D*n{Rak?z$Qllyr^68nyR7i%a<N&>m+6oWgkV}_B0s|ohZK"
        "Y98I%!EtuL@CsK<`9XMQ(Sz;!Jm1;#~I9dr=C}?JIuUudiRmiLO~`{tj;($WUox9r{1dc}jWMj(@#(?*KcI^"
        "1QW&7ankfqN26g?y@#(^9vm^byx"
    ),
}
"""Files of a small store written by the first version of the format, compressed, as base 85."""


def test_a_store_written_by_an_earlier_version_opens_with_all_its_numbers(tmp_path):
    for name in ("cases", "studies"):
        (tmp_path / "st" / name).mkdir(parents=True)
    for name, text in FIRST_FORMAT.items():
        (tmp_path / "st" / name).write_bytes(zlib.decompress(base64.b85decode(text)))
    with ResultStore.open(tmp_path / "st", create=True) as store:
        assert store.check() == []
        (entry,) = store.manifest("grid-delay")["cases"]
        assert (entry["id"], entry["first"], entry["last"]) == ("slip=6-months", 1, 2)
        (key,) = store.keys()
        head = store.get(key).head
        assert (head.n_ok, head.n_failed, head.seconds) == (1, 1, 0.5)
        assert head.parameters == {"slip": "6 months"}
        held = store.rows_of(entry["digest"])
        assert held.columns["npv_usd"].tolist()[0] == 1.5e9
        assert held.columns["cause"].tolist() == [None, "power: too little"]
        assert str(held.columns["work.grid.finish"][0]) == "2030-06-01T00:00:00"
        assert held.series["gpus_online"][0].tolist() == [0, 4000]
        assert store.digest() == "3e3552d3ed9c0888776f91e25bfbc8af7a59cb308c016873a015913c3a930681"
        # And what this version writes of the same unit is the same file, byte for byte.
        again = Case("slip=6-months", {"site": "example"}, {"slip": "6 months"},
                     model="0.1+0123456789ab", profile="py3.11")  # fmt: skip
        before = (tmp_path / "st" / "cases" / f"{key}.unit").read_bytes()
        store.drop(key)
        assert store.put(Unit(again, 1, 2), to_bytes(held), seconds=0.5) == "written"
        assert (tmp_path / "st" / "cases" / f"{key}.unit").read_bytes() == before
