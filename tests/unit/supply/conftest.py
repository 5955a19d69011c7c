"""Hand-made runs for supply: a site, its load and its assets, as small as a test needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.site import Site
from dcsim.types import Load, Moves, Outage, Steps, Timeline, Weather


class Case(NamedTuple):
    """What supply is handed."""

    plan: Plan
    timeline: Timeline
    weather: Weather
    load: Load


MakeCase = Callable[..., Case]


def constant_load(load_mw: float, n_hours: int) -> Load:
    zero = np.zeros(n_hours)
    return Load(
        segments=("all",),
        online_gpus=np.zeros((1, n_hours)),
        wanted_gpus=np.zeros((1, n_hours)),
        busy_gpus=np.zeros((1, n_hours)),
        it_power_mw=zero + load_mw,
        throttled_mw=zero,
        cooling_power_mw=zero,
        electrical_loss_mw=zero,
        facility_power_mw=zero + load_mw,
        pue=zero + 1.0,
        water_m3=zero,
    )


def still_weather(n_hours: int) -> Weather:
    columns = [np.zeros(n_hours) for _ in range(8)]
    return Weather(*columns, None, 150.0, "by hand", "")


@pytest.fixture
def flat_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every solar plant give a quarter of its rating and every wind farm a half."""
    for kind, level_pu in (("solar", 0.25), ("wind", 0.5)):

        def profile(part: object, plan: Plan, weather: Weather, level_pu: float = level_pu) -> Any:
            return np.full(weather.temp_wet_bulb_c.size, level_pu)

        monkeypatch.setattr(f"dcsim.supply.assets.{kind}.{kind}_available_pu", profile)


@pytest.fixture
def case_of(minimal_site: dict[str, Any], flat_profiles: None) -> MakeCase:
    """Return a site with assets and the load it has in every hour of two days."""

    def build(
        changes: Mapping[str, Any] | None = None,
        *,
        load_mw: float = 10.0,
        capacity: Mapping[str, Sequence[tuple[int, float]]] | None = None,
        outages: Sequence[Outage] = (),
    ) -> Case:
        raw = {**minimal_site, "end": "2030-01-03", **(changes or {})}
        plan = Plan(Site.model_validate(raw))
        calendar = plan.calendar
        levels = {"energized": [(0, 100.0)], "halls": [(0, 8.0)], **(capacity or {})}
        none = np.zeros(0, dtype=np.int64)
        moves = Moves(
            time_min=none,
            product=none.astype(np.int16),
            subject=none.astype(np.int32),
            n_gpus=none.astype(np.int32),
            origin=none.astype(np.int8),
            target=none.astype(np.int8),
        )
        timeline = Timeline(
            calendar=calendar,
            products=("server",),
            racks=(),
            moves=moves,
            tasks=(),
            capacity={key: Steps.of(list(steps)) for key, steps in levels.items()},
            outages=tuple(outages),
            log=(),
        )
        n_hours = calendar.n_hours
        return Case(plan, timeline, still_weather(n_hours), constant_load(load_mw, n_hours))

    return build
