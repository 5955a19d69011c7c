"""The cost of a run grows in proportion to the racks of its site.

Outside the default tests: ``python -m pytest -s tests/bench``.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

MOST_EXPONENT = 1.1


def test_cost_grows_no_faster_than_the_site():
    place = Path(__file__).parents[2] / "docs" / "make_scaling.py"
    spec = importlib.util.spec_from_file_location("make_scaling", place)
    scaling = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scaling)
    costs = [scaling.cost(copies) for copies in scaling.COPIES]
    for one in costs:
        print(f"\n{one.mw:,.0f} MW, {one.racks:,} racks: {one.seconds:.2f} s", end="")
    found = scaling.exponent(costs)
    print(f"\nexponent {found:.2f} of at most {MOST_EXPONENT}")
    assert found <= MOST_EXPONENT
