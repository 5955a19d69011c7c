"""Rows built by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcsim.study.definition.expand import Study, read_study
from dcsim.study.records.rows import RUN_FAILED, RUN_OK, Rows, text_column


def hand_rows(
    columns: dict[str, Any] | None = None,
    *,
    n: int | None = None,
    series: dict[str, Any] | None = None,
    first_month: str = "2030-01",
    failed: Sequence[int] = (),
    cause: str = "power: too little",
    replications: Sequence[int] | None = None,
) -> Rows:
    """Rows of replications 1 to n, some of which failed; texts, days and numbers are told apart."""
    made = {name: column_of(values) for name, values in (columns or {}).items()}
    lines = {name: np.asarray(values, dtype=float) for name, values in (series or {}).items()}
    n = n or len(next(iter({**made, **lines}.values())))
    number = np.arange(1.0, n + 1) if replications is None else np.array(replications, dtype=float)
    bad = np.isin(number, failed)
    n_months = len(next(iter(lines.values()))[0]) if lines else 0
    return Rows(
        {
            "replication": number,
            "status": text_column([RUN_FAILED if one else RUN_OK for one in bad]),
            "cause": text_column([cause if one else None for one in bad]),
            **made,
        },
        lines,
        np.datetime64(first_month, "M") + np.arange(n_months),
    )


def column_of(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return values.astype("datetime64[s]") if values.dtype.kind == "M" else values
    texts = [value for value in values if isinstance(value, str)]
    if texts and all(value[:2] == "20" or value == "NaT" for value in texts):
        return np.array(values, dtype="datetime64[s]")
    if texts:
        return text_column(values)
    return np.array(values, dtype=float)


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., Rows]:
    return hand_rows


def hand_milestone_columns(reached: Any, by: str, name: str = "all") -> dict[str, Any]:
    """The columns of one milestone from the days on which it was reached."""
    day = np.asarray(reached, dtype="datetime64[D]")
    margin = (np.datetime64(by, "D") - day).astype("timedelta64[D]")
    known = ~np.isnat(day)
    days = np.where(known, margin.astype(np.int64), 0).astype(float)
    return {
        f"milestone.{name}.met": (known & (days >= 0)).astype(float),
        f"milestone.{name}.reached": day.astype("datetime64[s]"),
        f"milestone.{name}.margin_days": np.where(known, days, np.nan),
    }


@pytest.fixture(scope="session")
def milestone_columns() -> Callable[..., dict[str, Any]]:
    return hand_milestone_columns


UNCERTAIN = (
    ("lead_time: 26 weeks", "lead_time: {empirical: [20 weeks, 26 weeks, 40 weeks]}"),
    ("commissioning: 21 days", "commissioning: {uniform: [14 days, 28 days]}"),
    ("gpus: 3200 GPU", "gpus: {uniform: [3000 GPU, 3400 GPU]}"),
)


class StudyMaker:
    """Writes and reads ``studies/s.yaml`` beside a small uncertain ``plan.yaml``."""

    def __init__(self, folder: Path, text: str) -> None:
        for old, new in UNCERTAIN:
            assert old in text
            text = text.replace(old, new)
        text += (
            "correlations: [{between: [orders.first.lead_time, deployment.commissioning], "
            "rank: 0.5}]\n"
        )
        self.folder = folder
        self.path = Path("studies") / "s.yaml"
        (folder / "studies").mkdir()
        self.scenario("plan.yaml", text)

    def scenario(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def written(self, text: str) -> Path:
        (self.folder / self.path).write_text(text, encoding="utf-8")
        return self.path

    def __call__(self, text: str, **options: Any) -> Study:
        return read_study(self.written(text), **options)


@pytest.fixture
def study_of(tmp_path, minimal_text, monkeypatch) -> StudyMaker:
    """Read the text of a study; paths in messages are relative to where it lies."""
    folder = tmp_path / "plans"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return StudyMaker(folder, minimal_text)
