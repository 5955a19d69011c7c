from __future__ import annotations

import json
import sys

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


def test_a_run_can_be_drawn_again_elsewhere(cli, folder):
    cli("run", "plan.yaml", "--out", "result")
    result = cli("plot", "result", "--out", "figures", "--format", "svg")
    assert result.exit_code == 0
    named = sorted(path.name for path in (folder / "figures").iterdir())
    assert named == sorted(line.removeprefix("figures/") for line in result.stdout.splitlines())
    assert "capacity_curve.svg" in named
    assert sorted(path.name for path in (folder / "result").iterdir()) == FILES


def test_a_folder_without_a_run_cannot_be_drawn(cli, folder):
    (folder / "empty").mkdir()
    result = cli("plot", "empty")
    assert result.exit_code == 2
    assert result.stderr == "empty: holds no whole run: summary.json is not there\n"


@pytest.mark.parametrize("name", ["summary.json", "hourly.parquet", "events.parquet", "ledger.csv"])
def test_a_damaged_run_cannot_be_drawn(cli, folder, name):
    cli("run", "plan.yaml", "--out", "result")
    path = folder / "result" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    result = cli("plot", "result", "--out", "figures")
    assert result.exit_code == 2
    assert "cannot be read back" in result.stderr
    assert not (folder / "figures").exists()


def test_a_wrong_scenario_leaves_no_folder(cli, folder):
    result = cli("run", "plan.yaml", "--set", "deployment.crews=0")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "plan.yaml", "--replication", "-1"),
        ("run", "plan.yaml", "--replication", "x"),
        ("run", "plan.yaml", "--format", "bmp"),
        ("run", "plan.yaml", "--frobnicate"),
        ("plot", "nowhere"),
        ("simulate",),
        ("show", "nowhere.yaml"),
        ("show", "."),
        ("show", "plan.yaml", "--root", "/nonexistent"),
        ("show", "plan.yaml", "--set", "x"),
        ("relief", "nowhere.yaml"),
    ],
    ids=" ".join,
)
def test_bad_arguments_are_bad_input(cli, arguments):
    result = cli(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("plan.yaml", "plan.yaml: is not a folder; choose another --out"),
        ("plan.yaml/x", "plan.yaml/x: cannot be written: {here}/plan.yaml is not a folder"),
        ("plan.yaml/x/y", "plan.yaml/x/y: cannot be written: {here}/plan.yaml is not a folder"),
        ("full", "full: is not empty and holds no run; choose another --out"),
        ("mixed", "mixed: holds thesis.txt, which is not a run's; choose another --out"),
        ("link", "link: is not a folder; choose another --out"),
        (
            "empty/../../{name}/inner/..",
            "{out}: is not empty and holds no run; choose another --out",
        ),
        ("x" * 300, "x{rest}…: cannot be written: File name too long"),
        ("/dev/null", "/dev/null: is not a folder; choose another --out"),
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
    assert result.stderr == ".: is the folder you are in; choose another --out\n"


def test_an_earlier_run_is_replaced_with_its_figures(cli, folder):
    cli("run", "plan.yaml", "--out", "result", "--plots")
    assert cli("run", "plan.yaml", "--out", "result").exit_code == 0
    assert sorted(path.name for path in (folder / "result").iterdir()) == FILES
    assert sorted(path.name for path in folder.iterdir()) == ["plan.yaml", "result"]


def test_an_empty_folder_may_be_filled(cli, folder):
    (folder / "empty").mkdir()
    assert cli("run", "plan.yaml", "--out", "empty").exit_code == 0


def test_an_internal_error_is_one_line_and_no_traceback(cli, monkeypatch):
    def fail(*_, **__):
        raise KeyError("lost\nthing")

    monkeypatch.setattr("dcsim.cli.commands.show.load", fail)
    result = cli("show", "plan.yaml")
    assert result.exit_code == 70
    assert result.stderr.splitlines() == [
        "internal error: KeyError: 'lost\\nthing'",
        "this is a defect of dcsim; run again with 'dcsim --debug …' and report it",
    ]


def test_debug_shows_the_traceback_of_an_internal_error(folder, monkeypatch):
    from click.testing import CliRunner

    from dcsim.cli import main

    def fail(*_, **__):
        raise KeyError("lost")

    monkeypatch.setattr("dcsim.cli.commands.show.load", fail)
    result = CliRunner().invoke(main, ["--debug", "show", "plan.yaml"])
    assert isinstance(result.exception, KeyError)


def test_an_interrupt_is_told_and_has_its_own_code(cli, folder, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("dcsim.pipeline.run_events", stop)
    result = cli("run", "plan.yaml")
    assert result.exit_code == 5
    assert result.stderr.splitlines()[-1] == "interrupted; nothing was written"
    assert not (folder / "runs").exists()


def test_help_and_version_need_nothing_else(process):
    for option in ("--help", "-h", "--version"):
        done = process(option)
        assert done.returncode == 0
        assert done.stdout
    slow = ("numpy", "pandas", "matplotlib", "scipy", "duckdb", "pydantic")
    script = "import sys, dcsim.cli; print([m for m in sys.modules if m in " + repr(slow) + "])"
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_process_runs_from_the_scenario_to_the_files(process, folder):
    done = process("run", "plan.yaml", "--out", "result")
    assert done.returncode == 0
    assert done.stdout.startswith("One hall")
    assert sorted(path.name for path in (folder / "result").iterdir()) == FILES


@pytest.mark.parametrize("command", [("show", "plan.yaml"), ("run", "plan.yaml"), ("schema",)])
def test_a_full_disk_behind_the_pipe_is_an_error(process, command):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = process(*command, capture_output=False, stdout=full, stderr=-1)
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1] == "output cannot be written: No space left on device"


def test_a_reader_that_stops_reading_is_no_error_message(folder):
    import subprocess

    script = f"{sys.executable} -m dcsim schema | head -1"
    done = subprocess.run(script, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == "{\n"
    assert done.stderr == ""
