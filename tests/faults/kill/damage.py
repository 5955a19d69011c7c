"""K6: every kind of damage to every file of a store."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sweeps

from dcsim.errors import OutputError
from dcsim.study.store.files import DamagedError
from dcsim.study.store.store import ResultStore

sys.path.insert(0, str(sweeps.PROGRAMS))
import tiny_sweep

Mutation = Callable[[Path, bytes, Path], None]
"""Told the file, what is in it, and its neighbor."""


def empty(path, _data, _neighbor):
    path.write_bytes(b"")


def half(path, data, _neighbor):
    path.write_bytes(data[: len(data) // 2])


def junk(path, data, _neighbor):
    path.write_bytes(data + b"junk")


def swapped(path, data, neighbor):
    path.write_bytes(neighbor.read_bytes())
    neighbor.write_bytes(data)


def folder(path, _data, _neighbor):
    path.unlink()
    path.mkdir()


def link(path, _data, _neighbor):
    path.unlink()
    path.symlink_to("/etc/passwd")


def unreadable(path, _data, _neighbor):
    path.chmod(0)


def flipped(bit: int) -> Mutation:
    def flip(path, data, _neighbor):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)

    return flip


def mutations(data: bytes, n_flips: int, rng: random.Random) -> Iterator[Mutation]:
    yield from (empty, half, junk, swapped, folder, link)
    if os.geteuid() != 0:  # root may read anything
        yield unreadable
    yield from (flipped(rng.randrange(8 * len(data))) for _ in range(n_flips))


def corrupt(path: Path, n_cases: int, n_flips: int) -> Counter[str]:
    """Damage each file of a store in each way, and see it named, refused and computed again.

    Returns how many mutations there were of units and of the study's manifest.
    """
    cases = tiny_sweep.cases(0, n_cases)
    tiny_sweep.sweep(path, cases)
    expected, rng = sweeps.digest_of(path), random.Random(0)
    units = sorted((path / "cases").iterdir())
    study = path / "studies" / "tiny.json"
    count: Counter[str] = Counter()
    for file in [*units, study]:
        data = file.read_bytes()
        neighbor = next(other for other in units if other != file)
        for mutate in mutations(data, n_flips, rng):
            mutate(file, data, neighbor)
            hit = {file, neighbor} if mutate is swapped else {file}
            _assert_named_and_refused(path, hit)
            computed = tiny_sweep.sweep(path, cases)
            assert sorted(computed) == sorted(one.stem for one in hit if one != study)
            assert sweeps.digest_of(path) == expected
            assert ResultStore.open(path, create=False).check() == []
            assert sweeps.left_over(path) == []
            count["manifest" if file == study else "units"] += 1
    shutil.rmtree(path)
    return count


def _assert_named_and_refused(path: Path, hit: set[Path]) -> None:
    store = ResultStore.open(path, create=False)
    damages = store.check()
    assert {damage.path for damage in damages} == hit
    assert not any("root:" in damage.reason for damage in damages)  # no link was followed
    if any(file.suffix == ".unit" for file in hit):
        with pytest.raises(OutputError) as caught:
            store.digest()
        assert isinstance(caught.value, DamagedError)
        assert caught.value.path in hit
