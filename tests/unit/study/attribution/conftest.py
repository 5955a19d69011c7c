from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def pair(tmp_path: Path, scenarios: Path):
    text = (scenarios / "minimal.yaml").read_text()
    (tmp_path / "a.yaml").write_text(
        text
        + "milestones:\n  - {name: half, metric: gpus_online, gpus: 2000 GPU, by: 2027-12-31}\n"
    )

    def write(extra: str, name: str = "b") -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"extends: a.yaml\n{extra}")
        return path

    return tmp_path / "a.yaml", write
