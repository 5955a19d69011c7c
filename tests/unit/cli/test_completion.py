"""Shell completion, as a shell asks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from dcsim.cli.main import COMMANDS

SCRIPT = "from dcsim.cli import main\nmain(prog_name='dcsim')\n"


def answer(**variables: str) -> str:
    """What a shell gets from the command with some variables set."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout


def completed(words: str) -> list[str]:
    """What bash is offered for the last of some words."""
    at = str(len(words.split(" ")) - 1)
    found = answer(_DCSIM_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=at)
    return found.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell):
    if shutil.which("bash") is None:
        pytest.skip("the script for bash asks bash for its version")
    script = answer(_DCSIM_COMPLETE=f"{shell}_source")
    assert f"_DCSIM_COMPLETE={shell}_complete" in script


def test_the_name_of_a_command_is_completed():
    assert completed("dcsim sw") == ["plain,sweep"]
    assert completed("dcsim ") == [f"plain,{name}" for name in COMMANDS]


def test_options_are_completed():
    assert completed("dcsim sweep --un") == ["plain,--unit-timeout"]
    assert completed("dcsim --ver") == ["plain,--version", "plain,--verbose"]


def test_the_values_of_a_choice_are_completed():
    assert completed("dcsim plot --format s") == ["plain,svg"]


def test_a_scenario_is_completed_as_a_file():
    assert completed("dcsim run scenarios/ul") == ["file,scenarios/ul"]


def test_completing_the_name_of_a_command_imports_none():
    held = "[name for name in sys.modules if name.startswith('dcsim.cli.commands.')]"
    script = f"import atexit, sys\natexit.register(lambda: print({held}))\n{SCRIPT}"
    variables = {"_DCSIM_COMPLETE": "bash_complete", "COMP_WORDS": "dcsim sw", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["plain,sweep", "[]"]
