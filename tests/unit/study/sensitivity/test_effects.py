"""What moves an outcome beyond chance: whether it comes, how late if it does, with intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.study.records.rows import text_column
from dcsim.study.sensitivity.effects import driver_analyses, reaching_rows

N = 400


@pytest.fixture(scope="module")
def rows(rows_of):
    """`fits` decides whether a milestone comes, `slip` how late; ninety inputs say nothing."""
    rng = np.random.default_rng(4)
    fits, slip = rng.random((2, N))
    never = fits < 0.4
    late = np.round(300 * slip - 100)
    day = np.datetime64("2030-06-01", "s") + late.astype("timedelta64[D]")
    noise = {f"input.noise.n{i}.x": rng.random(N) for i in range(90)}
    return rows_of(
        {
            "input.power.fits": fits,
            "input.works.grid.slip": slip,
            **noise,
            "input.choice.kind": text_column(["a" if x < 0.5 else "b" for x in slip]),
            "milestone.all.met": np.where(never | (late > 0), 0.0, 1.0),
            "milestone.all.margin_days": np.where(never, np.nan, -late),
            "milestone.all.reached": np.where(never, np.datetime64("NaT", "s"), day),
            "npv_usd": 5e9 * slip + 1e9 * rng.standard_normal(N),
        }
    )


def named(analysis) -> list[str]:
    return [effect.swing.name for effect in analysis.effects]


def test_whether_it_comes_is_apart_from_when(rows):
    comes, late = driver_analyses(rows, "milestone.all")
    assert (comes.question, late.question) == ("comes", "late")
    assert comes.n == N
    assert late.n == round(N * comes.typical)
    assert named(comes) == ["power.fits"]
    assert set(named(late)) == {"works.grid.slip", "choice.kind"}


def test_a_milestone_that_every_run_reaches_is_asked_for_its_day_alone(rows):
    there = rows.where(~np.isnat(rows.columns["milestone.all.reached"]))
    assert [one.question for one in driver_analyses(there, "milestone.all")] == ["late"]


def test_what_may_be_chance_is_left_out_of_a_figure(rows):
    (found,) = driver_analyses(rows, "npv_usd")
    assert set(named(found)) == {"works.grid.slip", "choice.kind"}
    assert found.n_tested == 93
    assert all(effect.false_discovery <= 0.05 for effect in found.effects)


def test_effects_have_intervals_that_hold_the_true_change(rows):
    (found,) = driver_analyses(rows, "npv_usd")
    effect = next(one for one in found.effects if one.swing.name == "works.grid.slip")
    # The medians of the outer fifths of `slip` are 0.8 apart.
    assert effect.low < 4e9 < effect.high
    assert effect.low < effect.swing.swing < effect.high
    comes, _ = driver_analyses(rows, "milestone.all")
    (fits,) = comes.effects
    assert fits.swing.swing == 1.0
    assert 0.8 < fits.low < 1.0


def test_texts_of_each_run_alone_are_not_compared(rows_of, rows):
    own = text_column([f"text {i}" for i in range(N)])
    mixed = rows_of({**rows.columns, "input.choice.kind": own})
    (found,) = driver_analyses(mixed, "npv_usd")
    assert named(found) == ["works.grid.slip"]
    assert math.isfinite(found.effects[0].correlation)


def test_too_few_runs_have_no_analysis(rows):
    few = rows.where(np.arange(N) < 9)
    assert driver_analyses(few, "npv_usd") == []


def test_inputs_that_a_metric_cannot_depend_on_are_taken_away(rows):
    reach = {"unused": ["noise.n0.x"], "no_date": ["choice.kind"], "dated_milestones": ["all"]}
    about = {"reach": reach}
    dated = reaching_rows(rows, about, "milestone.all").named("input.")
    assert "noise.n0.x" not in dated
    assert "choice.kind" not in dated
    figure = reaching_rows(rows, about, "npv_usd").named("input.")
    assert "choice.kind" in figure
    assert "noise.n0.x" not in figure
    assert set(reaching_rows(rows, {}, "npv_usd").columns) == set(rows.columns)
