"""Laws of the load: it adds up, keeps its limit, and scales."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dcsim.clock import Calendar
from dcsim.power.cooling.chiller import economizer_frac
from dcsim.power.cooling.conditions import Outside
from dcsim.power.demand import served_gpus
from dcsim.power.electrical import electrical_loss_mw
from dcsim.power.it import ItPower
from dcsim.power.load import SiteDraw, cap, pue, uncapped_draw
from dcsim.scenario.schema.power import (
    Cooling,
    Electrical,
    EvaporativeCooling,
    FixedCooling,
    HybridCooling,
    Mover,
    PhysicalCooling,
)

pytestmark = pytest.mark.usefixtures("every_step")
STEP_H = 1.0
"""Length of a step; the fixture sets it. [h]"""
N_HOURS = 12
SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
FIRST = datetime.datetime(2030, 7, 1, tzinfo=SEOUL)
FEW = settings(derandomize=True, max_examples=50, deadline=None)
ELECTRICAL = Electrical(
    transformer_no_load=0.0015, transformer_load=0.008, distribution=0.01, house=0.005
)
COOLINGS: list[Cooling] = [
    FixedCooling(overhead=0.1),
    EvaporativeCooling(overhead=0.1, knee="12 degC", slope=0.01, water="1.5 L/kWh"),
    HybridCooling(
        air_fan=0.06,
        air_supply="20 degC",
        liquid_pump=0.03,
        liquid_supply="32 degC",
        water_rise="8 delta_degC",
        approach="6 delta_degC",
        chiller_load=0.6,
        water="1.5 L/kWh",
    ),
    PhysicalCooling(
        sink="seawater",
        sea=[f"{month + 10} degC" for month in range(12)],
        air_supply="27 degC",
        air_rise="15 delta_degC",
        water_rise="8 delta_degC",
        sink_rise="5 delta_degC",
        exchanger_approach="2 delta_degC",
        coil=0.8,
        sensible=0.98,
        chiller_load=0.6,
        minimum_flow=0.3,
        fans=Mover(pressure="400 Pa", efficiency=0.7),
        **dict.fromkeys(
            ("humidifier", "economizer_pumps", "chilled_pumps", "sink_pumps"),
            Mover(pressure="200 kPa", efficiency=0.7),
        ),
    ),
]


def calendar() -> Calendar:
    return Calendar(FIRST, FIRST + datetime.timedelta(hours=N_HOURS * STEP_H), SEOUL, STEP_H)


def hourly(low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    # Down to a watt: below, rounding of numbers that no site has is all there is to find.
    level = st.floats(low, high).map(lambda value: round(value, 6))
    return arrays(float, N_HOURS, elements=level)


@st.composite
def sites(draw) -> tuple[SiteDraw, SiteDraw]:
    """What a site asks for, and what one twice its size does."""
    it, hall, wet = draw(hourly(0, 200)), draw(hourly(0, 250)), draw(hourly(-15, 32))
    liquid, model = draw(st.floats(0, 1)), draw(st.sampled_from(COOLINGS))
    return tuple(ask(size * it, size * hall, liquid, wet, model) for size in (1, 2))


def ask(
    it: np.ndarray, hall: np.ndarray, liquid: float, wet: np.ndarray, model: Cooling
) -> SiteDraw:
    loss = electrical_loss_mw(it, hall, **ELECTRICAL.model_dump())
    outside = Outside(wet + 5.0, wet, np.full_like(wet, 101_325.0), calendar(), {})
    return uncapped_draw(ItPower(it, it * liquid), loss, hall, outside, model)


def measured(draw: SiteDraw, basis: str) -> np.ndarray:
    return draw.facility_mw if basis == "facility" else draw.it_mw


limits_mw = hourly(0, 200)
bases = st.sampled_from(["facility", "it"])


@FEW
@given(sites())
def test_pue_is_at_least_one_and_missing_only_where_nothing_is_on(site):
    uncapped, _ = site
    ratio = pue(uncapped.facility_mw, uncapped.it_mw)
    assert (np.isnan(ratio) == (uncapped.it_mw == 0)).all()
    assert (ratio[uncapped.it_mw > 0] >= 1).all()
    assert not np.isinf(ratio).any()


@FEW
@given(sites(), limits_mw, bases)
def test_capped_load_adds_up_and_meets_its_limit_exactly(site, limit, basis):
    uncapped, _ = site
    drawn = cap(uncapped, limit, basis=basis)
    parts = drawn.it_mw + drawn.cooling_mw + drawn.loss_mw
    np.testing.assert_allclose(drawn.facility_mw, parts, rtol=1e-12, atol=1e-12)
    energized = limit > 0
    expected = np.minimum(measured(uncapped, basis), limit)
    assert (measured(drawn, basis)[energized] == expected[energized]).all()
    assert (drawn.facility_mw[~energized] == 0).all()
    assert (drawn.it_mw <= uncapped.it_mw).all()


@FEW
@given(sites(), limits_mw, bases)
def test_capping_keeps_the_pue(site, limit, basis):
    uncapped, _ = site
    drawn = cap(uncapped, limit, basis=basis)
    on = drawn.it_mw > 1e-9
    free, capped = (pue(draw.facility_mw, draw.it_mw)[on] for draw in (uncapped, drawn))
    np.testing.assert_allclose(capped, free, rtol=1e-9)


@FEW
@given(sites(), limits_mw, hourly(0, 100), bases)
def test_a_higher_limit_never_lowers_the_load(site, limit, more, basis):
    uncapped, _ = site
    less, greater = (cap(uncapped, level, basis=basis) for level in (limit, limit + more))
    assert (greater.it_mw >= less.it_mw * (1 - 1e-12)).all()


@FEW
@given(sites(), limits_mw, bases)
def test_twice_the_site_draws_exactly_twice(site, limit, basis):
    one, two = site
    once, twice = cap(one, limit, basis=basis), cap(two, 2 * limit, basis=basis)
    for part, double in zip(once, twice, strict=True):
        np.testing.assert_array_equal(2 * part, double)


@FEW
@given(arrays(float, (3, N_HOURS), elements=st.floats(0, 1e5)), hourly(0, 1e5))
def test_served_demand_keeps_within_demand_and_gpus_and_serves_the_first_first(wanted, online):
    busy = served_gpus(wanted, online)
    assert (busy >= 0).all()
    assert (busy <= wanted).all()
    assert (busy.sum(axis=0) <= online * (1 + 1e-12)).all()
    unmet = wanted - busy > 0
    assert (busy[1:][unmet[:-1]] <= 1e-9 * 1e5).all()


@FEW
@given(hourly(-15, 40), hourly(0, 20), st.floats(5, 40), st.floats(1, 20))
def test_a_warmer_sink_never_saves_chiller_work(sink, warmer, supply, rise):
    cold, warm = (economizer_frac(level, supply, rise) for level in (sink, sink + warmer))
    assert (warm <= cold).all()
