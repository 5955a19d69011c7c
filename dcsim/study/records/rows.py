"""Rows: the records of many replications, one row each, and their bytes in files and messages."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats

RowColumn = NDArray[Any]
"""One value a row, shape ``(n_rows,)``: float64 (NaN where there is none), datetime64[s] (NaT), or
text as objects (None)."""
RUN_OK, RUN_FAILED = "ok", "failed"
FIXED = ("replication", "status", "cause")
"""Columns of every row: number of the replication, `RUN_OK` or `RUN_FAILED`, cause of a failure."""


@dataclass(frozen=True)
class Rows:
    """Replications of one case or of many, one row each.

    Columns besides `FIXED`: ``case`` and the parameters of a study by their key paths, once they
    stand in a table of several cases; ``input.KEY`` for each uncertain value as drawn, in the
    canonical unit of its key; ``milestone.NAME.met`` (1 or 0), ``.reached``, ``.margin_days``,
    ``.path`` (the works that drove it, joined by `` > ``); ``work.NAME.finish``;
    ``gpu_days.STATE``; and the key figures of the summary by their own names.
    """

    columns: Mapping[str, RowColumn]
    """Values by name, shape ``(n_rows,)`` each."""
    series: Mapping[str, Floats] = field(default_factory=dict)
    """By month, shape ``(n_rows, n_months)``: ``gpus_online`` and ``gpus_online.PRODUCT``,
    ``energized_mw``, ``facility_power_mw``, ``cfe_frac``, ``spent_usd``; NaN in failed rows."""
    months: NDArray[np.datetime64] = field(
        default_factory=lambda: np.empty(0, dtype="datetime64[M]")
    )
    """First of each month of the series, in local time, shape ``(n_months,)``."""

    @property
    def n_rows(self) -> int:
        """Number of replications."""
        return len(self.columns["replication"])

    @property
    def ok(self) -> NDArray[np.bool_]:
        """True where a row holds a finished run, shape ``(n_rows,)``."""
        return np.asarray(self.columns["status"] == RUN_OK, dtype=np.bool_)

    def named(self, prefix: str) -> dict[str, RowColumn]:
        """Return the columns below a `prefix` such as ``input.``, by the rest of their names."""
        return {
            name.removeprefix(prefix): values
            for name, values in self.columns.items()
            if name.startswith(prefix)
        }

    def where(self, selected: NDArray[Any]) -> Rows:
        """Return the rows that `selected` names, a mask or indices."""
        return Rows(
            {name: values[selected] for name, values in self.columns.items()},
            {name: values[selected] for name, values in self.series.items()},
            self.months,
        )


def text_column(values: Sequence[str | None]) -> RowColumn:
    """Return texts as a column."""
    column = np.empty(len(values), dtype=object)
    column[:] = list(values)
    return column


def missing_like(column: RowColumn, n_rows: int) -> RowColumn:
    """Return a column of the same kind with all values missing."""
    if column.dtype == object:
        return text_column([None] * n_rows)
    if column.dtype.kind == "M":
        return np.full(n_rows, np.datetime64("NaT", "s"), dtype="datetime64[s]")
    return np.full(n_rows, np.nan)


def concat(parts: Sequence[Rows]) -> Rows:
    """Join rows one below the other; values that a part lacks are missing there.

    Series are aligned by their months; the months of the result are those of the longest part.
    """
    if len(parts) == 1:
        return parts[0]
    if parts and all(_are_alike(parts[0], part) for part in parts[1:]):
        return _stacked(parts)
    months = max((part.months for part in parts), key=len, default=Rows({}).months)
    names = dict.fromkeys(name for part in parts for name in part.columns)
    columns = {name: np.concatenate(_aligned(parts, name)) for name in names}
    series_names = dict.fromkeys(name for part in parts for name in part.series)
    series = {
        name: np.concatenate([_aligned_series(part, name, months) for part in parts])
        for name in series_names
    }
    return Rows(columns, series, months)


def _are_alike(one: Rows, other: Rows) -> bool:
    """Return True if two tables have columns and series of the same names and types."""
    return (
        one.columns.keys() == other.columns.keys()
        and one.series.keys() == other.series.keys()
        and np.array_equal(one.months, other.months)
        and all(
            column.dtype.kind == other.columns[name].dtype.kind
            for name, column in one.columns.items()
        )
    )


def _stacked(parts: Sequence[Rows]) -> Rows:
    """Join alike rows one below the other, which most units of a case are."""
    first = parts[0]
    return Rows(
        {name: np.concatenate([part.columns[name] for part in parts]) for name in first.columns},
        {name: np.concatenate([part.series[name] for part in parts]) for name in first.series},
        first.months,
    )


def _aligned(parts: Sequence[Rows], name: str) -> list[RowColumn]:
    present = [part.columns[name] for part in parts if name in part.columns]
    # A key that is text in one case and a number in another becomes text in both.
    as_text = len({column.dtype.kind for column in present}) > 1
    like = text_column([]) if as_text else present[0]
    return [
        _text(part.columns[name])
        if name in part.columns and as_text
        else part.columns.get(name, missing_like(like, part.n_rows))
        for part in parts
    ]


def _text(column: RowColumn) -> RowColumn:
    return text_column([None if value is None else str(value) for value in column.tolist()])


def _aligned_series(part: Rows, name: str, months: NDArray[np.datetime64]) -> Floats:
    joined = np.full((part.n_rows, len(months)), np.nan)
    if name in part.series and len(part.months):
        _, here, there = np.intersect1d(part.months, months, return_indices=True)
        joined[:, there] = part.series[name][:, here]
    return joined


def to_bytes(rows: Rows) -> bytes:
    """Return rows as the bytes of an ``.npz`` file without pickles; equal rows give equal bytes.

    Columns of one type are stacked into one array, because each member of an ``.npz`` costs headers
    and time, and rows have a hundred columns and more.
    """
    kinds: dict[str, list[str]] = {"f": [], "M": [], "O": []}
    for name, column in rows.columns.items():
        kinds[column.dtype.kind].append(name)
    head = {
        "numbers": kinds["f"],
        "moments": kinds["M"],
        "texts": {name: rows.columns[name].tolist() for name in kinds["O"]},
        "series": list(rows.series),
        "order": list(rows.columns),
    }
    n = rows.n_rows
    text = json.dumps(head, ensure_ascii=True, separators=(",", ":")).encode()
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        head=np.frombuffer(text, dtype=np.uint8),
        numbers=_stack([rows.columns[name] for name in kinds["f"]], (n,), "<f8"),
        moments=_stack(
            [rows.columns[name].astype("datetime64[s]").view(np.int64) for name in kinds["M"]],
            (n,),
            "<i8",
        ),
        series=_stack(list(rows.series.values()), (n, len(rows.months)), "<f8"),
        months=rows.months.astype("datetime64[M]").view(np.int64).astype("<i8"),
    )
    return buffer.getvalue()


def _stack(parts: list[RowColumn], shape: tuple[int, ...], dtype: str) -> RowColumn:
    return np.stack(parts).astype(dtype) if parts else np.empty((0, *shape), dtype=dtype)


def from_bytes(data: bytes) -> Rows:
    """Return the rows that `to_bytes` wrote; ValueError if the bytes are not such a file."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            head = json.loads(archive["head"].tobytes())
            columns: dict[str, RowColumn] = dict(
                zip(head["numbers"], archive["numbers"], strict=True)
            )
            moments = archive["moments"].view("datetime64[s]")
            columns |= dict(zip(head["moments"], moments, strict=True))
            columns |= {name: text_column(values) for name, values in head["texts"].items()}
            series = dict(zip(head["series"], archive["series"], strict=True))
            months = archive["months"].view("datetime64[M]")
            return Rows({name: columns[name] for name in head["order"]}, series, months)
    except (KeyError, TypeError, OSError, EOFError) as error:
        raise ValueError(f"holds no rows: {type(error).__name__}") from None
