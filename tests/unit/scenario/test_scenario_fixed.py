from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.draws.distributions import TAIL

LEAD, INSTALL = "orders.first.lead_time", "deployment.install"


@pytest.fixture
def scenario(read, minimal_text):
    text = minimal_text.replace("26 weeks", "{uniform: [0 h, 1000 h]}")
    return read(text.replace("install: 8 h", "install: {uniform: [0 h, 10 h]}"))


def lead_h(scenario, replication):
    return scenario.plan(replication).site.orders[0].lead_time_h


def test_a_fixed_value_stands_in_every_replication(scenario):
    fixed = scenario.fixed({LEAD: 0.25})
    expected = 1000 * (TAIL + (1 - 2 * TAIL) * 0.25)
    for replication in range(4):
        assert lead_h(fixed, replication) == pytest.approx(expected)
        assert fixed.plan(replication).inputs[LEAD].value == lead_h(fixed, replication)


@pytest.mark.parametrize(("quantile", "end"), [(0, TAIL), (1, 1 - TAIL)])
def test_the_ends_are_those_of_what_is_ever_drawn(scenario, quantile, end):
    assert lead_h(scenario.fixed({LEAD: quantile}), 1) == pytest.approx(1000 * end)


def test_the_median_is_that_of_the_single_run(scenario):
    assert scenario.fixed({LEAD: 0.5, INSTALL: 0.5}).plan(7).site == scenario.plan(0).site


def test_others_are_drawn_as_before(scenario):
    fixed = scenario.fixed({LEAD: 0.9})
    for replication in range(5):
        mine, theirs = fixed.plan(replication), scenario.plan(replication)
        assert mine.inputs[INSTALL] == theirs.inputs[INSTALL]
        assert mine.inputs[LEAD] != theirs.inputs[LEAD]


def test_what_was_fixed_before_stays_and_may_be_fixed_anew(scenario):
    twice = scenario.fixed({LEAD: 0.9}).fixed({INSTALL: 0.1})
    assert twice.plan(3) == scenario.fixed({INSTALL: 0.1, LEAD: 0.9}).plan(3)
    assert twice.quantiles == {LEAD: 0.9, INSTALL: 0.1}
    assert lead_h(twice.fixed({LEAD: 0.2}), 1) == lead_h(scenario.fixed({LEAD: 0.2}), 1)


def test_the_scenario_it_is_made_from_stays_as_it_was(scenario):
    before, digest = scenario.plan(1), scenario.digest
    scenario.fixed({LEAD: 0.9})
    assert (scenario.plan(1), scenario.digest) == (before, digest)
    assert scenario.quantiles == {}


def test_the_digest_tells_fixed_quantiles_whatever_their_order(scenario):
    some, same = {LEAD: 0.9, INSTALL: 0}, {INSTALL: 0.0, LEAD: 0.9}
    digests = {
        scenario.digest,
        scenario.fixed({LEAD: 0.9}).digest,
        scenario.fixed({LEAD: 0.5}).digest,
        scenario.fixed(some).digest,
    }
    assert len(digests) == 4
    assert scenario.fixed(some).digest == scenario.fixed(same).digest
    assert scenario.fixed({}).digest == scenario.digest


@pytest.mark.parametrize(
    ("quantiles", "message"),
    [
        (
            {"orders.first.leadtime": 0.5},
            "orders.first.leadtime: there is no uncertain value orders.first.leadtime; "
            "did you mean orders.first.lead_time?",
        ),
        (
            {"x": 0.5},
            "x: there is no uncertain value x; "
            "uncertain are orders.first.lead_time, deployment.install",
        ),
        (
            {"deployment.slots": 0.5},
            "deployment.slots: deployment.slots is not uncertain: it stands at 40",
        ),
        ({LEAD: 1.5}, f"{LEAD}: needs a quantile from 0 to 1, not 1.5"),
        ({LEAD: -0.1}, f"{LEAD}: needs a quantile from 0 to 1, not -0.1"),
        ({LEAD: float("nan")}, f"{LEAD}: needs a quantile from 0 to 1, not nan"),
        ({LEAD: "0.5"}, f"{LEAD}: needs a quantile from 0 to 1, not '0.5'"),
        ({LEAD: True}, f"{LEAD}: needs a quantile from 0 to 1, not True"),
    ],
    ids=str,
)
def test_what_cannot_be_fixed_is_refused(scenario, quantiles, message):
    with pytest.raises(ScenarioError) as caught:
        scenario.fixed(quantiles)
    assert str(caught.value) == message


def test_all_that_cannot_be_fixed_is_told_at_once(scenario):
    with pytest.raises(ScenarioError) as caught:
        scenario.fixed({"x": 0.5, LEAD: 2})
    assert len(caught.value.problems) == 2


def test_quantiles_that_contradict_one_another_are_refused_with_their_place(read, minimal_text):
    draws = "idle: {uniform: [0.1, 0.5]}, training: {uniform: [0.4, 0.8]}, inference: 0.6"
    scenario = read(minimal_text.replace("rack_size: 16 GPU", f"rack_size: 16 GPU, {draws}"))
    with pytest.raises(ScenarioError) as caught:
        scenario.fixed({"products.server.idle": 1, "products.server.training": 0})
    message = "plan.yaml:10: products.server: idle is more than what a busy GPU draws"
    assert str(caught.value) == message


@pytest.mark.parametrize("quantile", [np.float32(0.5), np.int64(1), Fraction(1, 2)])
def test_a_quantile_is_any_real_number(scenario, quantile):
    assert scenario.fixed({LEAD: quantile}).quantiles == {LEAD: float(quantile)}


@pytest.mark.parametrize("quantiles", [None, [], LEAD])
def test_quantiles_are_a_mapping(scenario, quantiles):
    with pytest.raises(TypeError, match=r"^fixed\(\) takes a mapping of quantiles"):
        scenario.fixed(quantiles)


def test_a_key_that_is_no_text_is_no_uncertain_value(scenario):
    with pytest.raises(ScenarioError, match="there is no uncertain value 1"):
        scenario.fixed({1: 0.5})
