from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import load
from dcsim.scenario.scenario import Scenario


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minimal_text: str) -> Path:
    """The current folder of a test; `base.yaml` in it is the minimal scenario."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(minimal_text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def read(folder: Path) -> Callable[..., Scenario]:
    """Read text as `plan.yaml`; what `files` hold stands beside it under their names."""

    def reader(text: str, *overrides: str, files: dict[str, str] | None = None) -> Scenario:
        for name, content in {**(files or {}), "plan.yaml": text}.items():
            (folder / name).write_text(content, encoding="utf-8")
        return load("plan.yaml", overrides=overrides)

    return reader


@pytest.fixture
def complaint(read: Callable[..., Scenario]) -> Callable[..., str]:
    """Read text that must be refused and return what is said of it."""

    def told(text: str, *overrides: str, files: dict[str, str] | None = None) -> str:
        with pytest.raises(ScenarioError) as caught:
            read(text, *overrides, files=files)
        return str(caught.value)

    return told
