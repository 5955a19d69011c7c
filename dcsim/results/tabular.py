"""The base of all results: what each of them hands on to other programs and to a notebook."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from dcsim.results.table import Table, titled_html

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class Tabular(ABC):
    """A result that has a main table.

    A class says which one (`table`), its headline, and further tables for a notebook; data frames,
    datasets, Arrow streams and HTML follow from that. ``polars.DataFrame(result)`` works.
    """

    @property
    @abstractmethod
    def table(self) -> Table:
        """The table that is handed on."""

    @abstractmethod
    def _headline(self) -> str:
        """Return the result in one line."""

    def _notebook_tables(self) -> dict[str, Table]:
        """Return the tables that a notebook shows, by title."""
        return {"": self.table}

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a pandas data frame."""
        return self.table.to_pandas()

    def to_xarray(self) -> xr.Dataset:
        """Return the table as an xarray dataset.

        Raises
        ------
        MissingExtraError
            If xarray is not installed.
        """
        return self.table.to_xarray()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the table as a stream of Arrow record batches (the Arrow PyCapsule protocol)."""
        return self.table.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._headline()}>"

    def _repr_html_(self) -> str:
        """Return headline and tables as HTML for a notebook."""
        shown = (titled_html(title, table) for title, table in self._notebook_tables().items())
        return "\n".join([f"<p>{html.escape(self._headline())}</p>", *shown])
