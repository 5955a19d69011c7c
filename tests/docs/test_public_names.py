"""Pages and examples use of dcsim what is public, and nothing else."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLIC = {
    name: set(importlib.import_module(name).__all__)
    for name in ("dcsim", "dcsim.plots", "dcsim.plugins")
    if importlib.util.find_spec(name)
}
"""What each public module exports."""
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
EXAMPLES = sorted(ROOT.glob("examples/**/*.py"))
FENCE = re.compile(r"^( *)```(python|py|pycon)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
OF_THE_PACKAGE = re.compile(r"# dcsim/\S+\.py\n")
"""First line of a block that is a file of the package itself, as a recipe adds one."""


def programs(page: str) -> Iterator[str]:
    """Yield the Python code that a page shows, but for files of the package itself."""
    for indent, language, block in FENCE.findall(page):
        text = re.sub(f"^{indent}", "", block, flags=re.MULTILINE)
        if language == "pycon":
            yield "".join(e.source for e in doctest.DocTestParser().get_examples(text))
        elif not OF_THE_PACKAGE.match(text):
            yield text


def dotted(node: ast.expr) -> str:
    """Return a chain of names and attributes as it is written; empty for anything else."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return before and f"{before}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def private_names(program: str) -> set[str]:
    """Return the names of dcsim in a program that are not public."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            named.add(dotted(node))
    return {name for name in named if name.startswith("dcsim.") and not is_public(name)}


def is_public(name: str) -> bool:
    """Return True for a public module and for what one exports, attributes of that included."""
    if name in PUBLIC:
        return True
    module = max((m for m in PUBLIC if name.startswith(f"{m}.")), key=len)
    return name[len(module) + 1 :].partition(".")[0] in PUBLIC[module]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_uses_public_names_alone(path):
    found = [private_names(text) for text in programs(path.read_text(encoding="utf-8"))]
    assert set().union(*found) == set()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_example_uses_public_names_alone(path):
    assert private_names(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("program", "private"),
    [
        ("import dcsim\ndcsim.load('a').site", set()),
        ("import dcsim.plots\ndcsim.plots.gantt(result)", set()),
        ("from dcsim import Result, plots", set()),
        ("from dcsim.plots import gantt", set()),
        ("import dcsim.streams", {"dcsim.streams"}),
        ("from dcsim import streams", {"dcsim.streams"}),
        ("from dcsim.streams import uniforms", {"dcsim.streams.uniforms"}),
        ("from dcsim.plots import labels", {"dcsim.plots.labels"}),
        (
            "import dcsim\nprint(dcsim.plots.labels.Note)",
            {"dcsim.plots.labels", "dcsim.plots.labels.Note"},
        ),
    ],
)
def test_a_name_that_is_not_public_is_found(program, private):
    assert private_names(program) == private


def test_code_of_every_kind_is_read():
    page = (
        "```python\na\n```\n\n  ```py\n  b\n  ```\n\n```pycon\n>>> c\n1\n```\n\n```text\nd\n```\n"
    )
    assert [text.strip() for text in programs(page)] == ["a", "b", "c"]
    assert (
        list(programs("```python\n# dcsim/weather/a.py\nfrom dcsim.clock import Floats\n```\n"))
        == []
    )
