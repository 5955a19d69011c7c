"""Exit codes differ, and the docstring of the group lists them."""

from __future__ import annotations

from dcsim.cli import exit_codes
from dcsim.cli.main import __name__ as group_module


def test_every_code_has_one_meaning_and_the_docstring_of_the_group_lists_it():
    import sys

    codes = {name: value for name, value in vars(exit_codes).items() if name.startswith("EXIT_")}
    assert len(set(codes.values())) == len(codes) == 6
    listed = sys.modules[group_module].__doc__
    assert all(f"{value} " in listed for value in codes.values())
    assert codes["EXIT_GATE_FAILED"] == 1
    assert codes["EXIT_BAD_INPUT"] == 2  # click's own for a wrong option
