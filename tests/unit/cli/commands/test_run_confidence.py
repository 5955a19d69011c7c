"""Milestone confidence after `dcsim run`: its lines, when it is left out, what remains."""

from __future__ import annotations

import json

import pytest

from dcsim.cli.commands import run_confidence
from dcsim.study.run import confidence

MILESTONE = "milestones=[{name: some, metric: gpus_online, gpus: 160 GPU, by: 2027-03-01}]"
UNCERTAIN = "deployment.commissioning={uniform: [1 days, 60 days]}"
SETS = ("--set", MILESTONE, "--set", UNCERTAIN)


@pytest.fixture(autouse=True)
def computed(monkeypatch):
    monkeypatch.delenv("DCSIM_NO_CHANCE", raising=False)


def test_the_confidence_follows_the_table_and_is_in_the_folder(cli, folder):
    result = cli("run", "plan.yaml", "--out", "out", *SETS)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    head = lines.index("Milestone confidence, 50 replications (95 % interval)")
    assert (
        lines.index("Written")
        > head
        > next(place for place, line in enumerate(lines) if line.startswith("GPUs online"))
    )
    summary = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    (milestone,) = summary["milestones"]
    assert milestone["probability_runs"] == 50
    assert 0 < milestone["probability"] < 1
    assert f"{milestone['probability']:.0%} (" in lines[head + 3]


def test_replications_of_the_same_plan_have_the_same_confidence(cli, folder):
    assert cli("run", "plan.yaml", "--out", "out", *SETS).exit_code == 0
    words = ("--replications", "50", "--store", "store", "--json")
    study = json.loads(cli("run", "plan.yaml", "--out", "many", *SETS, *words).stdout)
    single = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    keys = ("probability", "probability_low", "probability_high", "probability_runs", "promised")
    for one, other in zip(single["milestones"], study["milestones"], strict=True):
        assert {key: one[key] for key in keys} == {key: other[key] for key in keys}


@pytest.mark.parametrize("way", ["option", "variable", "limit"])
def test_where_it_is_left_out_a_line_says_so_and_what_tells_it(cli, monkeypatch, way):
    words = ["--no-chance"] if way == "option" else []
    if way == "variable":
        monkeypatch.setenv("DCSIM_NO_CHANCE", "1")
    if way == "limit":
        monkeypatch.setattr(confidence, "MOST_EVENTS", 10)
    result = cli("run", "plan.yaml", *SETS, *words)
    text = " ".join(result.stdout.split())
    assert "how likely each is met was not computed" in text
    assert "the same command with --replications 50 tells it" in text
    assert "Milestone confidence," not in text
    assert ("--no-chance" in text) == (way != "limit")
    assert ("million events" in text) == (way == "limit")


def test_a_plan_without_milestones_says_nothing_of_them(cli):
    result = cli("run", "plan.yaml", "--set", UNCERTAIN, "--set", "milestones=[]")
    assert "confidence" not in result.stdout
    assert "not computed" not in result.stdout


def test_a_plan_in_which_nothing_moves_its_dates_says_so(cli, monkeypatch):
    monkeypatch.setattr(run_confidence, "has_open_dates", lambda _: False)
    result = cli("run", "plan.yaml", "--set", MILESTONE)
    assert "Nothing in this plan moves its dates: every run has those above" in result.stdout


def test_json_is_not_followed_by_replications(cli):
    result = cli("run", "plan.yaml", *SETS, "--json")
    assert "probability" not in json.loads(result.stdout)["milestones"][0]


def test_an_interrupt_keeps_the_table_and_the_folder(cli, folder, monkeypatch):
    def interrupt(*_args, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_confidence, "replicate_dates", interrupt)
    result = cli("run", "plan.yaml", "--out", "out", *SETS)
    assert result.exit_code == 5
    assert "GPUs online, most / at the end" in result.stdout
    assert "interrupted; the run is in out" in result.stderr
    summary = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    assert "probability" not in summary["milestones"][0]


def test_figures_are_drawn_with_the_confidence(cli, folder):
    result = cli("run", "plan.yaml", "--out", "out", *SETS, "--plots", "--format", "svg")
    assert result.exit_code == 0
    assert "  out/capacity_curve.svg" in result.stdout.splitlines()
    assert (folder / "out" / "capacity_curve.svg").is_file()
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
