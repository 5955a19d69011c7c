"""Changed assumptions as lines."""

from __future__ import annotations

from dcsim.cli.output.assumptions import assumption_line
from dcsim.study.attribution.differences import Assumption


def test_a_value_on_one_side_alone_is_nothing_on_the_other():
    added = Assumption("orders.second.gpus", None, "100 GPU", None)
    assert assumption_line(added) == "orders.second.gpus: nothing -> 100 GPU"


def test_long_values_are_cut_and_sources_left_out_on_request():
    change = Assumption("note", "x" * 80, "y", "plan")
    line = assumption_line(change, most=10, with_source=False)
    assert line == f"note: {'x' * 9}… -> y"
    assert assumption_line(change).endswith("-> y  [plan]")
