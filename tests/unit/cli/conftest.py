from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dcsim.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minimal_text: str) -> Path:
    """The current folder, with `plan.yaml`: the minimal scenario over three months."""
    monkeypatch.chdir(tmp_path)
    short = minimal_text.replace("end: 2030-01-01", "end: 2027-04-01").replace(
        "26 weeks", "2 weeks"
    )
    (tmp_path / "plan.yaml").write_text(short, encoding="utf-8")
    return tmp_path


@pytest.fixture
def cli(folder: Path) -> Callable[..., Result]:
    """Run a command in this process; nothing but exit codes may come out of it."""

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(main, list(arguments), prog_name="dcsim")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


@pytest.fixture
def process(folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in a process of its own."""

    def call(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dcsim", *arguments]
        settings: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, **options}
        return subprocess.run(command, check=False, **settings)

    return call
