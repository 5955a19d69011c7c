"""The architecture as a test: which way imports run, what `import dcsim` loads and offers."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dcsim
from tests import structure

HOUSE = Path(dcsim.__file__).parent
HEAVY = ("matplotlib", "pandas", "scipy", "pvlib", "numba", "distributed")

STAGES = ("ramp", "weather", "power", "supply", "accounts")
LEVELS: tuple[tuple[str, ...], ...] = (
    ("errors", "units", "version", "log"),
    ("clock", "entry_points", "limits", "untrusted_files", "database_paths"),
    ("streams", "physics"),
    ("gpu_states",),
    ("types",),
    ("scenario",),
    ("series",),
    STAGES,
    ("stage_cache",),
    ("results",),
    ("pipeline",),
    ("contract", "data_files"),
    ("plugins",),
    ("study",),
    ("plots",),
    ("cli",),
    ("__init__", "__main__"),
)
"""The rooms from the ground up; each imports from below, so stages never from one another."""
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
FILES = sorted(HOUSE.rglob("*.py"))


STUDY_LEVELS: tuple[tuple[str, ...], ...] = (
    ("records",),
    ("definition", "store", "statistics", "engine", "attribution"),
    ("sensitivity", "run", "sizing"),
    ("checks",),
)
"""The rooms of `dcsim.study` from the ground up; rooms of one level never import one another."""
STUDY_LEVEL = {room: level for level, rooms in enumerate(STUDY_LEVELS) for room in rooms}


def module_of(file: Path) -> str:
    parts = ("dcsim", *file.relative_to(HOUSE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(file): file for file in FILES}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules of dcsim that any import in a tree reaches, wherever in the file it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "dcsim")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            if module.split(".")[0] == "dcsim":
                for alias in node.names:
                    inner = f"{module}.{alias.name}"
                    yield inner if inner in MODULES else module


def at_import(tree: ast.Module) -> ast.Module:
    """What a module runs when it is imported: without functions and checks of types."""
    kept = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        and not isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    return ast.Module(kept, [])


def parse(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def test_every_room_has_its_level():
    assert {room_of(module) for module in MODULES} == set(LEVEL)


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_with_the_flow(module):
    mine = room_of(module)
    against = [
        other
        for other in imported(parse(module))
        if room_of(other) != mine and LEVEL[room_of(other)] >= LEVEL[mine]
    ]
    assert not against, f"{module} stands below or beside these"


def study_room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[2] if parts[:2] == ["dcsim", "study"] and len(parts) > 2 else None


def test_every_room_of_studies_has_its_level():
    assert {study_room_of(module) for module in MODULES} - {None} == set(STUDY_LEVEL)


@pytest.mark.parametrize("module", [module for module in MODULES if study_room_of(module)])
def test_imports_inside_studies_run_with_the_flow(module):
    mine = study_room_of(module)
    against = [
        other
        for other in imported(parse(module))
        if (room := study_room_of(other)) not in (None, mine)
        and STUDY_LEVEL[room] >= STUDY_LEVEL[mine]
    ]
    assert not against, f"{module} stands below or beside these"


def test_no_module_reaches_itself_late_imports_included():
    """An import inside a function makes start-up faster; it must not hide a circle."""
    assert structure.circles(structure.read_package(structure.ROOT)) == []


def test_no_module_waits_for_itself():
    graph = {module: set(imported(at_import(parse(module)))) for module in MODULES}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_offers_one_function(stage):
    names = [
        ast.literal_eval(node.value)
        for node in parse(f"dcsim.{stage}").body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    assert [len(offered) for offered in names] == [1]


def loaded_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after some code."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=HOUSE.parent,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "code",
    [
        "import dcsim",
        "import dcsim; dcsim.load; dcsim.simulate; dcsim.Result",
        "import dcsim.cli",
    ],
)
def test_importing_loads_nothing_heavy(code):
    assert loaded_after(code).isdisjoint(HEAVY)


def test_the_package_offers_at_most_twenty_names_and_all_of_them_are_there():
    assert len(dcsim.__all__) <= 20
    assert sorted(dcsim.__all__) == dcsim.__all__ == dir(dcsim)
    assert all(getattr(dcsim, name) is not None for name in dcsim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'utils'"):
        _ = dcsim.utils


def test_what_type_checkers_see_is_what_the_package_offers():
    checked = [
        node
        for node in parse("dcsim").body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    names = [
        alias.asname or alias.name
        for block in checked
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert sorted(names) == dcsim.__all__
