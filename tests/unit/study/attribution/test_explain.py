from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from dcsim.cli.main import main
from dcsim.errors import ModelError, ScenarioError
from dcsim.scenario.load import load
from dcsim.study.attribution.explain import explain

LATE = "orders: [{name: first, lead_time: 40 weeks}]\n"
SLOW = "deployment: {commissioning: 42 days}\n"
COOL = "cooling: {overhead: 30 %}\n"


def test_each_change_gets_its_part_and_they_add_up(pair) -> None:
    path, write = pair
    before, after = load(path), load(write(LATE + SLOW + COOL))
    found = explain(before, after, "milestone.half.reached")
    shares = {part.group.label: part.share for part in found.parts}
    assert set(shares) == {"orders", "deployment", "cooling"}
    assert shares["cooling"] == 0.0
    assert shares["orders"] == pytest.approx(98, abs=1)
    assert shares["deployment"] > 21  # each slot is held longer, so racks queue as well
    assert sum(shares.values()) == found.change == found.after - found.before
    assert found.exact
    assert found.n_runs == 8


def test_a_figure_is_split_as_well(pair) -> None:
    path, write = pair
    found = explain(load(path), load(write(COOL + SLOW)), "pue_mean")
    shares = {part.group.label: part.share for part in found.parts}
    assert shares["cooling"] == pytest.approx(0.15, abs=0.01)
    assert sum(shares.values()) == pytest.approx(found.change, rel=1e-12)


def test_replications_explain_the_mean_with_errors(pair) -> None:
    path, write = pair
    uncertain = "orders: [{name: first, lead_time: {uniform: [20 weeks, 50 weeks]}}]\n"
    found = explain(
        load(path),
        load(write(uncertain + SLOW)),
        "milestone.half.reached",
        replications=6,
    )
    assert found.n_runs == 4 * 6
    parts = {part.group.label: part for part in found.parts}
    assert parts["orders"].error > 0
    assert sum(part.share for part in found.parts) == pytest.approx(found.change)


def test_nothing_changed_and_another_seed_are_told(pair) -> None:
    path, write = pair
    with pytest.raises(ModelError, match="differ in nothing"):
        explain(load(path), load(path), "pue_mean")
    with pytest.raises(ModelError, match="seeds"):
        explain(load(path), load(write("seed: 7\n")), "pue_mean")


def run(*args: object):
    return CliRunner().invoke(main, ["explain", *map(str, args)])


def test_the_command_prints_a_table_and_draws(pair, tmp_path: Path) -> None:
    path, write = pair
    other = write(LATE + COOL)
    done = run(path, other, "--metric", "milestone.half.margin_days", "--out", tmp_path / "w.png")
    assert done.exit_code == 0, done.stderr
    assert "orders" in done.stdout
    assert "orders.first.lead_time: 26 weeks -> 40 weeks" in done.stdout
    assert "No effect of 1 other: cooling" in done.stdout
    assert (tmp_path / "w.png").read_bytes()[:4] == b"\x89PNG"
    told = json.loads(run(path, other, "--metric", "pue_mean", "--json").stdout)
    assert np.isclose(sum(part["share"] for part in told["parts"]), told["change"])


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("pue_men", "there is no metric 'pue_men'; near are pue_mean"),
        ("gpus_online_1999", "there is no metric 'gpus_online_1999'"),
    ],
)
def test_an_unknown_metric_is_told_with_what_is_near(pair, metric: str, said: str) -> None:
    path, write = pair
    done = run(path, write(COOL), "--metric", metric)
    assert done.exit_code == 2
    assert said in done.stderr


def test_where_nothing_can_be_written_is_told_before_any_run(pair, tmp_path) -> None:
    path, write = pair
    words = ["explain", str(path), str(write(SLOW)), "--metric", "pue_mean"]
    done = CliRunner().invoke(main, [*words, "--out", str(path / "x.png")])
    assert done.exit_code == 4
    assert "is not a folder" in done.output
    assert "Change" not in done.output
    (tmp_path / "x.png").mkdir()
    done = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "x.png")])
    assert done.exit_code == 4
    assert "internal error" not in done.output


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"by": "file"}, "by 'file': must be one of section, name"),
        ({"replications": -1}, "replications -1: must be a whole number, from 0 to 1,000,000"),
        ({"replications": 1.5}, "replications 1.5: must be a whole number"),
        ({"orders": 3}, "orders 3: must be a whole number, 4 or more"),
        ({"orders": True}, "orders True: must be a whole number"),
        ({"metric": 5}, "metric 5: must be the name of a figure, such as gpus_online_2030"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_allowed(pair, keywords, message) -> None:
    path, write = pair
    given = {"metric": "pue_mean", **keywords}
    with pytest.raises(ScenarioError, match=re.escape(message)):
        explain(load(path), load(write(COOL)), **given)


def test_a_path_is_no_scenario(pair) -> None:
    path, _ = pair
    with pytest.raises(TypeError, match=r"explain\(\) takes a Scenario, not PosixPath; read the"):
        explain(load(path), path, "pue_mean")


def test_an_odd_number_of_orders_counts_one_more(pair) -> None:
    path, _ = pair
    many = [
        *("deployment.crews=1", "deployment.install=9 h", "deployment.commissioning=22 days"),
        *("deployment.slots=39", "cooling.overhead=16 %", "grid.carbon=400 kg/MWh"),
        *("power.design_pue=1.3", "weather.climate.persistence=0.5", "orders.first.gpus=3200 GPU"),
        "grid.carbon_free=40 %",
    ]
    before = load(path)
    after = before.with_overrides(many)
    found, even = (
        explain(before, after, "pue_mean", by="name", orders=orders) for orders in (5, 6)
    )
    assert len(found.parts) > 8
    assert found.n_orders == 6
    assert found.parts == even.parts
    assert sum(part.share for part in found.parts) == pytest.approx(found.change)


def test_it_says_after_each_run_how_many_there_will_be(pair) -> None:
    path, write = pair
    runs = []
    found = explain(
        load(path), load(write(COOL + SLOW)), "pue_mean", watch=lambda *now: runs.append(now)
    )
    assert runs == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found.n_runs == 4
