r"""The file of a unit: rows in, sealed bytes out, and the same rows back if nothing changed.

The layout, with the seal over all bytes before it::

    dcsim-unit 1\n                      magic word and format
    {"key": "...", "case": "...", ...}\n  head, JSON in one line of ASCII
    ...                                 payload: the rows, an uncompressed .npz file
    64 hexadecimal digits\n             seal: SHA-256

The order of checks matters, as a file may come from somebody else (untrusted input): first the
seal, which finds accidental damage at the cost of one pass; then the format, so that a whole file
of a later version does not count as damaged; then head, size and name; last the rows, which are
decoded without pickles and only if they do not unfold to more than they are.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from dcsim.study.records.case import Unit, split_key
from dcsim.study.records.rows import FIXED, RUN_FAILED, RUN_OK, Rows, from_bytes

FORMAT = 1
"""Format of unit files that this version writes; files of later ones are refused."""
MAX_HEAD_BYTES = 2**20
_MAGIC = re.compile(rb"dcsim-unit ([1-9][0-9]{0,3})\n")
_SEAL_BYTES = 65  # 64 hexadecimal digits and a line end


class NewerFormatError(ValueError):
    """The file is whole but written by a later version."""


@dataclass(frozen=True)
class Head:
    """Head of a unit file: everything about the unit but its rows."""

    key: str
    """Name of the unit, see `dcsim.study.records.case.unit_key`."""
    case: str
    """Id of the case in the study that computed the unit."""
    parameters: dict[str, str | float]
    """Values that distinguish the case within its study, by key path."""
    n_ok: int
    """Rows that hold a finished run."""
    n_failed: int
    """Rows of runs that failed."""
    model: str
    """Version of the model and of its code."""
    profile: str
    """Numeric profile."""
    seconds: float
    """Time it took to compute. [s]"""
    size: int
    """Length of the rows' bytes."""

    @property
    def digest(self) -> str:
        """Digest of the case."""
        return split_key(self.key)[0]

    @property
    def n_rows(self) -> int:
        """Number of replications."""
        return self.n_ok + self.n_failed


@dataclass(frozen=True)
class Stored:
    """A verified unit of a store."""

    head: Head
    payload: bytes = field(repr=False)
    """Bytes of the rows, see `dcsim.study.records.rows.to_bytes`."""
    rows: Rows = field(repr=False)


def pack(unit: Unit, payload: bytes, seconds: float) -> bytes:
    """Return the file of a finished unit.

    Parameters
    ----------
    unit : Unit
    payload : bytes
        Its rows, see `dcsim.study.records.rows.to_bytes`.
    seconds : float
        Time it took to compute. [s]

    Raises
    ------
    ValueError
        If the payload does not hold exactly the rows of the unit.
    """
    rows = _unit_rows(unit.key, payload)
    n_ok = int(rows.ok.sum())
    head = Head(
        key=unit.key,
        case=unit.case.id,
        parameters=dict(unit.case.parameters),
        n_ok=n_ok,
        n_failed=rows.n_rows - n_ok,
        model=unit.case.model,
        profile=unit.case.profile,
        seconds=seconds,
        size=len(payload),
    )
    text = json.dumps(asdict(head), ensure_ascii=True, separators=(",", ":")).encode()
    body = b"dcsim-unit %d\n%b\n%b" % (FORMAT, text, payload)
    return b"%b%b\n" % (body, hashlib.sha256(body).hexdigest().encode())


def unpack_head(key: str, data: bytes) -> tuple[Head, bytes]:
    """Return head and payload of a unit file after verifying seal, name and size.

    Raises
    ------
    ValueError
        With what is wrong.
    NewerFormatError
        If it is whole but of a format that is not known here.
    """
    if len(data) <= _SEAL_BYTES:
        raise ValueError("is cut short" if data else "is empty")
    seal = hashlib.sha256(memoryview(data)[:-_SEAL_BYTES]).hexdigest().encode() + b"\n"
    if data[-_SEAL_BYTES:] != seal:
        raise ValueError("its checksum does not match its content")
    magic = _MAGIC.match(data)
    if magic is None:
        raise ValueError("is not the file of a unit")
    if int(magic[1]) != FORMAT:
        raise NewerFormatError(f"is of format {int(magic[1])}, this version reads {FORMAT}")
    end = data.find(b"\n", magic.end(), magic.end() + MAX_HEAD_BYTES)
    head = _head(data[magic.end() : end])
    payload = data[end + 1 : -_SEAL_BYTES]
    if head.key != key:
        raise ValueError("holds the results of another unit")
    if head.size != len(payload):
        raise ValueError("its size is not what it says")
    return head, payload


def _head(text: bytes) -> Head:
    try:
        fields = json.loads(text)
        # A head may hold more fields, written by a later version of the same format.
        return Head(**{name: fields[name] for name in Head.__dataclass_fields__})
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("its head cannot be read") from None


def unpack(key: str, data: bytes) -> Stored:
    """Return the unit in a file after verifying all of it; raises as `unpack_head`."""
    head, payload = unpack_head(key, data)
    rows = _unit_rows(key, payload)
    if (head.n_ok, head.n_rows) != (int(rows.ok.sum()), rows.n_rows):
        raise ValueError("its head does not fit its rows")
    return Stored(head, payload, rows)


def _unit_rows(key: str, payload: bytes) -> Rows:
    """Return rows after verifying that they are those of a unit, complete and in order."""
    rows = _decoded_rows(payload)
    _, first, last = split_key(key)
    lengths = {len(values) for values in (*rows.columns.values(), *rows.series.values())}
    if not np.array_equal(rows.columns["replication"], np.arange(first, last + 1)):
        raise ValueError("holds other replications than its name says")
    if lengths != {rows.n_rows}:
        raise ValueError("its columns are not of one length")
    if not set(rows.columns["status"].tolist()) <= {RUN_OK, RUN_FAILED}:
        raise ValueError("a status in it is not known")
    return rows


def _decoded_rows(payload: bytes) -> Rows:
    """Decode rows that may be untrusted input; whatever is wrong with them is a ValueError."""
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as held:
            members: list[Any] = held.infolist()
        # Rows are stored uncompressed: members larger than the file are a decompression bomb.
        if sum(member.file_size for member in members) > len(payload):
            raise ValueError("its rows unfold to more than they are")
        rows = from_bytes(payload)
        if any(name not in rows.columns for name in FIXED):
            raise ValueError("a column that every row has is missing")
    except ValueError as error:
        raise ValueError(f"its rows cannot be read: {error}") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"its rows cannot be read: {type(error).__name__}") from None
    except (KeyError, TypeError, AttributeError, OSError, MemoryError) as error:
        raise ValueError(f"its rows cannot be read: {type(error).__name__}") from None
    return rows
