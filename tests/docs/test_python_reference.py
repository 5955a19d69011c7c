"""The reference page of the Python API says all that is public, and says it in full."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
from pathlib import Path
from typing import Any

import pytest

griffe = pytest.importorskip("griffe", reason="needs the extra docs")

ROOT = Path(__file__).parents[2]
MODULES = ("dcsim", "dcsim.plots", "dcsim.plugins")


def maker() -> Any:
    path = ROOT / "docs" / "make_python_reference.py"
    spec = importlib.util.spec_from_file_location("make_python_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = maker()
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
ENTRIES = MAKER.entries()
EXPORTED = [entry for path in MODULES for entry in MAKER.exported(path)]


def by_name(entry: Any) -> str:
    return entry.name


def parameters(function: Any) -> list[str]:
    """Return the names of the parameters that a caller gives."""
    signs = MAKER.SIGNS
    given = [one for one in function.parameters if one.name not in ("self", "cls")]
    return [signs.get(one.kind, "") + one.name for one in given]


def section(item: Any, kind: str) -> list[Any]:
    """Return the items of a section of a docstring."""
    return [one for s in item.docstring.parsed if s.kind.value == kind for one in s.value]


def test_the_page_is_made_from_the_docstrings():
    assert MAKER.page() == PAGE


@pytest.mark.parametrize("path", [name for name in MODULES if importlib.util.find_spec(name)])
def test_every_exported_name_stands_on_the_page(path):
    module = importlib.import_module(path)
    headings = set(re.findall(r"^(?:#+ |\| `)(dcsim\.[\w.]+)(?:`|$)", PAGE, re.MULTILINE))
    names = {f"{path}.{name}" for name in module.__all__} - set(MODULES)
    assert names - headings == set()


@pytest.mark.parametrize("entry", EXPORTED, ids=by_name)
def test_an_exported_name_says_what_it_takes_and_returns(entry):
    assert entry.item.docstring
    if not entry.item.is_function:
        return
    told = [one.name for one in section(entry.item, "parameters")]
    assert told == parameters(entry.item)
    assert str(entry.item.returns) == "None" or section(entry.item, "returns")


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.level > 3], ids=by_name)
def test_a_method_of_a_public_type_names_all_it_takes(entry):
    assert entry.item.docstring
    told = {one.name for one in section(entry.item, "parameters")}
    told |= set(re.findall(r"`(\w+)`", entry.item.docstring.value))
    assert {name.lstrip("*") for name in parameters(entry.item)} - told == set()


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.item.is_class], ids=by_name)
def test_every_attribute_of_a_public_type_has_a_type_and_a_meaning(entry):
    assert entry.item.docstring
    bare = {
        name
        for name, member in MAKER.public_members(entry.item).items()
        if not member.docstring or (member.is_attribute and not member.annotation)
    }
    assert bare == set()


def test_docstrings_on_the_page_are_well_formed(caplog):
    with caplog.at_level(logging.WARNING, logger="griffe"):
        maker().page()
    assert [record.getMessage() for record in caplog.records] == []
