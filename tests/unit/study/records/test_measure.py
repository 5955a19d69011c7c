from __future__ import annotations

import numpy as np
import pytest

from dcsim.clock import ONE_MONTH
from dcsim.pipeline import replay
from dcsim.scenario.load import load
from dcsim.study.records.measure import failed, inputs, measure, rows_of
from dcsim.units import MINUTES_PER_DAY


@pytest.fixture(scope="module")
def run(scenarios):
    return replay(load(scenarios / "ulsan-103mw.yaml"), 3)


def test_a_row_holds_the_key_figures_and_gpu_days_of_its_run(run):
    values = measure(run).values
    assert (values["replication"], values["status"], values["cause"]) == (3.0, "ok", None)
    assert values["npv_usd"] == run.accounts.key_figures["npv_usd"]
    for state, minutes in run.accounts.gpu_minutes.items():
        assert values[f"gpu_days.{state}"] == minutes / MINUTES_PER_DAY


def test_the_drawn_inputs_are_those_of_the_plan(run):
    values = measure(run).values
    drawn = dict(inputs(run.plan))
    assert drawn
    assert {f"input.{key}": value for key, value in drawn.items()}.items() <= values.items()
    for key, one in run.plan.inputs.items():
        assert drawn[key] == one.value


def test_series_are_levels_at_the_end_of_each_month(run):
    measured = measure(run)
    calendar, online = run.timeline.calendar, run.timeline.stock("online")
    for i in (0, 20, len(measured.months) - 1):
        end = (measured.months[i] + ONE_MONTH).astype("datetime64[D]").item()
        last_min = min(calendar.minute_of(end), calendar.minute_of(run.plan.site.end)) - 1
        assert measured.series["gpus_online"][i] == online.at(last_min)
    assert (np.diff(measured.series["spent_usd"]) >= 0).all()


def test_products_add_up_to_all_gpus(run):
    series = measure(run).series
    products = [values for name, values in series.items() if name.startswith("gpus_online.")]
    np.testing.assert_array_equal(np.sum(products, axis=0), series["gpus_online"])


def test_a_failed_replication_misses_everything_but_its_cause(run):
    rows = rows_of([measure(run), failed(4, "power: too little")])
    assert rows.columns["replication"].tolist() == [3, 4]
    assert rows.columns["cause"].tolist() == [None, "power: too little"]
    assert np.isnan(rows.columns["npv_usd"][1])
    assert np.isnan(rows.series["gpus_online"][1]).all()
    assert not np.isnan(rows.series["gpus_online"][0]).any()


def test_the_path_of_a_milestone_names_works_of_the_plan(run):
    values = measure(run).values
    works = {task.name for task in run.timeline.tasks}
    paths = [value for name, value in values.items() if name.endswith(".path")]
    assert paths
    for path in paths:
        assert path in ("", "delivery") or set(path.split(" > ")) <= works
