"""`dcsim relief`: a line a constraint, and the plan as it is."""

from __future__ import annotations

import re

import dcsim
from dcsim.gpu_states import LIFTABLE


def test_each_constraint_has_a_line_and_the_last_is_the_plan(cli):
    result = cli("relief", "plan.yaml")
    assert result.exit_code == 0
    head, *lines, last = result.stdout.splitlines()
    assert head.split() == [
        "Lifted",
        "alone",
        *["online", "GPU-days", "gained", "most", "GPUs", "online"],
    ]
    assert {line[:28].rstrip() for line in lines} == set(LIFTABLE.values())
    assert all(re.search(r"[+-][\d,]+ \([+-]\d+\.\d%\)", line) for line in lines)
    assert re.fullmatch(r"As planned: [\d,]+ GPU-days online. Gains do not add up.", last)


def test_a_scenario_that_is_not_there_is_bad_input(cli):
    result = cli("relief", "nowhere.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("nowhere.yaml: ")


def test_milestones_have_the_dates_that_lifting_brings(cli, folder):
    goal = "milestones: [{name: half, metric: gpus_online, gpus: 800 GPU, by: 2027-03-31}]\n"
    (folder / "goal.yaml").write_text(f"extends: plan.yaml\n{goal}")
    lines = cli("relief", "goal.yaml").stdout.splitlines()
    at = lines.index("Milestone  as planned  reached if lifted alone")
    assert lines[at - 1] == ""
    assert re.fullmatch(
        r"half +\d{4}-\d\d-\d\d  \d{4}-\d\d-\d\d  commissioning slots \(-[\d,]+ days\)",
        lines[at + 1],
    )
    planned = dcsim.relief(dcsim.load(folder / "goal.yaml")).dates["planned"][0]
    assert str(planned) in lines[at + 1]
