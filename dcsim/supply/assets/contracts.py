"""Contracts of constant power: what is delivered is what is contracted."""

from __future__ import annotations

from dcsim.clock import Floats
from dcsim.scenario.schema.assets.contracts import Contract
from dcsim.supply.assets.conditions import Conditions


def available(_contract: Contract, conditions: Conditions) -> Floats:
    """Return the power delivered, shape ``(n_hours,)``. [MW]"""
    return conditions.capacity_mw
