from __future__ import annotations

import numpy as np

from dcsim.power.cooling.evaporative import evaporative


def test_evaporative_cooling_rises_above_its_knee(heat_of, outside_of) -> None:
    drawn = evaporative(
        heat_of(np.full(3, 100.0)),
        outside_of(np.array([5.0, 15.0, 25.0])),
        overhead_frac=0.08,
        knee_c=15.0,
        slope_per_k=0.01,
        water_l_per_kwh=1.2,
    )
    np.testing.assert_allclose(drawn.power_mw, [8, 8, 18])
    np.testing.assert_allclose(drawn.water_m3_h, [120, 120, 120])
