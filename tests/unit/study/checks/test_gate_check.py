"""`dcsim.check`: scenarios, files and folders in, verdicts as tables out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import dcsim
from dcsim.cli.main import main
from dcsim.errors import OutputError, ScenarioError
from dcsim.study.checks.baseline import pin_of, write_baseline
from dcsim.study.checks.gate_check import failed_pins

GATE = "{name: pue, metric: pue_mean, at_most: 1.25}"
TIGHT = "{name: tight, metric: pue_mean, at_most: 1.05}"
CHANCE = "{name: in-time, metric: milestone.half, probability: 50 %}"
LATE = {"orders.first.lead_time": {"uniform": ["9 weeks", "60 weeks"]}}


def test_a_scenario_that_meets_its_gates_passes(plan):
    found = dcsim.check(plan(GATE))
    assert found.passed
    assert found.verdicts["outcome"].tolist() == ["pass"]
    assert found.verdicts["metric"].tolist() == ["pue_mean"]
    assert (len(found.infeasible), found.problems, found.n_failed) == (0, (), 0)
    assert repr(found) == "<Check 1 passed, 0 failed, 0 inconclusive, 1 milestone not judged>"


def test_a_failed_gate_is_said_first(plan):
    found = dcsim.check(plan(GATE, TIGHT))
    assert not found.passed
    assert found.to_pandas()["outcome"].tolist() == ["pass", "fail"]
    assert re.fullmatch(
        r"<Check 1 passed, 1 failed, 0 inconclusive, 1 milestone not judged; \S+plan\.yaml: tight: "
        r"pue_mean: 1\.191, expected at most 1\.05>",
        repr(found),
    )
    assert "Verdicts" in found._repr_html_()


def test_a_probability_is_judged_by_replications(plan):
    scenario = plan(CHANCE).with_overrides(LATE)
    seen = []
    found = dcsim.check(scenario, replications=12, watch=lambda *state: seen.append(state))
    assert "of 12 runs" in found.verdicts["found"][0]
    [name] = found.verdicts["scenario"]
    assert name == f"{scenario.path} ({scenario.digest[:8]})"
    assert {one for one, _ in seen} == {name}
    assert (seen[-1][1].n_done, seen[-1][1].n_total) == (12, 12)


def test_an_infeasible_milestone_fails(plan):
    found = dcsim.check(plan(GATE).with_overrides(["milestones.half.gpus=9000 GPU"]))
    assert not found.passed
    assert found.infeasible["milestone"].tolist() == ["half"]
    assert "4,000 GPUs" in found.infeasible["reason"][0]
    assert "Infeasible milestones" in found._repr_html_()


def test_files_that_cannot_be_read_are_problems_and_nothing_is_run(plan, tmp_path):
    good = plan(GATE).path
    (tmp_path / "bad.yaml").write_text("name: 3\n")
    store = tmp_path / "store"
    found = dcsim.check([good, tmp_path / "bad.yaml"], store=store)
    assert not found.passed
    assert any("bad.yaml" in problem.where for problem in found.problems)
    assert (len(found.verdicts), found.verdicts["outcome"].tolist()) == (0, [])
    assert found.infeasible["milestone"].size == 0
    assert not store.exists()
    assert "Problems" in found._repr_html_()


def test_scenarios_files_and_folders_may_be_mixed(plan, tmp_path):
    scenario = plan(GATE)
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "a.yaml").write_text(f"extends: ../{scenario.path.name}\nname: a\n")
    data = dcsim.load(scenario.resolved)
    found = dcsim.check([folder, scenario, str(scenario.path), data], root=tmp_path)
    names = found.verdicts["scenario"].tolist()
    assert names == [
        str(folder / "a.yaml"),
        str(scenario.path),
        f"{scenario.path} ({scenario.digest[:8]})",
        "One hall",
    ]
    assert found.passed


def test_finished_runs_stay_in_a_store(plan, tmp_path):
    scenario = plan(GATE)
    store = tmp_path / "st"
    dcsim.check(scenario, store=store)
    files = stamps(store)
    dcsim.check(scenario, store=store)
    assert files
    assert stamps(store) == files


def stamps(store: Path) -> dict[Path, int]:
    files = (store / "cases").rglob("*")
    return {file: file.stat().st_mtime_ns for file in files if file.is_file()}


def test_pinned_metrics_are_judged_and_lost_scenarios_fail(plan, single, tmp_path):
    scenario = plan(GATE)
    rows = single(pue_mean=1.191)
    pins = [
        pin_of(scenario, name, "pue_mean", rows, tolerance="1 %", reason="why")
        for name in ("plan.yaml", "gone.yaml")
    ]
    write_baseline(tmp_path / "base.json", pins)
    found = dcsim.check(scenario, baseline=tmp_path / "base.json")
    rows = found.to_pandas().reset_index()
    assert rows["gate"].tolist() == ["pue", "baseline pue_mean", "baseline pue_mean"]
    assert rows["outcome"].tolist() == ["pass", "pass", "fail"]
    assert rows["scenario"].iloc[2] == "gone.yaml"
    assert failed_pins("gone.yaml", pins[1:]).verdicts[0].found == "the scenario is gone"


def test_it_equals_what_the_command_prints(plan, tmp_path, monkeypatch):
    path = plan(GATE, TIGHT).path
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["check", path.name, "--format", "json"])
    assert done.exit_code == 1
    [printed] = json.loads(done.stdout)["scenarios"]
    found = dcsim.check(Path(path.name)).verdicts
    assert [gate["found"] for gate in printed["gates"]] == found["found"].tolist()
    assert [gate["outcome"] for gate in printed["gates"]] == found["outcome"].tolist()
    assert printed["scenario"] == found["scenario"][0]


def test_verdicts_become_a_dataset(plan):
    pytest.importorskip("xarray")
    dataset = dcsim.check(plan(GATE, TIGHT)).to_xarray()
    assert dataset["outcome"].sel(gate="tight").item() == "fail"


@pytest.mark.parametrize(
    ("keywords", "kind", "message"),
    [
        ({"replications": 0}, ScenarioError, "replications 0: must be a whole number, from 1 to"),
        ({"workers": 0}, ScenarioError, "workers 0: must be a whole number, from 1 to 1,024"),
        ({"replication": 5}, TypeError, "unexpected keyword argument 'replication'"),
        ({"baseline": "none.json"}, ScenarioError, "does not exist"),
    ],
)
def test_a_wrong_argument_is_refused(plan, keywords, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        dcsim.check(plan(GATE), **keywords)


@pytest.mark.parametrize("given", [5, [5], None])
def test_what_is_no_scenario_is_refused(given):
    with pytest.raises(TypeError, match="takes scenarios and paths of scenario files, not "):
        dcsim.check(given)


def test_no_scenario_at_all_is_no_pass(tmp_path):
    with pytest.raises(ScenarioError, match="name at least one scenario or file"):
        dcsim.check([])
    with pytest.raises(ScenarioError, match="holds no scenario file"):
        dcsim.check(tmp_path)


def test_a_store_that_cannot_be_there_is_refused(plan):
    scenario = plan(GATE)
    with pytest.raises(OutputError, match=r"plan\.yaml"):
        dcsim.check(scenario, store=scenario.path / "store")


@pytest.mark.parametrize("keyword", ["store", "root", "baseline"])
def test_what_is_no_path_is_refused_by_name(plan, keyword):
    with pytest.raises(TypeError, match=f"^{keyword} is a path, not bool$"):
        dcsim.check(plan(GATE), **{keyword: True})


def test_a_mapping_of_scenarios_is_refused(plan):
    with pytest.raises(TypeError, match=r"^check\(\) takes scenarios and paths"):
        dcsim.check({"plan": plan(GATE)})


def test_a_check_is_equal_to_itself_alone_and_has_a_hash(plan):
    one, other = dcsim.check(plan()), dcsim.check(plan())
    assert one != other
    assert len({one, other, one}) == 2
