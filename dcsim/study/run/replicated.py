"""The replications of a scenario: rows of runs in; tables, bands, summary and files out."""

from __future__ import annotations

import dataclasses
import functools
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from dcsim.errors import ModelError, OutputError
from dcsim.results.result import Result
from dcsim.results.summary_types import ReplicatedSummary
from dcsim.results.table import Table, table_of_records
from dcsim.results.tabular import Tabular
from dcsim.scenario.scenario import Scenario
from dcsim.study.records.rows import Rows
from dcsim.study.records.run_table import figure_unit, run_series_table, run_table, series_unit
from dcsim.study.run.replications import bands_csv, replicated_summary
from dcsim.study.run.runner import RunReport
from dcsim.study.statistics.bands import series_bands
from dcsim.study.store.tables import write_tables

_PERCENTILES = ("p10", "p50", "p90")


@dataclass(frozen=True, repr=False, eq=False)
class Replications(Tabular):
    """Many runs of one scenario, each with other values of what is uncertain.

    Its main table holds one row a replication: ``status`` (``ok`` or ``failed``) and ``cause``,
    ``input.KEY`` for each uncertain value as drawn, ``milestone.NAME.met`` (1 or 0), ``.reached``,
    ``.margin_days`` and ``.path``, ``work.NAME.finish``, ``gpu_days.STATE``, and the key figures of
    the run by their names in the summary.
    """

    scenario: Scenario
    """The scenario that was run."""
    rows: Rows
    """The runs as statistics and figures read them."""
    report: RunReport
    """Counts of this call: runs computed, found in the store, failed; time and memory."""
    single: Result
    """The single run, with every uncertain value at its median."""

    @property
    def n(self) -> int:
        """Number of replications, failed ones included."""
        return self.rows.n_rows

    @property
    def n_failed(self) -> int:
        """Number of replications that failed, see `failures`."""
        return int((~self.rows.ok).sum())

    @property
    def failures(self) -> Table:
        """The replications that failed, with the cause of each."""
        return failure_table(self.rows, ("replication",))

    @property
    def table(self) -> Table:
        """The runs, one row each, with units."""
        return run_table(self.rows, input_units(self.scenario), ("replication",))

    @property
    def series(self) -> Table:
        """The monthly series over ``replication`` and ``month``, both dimensions in xarray."""
        return run_series_table(self.rows, ("replication",))

    @functools.cached_property
    def summary(self) -> dict[str, Any]:
        """The part of ``summary.json`` that the replications add, as plain data.

        ``replications``, ``replications_failed``, ``milestones``, ``bands`` of key figures,
        ``lost_gpu_days`` by cause, ``work_dates``, and the replications ``nearest`` to the bands.

        Raises
        ------
        ModelError
            If every replication failed.
        """
        return replicated_summary(self.rows, self.single.milestones)

    @property
    def result(self) -> Result:
        """The single run with a summary that holds what the replications add, as it is saved."""
        merged = cast("ReplicatedSummary", {**self.single.summary, **self.summary})
        return dataclasses.replace(self.single, summary=merged)

    @property
    def milestones(self) -> Table:
        """The milestones: chance to be met in time, and P50, P80 and P90 dates.

        ``probability`` has its Wilson interval at 95 % beside it. The P80 date holds in 80 % of the
        runs; it is missing (NaT) if fewer runs get there at all.
        """
        return _milestone_confidence_table(self.summary["milestones"])

    @property
    def figures(self) -> Table:
        """The key figures of the whole run that have a value: P10, P50, P90, unit, meaning."""
        records = [
            {"figure": name, **_band_values(band), "unit": unit, "meaning": meaning}
            for name, band in self.summary["bands"].items()
            for unit, meaning in [figure_unit(name)]
            if band["p50"] is not None
        ]
        return table_of_records(records, index=("figure",))

    @property
    def losses(self) -> Table:
        """The GPU-days that were not online, by cause: P10, P50 and P90."""
        records = [
            {"cause": cause, **_band_values(band)}
            for cause, band in self.summary["lost_gpu_days"].items()
        ]
        units = dict.fromkeys(_PERCENTILES, "GPU-day")
        return table_of_records(records, units=units, index=("cause",))

    def bands(self, name: str = "gpus_online") -> Table:
        """Return the P10, the median and the P90 of a monthly series, month by month.

        A band is no run: its months come from different runs.

        Parameters
        ----------
        name : str
            Such as ``gpus_online``, ``energized_mw`` or ``facility_power_mw``; all names are
            columns of `series`.

        Returns
        -------
        Table
            A row a month: month, p10, p50, p90.

        Raises
        ------
        ModelError
            If there is no such series; the message names those there are.
        """
        if name not in self.rows.series:
            known = ", ".join(self.rows.series) or "none, since every replication failed"
            raise ModelError(f"there is no monthly series {name!r}; there is {known}")
        found = series_bands(self.rows, name)
        unit, term = series_unit(name)
        return Table(
            {"month": found.months, **dict(zip(_PERCENTILES, found.values, strict=True))},
            dict.fromkeys(_PERCENTILES, unit) if unit else {},
            {level: f"{level.upper()} of {name}: {term}" for level in _PERCENTILES},
            index=("month",),
        )

    def save(self, folder: str | Path, *, extra: Mapping[str, bytes] | None = None) -> list[Path]:
        """Write the single run and the replications to a folder, whole or not at all.

        Beside the files of `Result.save`: ``replications.parquet``, ``bands.csv``, and what the
        replications add to ``summary.json``. `dcsim.read_run` reads it back.

        Parameters
        ----------
        folder : str or Path
            An earlier run in it is replaced; any other folder that is not empty is left alone.
        extra : mapping of bytes, optional
            Further files by name, such as figures.

        Returns
        -------
        list of Path
            The files that were written.

        Raises
        ------
        OutputError
            If the folder cannot be written or holds something else.
        ModelError
            If every replication failed.
        """
        files = {"bands.csv": bands_csv(self.rows).encode()}
        try:
            with tempfile.TemporaryDirectory(prefix="dcsim-") as place:
                written, _ = write_tables(Path(place), self.rows)
                files["replications.parquet"] = written.read_bytes()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise OutputError(f"temporary files cannot be written: {reason}") from None
        return self.result.save(folder, extra={**files, **(extra or {})})

    def _headline(self) -> str:
        failed = f", {self.n_failed:,} failed" if self.n_failed else ""
        head = f"{self.scenario.name}, {self.n:,} replications{failed}"
        if self.n_failed == self.n:
            return head
        met = [f"{one['name']} {one['probability']:.0%}" for one in self.summary["milestones"]]
        return f"{head}: {', '.join(met)} in time" if met else head

    def _notebook_tables(self) -> dict[str, Table]:
        if self.n_failed == self.n:
            return {"Failed": self.failures}
        shown = {"Milestones": self.milestones, "Key figures": self.figures, "Runs": self.table}
        return shown | ({"Failed": self.failures} if self.n_failed else {})


def input_units(scenario: Scenario) -> dict[str, str]:
    """Return the units of the uncertain values of a scenario by their key paths."""
    return {key: drawn.unit for key, drawn in scenario.plan().inputs.items()}


def failure_table(rows: Rows, index: tuple[str, ...]) -> Table:
    """Return the runs that failed, with the cause of each.

    Parameters
    ----------
    rows : Rows
    index : tuple of str
        Columns that say which run it is.
    """
    failed = rows.where(~rows.ok)
    columns = {name: failed.columns[name] for name in (*index, "cause")}
    columns["replication"] = columns["replication"].astype(np.int64)
    return Table(columns, index=index)


def _milestone_confidence_table(milestones: list[dict[str, Any]]) -> Table:
    def days(texts: list[str | None]) -> Any:
        return np.array([text or "NaT" for text in texts], dtype="datetime64[D]")

    names = ("name", "metric", "target", "by")
    shares = ("probability", "probability_low", "probability_high")
    columns = {
        name: np.array([one[name] for one in milestones], dtype=object) for name in names[:2]
    }
    columns["target"] = np.array([one["target"] for one in milestones], dtype=float)
    columns["by"] = days([one["by"] for one in milestones])
    columns |= {name: np.array([one[name] for one in milestones], dtype=float) for name in shares}
    for level in ("50 %", "80 %", "90 %"):
        name = f"p{level.removesuffix(' %')}"
        columns[name] = days([one["promised"][level] for one in milestones])
    return Table(columns, dict.fromkeys(shares, "1"), index=("name",))


def _band_values(band: Mapping[str, float | None]) -> dict[str, float | None]:
    return {level: band[level] for level in _PERCENTILES}
