from __future__ import annotations

import pytest

import dcsim
from dcsim.contract import contract_faults

KIND = """
import itertools
from typing import Literal
from dcsim.plugins import *
import numpy as np

class Waves(Asset):
    '''Wave power.'''
    capacity_mw: Capacity
    '''Rated power.'''
    rate: Real = 0.1
    '''Outages.'''

def outages(asset):
    asset.rate
    return None

COUNT = itertools.count(1)

def available(asset, conditions):
    return {available}

KIND = AssetKind(
    section="waves", schema=Waves, about="Wave power.",
    sample_keys={{"name": "a", "capacity": "2 MW"}}, label="waves", color="#123456",
    dispatch_class="variable", rated_mw=lambda asset: asset.capacity_mw, figure="waves",
    available=available, forced_outages={outages},
)

class Ice(Part):
    '''Ice.'''
    model: Literal["ice"] = "ice"
    '''Name.'''

def ice(heat, outside):
    return {draw}

ICE = CoolingModel(Ice, ice)
"""
FINE = {
    "available": "conditions.capacity_mw * 0.5",
    "outages": "lambda asset: None",
    "draw": "CoolingDraw(heat.heat_mw * 0.1, heat.heat_mw * 0)",
}


@pytest.fixture
def scenario_with(install_plugin, scenarios):
    def make(**changes):
        text = KIND.format(**FINE | changes)
        entries = {"dcsim.assets": {"waves": "surf:KIND"}, "dcsim.cooling": {"ice": "surf:ICE"}}
        install_plugin("dcsim-surf", {"surf.py": text}, entries)
        overrides = [
            "plugins=[dcsim-surf]",
            "end=2027-09-01",
            "cooling={model: ice}",
            "waves=[{name: bay, capacity: 2 MW}]",
        ]
        return dcsim.load(scenarios / "minimal.yaml", overrides=overrides)

    return make


def test_the_example_keeps_the_contract(tidal):
    assert contract_faults(dcsim.load(tidal)) == []


def test_a_sound_model_keeps_it(scenario_with):
    assert contract_faults(scenario_with()) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"outages": "outages"},
            "waves.bay: its outages read rate, which is not in dated_fields: stages would be stale",
        ),
        (
            {"available": "conditions.capacity_mw / next(COUNT)"},
            "two runs of the scenario differ: a model is no function of its input",
        ),
        (
            {"draw": "CoolingDraw(1 / (1 + heat.heat_mw), heat.heat_mw * 0)"},
            "cooling model ice: more heat takes less power",
        ),
    ],
)
def test_what_breaks_it_is_said(scenario_with, changes, fault):
    assert contract_faults(scenario_with(**changes)) == [fault]


ENTRY = "dcsim-surf 0.1.0, entry point waves = surf:KIND of dcsim.assets: "


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"available": "conditions.capacity_mw + 1"}, "waves.bay: available returned 3.0 MW in st"),
        ({"available": "conditions.capacity_mw - 3"}, "waves.bay: available returned -1.0 MW in s"),
        ({"available": "conditions.capacity_mw * np.nan"}, "available returned nan MW in step 0"),
        ({"available": "conditions.capacity_mw[1:]"}, "available returned power of shape (5831,)"),
        ({"available": "2.0"}, "waves.bay: available returned float, must be ndarray"),
        ({"available": "1 / 0"}, "ZeroDivisionError: division by zero"),
        ({"draw": "heat.heat_mw"}, "TypeError: returned ndarray, must be CoolingDraw"),
        ({"draw": "CoolingDraw(-heat.heat_mw, heat.heat_mw)"}, "ValueError: returned power_mw -"),
        ({"draw": "CoolingDraw(heat.heat_mw, 1.0)"}, "returned water_m3_h of shape (), must be"),
    ],
)
def test_what_a_run_sees_stops_it_with_the_name_of_the_plugin(scenario_with, changes, message):
    with pytest.raises(dcsim.DcsimError) as caught:
        dcsim.simulate(scenario_with(**changes))
    assert str(caught.value).startswith("dcsim-surf 0.1.0, entry point ")
    assert message in str(caught.value)
