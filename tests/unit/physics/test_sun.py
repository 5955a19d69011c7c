from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pvlib.solarposition import get_solarposition

from dcsim.physics.sun import sun_at


@pytest.mark.parametrize("year", [2026, 2028, 2033, 2039])
@pytest.mark.parametrize("step_min", [30, 60])
def test_reused_year_is_within_a_quarter_degree_of_the_true_sun(year, step_min):
    start = np.datetime64(f"{year}-01-01T15:00", "m")
    n = 365 * 1440 // step_min
    found = sun_at(int(start.astype(np.int64)), n, step_min, latitude_deg=35.5, longitude_deg=129.3)
    middle = start.astype("datetime64[s]") + (np.arange(n) * step_min * 60 + step_min * 30)
    times = pd.DatetimeIndex(middle).tz_localize("UTC")[::37]
    wanted = get_solarposition(times, 35.5, 129.3)["apparent_zenith"].to_numpy()
    assert abs(found.zenith_deg[::37] - wanted).max() < 0.3


def test_steps_that_begin_off_the_hour_keep_their_phase():
    whole = sun_at(0, 48, 30, latitude_deg=20.0, longitude_deg=77.0)
    shifted = sun_at(15, 24, 60, latitude_deg=20.0, longitude_deg=77.0)
    assert shifted.zenith_deg[5] == pytest.approx(whole.zenith_deg[11])


def test_earth_is_nearest_the_sun_in_january():
    year = sun_at(0, 8760, 60, latitude_deg=0.0, longitude_deg=0.0).extra_w_m2
    assert year.argmax() // 24 < 10 or year.argmax() // 24 > 355
    assert year.max() / year.min() == pytest.approx(1.069, abs=0.005)
