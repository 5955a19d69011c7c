from __future__ import annotations

import sys
from pathlib import Path

from dcsim.study.records.case import split_key
from dcsim.study.store.merge import merge_store
from dcsim.study.store.store import ResultStore

sys.path.insert(0, str(Path(__file__).parent / "programs"))
from stored_units import CASES, TWENTY, file_of, fill, junk

MANIFEST = {"about": {"axes": ["slip"]}, "cases": [{"id": "a", "first": 1, "last": 2, "x": 0.1}]}


def test_merging_shards_gives_the_whole(full, tmp_path):
    shards = []
    for number in range(2):
        shard = ResultStore.open(tmp_path / f"shard{number}", create=True)
        fill(shard, TWENTY[number::2])
        shard.remember("s", MANIFEST)
        shards.append(shard)
    with ResultStore.open(tmp_path / "whole", create=True) as whole:
        assert [merge_store(whole, shard).copied for shard in shards] == [10, 10]
        assert merge_store(whole, shards[0]) == (0, 10, [], [])
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
        found = merge_store(whole, other)
        assert (found.copied, found.unchanged, found.differing) == (18, 0, [TWENTY[4].key])
        assert [damage.path for damage in found.damaged] == [path]
        assert whole.check() == []
        assert split_key(TWENTY[3].key)[1:] not in whole.covered(TWENTY[3].case.digest)
        assert merge_store(full, other).differing == ["s"]
