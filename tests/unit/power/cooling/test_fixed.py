from __future__ import annotations

from dcsim.power.cooling.fixed import fixed


def test_fixed_cooling_takes_its_share_of_the_heat_and_no_water(heat_of, outside_of) -> None:
    drawn = fixed(heat_of(50.0, liquid_frac=0.5), outside_of(30.0), overhead_frac=0.2)
    assert drawn.power_mw[0] == 10
    assert drawn.water_m3_h[0] == 0
