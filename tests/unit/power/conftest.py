"""Hand-made runs: a site, its GPUs online, its capacity and weather, as small as a test needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from dcsim.gpu_states import STATE
from dcsim.power import make_load
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.site import Site
from dcsim.types import Load, Moves, Steps, Timeline, Weather

MakeLoad = Callable[..., Load]


def online_moves(onlines: Sequence[Sequence[tuple[int, int]]]) -> Moves:
    """GPUs that come online, as ``(time_min, gpus)`` by product; negative ones fail."""
    rows = sorted(
        (time, product, gpus) for product, some in enumerate(onlines) for time, gpus in some
    )
    into = [gpus > 0 for _, _, gpus in rows]
    return Moves(
        time_min=np.array([time for time, _, _ in rows], dtype=np.int64),
        product=np.array([product for _, product, _ in rows], dtype=np.int16),
        subject=np.zeros(len(rows), dtype=np.int32),
        n_gpus=np.array([abs(gpus) for _, _, gpus in rows], dtype=np.int32),
        origin=np.array([STATE["commissioning" if i else "online"] for i in into], dtype=np.int8),
        target=np.array([STATE["online" if i else "failed"] for i in into], dtype=np.int8),
    )


def make_weather(wet_bulb_c: Any, n_hours: int) -> Weather:
    wet_bulb = np.broadcast_to(np.asarray(wet_bulb_c, dtype=float), (n_hours,))
    zero = np.zeros(n_hours)
    return Weather(
        temp_dry_bulb_c=wet_bulb + 5,
        temp_wet_bulb_c=wet_bulb,
        relative_humidity_frac=zero + 0.6,
        pressure_pa=zero + 101_325,
        wind_speed_m_s=zero,
        ghi_w_m2=zero,
        dni_w_m2=zero,
        dhi_w_m2=zero,
        wind_site_m_s=None,
        wind_site_height_m=150.0,
        source="by hand",
        digest="",
    )


@pytest.fixture
def load_of(minimal_site: dict[str, Any]) -> MakeLoad:
    """Return the load of the minimal site, with changes, for GPUs that come online."""

    def run(
        changes: Mapping[str, Any] | None = None,
        *,
        online: Sequence[Sequence[tuple[int, int]]] = (((0, 1000),),),
        wet_bulb_c: Any = 10.0,
        energized: Sequence[tuple[int, float]] = ((0, 100.0),),
        halls: Sequence[tuple[int, float]] = ((0, 8.0),),
    ) -> Load:
        raw = {**minimal_site, "end": "2030-01-08", **(changes or {})}
        plan = Plan(Site.model_validate(raw))
        calendar = plan.calendar
        timeline = Timeline(
            calendar=calendar,
            products=tuple(product.name for product in plan.site.products),
            racks=(),
            moves=online_moves(online),
            tasks=(),
            capacity={"energized": Steps.of(list(energized)), "halls": Steps.of(list(halls))},
            outages=(),
            log=(),
        )
        return make_load(plan, timeline, make_weather(wet_bulb_c, calendar.n_hours))

    return run
