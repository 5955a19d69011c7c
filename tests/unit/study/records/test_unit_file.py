from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest

from dcsim.study.records.case import Case, Unit
from dcsim.study.records.rows import to_bytes
from dcsim.study.records.unit_file import NewerFormatError, pack, unpack, unpack_head

UNIT = Unit(Case("slip=0-months", {"n": 1}, {"slip": "0 months"}, model="m1"), 1, 3)


@pytest.fixture
def payload(rows_of):
    return to_bytes(rows_of({"a": [1.0, np.nan, 3.0]}, failed=[2]))


def sealed(body):
    return body + hashlib.sha256(body).hexdigest().encode() + b"\n"


def test_a_file_gives_back_its_head_and_its_rows(payload):
    data = pack(UNIT, payload, 1.5)
    stored = unpack(UNIT.key, data)
    assert (stored.head.case, stored.head.parameters) == ("slip=0-months", {"slip": "0 months"})
    assert (stored.head.n_ok, stored.head.n_failed, stored.head.seconds) == (2, 1, 1.5)
    assert (stored.head.digest, stored.head.model) == (UNIT.case.digest, "m1")
    assert stored.payload == payload
    assert unpack_head(UNIT.key, data) == (stored.head, payload)
    assert data == sealed(data[:-65])
    assert data.startswith(b"dcsim-unit 1\n{")


def test_no_bit_can_change(payload):
    data = pack(UNIT, payload, 1.5)
    for at in range(0, 8 * len(data), 37):
        flipped = bytearray(data)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(ValueError, match="checksum"):
            unpack(UNIT.key, bytes(flipped))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"", "is empty"),
        (lambda data: data[:60], "is cut short"),
        (lambda data: sealed(b"another" + data[:-65]), "is not the file of a unit"),
        (lambda data: sealed(data[:-66]), "its size is not what it says"),
        (lambda data: sealed(data[:-65].replace(b'"n_ok":2', b'"n_ok":3')), "does not fit its"),
        (lambda data: sealed(data[:-65].replace(b'"key"', b'"yek"')), "its head cannot be read"),
    ],
)
def test_a_file_whose_seal_is_right_is_still_verified(payload, change, reason):
    with pytest.raises(ValueError, match=reason):
        unpack(UNIT.key, change(pack(UNIT, payload, 1.5)))


def test_the_file_of_another_unit_is_refused(payload):
    other = Unit(UNIT.case, 1, 2).key
    with pytest.raises(ValueError, match="holds the results of another unit"):
        unpack(other, pack(UNIT, payload, 1.5))


def test_a_later_format_is_told_from_damage(payload):
    data = pack(UNIT, payload, 1.5)
    with pytest.raises(NewerFormatError, match="is of format 2, this version reads 1"):
        unpack(UNIT.key, sealed(data[:-65].replace(b"dcsim-unit 1", b"dcsim-unit 2")))


def test_rows_that_unfold_to_more_than_they_are_are_refused():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, numbers=np.zeros(10**6))
    with pytest.raises(ValueError, match="unfold"):
        pack(UNIT, buffer.getvalue(), 1.0)
