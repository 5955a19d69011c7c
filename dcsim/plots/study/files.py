"""Figures of studies: the rows of a study in, files in its folder out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dcsim.plots import figure_files
from dcsim.plots.study.figures import LEAST_FOR_TORNADO, milestone_targets
from dcsim.plots.study.sweeps import MAX_PANELS, heat_map_figure
from dcsim.plots.study.uncertainty import (
    band_figure,
    indices_figure,
    s_curve_figure,
    tornado_figure,
)
from dcsim.results.output_files import write_output_file
from dcsim.study.records.labels import SERIES_LABELS
from dcsim.study.records.rows import Rows
from dcsim.study.sensitivity.effects import LATE, driver_analyses, reaching_rows
from dcsim.study.sensitivity.screening import design_indices, independent_rows
from dcsim.study.statistics.milestones import milestone_names

PNG_ONLY = ("png",)


def replication_figures(
    rows: Rows,
    summary: Mapping[str, Any],
    *,
    formats: Sequence[str] = PNG_ONLY,
    about: Mapping[str, Any] | None = None,
) -> dict[str, bytes]:
    """Return the figures of the replications of one scenario by file name.

    Parameters
    ----------
    rows : Rows
        The replications.
    summary : mapping
        Summary of the run, with its milestones.
    formats : sequence of str
        Any of ``png``, ``svg`` and ``pdf``.
    about : mapping, optional
        What the manifest says of the inputs.
    """
    label = str(summary["name"])
    files: dict[str, bytes] = {}
    for name in (series for series in SERIES_LABELS if series in rows.series):
        targets = milestone_targets(summary["milestones"], name)
        axes = band_figure({label: rows}, name, targets=targets)
        files |= figure_files(f"bands_{name}", axes, formats)
    if summary["milestones"]:
        files |= figure_files("milestones", s_curve_figure(rows, summary), formats)
        if rows.n_rows >= LEAST_FOR_TORNADO:
            metric = f"milestone.{summary['milestones'][-1]['name']}"
            reaching = reaching_rows(rows, about or {}, metric)
            files |= figure_files("tornado", tornado_figure(reaching, metric), formats)
    return files


def save_study_figures(rows: Rows, about: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the figures of a sweep into its folder: heat maps of two or three axes, a tornado.

    Parameters
    ----------
    rows : Rows
        All runs of the study.
    about : mapping
        What its manifest says of axes and design.
    folder : Path

    Returns
    -------
    list of Path
        The files.
    """
    files: dict[str, bytes] = {}
    names = milestone_names(rows)
    axes = about.get("axes") or []
    metrics = [f"milestone.{names[-1]}"] if names else []
    if _has_map_axes(axes) and rows.n_rows:
        for metric in (*metrics, "carbon_free_hourly_frac", "renewable_hourly_frac"):
            drawn = heat_map_figure(rows, axes, metric)
            files |= figure_files(f"heat_map_{metric}", drawn, PNG_ONLY)
    if metrics and rows.n_rows:
        files |= _driver_figure(rows, about, metrics[0], "")
    return _write_files(files, folder)


def _driver_figure(
    rows: Rows, about: Mapping[str, Any], metric: str, tail: str
) -> dict[str, bytes]:
    """Return the indices of a design that has them, else a tornado of enough runs."""
    if _has_whole_design(rows, about):
        indices = design_indices(rows, metric, about)
        return figure_files(f"indices{tail}", indices_figure(indices, metric), PNG_ONLY)
    independent = independent_rows(rows, about)
    if independent.n_rows >= LEAST_FOR_TORNADO and independent.named("input."):
        reaching = reaching_rows(independent, about, metric)
        files = figure_files(f"tornado{tail}", tornado_figure(reaching, metric), PNG_ONLY)
        if len(driver_analyses(reaching, metric)) > 1:
            drawn = tornado_figure(reaching, metric, question=LATE)
            files |= figure_files(f"tornado_days{tail}", drawn, PNG_ONLY)
        return files
    return {}


def _has_whole_design(rows: Rows, about: Mapping[str, Any]) -> bool:
    design = about.get("design") or {}
    there = set(rows.columns["case"].tolist())
    return design.get("method") in ("sobol", "morris") and there.issuperset(design["cases"])


def _has_map_axes(axes: Sequence[Mapping[str, Any]]) -> bool:
    panels = min((len(axis["values"]) for axis in axes), default=0)
    return len(axes) == 2 or (len(axes) == 3 and panels <= MAX_PANELS)


def save_driver_figures(
    rows: Rows, about: Mapping[str, Any], metric: str, folder: Path
) -> list[Path]:
    """Draw the tornado of a metric into a folder, or the indices of a design.

    Parameters
    ----------
    rows : Rows
        All runs of the study.
    about : mapping
        What its manifest says of axes and design.
    metric : str
        Column of `rows`, or ``milestone.NAME``.
    folder : Path

    Returns
    -------
    list of Path
        The file, if there are runs enough for it.
    """
    return _write_files(_driver_figure(rows, about, metric, f"_{metric}"), folder)


def save_comparison_figures(tables: Mapping[str, Rows], folder: Path) -> list[Path]:
    """Draw the bands of scenarios over one another into a folder."""
    files: dict[str, bytes] = {}
    for name in SERIES_LABELS:
        if all(name in rows.series for rows in tables.values()):
            files |= figure_files(f"compare_{name}", band_figure(tables, name), PNG_ONLY)
    return _write_files(files, folder)


def _write_files(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    for name, content in files.items():
        write_output_file(folder / name, content)
    return [folder / name for name in files]
