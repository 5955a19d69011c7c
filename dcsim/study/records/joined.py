"""Joined rows: the units of a case in, its rows in order and a digest of results out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcsim.study.records.rows import RowColumn, Rows, concat, text_column


def no_rows() -> Rows:
    """Return a table without any row."""
    return Rows({"replication": np.empty(0), "status": text_column([]), "cause": text_column([])})


def joined(parts: Sequence[Rows], first: int, last: int) -> Rows:
    """Join units of one case: replications `first` to `last` that are there, in order, each once.

    Of several rows of a replication, one that finished is preferred to one that failed, then the
    one that comes first in `parts`.

    Parameters
    ----------
    parts : sequence of Rows
        Rows of units, which may overlap.
    first, last : int
        Range of replications, both included.

    Returns
    -------
    Rows
    """
    if not parts:
        return no_rows()
    rows = concat(parts)
    numbers = rows.columns["replication"]
    order = np.lexsort((np.arange(rows.n_rows), ~rows.ok, numbers))
    _, at = np.unique(numbers[order], return_index=True)
    unique = order[at]
    return rows.where(unique[(numbers[unique] >= first) & (numbers[unique] <= last)])


def logical_digest(cases: Iterable[tuple[str, Rows]]) -> str:
    """Return a hash of the results of cases, given in the order of their digests.

    It depends on names, types and values alone: columns are sorted, a column without any value
    counts as absent, and missing values are written in one way. So it is the same however
    replications were cut into units and whatever file format holds them.
    """
    hashed = hashlib.sha256(b"dcsim results 1\n")
    for digest, rows in cases:
        _add(hashed, [digest, rows.n_rows], b"")
        _add_numbers(hashed, _of_kind(rows.columns, "fiub"))
        _add_moments(hashed, _of_kind(rows.columns, "M"))
        _add_texts(hashed, _of_kind(rows.columns, "O"))
        flat = {name: values.reshape(-1) for name, values in sorted(rows.series.items())}
        _add(hashed, "months", _month_bytes(rows.months) if flat else b"")
        _add_numbers(hashed, flat)
    return hashed.hexdigest()


def _of_kind(columns: Mapping[str, RowColumn], kinds: str) -> dict[str, RowColumn]:
    return {name: columns[name] for name in sorted(columns) if columns[name].dtype.kind in kinds}


def _month_bytes(months: NDArray[np.datetime64]) -> bytes:
    return months.astype("datetime64[D]").astype("<i8").tobytes()


def _add(hashed: Any, head: object, data: bytes) -> None:
    hashed.update(json.dumps([head, len(data)]).encode() + b"\n" + data)


def _add_numbers(hashed: Any, columns: Mapping[str, RowColumn]) -> None:
    if columns:
        table = np.stack(list(columns.values())).astype("<f8")
        missing = np.isnan(table)
        table[missing] = np.nan  # NaN has many bit patterns
        _add_table(hashed, list(columns), table, missing)


def _add_moments(hashed: Any, columns: Mapping[str, RowColumn]) -> None:
    if columns:
        table = np.stack(list(columns.values())).astype("datetime64[s]")
        _add_table(hashed, list(columns), table.astype("<i8"), np.isnat(table))


def _add_table(
    hashed: Any, names: list[str], table: NDArray[Any], missing: NDArray[np.bool_]
) -> None:
    present = np.flatnonzero(~missing.all(axis=1))
    head = [[names[i] for i in present], table.dtype.str]
    _add(hashed, head, table[present].tobytes())


def _add_texts(hashed: Any, columns: Mapping[str, RowColumn]) -> None:
    texts = {name: values.tolist() for name, values in columns.items()}
    present = {name: column for name, column in texts.items() if any(v is not None for v in column)}
    _add(hashed, "texts", json.dumps(present, ensure_ascii=False, separators=(",", ":")).encode())
