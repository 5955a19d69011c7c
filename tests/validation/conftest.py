"""The table of figures at the end of a run that is asked for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:  # tests here import one another as `tests.validation.…`
    sys.path.insert(0, str(ROOT))

FOUND = pytest.StashKey[list[str]]()


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keep a line for the table at the end."""
    lines = request.config.stash.setdefault(FOUND, [])
    return lines.append


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    lines = config.stash.get(FOUND, [])
    if lines:
        terminalreporter.section("published figures")
        for line in lines:
            terminalreporter.write_line(line)
