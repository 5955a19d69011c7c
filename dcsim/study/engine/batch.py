"""Batches: run some payloads on a worker, and carry their results back as checked bytes.

A batch travels as ``SHA-256 (32 bytes)`` followed, for each job in order, by ``status (1 byte),
seconds (float64), length (uint64)`` and that many bytes of data, all big-endian. The digest is
there because the bytes may cross a network of machines whose memory is not error-corrected: a
changed bit must not become a number of a study.
"""

from __future__ import annotations

import hashlib
import struct
import time
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from dcsim.errors import MAX_MESSAGE, cut
from dcsim.study.engine.jobs import JobFunction

_RESULT_HEAD = struct.Struct(">BdQ")
"""Status, seconds, and how many bytes of data follow."""
_DIGEST_BYTES = hashlib.sha256().digest_size


class JobStatus(IntEnum):
    """Status of a job that its worker survived; the values are part of the batch format."""

    DONE = 0
    RAISED = 1
    OUT_OF_MEMORY = 2


class JobResult(NamedTuple):
    """Result of one payload."""

    status: JobStatus
    seconds: float
    data: bytes
    """Return value of the job function, or the text of the exception that it raised."""


def run_batch(function: JobFunction, payloads: Sequence[bytes]) -> bytes:
    """Run a function on each payload and return the batch; an exception is a result too.

    >>> batch = run_batch(bytes.upper, [b"gpu", b"rack"])
    >>> [(result.status.name, result.data) for result in unpack_batch(batch)]
    [('DONE', b'GPU'), ('DONE', b'RACK')]
    """
    body = b"".join(_packed(_result(function, payload)) for payload in payloads)
    return hashlib.sha256(body).digest() + body


def _result(function: JobFunction, payload: bytes) -> JobResult:
    begin_s = time.perf_counter()
    try:
        data, status = function(payload), JobStatus.DONE
    except MemoryError:
        data, status = b"", JobStatus.OUT_OF_MEMORY
    except (Exception, SystemExit) as error:
        # As text: an exception of a package that the driver lacks could not be unpickled there.
        text = cut(f"{type(error).__name__}: {error}", MAX_MESSAGE)
        data, status = text.encode(errors="backslashreplace"), JobStatus.RAISED
    return JobResult(status, time.perf_counter() - begin_s, data)


def _packed(result: JobResult) -> bytes:
    return _RESULT_HEAD.pack(result.status, result.seconds, len(result.data)) + result.data


def unpack_batch(batch: bytes) -> list[JobResult]:
    """Return the results that `run_batch` packed, in order.

    Raises
    ------
    ValueError
        If any bit changed on the way.
    """
    digest, body = batch[:_DIGEST_BYTES], batch[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise ValueError("damaged on the way")
    return list(_results(body))


def _results(body: bytes) -> Iterator[JobResult]:
    at = 0
    while at < len(body):
        status, seconds, size = _RESULT_HEAD.unpack_from(body, at)
        begin = at + _RESULT_HEAD.size
        at = begin + size
        yield JobResult(JobStatus(status), seconds, body[begin:at])
