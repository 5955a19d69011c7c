"""The cost of a run grows in proportion to the racks of its site.

Outside the default tests: ``python -m pytest -s tests/bench``.
"""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

MOST_EXPONENT = 1.1
LARGEST = 97
"""Copies of the first site that make 10 GW."""


def make_scaling():
    place = Path(__file__).parents[2] / "docs" / "make_scaling.py"
    spec = importlib.util.spec_from_file_location("make_scaling", place)
    scaling = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scaling)
    return scaling


def test_ten_gigawatts_cost_as_much_more_than_three_as_they_have_racks():
    scaling = make_scaling()
    before, last = (scaling.cost(copies, repeats=2) for copies in (scaling.COPIES[-1], LARGEST))
    found = math.log(last.seconds / before.seconds) / math.log(last.racks / before.racks)
    for one in (before, last):
        print(f"\n{one.mw:,.0f} MW, {one.racks:,} racks: {one.seconds:.2f} s", end="")
    print(f"\nexponent between them {found:.2f} of at most {MOST_EXPONENT}")
    assert found <= MOST_EXPONENT


def test_cost_grows_no_faster_than_the_site():
    scaling = make_scaling()
    costs = [scaling.cost(copies) for copies in scaling.COPIES]
    for one in costs:
        print(f"\n{one.mw:,.0f} MW, {one.racks:,} racks: {one.seconds:.2f} s", end="")
    found = scaling.exponent(costs)
    print(f"\nexponent {found:.2f} of at most {MOST_EXPONENT}")
    assert found <= MOST_EXPONENT
