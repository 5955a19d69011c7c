"""The table of commands, and what each kind of error becomes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dcsim.cli.main import COMMANDS, LazyCommands, main

HEAVY = ("numpy", "pandas", "matplotlib", "scipy", "duckdb", "pydantic", "pint", "ruamel")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_of_a_command_what_the_command_says_of_itself(name):
    assert main.commands[name].help == COMMANDS[name]
    assert main.commands[name].name == name


def test_every_file_of_commands_is_in_the_table_or_the_body_of_an_option():
    from pathlib import Path

    import dcsim.cli.commands as room

    files = {file.stem for file in Path(room.__file__).parent.glob("*.py")} - {"__init__"}
    assert files - set(COMMANDS) == {"check_against", "check_verdicts", "run_replications"}


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


@pytest.mark.parametrize("words", [[], ["--help"], ["--version"], ["swep"]])
def test_the_list_of_commands_imports_nothing_heavy(words):
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
