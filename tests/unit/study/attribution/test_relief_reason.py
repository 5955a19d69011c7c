"""Why lifting a constraint loses GPU-days: rules of the expansion, or racks that others await."""

from __future__ import annotations

import pytest

import dcsim
from dcsim.ramp import run_ramp
from dcsim.ramp.relief import LiftedRamp, RampGain, lifted_ramps, online_gpu_days
from dcsim.study.attribution.relief_reason import loss_reason


@pytest.fixture(scope="module")
def gigawatt(scenarios):
    return dcsim.load(scenarios / "ulsan.yaml").plan(0)


def reasons(plan) -> dict[str, str]:
    planned = run_ramp(plan)
    gpu_days = online_gpu_days(planned)
    return {
        ramp.constraint: loss_reason(plan, planned, ramp, gpu_days)
        for ramp in lifted_ramps(plan, planned)
    }


def test_a_block_that_is_released_later_is_named_with_its_rule(gigawatt):
    found = reasons(gigawatt)
    assert found["delivery"] == found["cooling"] == ""
    # More of the first site is online early, so that demand is a smaller share of it.
    for constraint in ("power", "commissioning"):
        assert "block-1 is released on 2029-05-28, 63 days later than planned" in found[constraint]
        assert "until demand is 70% of the GPUs online" in found[constraint]
        assert "it was 66% on the planned day" in found[constraint]


def test_without_an_expansion_it_says_what_comes_later(scenarios):
    plan = dcsim.load(scenarios / "minimal.yaml").plan(0)
    planned = run_ramp(plan)
    lost = RampGain(earlier=10.0, later=60.0, repaired=0.0, online=-50.0, n_earlier=1)
    text = loss_reason(plan, planned, LiftedRamp("power", planned, lost, 0.0), 100.0)
    assert text.startswith("10 GPU-days come earlier and 60 later: racks that come earlier take")
    failing = RampGain(earlier=10.0, later=0.0, repaired=-60.0, online=-50.0, n_earlier=1)
    text = loss_reason(plan, planned, LiftedRamp("power", planned, failing, 0.0), 100.0)
    assert text == "failures and repair take 60 GPU-days more"


def test_a_gain_or_a_loss_too_small_to_be_shown_has_no_reason(scenarios):
    plan = dcsim.load(scenarios / "minimal.yaml").plan(0)
    planned = run_ramp(plan)
    for total in (10.0, -0.01):
        gain = RampGain(max(total, 0.0), max(-total, 0.0), 0.0, total, 1)
        assert loss_reason(plan, planned, LiftedRamp("power", planned, gain, 0.0), 1000.0) == ""
