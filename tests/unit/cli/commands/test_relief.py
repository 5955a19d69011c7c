"""`dcsim relief`: a line a constraint, the plan as it is, and the dates that lifting brings."""

from __future__ import annotations

import json
import re

import dcsim
from dcsim.cli.commands.relief import relief_lines, signed
from dcsim.gpu_states import LIFTABLE

GOAL = "milestones: [{name: half, metric: gpus_online, gpus: 800 GPU, by: 2027-03-31}]\n"


def test_each_constraint_has_a_line_below_the_plan_and_its_horizon(cli):
    result = cli("relief", "plan.yaml")
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert re.search(r": [\d,]+ GPU-days online as planned, to \d{4}-\d\d-\d\d$", head)
    for label in LIFTABLE.values():
        (line,) = [line for line in lines if line.startswith(label)]
        assert re.search(r"(\+[\d,]+|0) \([+-]?\d+\.\d%\)", line)
    assert "Gains do not add up: behind each constraint stands the next." in lines


def test_a_scenario_that_is_not_there_is_bad_input(cli):
    result = cli("relief", "nowhere.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("nowhere.yaml: ")


def test_milestones_have_the_dates_that_lifting_brings(cli, folder):
    (folder / "goal.yaml").write_text(f"extends: plan.yaml\n{GOAL}")
    text = cli("relief", "goal.yaml").stdout
    row = r"half +(\S+)  commissioning slots +\d{4}-\d\d-\d\d +\+[\d,]+\n"
    planned = dcsim.relief(dcsim.load(folder / "goal.yaml")).dates["planned"][0]
    assert re.search(row, text)[1] == str(planned)
    assert "Dates are those of the single run; --replications 50 gives their chances." in text


def test_milestones_that_hang_on_works_are_told_to_stay(cli, folder):
    works = "milestones: [{name: power, metric: energized_mw, power: 1 MW, by: 2027-03-31}]\n"
    (folder / "works.yaml").write_text(f"extends: plan.yaml\n{works}")
    text = cli("relief", "works.yaml").stdout
    assert "Relief lifts limits of GPUs and moves no works: power stay." in text


def test_replications_show_spread_and_chances(cli, folder):
    (folder / "many.yaml").write_text(f"extends: plan.yaml\n{GOAL}")
    text = cli("relief", "many.yaml", "--replications", "3").stdout
    assert "medians of 3 replications" in text.replace("\n", " ")
    assert re.search(r"8 of 10 *(runs)?", text)
    assert re.search(r"\+[\d,]+ to\b", text)
    assert re.search(r"half +\d{4}-\d\d-\d\d", text)
    assert re.search(r"\(\d+%\)", text)


def test_json_holds_the_same_and_nothing_else(cli, folder):
    (folder / "goal.yaml").write_text(f"extends: plan.yaml\n{GOAL}")
    data = json.loads(cli("relief", "goal.yaml", "--horizon", "2027-03-15", "--json").stdout)
    found = dcsim.relief(dcsim.load(folder / "goal.yaml"), horizon="2027-03-15")
    assert data["horizon"] == "2027-03-15"
    assert data["gpu_days"] == found.gpu_days
    assert [one["constraint"] for one in data["constraints"]] == list(found.table["constraint"])
    assert data["constraints"][0]["gpu_days"] == found.gains[0].gpu_days
    assert {one["milestone"] for one in data["milestones"]} == {"half"}
    assert len(data["milestones"]) == len(LIFTABLE)


def test_numbers_are_whole_on_narrow_terminals(folder):
    found = dcsim.relief(dcsim.load(folder / "plan.yaml"))
    for width in (24, 40, 60, 100):
        text = "\n".join(relief_lines(found, width))
        for gain in found.gains:
            assert re.search(rf"(?<![\d,]){re.escape(signed(gain.gpu_days))}(?![\d,])", text)
