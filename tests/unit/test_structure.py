"""The counts of `tests/structure.py` on a made-up package, each counted by hand."""

from __future__ import annotations

import ast

import pytest

from tests import structure

FILES = {
    "dcsim/__init__.py": '"""The top."""\n',
    "dcsim/clock.py": (
        '"""Minutes."""\nfrom __future__ import annotations\nfrom dcsim.errors import Fault\n'
        "STEP, LIMIT = 1, 2\n"
    ),
    "dcsim/errors.py": (
        '"""Errors."""\n# A fault keeps its data: it crosses processes.\n'
        "class Fault(Exception):\n    def __init__(self, a, b, c): ...\n"
    ),
    "dcsim/ramp/__init__.py": '"""Orders in, a timeline out."""\n',
    "dcsim/ramp/works.py": (
        "STEP: int = 3\n"
        "def finish(plan, crews, *, start_min=0):\n"
        '    """Return the end.\n\n    Two lines of text.\n    """\n'
        "    from dcsim.ramp import state  # loaded late\n"
        "    def inner():\n        return 1\n"
        "    return state, inner\n"
    ),
    "dcsim/ramp/state.py": "import dcsim.ramp.works\nclass Site:\n    def move(self): return 1\n",
    "dcsim/ramp/names.py": '"""One name."""\nfrom dcsim.errors import Fault\n__all__ = ["Fault"]\n',
    "tests/unit/test_clock.py": "",
    "tests/unit/ramp/test_works.py": "",
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def modules(root):
    return structure.read_package(root)


@pytest.fixture
def by_name(modules):
    return {module.name: module for module in modules}


def function(text):
    return ast.parse(text).body[0]


def test_modules_are_named_by_their_path_and_roomed_by_their_package(by_name):
    assert list(by_name) == [
        "dcsim",
        "dcsim.clock",
        "dcsim.errors",
        "dcsim.ramp",
        "dcsim.ramp.names",
        "dcsim.ramp.state",
        "dcsim.ramp.works",
    ]
    assert by_name["dcsim.ramp.works"].room == "ramp"
    assert by_name["dcsim.ramp.works"].n_lines == 10


def test_functions_are_found_in_classes_and_in_functions(modules):
    found = [str(place) for module in modules for place in structure.functions(module)]
    assert found == [
        "dcsim.errors.Fault.__init__",
        "dcsim.ramp.state.Site.move",
        "dcsim.ramp.works.finish",
        "dcsim.ramp.works.finish.inner",
    ]


def test_public_definitions_are_those_that_a_caller_can_name(modules):
    found = [str(place) for module in modules for place in structure.public_definitions(module)]
    assert found == [
        "dcsim.errors.Fault",
        "dcsim.ramp.state.Site",
        "dcsim.ramp.state.Site.move",
        "dcsim.ramp.works.finish",
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def a(): return 1", 1),
        ('def a():\n    """One line."""\n    return 1', 2),
        ('def a():\n    """First.\n\n    Last.\n    """\n\n    return 1', 3),
        ("@cache\ndef a():\n    return 1", 2),
    ],
)
def test_lines_of_a_function_leave_its_docstring_out(text, lines):
    assert structure.code_lines(function(text)) == lines


def test_parameters_are_all_but_the_instance():
    method = function("def a(self, b, /, c, *rest, d, **more): ...")
    assert structure.parameters(method) == ["b", "c", "rest", "d", "more"]
    assert structure.parameters(function("def a(cls): ...")) == []


def test_top_level_names_are_defined_not_imported(by_name):
    assert structure.top_level_names(by_name["dcsim.clock"]) == ["STEP", "LIMIT"]
    assert structure.top_level_names(by_name["dcsim.ramp.names"]) == []


def test_a_name_in_two_modules_is_listed_with_both(modules):
    assert structure.defined_twice(modules) == {"STEP": ["dcsim.clock", "dcsim.ramp.works"]}


def test_an_import_inside_a_function_closes_a_circle(modules):
    assert structure.circles(modules) == [["dcsim.ramp.state", "dcsim.ramp.works"]]


def test_a_chain_of_imports_is_no_circle(modules):
    without = [module for module in modules if module.name != "dcsim.ramp.state"]
    assert structure.circles(without) == []


def test_modules_without_a_test_are_those_that_define_something(modules, root):
    assert structure.untested(modules, root) == ["dcsim.errors", "dcsim.ramp.state"]


def test_a_class_without_docstring_counts_with_its_methods(modules):
    missing, n_public = structure.undocumented(modules)
    assert n_public == 4
    assert [place.name for place in missing] == ["Fault", "Site", "Site.move"]


def test_three_parameters_without_a_section_are_listed(modules):
    assert [place.name for place in structure.without_parameters_section(modules)] == ["finish"]
    assert structure.without_parameters_section(modules, least=4) == []


def test_a_command_lists_its_options_by_itself(by_name):
    text = '@click.command("a")\ndef run(a, b, c):\n    """Run."""\n'
    module = structure.Module("dcsim.cli", by_name["dcsim"].path, text, ast.parse(text))
    assert structure.without_parameters_section([module]) == []


def test_comment_lines_are_those_for_a_reader(by_name):
    assert structure.comment_lines(by_name["dcsim.errors"]) == 1
    assert structure.comment_lines(by_name["dcsim.ramp.works"]) == 1
    text = 'a = "# no comment"\nimport b  # noqa: F401\n'
    module = structure.Module("dcsim.a", by_name["dcsim"].path, text, ast.parse(text))
    assert structure.comment_lines(module) == 0


def test_a_percentile_is_one_of_the_values():
    assert structure.percentile(range(1, 101), 0.95) == 95
    assert structure.percentile([7], 0.5) == 7
    assert structure.percentile([3, 1, 2], 0.5) == 2


def test_the_report_says_every_count_once(root):
    lines = structure.report(root).splitlines()
    counts = {line[:44].strip(): line[45:] for line in lines if not line.startswith(" ")}
    assert counts == {
        "modules, lines": "7, 26",
        "modules a room": "ramp 3",
        "largest module": "10 lines: dcsim.ramp.works",
        "modules above 400 lines": "0",
        "lines of code a function": "median 1.5, 95 % 5, most 5: dcsim.ramp.works.finish",
        "functions above 40 lines": "0",
        "circles of imports, late ones included": "1",
        "names defined in two modules or more": "1",
        "modules without a test of their own path": "2",
        "public functions and classes with docstring": "25.0% of 4",
        "comment lines in 1,000 lines": "76.9",
        "3 or more parameters, no Parameters section": "1",
    }
    assert "    STEP 2: clock, ramp.works" in lines
