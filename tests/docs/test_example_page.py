"""The notebook-like example prints and draws what its page shows."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maker() -> Any:
    path = ROOT / "docs" / "make_example.py"
    spec = importlib.util.spec_from_file_location("make_example", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_what_the_example_prints_and_draws(maker, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "plan-a-site.md").read_text(encoding="utf-8")
    assert maker.page(tmp_path) == text
    shown = re.findall(r"\]\(images/plan_a_site/(\w+\.png)\)", text)
    assert sorted(shown) == sorted(path.name for path in tmp_path.iterdir())
    assert sorted(shown) == sorted(path.name for path in maker.IMAGES.iterdir())


def test_the_example_is_short(maker):
    program = maker.EXAMPLE.read_text(encoding="utf-8")
    lines = [line for line in program.splitlines() if line and not line.startswith("#")]
    assert len(lines) < 40


def test_cells_are_text_or_code(maker):
    program = (
        "# %% [markdown]\n# # Title\n#\n# Text.\n\n# %%\nx = 1\nprint(x)\n\n# %%\nprint(x + 1)\n"
    )
    assert [tuple(cell) for cell in maker.cells(program)] == [
        (True, "# Title\n\nText."),
        (False, "x = 1\nprint(x)"),
        (False, "print(x + 1)"),
    ]
    assert list(maker.outputs(program, Path())) == ["", "1", "2"]
