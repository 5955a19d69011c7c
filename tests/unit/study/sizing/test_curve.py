"""The cost curve: a row a share, and the reason where there is none."""

from __future__ import annotations

import dcsim
from dcsim.study.sizing.curve import cost_curve


def test_a_higher_share_costs_more_and_one_out_of_reach_says_why(sized_site):
    site = dcsim.load(sized_site, overrides=["step=6 h", "grid.carbon_free=30 %"])
    steps = []
    points = cost_curve(site, ["45 %", 0.55, "100 %"], plants=["solar.roof"], watch=steps.append)
    first, second, third = points
    assert first.sizes.program.cost < second.sizes.program.cost
    assert third.sizes is None
    assert "import that is not carbon-free" in third.reason
    assert steps[:3] == ["as it is", "program", "simulation"]
