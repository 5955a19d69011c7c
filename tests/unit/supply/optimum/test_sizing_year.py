"""Types of the program of sizes."""

from __future__ import annotations

from dcsim.supply.optimum.sizing_year import LeastCostSizes


def test_sizes_carry_the_energy_of_each_source():
    sizes = LeastCostSizes({"solar.a": 1.0}, {}, 0.5, 10.0, 0.0, {"import": 3.0})
    assert sizes.energy_mwh["import"] == 3.0
