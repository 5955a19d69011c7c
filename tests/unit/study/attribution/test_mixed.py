from __future__ import annotations

import pytest

from dcsim.errors import ModelError
from dcsim.scenario.load import load
from dcsim.study.attribution.mixed import (
    changed_groups,
    dependent_groups,
    faults_of_mix,
    mixed_scenario,
)

LATE = "orders: [{name: first, lead_time: 40 weeks}]\n"
SLOW = "deployment: {commissioning: 42 days}\n"
COOL = "cooling: {overhead: 30 %}\n"


def test_what_only_goes_together_is_one_group(pair) -> None:
    path, write = pair
    other = """products: [{name: box, power: 1 kW, server_size: 8 GPU, rack_size: 16 GPU}]
orders: [{name: first, product: box}]
"""
    before, after = load(path), load(write(other))
    groups = changed_groups(before, after, "section")
    assert [group.label for group in groups] == ["orders", "products"]
    # An order of the new box cannot come without it.
    (joined,) = dependent_groups(before, after, groups)
    assert joined.label == "orders, products"
    labels = [group.label for group in changed_groups(before, after, "name")]
    assert set(labels) == {"products.box", "orders.first"}


def test_the_ends_are_the_scenarios_themselves(pair) -> None:
    path, write = pair
    before, after = load(path), load(write(LATE + SLOW))
    groups = changed_groups(before, after, "name")
    every = frozenset(range(len(groups)))
    assert mixed_scenario(before, after, groups, every).site.orders == after.site.orders
    assert mixed_scenario(before, after, groups, every).site == after.site
    assert mixed_scenario(before, after, groups, frozenset()).site.orders == before.site.orders


def test_names_and_correlations_make_no_group(pair) -> None:
    path, write = pair
    after = load(write("name: other\ndescription: text\n" + LATE))
    assert [group.label for group in changed_groups(load(path), after, "section")] == ["orders"]
    with pytest.raises(ModelError, match="differ in nothing"):
        dependent_groups(load(path), load(path), [])


def test_the_keys_of_an_unsound_mix_are_told(pair) -> None:
    path, write = pair
    other = "products: [{name: server, remove: true}, {name: box, power: 1 kW, server_size: 8 GPU, "
    other += "rack_size: 16 GPU}]\norders: [{name: first, product: box}]\n"
    before, after = load(path), load(write(other))
    groups = changed_groups(before, after, "section")
    assert [group.label for group in groups] == ["products", "orders"]
    for taken in ({0}, {1}):
        faults = faults_of_mix(before, after, groups, frozenset(taken))
        assert faults == ["orders.first.product"]
    assert faults_of_mix(before, after, groups, frozenset({0, 1})) == []


def test_correlations_are_those_of_both_ends(pair) -> None:
    path, write = pair
    uncertain = """
orders: [{name: first, lead_time: {uniform: [20 weeks, 50 weeks]}}]
deployment: {commissioning: {uniform: [20 days, 50 days]}}
"""
    link = (
        "correlations: [{between: [orders.first.lead_time, deployment.commissioning], rank: 0.5}]\n"
    )
    before, after = load(path), load(write(uncertain + link))
    groups = changed_groups(before, after, "section")
    every = frozenset(range(len(groups)))
    assert mixed_scenario(before, after, groups, every).correlations == after.correlations
    for taken in (frozenset[int](), frozenset({0}), frozenset({1})):
        assert mixed_scenario(before, after, groups, taken).correlations == ()
