"""Tables: columns of a result in; pandas, Arrow, xarray and HTML out."""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dcsim.errors import MissingExtraError
from dcsim.results.database import TableColumn, arrow_stream

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MOST_ROWS, SHOWN_ROWS = 60, 12
"""A notebook shows a table of more rows than the first by the second: its first and last ones."""
SHOWN_COLUMNS = 12
"""Most columns that it shows; those in the middle are left out."""
NOTHING = "–"
"""Text for a missing value."""


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length with their units, read by pandas, Arrow, polars and xarray.

    Any library that speaks the Arrow PyCapsule protocol takes one as it is:
    ``polars.DataFrame(table)``, ``pyarrow.table(table)``.

    Examples
    --------
    >>> import dcsim
    >>> years = dcsim.simulate(dcsim.load("scenarios/minimal.yaml")).years
    >>> years["year"], years["gpus_online_end"]
    (array([2027, 2028, 2029]), array([4000., 4000., 4000.]))
    >>> years.units["facility_mwh"], years.terms["facility_mwh"]
    ('MWh', 'drawn at the meter')
    >>> years.to_pandas()["pue"].round(2).to_dict()
    {2027: 1.2, 2028: 1.19, 2029: 1.19}
    """

    columns: Mapping[str, TableColumn]
    """Values by name, shape ``(n_rows,)`` each; missing ones are NaN, NaT or None."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Units by the names of columns that have one."""
    terms: Mapping[str, str] = field(default_factory=dict)
    """Names in words by the names of columns."""
    index: tuple[str, ...] = ()
    """Columns that say what a row is about: the index of a data frame, dimensions in xarray."""
    utc: bool = False
    """True if times are moments in UTC; False if they are dates of the site's calendar."""
    attributes: Mapping[str, str | float] = field(default_factory=dict)
    """Facts on the whole table, for formats that carry such."""

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return max((values.size for values in self.columns.values()), default=0)

    def __len__(self) -> int:
        return self.n_rows

    def __getitem__(self, name: str) -> TableColumn:
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __repr__(self) -> str:
        names = list(self.columns)
        shown = names if len(names) <= SHOWN_COLUMNS else [*names[:SHOWN_COLUMNS], "…"]
        rows = "1 row" if self.n_rows == 1 else f"{self.n_rows:,} rows"
        return f"Table of {rows}: {', '.join(shown)}"

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a data frame with `index` as its index; units in ``attrs``."""
        import pandas as pd  # noqa: PLC0415  (takes half a second, and most runs need none)

        frame = pd.DataFrame({name: _plain_times(values) for name, values in self.columns.items()})
        if self.utc:
            for name, values in self.columns.items():
                if values.dtype.kind == "M":
                    frame[name] = frame[name].dt.tz_localize("UTC")
        frame.attrs = {"units": dict(self.units), **dict(self.attributes)}
        return frame.set_index(list(self.index)) if self.index else frame

    def to_xarray(self) -> xr.Dataset:
        """Return the table as a dataset whose dimensions are the columns of `index`.

        Each variable has the attributes ``units`` and ``long_name`` of the CF conventions. Times
        are those of the table, without a zone: xarray has none.

        Raises
        ------
        MissingExtraError
            If xarray is not installed.
        """
        try:
            import xarray  # noqa: F401, PLC0415  (an extra)
        except ImportError:
            needed = "to_xarray needs an extra: pip install 'dcsim[export]'"
            raise MissingExtraError(needed) from None
        frame = Table(self.columns, index=self.index or ()).to_pandas()
        if not self.index:
            frame.index.name = "row"
        dataset: xr.Dataset = frame.to_xarray()
        for name, variable in dataset.variables.items():
            found = {"units": self.units.get(str(name)), "long_name": self.terms.get(str(name))}
            variable.attrs |= {key: value for key, value in found.items() if value is not None}
        dataset.attrs.update(self.attributes)
        return dataset

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the table as a stream of Arrow record batches (the Arrow PyCapsule protocol)."""
        return arrow_stream(self.columns, utc=self.utc, requested_schema=requested_schema)

    def _repr_html_(self) -> str:
        """Return the table as HTML for a notebook, long ones without their middle."""
        named = {
            name: f"{name} [{self.units[name]}]" if self.units.get(name) else name
            for name in self.columns
        }
        columns = {named[name]: _shown(values) for name, values in self.columns.items()}
        frame = Table(columns).to_pandas()
        most = None if self.n_rows <= MOST_ROWS else SHOWN_ROWS
        text: str = frame.to_html(index=False, border=0, max_rows=most, max_cols=SHOWN_COLUMNS)
        return text


def titled_html(title: str, table: Table) -> str:
    """Return a table as HTML below a title."""
    return f"<p><strong>{html.escape(title)}</strong></p>\n{table._repr_html_()}"


def table_of_records(
    records: Iterable[Mapping[str, Any]],
    *,
    names: Iterable[str] = (),
    units: Mapping[str, str] | None = None,
    dates: Iterable[str] = (),
    index: tuple[str, ...] = (),
) -> Table:
    """Return mappings as a table, one row each.

    Parameters
    ----------
    records : iterable of mapping
        Numbers, booleans, texts, dates or None by column; other values become text.
    names : iterable of str
        Columns that come first, and that there are without records, as those of `index` are.
    units : mapping, optional
        Units by column, empty texts for numbers without one; these columns hold numbers.
    dates : iterable of str
        Columns that hold days.
    index : tuple of str
        Columns that say what a row is about.

    Returns
    -------
    Table
        With those columns and all that any record has.

    Examples
    --------
    >>> table_of_records([{"work": "bay", "days": 3.0}, {"work": "hall", "days": None}])["days"]
    array([ 3., nan])
    """
    rows = list(records)
    found = dict.fromkeys([*names, *index, *(name for record in rows for name in record)])
    kinds = dict.fromkeys(units or (), float) | dict.fromkeys(dates, datetime.date)
    columns = {
        name: as_column([record.get(name) for record in rows], kinds.get(name, str))
        for name in found
    }
    known = {name: unit for name, unit in (units or {}).items() if unit and name in columns}
    return Table(columns, known, index=index)


def as_column(values: list[Any], kind: type[Any] = str) -> TableColumn:
    """Return values of one kind as a column: numbers, booleans, dates, or texts.

    `kind` is that of a column without any value: it has the type that it would have with some.
    Scalars of NumPy count as what they hold. Booleans with gaps stay objects, which have None.

    >>> as_column([1, 2]), as_column([1, None]), as_column([datetime.date(2027, 1, 31), None])
    (array([1, 2]), array([ 1., nan]), array(['2027-01-31',        'NaT'], dtype='datetime64[D]'))
    """
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    kinds = {type(value) for value in values}
    whole = kinds - {type(None)} or {kind}
    if kinds in ({bool}, {int}):
        return np.array(values)
    if whole <= {int, float}:
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    if whole == {datetime.date}:
        return np.array(values, dtype="datetime64[D]")
    column = np.empty(len(values), dtype=object)
    keeps = whole == {bool}
    column[:] = [value if value is None or keeps else str(value) for value in values]
    return column


def day_of(text: str | None) -> datetime.date | None:
    """Return the day that a summary writes as ISO text, for a column of dates."""
    return None if text is None else datetime.date.fromisoformat(text)


def _plain_times(values: TableColumn) -> TableColumn:
    """Return times in a unit that pandas has: it knows no months."""
    return values.astype("datetime64[s]") if values.dtype.str.endswith(("[M]", "[D]")) else values


def _shown(values: TableColumn) -> TableColumn:
    """Return values as texts for a reader: four digits, thousands in groups."""
    texts = np.empty(values.size, dtype=object)
    if values.dtype.kind == "M":
        days = np.datetime_as_string(values.astype("datetime64[m]"), unit="m")
        texts[:] = [day.removesuffix("T00:00").replace("NaT", NOTHING) for day in days.tolist()]
        return texts
    texts[:] = [shown_value(value) for value in values.tolist()]
    return texts


def shown_value(value: Any) -> str:
    """Return a value as text for a reader.

    >>> shown_value(1234567.8), shown_value(0.01234), shown_value(None), shown_value(True)
    ('1,234,568', '0.01234', '–', 'yes')
    """
    if value is None or value != value:  # noqa: PLR0124  (NaN alone differs from itself)
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
