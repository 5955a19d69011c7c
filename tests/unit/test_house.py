"""The house in numbers: names with one meaning, rooms that say what passes through, tests by path.

``python tests/structure.py`` prints the same counts; here they have limits.
"""

from __future__ import annotations

import ast
import re

import pytest

from tests import structure

ROOT = structure.ROOT
MODULES = structure.read_package(ROOT)
PACKAGES = [module for module in MODULES if module.is_package and module.name != "dcsim"]

TWICE = {
    "KIND": "each file of a kind of asset holds its record under this name",
    "_LOG": "each module that logs calls its own logger so",
    "available": "each file of a kind of asset holds its model under this name",
    "notes": "files of kinds of asset hold what a run tells of them under this name",
}
"""Names that two modules or more define, each with its reason."""

MOST_TWICE = 10

NO_TEST_OF_ITS_OWN = {
    "dcsim.__main__": "hands over to `dcsim.cli`; test_bad_input.py runs it",
    "dcsim.power.cooling.conditions": "types alone; each cooling model is tested with them",
    "dcsim.results.summary_types": "types alone; test_summary.py compares them with a summary",
    "dcsim.scenario.schema.model_records": "types alone; test_plugin_models.py makes each",
    "dcsim.supply.assets.conditions": "types alone; each model of an asset is tested with them",
}
"""Modules that no test file is named after, each with its reason."""

LONGEST_MODULE, LONGEST_FUNCTION = 400, 40
LONGER = {
    "dcsim.supply.kernels.battery.battery_kernel": "one compiled loop that may call nothing",
}
"""Functions above the limit, each with its reason."""


def test_a_name_means_one_thing():
    assert set(structure.defined_twice(MODULES)) == set(TWICE)
    assert len(TWICE) <= MOST_TWICE


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_room_says_what_comes_in_and_what_goes_out(package):
    first = (ast.get_docstring(package.tree) or "").split("\n\n")[0]
    assert re.search(r" in[,;] .*\bout\b", first), first


def test_every_module_has_a_test_of_its_own_path():
    assert structure.untested(MODULES, ROOT) == sorted(NO_TEST_OF_ITS_OWN)


def test_no_module_is_too_long():
    long = {m.name: m.n_lines for m in MODULES if m.n_lines > LONGEST_MODULE}
    assert not long, "split these by noun"


def test_no_function_is_too_long():
    lengths = {
        str(p): structure.code_lines(p.node) for m in MODULES for p in structure.functions(m)
    }
    long = {place: lines for place, lines in lengths.items() if lines > LONGEST_FUNCTION}
    assert long.keys() == LONGER.keys(), "name the steps of these"


def test_what_is_public_has_a_docstring():
    missing, _ = structure.undocumented(MODULES)
    assert [str(place) for place in missing] == []


def test_functions_of_three_parameters_list_them():
    places = structure.without_parameters_section(MODULES)
    assert [str(place) for place in places] == []
