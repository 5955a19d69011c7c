from __future__ import annotations

import pytest

HEAD = "scenario: ../plan.yaml\n"


WRONG = {
    "unknown key paths and wrong values": (
        HEAD + "grid:\n  deployment.crew: [2, 3]\n  orders.first.lead_time: [6 GPU, 5]\n"
        "  fleets.repair: [1 day]\n",
        "studies/s.yaml:3: grid.deployment.crew: not a key of deployment; did you mean crews?\n"
        "studies/s.yaml:4: grid.orders.first.lead_time = 6 GPU: is not a quantity in h: 'GPU' "
        "measures another thing\n"
        "studies/s.yaml:4: grid.orders.first.lead_time = 5: needs a unit, for example '5 h'\n"
        "studies/s.yaml:5: grid.fleets: not a key of a scenario; did you mean fleet?",
    ),
    "no such item": (
        HEAD + "grid: {orders.frist.lead_time: [1 week]}\n",
        "studies/s.yaml:2: grid.orders.frist: no such item; did you mean first?",
    ),
    "a value that does not go with the base": (
        HEAD + "grid: {products.server.name: [other]}\n",
        "studies/s.yaml:2: grid.products.server.name = other: does not fit: "
        "plan.yaml:11: orders.first.product: there is no product named server; "
        "known are other",
    ),
    "a bundle": (
        HEAD + "grid:\n  team:\n    few: {deployment.crews: 2, deployment.slot: 3}\n",
        "studies/s.yaml:4: grid.team.few.deployment.slot: not a key of deployment; "
        "did you mean slots?",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_value_that_does_not_fit_the_base_is_refused_with_its_line(case, refusal):
    text, message = WRONG[case]
    assert refusal(text) == message
