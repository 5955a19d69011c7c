"""Figures of studies, and the files they become."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.errors import OutputError
from dcsim.plots.study import files
from dcsim.plots.study.files import (
    replication_figures,
    save_comparison_figures,
    save_driver_figures,
    save_study_figures,
)
from dcsim.study.records.rows import RUN_OK, Rows, text_column

PNG = b"\x89PNG"


def rows_of(n: int) -> Rows:
    late = np.linspace(-100, 99, n)
    reached = np.datetime64("2030-07-01", "s") + late.astype("timedelta64[D]")
    months = np.datetime64("2030-01", "M") + np.arange(12)
    columns = {
        "case": text_column(["a"] * n),
        "replication": np.arange(1.0, n + 1),
        "status": text_column([RUN_OK] * n),
        "cause": text_column([None] * n),
        "size": text_column(["1", "2"] * (n // 2)),
        "speed": text_column(["1", "1", "2", "2"] * (n // 4)),
        "input.works.grid.slip": late,
        "carbon_free_hourly_frac": np.full(n, 0.5),
        "renewable_hourly_frac": np.full(n, 0.25),
        "milestone.all.met": (late <= 0).astype(float),
        "milestone.all.reached": reached,
        "milestone.all.margin_days": -late,
    }
    return Rows(columns, {"gpus_online": np.ones((n, 12))}, months)


SUMMARY = {
    "name": "Site",
    "milestones": [{"name": "all", "metric": "gpus_online", "by": "2030-07-01", "target": 1.0}],
}
AXES = [
    {"key": "size", "label": "Size", "values": ["1", "2"]},
    {"key": "speed", "label": "Speed", "values": ["1", "2"]},
]


def test_replications_have_bands_milestones_and_with_enough_runs_a_tornado():
    few, many = (replication_figures(rows_of(n), SUMMARY) for n in (8, 40))
    assert sorted(few) == ["bands_gpus_online.png", "milestones.png"]
    assert sorted(many) == [*sorted(few), "tornado.png"]
    assert all(content.startswith(PNG) for content in many.values())


def test_replications_without_milestones_have_bands_alone():
    figures = replication_figures(rows_of(40), {"name": "Site", "milestones": []}, formats=("svg",))
    assert list(figures) == ["bands_gpus_online.svg"]


def test_a_sweep_of_two_axes_has_maps(tmp_path):
    written = save_study_figures(rows_of(8), {"axes": AXES}, tmp_path / "new")
    assert sorted(path.name for path in written) == [
        "heat_map_carbon_free_hourly_frac.png",
        "heat_map_milestone.all.png",
        "heat_map_renewable_hourly_frac.png",
    ]
    assert sorted((tmp_path / "new").iterdir()) == sorted(written)


def test_a_sweep_of_one_axis_and_few_runs_has_no_figure(tmp_path):
    assert save_study_figures(rows_of(8), {"axes": AXES[:1]}, tmp_path) == []


def test_a_figure_of_drivers_is_named_after_its_metric(tmp_path):
    (path,) = save_driver_figures(rows_of(40), {}, "milestone.all", tmp_path)
    assert path == tmp_path / "tornado_milestone.all.png"
    assert save_driver_figures(rows_of(8), {}, "milestone.all", tmp_path) == []


def test_series_that_a_scenario_lacks_are_not_compared(tmp_path):
    first, second = rows_of(8), rows_of(8)
    first.series["cfe_frac"] = np.ones((8, 12))
    (path,) = save_comparison_figures({"a": first, "b": second}, tmp_path)
    assert path.name == "compare_gpus_online.png"


def test_a_folder_that_cannot_be_made_is_an_error_of_the_place(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        files.save_comparison_figures({"a": rows_of(8)}, tmp_path / "file")
