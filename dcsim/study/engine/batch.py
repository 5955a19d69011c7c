"""What a worker does with a handful of payloads, and the bytes their results travel as."""

from __future__ import annotations

import hashlib
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from dcsim.errors import MAX_MESSAGE, cut

_HEAD = struct.Struct(">BdQ")
"""How it went, how long it took, how many bytes follow."""
_DIGEST_BYTES = hashlib.sha256().digest_size


class JobStatus(IntEnum):
    """How it went."""

    DONE = 0
    RAISED = 1
    OUT_OF_MEMORY = 2


class JobResult(NamedTuple):
    """What came of one payload."""

    how: JobStatus
    seconds: float
    data: bytes
    """What the work returned, or the text of what it raised."""


def run_batch(work: Callable[[bytes], bytes], payloads: Sequence[bytes]) -> bytes:
    """Do the work for each payload; what it raises is a result like any other."""
    body = b"".join(_packed(_piece(work, payload)) for payload in payloads)
    return hashlib.sha256(body).digest() + body


def _piece(work: Callable[[bytes], bytes], payload: bytes) -> JobResult:
    begin_s = time.perf_counter()
    try:
        data, how = work(payload), JobStatus.DONE
    except MemoryError:
        data, how = b"", JobStatus.OUT_OF_MEMORY
    except (Exception, SystemExit) as error:
        # As text: an exception of a package that the driver lacks could not be read there.
        text = cut(f"{type(error).__name__}: {error}", MAX_MESSAGE)
        data, how = text.encode(errors="backslashreplace"), JobStatus.RAISED
    return JobResult(how, time.perf_counter() - begin_s, data)


def _packed(piece: JobResult) -> bytes:
    return _HEAD.pack(piece.how, piece.seconds, len(piece.data)) + piece.data


def unpack_batch(parcel: bytes) -> list[JobResult]:
    """Return the pieces that `run_batch` packed; ValueError if a bit of them changed on the way."""
    digest, body = parcel[:_DIGEST_BYTES], parcel[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise ValueError("damaged on the way")
    return list(_pieces(body))


def _pieces(body: bytes) -> Iterator[JobResult]:
    at = 0
    while at < len(body):
        how, seconds, size = _HEAD.unpack_from(body, at)
        begin = at + _HEAD.size
        at = begin + size
        yield JobResult(JobStatus(how), seconds, body[begin:at])
