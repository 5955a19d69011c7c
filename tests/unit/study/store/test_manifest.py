from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from dcsim.errors import OutputError
from dcsim.study.store.files import DamagedError
from dcsim.study.store.store import ResultStore

sys.path.insert(0, str(Path(__file__).parent / "programs"))
from stored_units import CASES

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
