"""Columns in a DuckDB database: arrays by name in, a table of them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcsim.errors import ModelError

TableColumn = NDArray[Any]
"""One value a row, shape ``(n_rows,)``: numbers (NaN where there is none), times (NaT), or text as
objects (None)."""


def connect() -> Any:
    """Return a connection to an empty database in memory, in UTC and on one thread."""
    import duckdb  # noqa: PLC0415  (slow to import; most runs write and query no tables)

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    return connection


def register(
    connection: Any, name: str, columns: Mapping[str, TableColumn], *, utc: bool = False
) -> None:
    """Create a table of columns; missing values (NaN, NaT, None) become NULL.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        See `connect`.
    name : str
        Name of the table.
    columns : mapping of array by name
        Of one length. Names may hold dots and whatever a scenario calls its works.
    utc : bool
        True if times are moments in UTC, which readers then see with their zone; False if they are
        dates of a calendar.
    """
    # Under plain names first: names of columns need quotes, and arrays cannot be registered so.
    sources = {f"c{index}": values for index, values in enumerate(columns.values())}
    arrays = {source: _readable(v) for source, v in sources.items() if not _is_empty_text(v)}
    n_rows = max((values.size for values in sources.values()), default=0)
    connection.register("arrays", {"row": np.arange(n_rows), **arrays})
    picked = ", ".join(
        f"{_select_expression(source, values, utc)} AS {_sql_quoted(column)}"
        for column, (source, values) in zip(columns, sources.items(), strict=True)
    )
    connection.execute(f"CREATE TABLE {name} AS SELECT {picked} FROM arrays")
    connection.unregister("arrays")


def arrow_stream(
    columns: Mapping[str, TableColumn], *, utc: bool = False, requested_schema: object = None
) -> object:
    """Return columns as a stream of Arrow record batches, by the Arrow PyCapsule protocol.

    Parameters
    ----------
    columns, utc
        As in `register`.
    requested_schema : PyCapsule, optional
        Types that the reader asks for.

    Returns
    -------
    PyCapsule
        Named ``arrow_array_stream``; it owns its memory.

    Raises
    ------
    ModelError
        If there are no columns, which no table of DuckDB can do without.

    References
    ----------
    .. [1] Apache Arrow, "The Arrow PyCapsule Interface".
    """
    if not columns:
        raise ModelError("the table has no columns")
    connection = connect()
    register(connection, "data", columns, utc=utc)
    relation = connection.table("data")
    stream: object = relation.__arrow_c_stream__(requested_schema)
    return stream


def _select_expression(source: str, values: TableColumn, utc: bool) -> str:
    if _is_empty_text(values):
        return "CAST(NULL AS VARCHAR)"
    if values.dtype.kind == "f":
        return f"CASE WHEN isnan({source}) THEN NULL ELSE {source} END"
    if values.dtype.kind == "M" and utc:
        return f"CAST({source} AS TIMESTAMPTZ)"
    return source


def _is_empty_text(values: TableColumn) -> bool:
    """Return True for a text column without any text: DuckDB guesses its type from the values."""
    return values.dtype == object and all(value is None for value in values)


def _readable(values: TableColumn) -> TableColumn:
    """Return values in a type that DuckDB reads, times in microseconds."""
    return values.astype("datetime64[us]") if values.dtype.kind == "M" else values


def _sql_quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
