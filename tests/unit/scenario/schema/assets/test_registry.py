"""Every kind is one record and one model, and no stage asks for a kind by its name."""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import dcsim
from dcsim.scenario.schema.assets import registry
from dcsim.scenario.schema.assets.kind import DISPATCH_CLASSES, AssetKind, ClassByDate
from dcsim.scenario.schema.assets.registry import (
    KINDS,
    MODULES,
    assets_of,
    gives_cold,
    is_renewable_capacity,
    kind_of,
    kinds_by_class,
    kinds_of,
)
from dcsim.scenario.schema.site import Site
from dcsim.supply.assets.models import MODELS

HOUSE = Path(dcsim.__file__).parent
OF_KINDS = ("scenario/schema/assets/", "supply/assets/", "weather/", "scenario/schema/weather.py")
"""Folders of the kinds; weather and its schema class speak of wind in its own sense."""
NAMES = {
    name for kind in KINDS for name in (kind.section, kind.schema.__name__, kind.label) if name
}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)


def spoken(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of every identifier and text constant of a module."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                yield line, name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield line, name
            case ast.keyword(arg=str(name)):
                yield line, name
            case ast.alias(name=name, asname=other):
                yield line, name.rpartition(".")[2]
                yield line, other or ""
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield line, text


def test_no_module_outside_the_folders_of_the_kinds_names_one():
    offenders = [
        f"{file.relative_to(HOUSE)}:{line}: {name}"
        for file in sorted(HOUSE.rglob("*.py"))
        if not file.relative_to(HOUSE).as_posix().startswith(OF_KINDS)
        for line, name in spoken(ast.parse(file.read_text(encoding="utf-8")))
        if name in NAMES
    ]
    assert not offenders, "\n".join(offenders)


def test_the_search_finds_what_it_looks_for():
    tree = ast.parse('import a.wind as w\nx.solar = f(chp=1)\nif kind == "gensets": Battery()\n')
    assert {name for _, name in spoken(tree)} & NAMES == {
        "wind", "solar", "chp", "gensets", "Battery"
    }  # fmt: skip


@each_kind
def test_a_kind_has_a_field_a_model_and_a_sample(kind: AssetKind):
    assert Site.model_fields[kind.section].description == kind.about
    assert kind.section in MODELS
    sample = kind.sample()
    assert isinstance(sample, kind.schema)
    assert 0 < kind.rated_mw(sample) <= 20
    assert kind.key(sample) == f"{kind.section}.a"
    assert kind.class_on(sample, None) in DISPATCH_CLASSES
    assert kind_of(kind.key(sample)) is kind


@each_kind
def test_the_fields_that_a_record_names_are_fields_of_its_class(kind: AssetKind):
    named = {*kind.dated_fields, *kind.sized_fields, *kind.file_fields}
    assert named <= set(kind.schema.model_fields)
    assert re.fullmatch(r"#[0-9A-F]{6}", kind.color)


def test_models_and_records_are_of_the_same_kinds():
    assert list(MODELS) == [kind.section for kind in KINDS] == list(MODULES)
    modules = {path.stem for path in (HOUSE / "supply" / "assets").glob("*.py")}
    records = {path.stem for path in (HOUSE / "scenario" / "schema" / "assets").glob("*.py")}
    assert modules & records == {"__init__", *MODELS}


def test_names_of_kinds_are_their_own():
    for stems in ([k.section for k in KINDS], [k.figure for k in KINDS], [k.label for k in KINDS]):
        assert len(stems) == len(set(stems))
    for label in {kind.ledger_label for kind in KINDS if kind.ledger_label}:
        mine = [kind for kind in KINDS if kind.ledger_label == label]
        assert len({(kind.ledger_kind, kind.ledger_color) for kind in mine}) == 1


def test_kinds_stand_in_the_order_of_their_classes_once():
    assert sorted(k.section for k in kinds_by_class()) == sorted(k.section for k in KINDS)
    order = [DISPATCH_CLASSES.index(kind.classes[0]) for kind in kinds_by_class()]
    assert order == sorted(order)
    assert [k.section for k in kinds_of("storage", "backup")] == ["batteries", "gensets"]


def test_a_kind_whose_class_depends_on_the_date_is_of_each_of_them(monkeypatch):
    start = datetime.date(2030, 7, 1)
    changing = replace(
        kind_of("chp.a"),
        dispatch_class=ClassByDate(
            ("dispatchable", "backup"),
            lambda _asset, day: "backup" if day >= start else "dispatchable",
        ),
    )
    assert changing.class_on(changing.sample(), None) == "dispatchable"
    assert changing.class_on(changing.sample(), start) == "backup"
    monkeypatch.setattr(registry, "KINDS", (*KINDS, changing))
    for classes in (["backup"], ["dispatchable", "backup"], DISPATCH_CLASSES):
        assert kinds_of(*classes).count(changing) == 1
    assert changing not in kinds_of("storage", "variable")


def test_assets_come_with_their_kinds(minimal_site):
    site = Site.model_validate(
        {**minimal_site, **{kind.section: [dict(kind.sample_keys)] for kind in KINDS}}
        | {"weather": minimal_site["weather"]}
    )
    assert [kind.key(asset) for kind, asset in assets_of(site)] == [
        f"{kind.section}.a" for kind in KINDS
    ]


def test_what_gives_cold_and_what_counts_as_renewable_follow_the_records():
    assert gives_cold("chp.a")
    assert not gives_cold("solar.a")
    assert is_renewable_capacity("wind.a")
    assert not any(map(is_renewable_capacity, ("contracts.a", "batteries.a", "halls", "nothing.a")))
