from __future__ import annotations

import ast
from pathlib import Path

from dcsim import plugins

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin"


def test_the_names_for_authors_are_those_it_lists():
    public = {name for name in vars(plugins) if not name.startswith("_")} - {"annotations"}
    assert sorted(public) == sorted(plugins.__all__)


def test_the_example_imports_nothing_else_of_dcsim():
    imported = {
        node.module
        for file in EXAMPLE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "dcsim"
    }
    assert imported == {"dcsim.plugins"}
