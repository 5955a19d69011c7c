"""Why the simulation of sizes differs: told where it does, with the sources and the policy."""

from __future__ import annotations

import pytest

import dcsim

CHP = (
    "chp=[{name: gas, capacity: 4 MW, efficiency: 55 %, carbon: 370 kg/MWh,"
    " price: {2026: 40 USD/MWh}}]"
)


@pytest.fixture(scope="module")
def site(sized_site):
    return dcsim.load(sized_site, overrides=["step=6 h", "grid.carbon_free=60 %", CHP])


def test_a_policy_that_burns_first_is_named_with_its_plant(site):
    found = dcsim.size(site, cfe="70 %", plants=["solar.roof"])
    assert found.gap is not None
    assert found.gap.share_frac < -0.01
    assert found.gap.policy == "self-consumption"
    by_source = {one.source: one for one in found.gap.sources}
    assert by_source["chp.gas"].simulated_mwh > by_source["chp.gas"].program_mwh
    assert by_source["import"].simulated_mwh < by_source["import"].program_mwh
    assert found.gap.clean_first_frac > found.simulated.cfe_frac + 0.01


def test_the_program_knows_that_clean_first_leaves_emitting_plants_idle(site):
    clean = site.with_overrides({"dispatch.policy": "cfe-first"})
    found = dcsim.size(clean, cfe="70 %", plants=["solar.roof"])
    assert found.simulated.cfe_frac == pytest.approx(found.program.cfe_frac, abs=0.01)
    assert found.gap is None
