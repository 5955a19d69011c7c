"""The table of commands, and what each kind of error becomes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dcsim.cli.main import COMMANDS, LazyCommands, main

HEAVY = ("numpy", "pandas", "matplotlib", "scipy", "duckdb", "pydantic", "pint", "ruamel")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_of_a_command_what_the_command_says_of_itself(name):
    assert (main.commands[name].help or "").partition("\n\n")[0] == COMMANDS[name]
    assert main.commands[name].name == name


def test_every_file_of_commands_is_in_the_table_or_the_body_of_an_option():
    from pathlib import Path

    import dcsim.cli.commands as room

    files = {file.stem for file in Path(room.__file__).parent.glob("*.py")} - {"__init__"}
    bodies = {"check_against", "check_verdicts", "run_confidence", "run_replications"}
    assert files - set(COMMANDS) == {*bodies, "survive_load", "survive_text"}


def test_a_table_of_commands_imports_only_what_is_looked_up():
    commands = LazyCommands()
    assert len(list(commands)) == len(commands) == len(COMMANDS)
    assert "run" in commands
    assert "runn" not in commands
    assert commands._loaded == {}
    with pytest.raises(KeyError):
        commands["runn"]
    assert commands["schema"].name == "schema"
    assert list(commands._loaded) == ["schema"]


HELP = [[name, "--help"] for name in COMMANDS]
WRONG_OPTION = [[name, "--no-such-option"] for name in COMMANDS]


@pytest.mark.parametrize(
    "words",
    [
        *([], ["--help"], ["--version"], ["swep"]),
        *HELP,
        *WRONG_OPTION,
        *(["baseline", "pin", "--help"], ["baseline", "show", "--help"]),
        *(["run"], ["run", "plan.yaml", "--until", "pp=2"]),
    ],
    ids=" ".join,
)
def test_help_and_usage_errors_import_nothing_heavy(words):
    script = (
        "import sys\nfrom dcsim.cli import main\n"
        f"try: main({words!r}, prog_name='dcsim')\nexcept SystemExit: pass\n"
        f"print('\\n' + ' '.join(m for m in {HEAVY!r} if m in sys.modules) + '.')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "."


def test_a_misspelled_command_is_bad_input_with_a_suggestion(cli):
    result = cli("swep")
    assert result.exit_code == 2
    assert "No such command 'swep'. Did you mean 'sweep'?" in result.stderr


def test_the_list_shows_every_command_with_its_help(cli):
    lines = cli("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS) == sorted(COMMANDS)
    assert (
        lines[list(COMMANDS).index("plot")] == "  plot      Draw the figures of the run in FOLDER."
    )


def test_a_shell_completes_names_of_commands_and_options(folder):
    import click

    ctx = click.Context(main, info_name="dcsim")
    assert [item.value for item in main.shell_complete(ctx, "s")] == [
        "schema",
        "show",
        "size",
        "status",
        "survive",
        "sweep",
    ]
    assert "--version" in [item.value for item in main.shell_complete(ctx, "--")]


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


def test_an_internal_error_is_one_line_and_no_traceback(cli, monkeypatch):
    def fail(*_, **__):
        raise KeyError("lost\nthing")

    monkeypatch.setattr("dcsim.scenario.load.load", fail)
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

    monkeypatch.setattr("dcsim.scenario.load.load", fail)
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
