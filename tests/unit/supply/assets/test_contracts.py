"""A contract delivers what is there of it."""

from __future__ import annotations

import numpy as np

from dcsim.scenario.schema.assets.contracts import Contract
from dcsim.supply.assets.contracts import available


def test_a_contract_delivers_its_capacity(conditions_of):
    contract = Contract.model_validate({"name": "a", "capacity": "3 MW", "renewable": True})
    delivered_mw = available(contract, conditions_of("contracts.a", [0, 3, 1.5]))
    np.testing.assert_array_equal(delivered_mw[:4], [0, 3, 1.5, 0])
