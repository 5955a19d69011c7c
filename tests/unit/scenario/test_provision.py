from __future__ import annotations

import pytest

from dcsim.scenario.provision import design_facility_kw, design_it_kw, gpus_fit, it_share_mw
from dcsim.scenario.schema.fleet import Product
from dcsim.scenario.schema.power import Power

PRODUCT = Product.model_validate(
    {
        "name": "box",
        "power": "2 kW",
        "server_size": "8 GPU",
        "rack_size": "16 GPU",
        "peak": 0.75,
    }
)


def power(**keys) -> Power:
    steps = [{"name": "all", "adds": "10 MW"}]
    return Power.model_validate({"basis": "facility", "design_pue": 1.25, "steps": steps, **keys})


def test_a_gpu_is_provisioned_at_its_peak_with_network_over_oversubscription():
    grid = power(network=0.1, oversubscription=0.1)
    # 2 kW * 0.75 * 1.1 / 1.1
    assert design_it_kw(PRODUCT, grid) == pytest.approx(1.5)
    assert design_facility_kw(PRODUCT, grid) == pytest.approx(1.5 * 1.25)


def test_the_basis_says_where_contracted_power_is_measured():
    assert it_share_mw(10.0, power()) == 8.0
    assert it_share_mw(10.0, power(basis="it")) == 10.0


@pytest.mark.parametrize(("basis", "gpus"), [("facility", 5333), ("it", 6666)])
def test_only_whole_gpus_fit(basis, gpus):
    plain = power(basis=basis, network=0.0, oversubscription=0.0)
    assert gpus_fit(10.0, PRODUCT, plain) == gpus  # 8 MW or 10 MW over 1.5 kW


def test_rounding_takes_no_gpu_away():
    plain = power(basis="it", network=0.0, oversubscription=0.0)
    for n in range(1, 200):
        assert gpus_fit(n * design_it_kw(PRODUCT, plain) / 1000, PRODUCT, plain) == n
