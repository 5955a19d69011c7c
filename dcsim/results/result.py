"""The result of a run: outputs of the stages in; columns, ledger, summary and a folder out."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcsim.accounts.key_figures import figure_of
from dcsim.clock import Calendar, Floats
from dcsim.limits import path_from
from dcsim.log import logger_of
from dcsim.results.output_files import cannot_write, make_default_folder
from dcsim.results.result_tables import figure_table, hourly_table, milestone_table, year_table
from dcsim.results.run_folder import (
    RUN_FILES,
    check_extra_names,
    check_output,
    ledger_csv,
    replace_folder,
    summary_text,
    timeline_csv,
    write_events,
    write_hourly,
    yaml_text,
)
from dcsim.results.summary_types import MilestoneSummary, Summary
from dcsim.results.table import Table
from dcsim.results.tabular import Tabular
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text.file_format import with_format
from dcsim.types import Timeline

_LOG = logger_of(__name__)


@dataclass(frozen=True, repr=False, eq=False)
class Result(Tabular):
    """One run, in memory or read back from its folder.

    Its main table, handed on by `to_pandas`, `to_xarray` and as an Arrow stream, holds the hourly
    columns over the start of each step in UTC.
    """

    site: Site
    """The site with its values as drawn."""
    timeline: Timeline
    """Every event."""
    hourly: Mapping[str, Floats]
    """Hourly columns by name, shape ``(n_hours,)`` each; `calendar` holds their time."""
    ledger: Mapping[str, list[object]]
    """Columns of the ledger by name."""
    summary: Summary
    """Content of `summary.json`, a plain dict: milestones, key figures, causes, provenance.

    After many replications it is a `ReplicatedSummary`."""
    resolved: Mapping[str, Any]
    """The scenario after layering, as plain data."""

    @property
    def calendar(self) -> Calendar:
        """The steps of the run."""
        return self.timeline.calendar

    @property
    def milestones(self) -> list[MilestoneSummary]:
        """The milestones in order: name, metric, target, by, reached, met, margin_days."""
        return self.summary["milestones"]

    def figure(self, name: str) -> float | None:
        """Return a key figure by a name that depends on the scenario.

        Parameters
        ----------
        name : str
            Such as ``npv_krw``, whose currency is that of the scenario.

        Returns
        -------
        float or None
            None where the figure has no meaning in the run.

        Raises
        ------
        KeyError
            If the run has no figure of that name.
        """
        return figure_of(self.summary, name)

    def digest(self) -> str:
        """Return a hash over the hourly columns and all events, independent of file formats."""
        hashed = hashlib.sha256()
        columns: dict[str, NDArray[Any]] = dict(self.hourly)
        moves = self.timeline.moves
        for name in ("time_min", "product", "subject", "n_gpus", "origin", "target"):
            columns[f"moves.{name}"] = getattr(moves, name)
        for name in sorted(columns):
            values = np.ascontiguousarray(columns[name])
            hashed.update(f"{name}:{values.dtype.str}:{values.shape}".encode())
            hashed.update(values.tobytes())
        return hashed.hexdigest()

    @property
    def table(self) -> Table:
        """The hourly columns over ``time``, the start of each step in UTC."""
        return hourly_table(self.calendar, self.hourly)

    @property
    def figures(self) -> Table:
        """The key figures of the run: figure, value, unit, meaning."""
        return figure_table(self.summary)

    @property
    def years(self) -> Table:
        """The figures by calendar year of the site."""
        return year_table(self.summary)

    def _headline(self) -> str:
        summary = self.summary
        parts = [f"{summary['gpus_online_max']:,.0f} GPUs online at most"]
        if self.milestones:
            met = sum(milestone["met"] for milestone in self.milestones)
            parts.append(f"{met} of {len(self.milestones)} milestones met")
        run = f"{summary['start']} to {summary['end']}, replication {summary['replication']}"
        return f"{summary['name']}, {run}: {', '.join(parts)}"

    def _notebook_tables(self) -> dict[str, Table]:
        return {
            "Milestones": milestone_table(self.milestones),
            "Key figures": self.figures,
            "Hourly columns": self.table,
        }

    def save(self, folder: str | Path, *, extra: Mapping[str, bytes] | None = None) -> list[Path]:
        """Write the run to a folder, whole or not at all, and return the paths.

        An earlier run in the same folder is replaced; any other folder that is not empty is left
        alone.

        Parameters
        ----------
        folder : str or Path
            Folder of the run; it and its parents need not exist.
        extra : mapping of bytes, optional
            Further files by name, such as figures.

        Returns
        -------
        list of Path
            The files that were written.

        Raises
        ------
        OutputError
            If the folder cannot be written or holds something else, or a further file has the name
            of one of the run or lies in another folder.
        """
        folder = path_from(folder, "folder")
        check_output(folder)
        check_extra_names(extra or {})
        names = [*RUN_FILES, *(extra or {})]
        # The run is written under another name beside its folder, on the same file system, and
        # renamed when it is whole: a rename is atomic, so a crash, a full disk or a reader in
        # between never meets half a run under the name that was asked for.
        make_default_folder(folder)
        target = folder.resolve()
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            part.mkdir(parents=True)
            self._write(part)
            for name, content in (extra or {}).items():
                (part / name).write_bytes(content)
            replace_folder(part, target)
        except OSError as error:
            raise cannot_write(folder, error) from None
        finally:
            shutil.rmtree(part, ignore_errors=True)
        _LOG.info("wrote %d files to %s", len(names), folder)
        return [folder / name for name in names]

    def _write(self, folder: Path) -> None:
        (folder / "summary.json").write_text(summary_text(self.summary), encoding="utf-8")
        write_hourly(folder / "hourly.parquet", self.calendar, self.hourly)
        write_events(folder / "events.parquet", self.timeline)
        (folder / "timeline.csv").write_text(timeline_csv(self.timeline), encoding="utf-8")
        (folder / "ledger.csv").write_text(ledger_csv(self.ledger), encoding="utf-8")
        text = yaml_text(with_format(self.resolved))
        (folder / "scenario.yaml").write_text(text, encoding="utf-8")
