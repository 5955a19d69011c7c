"""Units made by hand, and ways to damage their files; programs that are killed use it too."""

from __future__ import annotations

import os

import numpy as np

from dcsim.study.records.case import Case, Unit
from dcsim.study.records.rows import RUN_FAILED, RUN_OK, Rows, text_column, to_bytes

CASES = [Case(f"slip={n}-months", {"n": n}, {"slip": f"{n} months"}, model="m1") for n in range(4)]


def rows(first, last, *, failed=(), salt=0.0):
    numbers = np.arange(first, last + 1, dtype=float)
    bad = np.isin(numbers, failed)
    return Rows(
        {
            "replication": numbers,
            "status": text_column([RUN_FAILED if one else RUN_OK for one in bad]),
            "cause": text_column(["power: too little" if one else None for one in bad]),
            "input.slip": np.where(bad, np.nan, np.sqrt(numbers + salt)),
            "milestone.all.reached": np.where(
                bad,
                np.datetime64("NaT", "s"),
                np.datetime64("2030-01-01", "s") + numbers.astype(int),
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
