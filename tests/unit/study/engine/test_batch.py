from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dcsim.study.engine.batch import JobStatus, run_batch, unpack_batch

sys.path.insert(0, str(Path(__file__).parents[3] / "faults" / "programs"))
from engine_works import echo, obey, order


def test_a_batch_gives_back_results_and_exceptions_in_order():
    payloads = [order("nothing"), order("raise", "häßlich"), order("no memory"), order("quit")]
    results = unpack_batch(run_batch(obey, payloads))
    assert [result.status for result in results] == [
        JobStatus.DONE,
        JobStatus.RAISED,
        JobStatus.OUT_OF_MEMORY,
        JobStatus.RAISED,
    ]
    assert [result.data for result in results] == [
        payloads[0],
        "ValueError: häßlich".encode(),
        b"",
        b"SystemExit: 3",
    ]
    assert unpack_batch(run_batch(obey, [])) == []


def test_a_batch_with_one_bit_changed_is_refused():
    batch = bytearray(run_batch(echo, [b"abc"]))
    for at in range(len(batch)):
        batch[at] ^= 1
        with pytest.raises(ValueError, match="damaged"):
            unpack_batch(bytes(batch))
        batch[at] ^= 1
