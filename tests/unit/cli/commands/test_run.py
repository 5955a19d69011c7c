"""`dcsim run`: one replication, its folder, and outputs that are refused."""

from __future__ import annotations

import json

import pytest

FILES = [
    "events.parquet",
    "hourly.parquet",
    "ledger.csv",
    "scenario.yaml",
    "summary.json",
    "timeline.csv",
]


def test_a_run_writes_its_folder_and_prints_a_table(cli, folder):
    result = cli("run", "plan.yaml", "--out", "result")
    assert result.exit_code == 0
    assert sorted(path.name for path in (folder / "result").iterdir()) == FILES
    lines = result.stdout.splitlines()
    assert lines[0] == "One hall  2027-01-01 to 2027-04-01"
    assert max(map(len, lines)) <= 100
    assert lines[lines.index("Written") + 1] == "  result/summary.json"


def test_the_folder_is_named_after_the_scenario(cli, folder):
    assert cli("run", "plan.yaml").exit_code == 0
    assert (folder / "runs" / "plan" / "summary.json").is_file()
    assert sorted(path.name for path in folder.iterdir()) == ["plan.yaml", "runs"]


def test_a_pipe_gets_one_plain_line_a_stage(cli):
    lines = cli("run", "plan.yaml").stderr.splitlines()
    stages = ["scenario", "ramp", "weather", "power", "supply", "accounts", "files"]
    assert [line.split()[0] for line in lines] == stages
    assert all(line.endswith(" s") and line.isascii() for line in lines)


def test_json_is_the_summary_and_nothing_else(cli, folder):
    result = cli("run", "plan.yaml", "--out", "result", "--json")
    assert result.stderr == ""
    saved = json.loads((folder / "result" / "summary.json").read_text(encoding="utf-8"))
    assert json.loads(result.stdout) == saved


def test_the_summary_says_what_was_run(cli):
    arguments = ("run", "plan.yaml", "--json", "--set", "seed=7", "--replication", "2")
    summary = json.loads(cli(*arguments).stdout)
    assert summary["replication"] == 2
    assert summary["provenance"]["seed"] == 7
    assert summary["provenance"]["overrides"] == ["seed=7"]
    assert summary["provenance"]["changes"] == ["--set seed seed nothing -> 7"]
    assert summary["provenance"]["scenario"] == "plan.yaml"


def test_the_written_scenario_gives_the_same_run(cli, folder):
    first = json.loads(cli("run", "plan.yaml", "--out", "a", "--json", "--set", "seed=7").stdout)
    again = json.loads(cli("run", "a/scenario.yaml", "--out", "b", "--json").stdout)
    for key in ("gpus_online_max", "peak_facility_mw", "carbon_location_t", "gpu_days"):
        assert again[key] == first[key]
    one, two = (folder / name / "hourly.parquet" for name in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_figures_are_drawn_on_demand_in_the_formats_asked_for(cli, folder):
    result = cli("run", "plan.yaml", "--out", "result", "--plots", "--format", "svg")
    assert result.exit_code == 0
    figures = [path.name for path in (folder / "result").iterdir() if path.suffix == ".svg"]
    assert "capacity_curve.svg" in figures
    assert not list((folder / "result").glob("*.png"))


def test_a_wrong_scenario_leaves_no_folder(cli, folder):
    result = cli("run", "plan.yaml", "--set", "deployment.crews=0")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("plan.yaml", "plan.yaml: is not a folder; choose another folder"),
        ("plan.yaml/x", "plan.yaml/x: cannot be written: {here}/plan.yaml is not a folder"),
        ("plan.yaml/x/y", "plan.yaml/x/y: cannot be written: {here}/plan.yaml is not a folder"),
        ("full", "full: is not empty and holds no run; choose another folder"),
        ("mixed", "mixed: holds thesis.txt, which is not a run's; choose another folder"),
        ("link", "link: is not a folder; choose another folder"),
        (
            "empty/../../{name}/inner/..",
            "{out}: is not empty and holds no run; choose another folder",
        ),
        ("x" * 300, "x{rest}…: cannot be written: File name too long"),
        ("/dev/null", "/dev/null: is not a folder; choose another folder"),
    ],
    ids=range(9),
)
def test_an_output_that_cannot_be_written_is_refused_before_the_run(cli, folder, out, message):
    for name, file in (("full", "a"), ("mixed", "thesis.txt"), ("mixed", "summary.json")):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / file).write_text("{}", encoding="utf-8")
    for name in ("empty", "inner"):
        (folder / name).mkdir()
    (folder / "link").symlink_to(folder / "nowhere")
    before = sorted(folder.rglob("*"))
    out = out.format(name=folder.name)
    result = cli("run", "plan.yaml", "--out", out)
    assert result.exit_code == 4
    assert result.stderr == message.format(here=folder, out=out, rest="x" * 198) + "\n"
    assert result.stdout == ""
    assert sorted(folder.rglob("*")) == before


def test_the_current_folder_is_not_replaced(cli, folder, monkeypatch):
    (folder / "empty").mkdir()
    monkeypatch.chdir(folder / "empty")
    result = cli("run", "../plan.yaml", "--out", ".")
    assert result.exit_code == 4
    assert result.stderr == ".: is the folder you are in; choose another folder\n"


def test_an_earlier_run_is_replaced_with_its_figures(cli, folder):
    cli("run", "plan.yaml", "--out", "result", "--plots")
    assert cli("run", "plan.yaml", "--out", "result").exit_code == 0
    assert sorted(path.name for path in (folder / "result").iterdir()) == FILES
    assert sorted(path.name for path in folder.iterdir()) == ["plan.yaml", "result"]


def test_an_empty_folder_may_be_filled(cli, folder):
    (folder / "empty").mkdir()
    assert cli("run", "plan.yaml", "--out", "empty").exit_code == 0


def test_a_process_runs_from_the_scenario_to_the_files(process, folder):
    done = process("run", "plan.yaml", "--out", "result")
    assert done.returncode == 0
    assert done.stdout.startswith("One hall")
    assert sorted(path.name for path in (folder / "result").iterdir()) == FILES
