"""A small plan with gates, and rows built by hand."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcsim.scenario.load import load
from dcsim.scenario.scenario import Scenario
from dcsim.study.checks.check import CheckSettings
from dcsim.study.engine.engine import Engine
from dcsim.study.records.rows import RUN_OK, Rows, text_column
from dcsim.study.store.store import ResultStore

MILESTONE = "milestones: [{name: half, metric: gpus_online, gpus: 2000 GPU, by: 2027-12-31}]\n"


def hand_rows(replications: Iterable[int], **columns: Any) -> Rows:
    """Finished replications and their columns; a double underscore stands for a dot."""
    numbers = np.array(list(replications), dtype=float)
    head = {"replication": numbers, "status": text_column([RUN_OK] * numbers.size)}
    head["cause"] = text_column([None] * numbers.size)
    return Rows(
        head | {name.replace("__", "."): np.asarray(values) for name, values in columns.items()}
    )


@pytest.fixture(scope="session")
def many() -> Callable[..., Rows]:
    return hand_rows


@pytest.fixture(scope="session")
def single() -> Callable[..., Rows]:
    """The row of the single run, from one value a column."""
    return lambda **columns: hand_rows([0], **{key: [value] for key, value in columns.items()})


@pytest.fixture
def plan(tmp_path: Path, scenarios: Path) -> Callable[..., Scenario]:
    """Load the smallest scenario with a milestone, some gates, and more text."""
    text = (scenarios / "minimal.yaml").read_text() + MILESTONE

    def write(*gates: str, extra: str = "") -> Scenario:
        path = tmp_path / "plan.yaml"
        expect = f"expect: [{', '.join(gates)}]\n" if gates else ""
        path.write_text(text + expect + extra)
        return load(path)

    return write


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[CheckSettings]:
    """Settings of a check with 20 replications in a store of its own, in this process."""
    with ResultStore.open(tmp_path / "store", create=True) as store:
        yield CheckSettings(replications=20, store=store, engine=Engine())


@pytest.fixture
def repository(tmp_path: Path, plan: Callable[..., Scenario]) -> Repository:
    """A repository whose only commit holds the plan."""
    made = Repository(plan("{name: pue, metric: pue_mean, at_most: 1.25}").path)
    made.git("init", "--quiet", ".")
    made.commit()
    return made


class Repository:
    """A git repository with a scenario file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *words: str) -> None:
        author = ["-c", "user.name=p", "-c", "user.email=p@example.org"]
        env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", "-C", str(self.path.parent), *author, *words]
        subprocess.run(command, check=True, capture_output=True, env=env)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "plan")

    def change(self, old: str, new: str) -> None:
        text = self.path.read_text()
        assert old in text
        self.path.write_text(text.replace(old, new))
