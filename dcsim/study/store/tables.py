"""Tables of a study: rows in, Parquet files and answers to SQL queries out."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dcsim.database_paths import quoted_target
from dcsim.errors import ModelError
from dcsim.results.database import connect, register
from dcsim.results.output_files import cannot_write, write_output_file
from dcsim.study.records.rows import RowColumn, Rows
from dcsim.study.store.files import PART
from dcsim.untrusted_files import FileRefusedError, read_untrusted_file, refuse_unless_small

RUNS, SERIES = "runs.parquet", "series.parquet"
"""Table with one row a replication; table with one row a replication and month."""
CHECKSUMS = "tables.json"
"""File of a store that holds the SHA-256 of both, by their names."""
CASE_ID = "case_id"
"""Column of the case by a name that SQL takes without quotes."""
QUOTES_HINT = (
    '; names with a dot and words of SQL need double quotes, such as "milestone.all.reached"; '
    "the case is case_id"
)
_MOST_TABLE_BYTES = 8 << 30


def write_tables(folder: Path, rows: Rows, writer: str = "") -> list[Path]:
    """Write `RUNS` and `SERIES` to a folder, each whole or not at all, and return their paths.

    Parameters
    ----------
    folder : path
    rows : Rows
        The replications of all cases, see `dcsim.study.run.runner.study_table`.
    writer : str
        Id of the writer if the folder is a store, so that the next writer can remove the part that
        a killed one left.

    Returns
    -------
    list of path

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    written = []
    for name, columns in ((RUNS, run_columns(rows)), (SERIES, series_columns(rows))):
        part = folder / f"{PART}{writer}-{secrets.token_hex(4)}"
        try:
            _copy_to_parquet(part, columns)
            os.replace(part, folder / name)  # noqa: PTH105  (beside the name it replaces)
        except OSError as error:
            raise cannot_write(folder, error) from None
        finally:
            part.unlink(missing_ok=True)
        written.append(folder / name)
    if writer:
        sums = {path.name: _sha256(path) for path in written}
        write_output_file(folder / CHECKSUMS, f"{json.dumps(sums, indent=1)}\n".encode())
    return written


def damaged_tables(folder: Path) -> list[tuple[Path, str]]:
    """Return the tables of a store that are not as they were written, each with what is wrong.

    Units are what a store holds, tables are made of them: the next sweep makes them anew. A store
    of an earlier version has no checksums of its tables.
    """
    try:
        sums = json.loads(read_untrusted_file(folder / CHECKSUMS, 1 << 20))
        known = [(name, sums[name]) for name in (RUNS, SERIES) if name in sums]
    except FileRefusedError:
        tables = [folder / name for name in (RUNS, SERIES) if (folder / name).exists()]
        return [(path, "cannot be checked: it has no checksum") for path in tables]
    except (ValueError, TypeError):
        return [(folder / CHECKSUMS, "is no list of checksums")]
    found = []
    for name, wanted in known:
        try:
            refuse_unless_small(folder / name, _MOST_TABLE_BYTES)
        except FileRefusedError as error:
            found.append((folder / name, str(error)))
            continue
        if _sha256(folder / name) != wanted:
            found.append((folder / name, "is not as it was written"))
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run_columns(rows: Rows) -> dict[str, RowColumn]:
    """Return the columns of `RUNS`.

    The case stands there twice: ``case`` is a word of SQL and needs quotes, ``case_id`` does not.
    """
    found = {**rows.columns, "replication": np.asarray(rows.columns["replication"], np.int64)}
    return _with_case_id(found)


def _with_case_id(columns: dict[str, RowColumn]) -> dict[str, RowColumn]:
    if "case" not in columns or CASE_ID in columns:
        return columns
    rest = {name: values for name, values in columns.items() if name != "case"}
    return {"case": columns["case"], CASE_ID: columns["case"], **rest}


def series_columns(rows: Rows) -> dict[str, RowColumn]:
    """Return the columns of `SERIES`: one row a replication and month, case and parameters too."""
    n_months = len(rows.months)
    names = [name for name in rows.columns if "." not in name and name in ("case", "replication")]
    runs = run_columns(rows)
    repeated = _with_case_id({name: np.repeat(runs[name], n_months) for name in names})
    month = np.tile(rows.months.astype("datetime64[s]"), rows.n_rows)
    series = {name: values.ravel() for name, values in rows.series.items()}
    return {**repeated, "month": month, **series}


def query(tables: Mapping[str, Mapping[str, RowColumn]], sql: str) -> tuple[list[str], list[Any]]:
    """Run one SELECT over tables by their names; return the names of the columns and the rows.

    The query is untrusted input: access to files and network is switched off before it runs, and
    any other statement is refused.

    Raises
    ------
    ModelError
        If DuckDB cannot run the query, with its message.
    """
    import duckdb  # noqa: PLC0415  (most runs write and query no tables)

    with contextlib.closing(connect()) as connection:
        for name, columns in tables.items():
            register(connection, name, columns)
        try:
            connection.execute("SET enable_external_access = false")
            statements = connection.extract_statements(sql)
            if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
                raise ModelError("a question is one SELECT: tables can be asked, not changed")
            answer = connection.execute(statements[0])
            names = [entry[0] for entry in answer.description or ()]
            return names, answer.fetchall()
        except duckdb.Error as error:
            hint = ""
            if isinstance(error, duckdb.ParserException | duckdb.BinderException):
                hint = QUOTES_HINT
            raise ModelError(f"{str(error).splitlines()[0]}{hint}") from None


def _copy_to_parquet(path: Path, columns: Mapping[str, RowColumn]) -> None:
    import duckdb  # noqa: PLC0415  (most runs write and query no tables)

    with contextlib.closing(connect()) as connection:
        register(connection, "data", columns)
        try:
            target = quoted_target(path)
            connection.execute(f"COPY data TO {target} (FORMAT parquet, COMPRESSION zstd)")
        except ValueError as error:
            raise OSError(errno.EILSEQ, str(error)) from None
        except duckdb.IOException as error:
            raise OSError(5, str(error).splitlines()[0]) from None
