"""Heat and weather, as small as a test of a cooling model needs."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from dcsim.clock import Calendar
from dcsim.power.cooling.conditions import HeatLoad, Outside, PlantOutput

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
DAY = (datetime.datetime(2030, 7, 1, tzinfo=SEOUL), datetime.datetime(2030, 7, 2, tzinfo=SEOUL))


def hourly(value: Any, n_hours: int) -> np.ndarray:
    return np.broadcast_to(np.asarray(value, dtype=float), (n_hours,)).copy()


@pytest.fixture
def day() -> Calendar:
    """Return the hours of the first of July."""
    return Calendar(*DAY, SEOUL)


@pytest.fixture
def heat_of() -> Callable[..., HeatLoad]:
    """Return heat in halls that are as full as it."""

    def make(heat_mw: Any, liquid_frac: Any = 0.0, hall_mw: Any = None) -> HeatLoad:
        n_hours = np.size(heat_mw)
        hall = heat_mw if hall_mw is None else hall_mw
        return HeatLoad(*(hourly(one, n_hours) for one in (heat_mw, liquid_frac, hall)))

    return make


@pytest.fixture
def outside_of(day: Calendar) -> Callable[..., Outside]:
    """Return air of a wet bulb that is five kelvins colder than its dry bulb."""

    def make(wet_bulb_c: Any, plants: Mapping[str, PlantOutput] | None = None) -> Outside:
        n_hours = np.size(wet_bulb_c)
        wet = hourly(wet_bulb_c, n_hours)
        return Outside(wet + 5, wet, hourly(101_325, n_hours), day, plants or {})

    return make
