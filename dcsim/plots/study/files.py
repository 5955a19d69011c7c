"""Which figures belong to which study, and where they are written."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dcsim.plots import drawn
from dcsim.plots.study.sweeps import MOST_PANELS, heat_map
from dcsim.plots.study.uncertainty import (
    band_figure,
    indices_figure,
    s_curve_figure,
    tornado_figure,
)
from dcsim.results.run_folder import cannot_write
from dcsim.study.records.rows import Rows
from dcsim.study.sensitivity.screening import design_indices, independent_rows
from dcsim.study.statistics.milestones import milestone_names

PNG = ("png",)
LEAST_FOR_TORNADO = 30
"""Fewer runs have too few in the outer fifths of an input."""
SHOWN_SERIES = ("gpus_online", "energized_mw", "facility_power_mw", "cfe_frac", "spent_usd")
SERIES_OF = {"gpus_online": "gpus_online", "energized_mw": "energized_mw"}


def replication_figures(
    rows: Rows, summary: Mapping[str, Any], *, formats: Sequence[str] = PNG
) -> dict[str, bytes]:
    """Return the figures of the replications of one scenario by file name."""
    label = str(summary["name"])
    files: dict[str, bytes] = {}
    for name in (series for series in SHOWN_SERIES if series in rows.series):
        targets = [
            (one["name"], one["by"], one["target"])
            for one in summary["milestones"]
            if SERIES_OF.get(one["metric"]) == name
        ]
        axes = band_figure({label: rows}, name, targets=targets)
        files |= drawn(f"bands_{name}", axes, formats)
    if summary["milestones"]:
        files |= drawn("milestones", s_curve_figure(rows, summary), formats)
        if rows.n_rows >= LEAST_FOR_TORNADO:
            last = summary["milestones"][-1]["name"]
            files |= drawn("tornado", tornado_figure(rows, f"milestone.{last}"), formats)
    return files


def save_study_figures(rows: Rows, about: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw what a sweep has to show into its folder: a heat map of two or three axes, a tornado."""
    files: dict[str, bytes] = {}
    names = milestone_names(rows)
    axes = about.get("axes") or []
    metrics = [f"milestone.{names[-1]}"] if names else []
    if _can_be_mapped(axes) and rows.n_rows:
        for metric in (*metrics, "carbon_free_hourly_frac", "renewable_hourly_frac"):
            files |= drawn(f"heat_map_{metric}", heat_map(rows, axes, metric), PNG)
    if metrics and rows.n_rows:
        files |= _driver_figure(rows, about, metrics[0], "")
    return _written(files, folder)


def _driver_figure(
    rows: Rows, about: Mapping[str, Any], metric: str, tail: str
) -> dict[str, bytes]:
    """Return the indices of a design that has them, else a tornado of enough runs."""
    if _is_complete(rows, about):
        indices = design_indices(rows, metric, about)
        return drawn(f"indices{tail}", indices_figure(indices, metric), PNG)
    apart = independent_rows(rows, about)
    if apart.n_rows >= LEAST_FOR_TORNADO and apart.named("input."):
        return drawn(f"tornado{tail}", tornado_figure(apart, metric), PNG)
    return {}


def _is_complete(rows: Rows, about: Mapping[str, Any]) -> bool:
    design = about.get("design") or {}
    there = set(rows.columns["case"].tolist())
    return design.get("method") in ("sobol", "morris") and there.issuperset(design["cases"])


def _can_be_mapped(axes: Sequence[Mapping[str, Any]]) -> bool:
    panels = min((len(axis["values"]) for axis in axes), default=0)
    return len(axes) == 2 or (len(axes) == 3 and panels <= MOST_PANELS)


def save_driver_figures(
    rows: Rows, about: Mapping[str, Any], metric: str, folder: Path
) -> list[Path]:
    """Draw the tornado of a metric into a folder, or the indices of a design."""
    return _written(_driver_figure(rows, about, metric, f"_{metric}"), folder)


def save_comparison_figures(tables: Mapping[str, Rows], folder: Path) -> list[Path]:
    """Draw the bands of scenarios over one another into a folder."""
    files: dict[str, bytes] = {}
    for name in SHOWN_SERIES:
        if all(name in rows.series for rows in tables.values()):
            files |= drawn(f"compare_{name}", band_figure(tables, name), PNG)
    return _written(files, folder)


def _written(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            part = folder / f".{name}.{secrets.token_hex(4)}.part"
            part.write_bytes(content)
            os.replace(part, folder / name)  # noqa: PTH105  (beside the name it replaces)
            written.append(folder / name)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return written
