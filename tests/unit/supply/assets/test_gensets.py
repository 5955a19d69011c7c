"""Emergency generators: random numbers by the hour of a call, and the time in the dark."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcsim.scenario.schema.assets.gensets import Gensets
from dcsim.supply.assets.gensets import available

KEYS = {"name": "a", "units": 4, "unit_power": "1 MW", "carbon": "700 kg/MWh"}


def unit_of(conditions, **keys):
    return available(Gensets.model_validate({**KEYS, **keys}), conditions)


def test_machines_that_always_start_and_never_fail_need_no_random_numbers(conditions_of):
    unit = unit_of(conditions_of("gensets.a", [4]))
    assert (unit.start_uniforms, unit.life_uniforms, unit.mttf_h) == (None, None, math.inf)
    assert unit.plain


def test_the_number_of_a_call_hangs_on_its_hour_alone(conditions_of):
    unit = unit_of(conditions_of("gensets.a", [4]), start_failure="10 %")
    several = unit.start_uniforms(np.array([2, 7, 30]))
    assert several[1] == unit.start_uniforms(np.array([7]))[0]
    assert len(set(several.tolist())) == 3
    assert ((several > 0) & (several < 1)).all()


def test_a_shorter_step_keeps_the_number_of_its_hour(conditions_of):
    hourly = unit_of(conditions_of("gensets.a", [4]), start_failure="10 %")
    half = unit_of(conditions_of("gensets.a", [4], {"step": "30 minutes"}), start_failure="10 %")
    assert (
        half.start_uniforms(np.array([14, 15])).tolist()
        == [hourly.start_uniforms(np.array([7]))[0]] * 2
    )


def test_each_machine_has_a_life_of_its_own_in_each_call(conditions_of):
    unit = unit_of(conditions_of("gensets.a", [4]), mttf="1000 h")
    lives = unit.life_uniforms(7)
    assert (lives.size, len(set(lives.tolist())), unit.mttf_h) == (4, 4, 1000.0)
    assert not np.array_equal(lives, unit.life_uniforms(8))


@pytest.mark.parametrize(
    ("start", "ups", "dark_h"), [("3 minutes", "5 minutes", 0.0), ("15 minutes", "3 minutes", 0.2)]
)
def test_the_site_is_dark_from_the_end_of_the_ups_to_the_start(conditions_of, start, ups, dark_h):
    unit = unit_of(conditions_of("gensets.a", [4]), start_time=start, ride_through=ups)
    assert unit.dark_h == pytest.approx(dark_h)
