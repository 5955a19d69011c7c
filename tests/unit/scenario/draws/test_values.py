from __future__ import annotations

import pytest

SOURCES = "sources: {a: {title: First}, b: {title: Second, year: 2025}}\n"


def about(scenario, key):
    leaf = next(leaf for leaf in scenario.leaves if leaf.key == key)
    return leaf.source, leaf.confidence


CARBON = "carbon: 417 kg/MWh"


def plan(minimal_text, old, new, more=SOURCES):
    assert old in minimal_text
    return minimal_text.replace(old, new) + more


def test_a_source_holds_for_all_below_it(read, minimal_text):
    scenario = read(plan(minimal_text, "grid: {", "grid: {source: a, "))
    assert about(scenario, "grid.carbon") == ("a", "stated")
    assert about(scenario, "grid.carbon_free") == ("a", "stated")
    assert about(scenario, "cooling.overhead") == (None, "assumption")


def test_the_nearer_source_wins(read, minimal_text):
    text = plan(
        minimal_text,
        CARBON,
        "source: a, carbon: {value: 417 kg/MWh, source: b, confidence: reported}",
    )
    scenario = read(text)
    assert about(scenario, "grid.carbon") == ("b", "reported")
    assert about(scenario, "grid.carbon_free") == ("a", "stated")


def test_an_assumption_below_a_source_is_nobodys_statement(read, minimal_text):
    text = plan(
        minimal_text, CARBON, "source: a, carbon: {value: 417 kg/MWh, confidence: assumption}"
    )
    assert about(read(text), "grid.carbon") == (None, "assumption")


def test_another_confidence_keeps_the_source_above(read, minimal_text):
    text = plan(minimal_text, CARBON, "source: a, carbon: {value: 417 kg/MWh, confidence: derived}")
    assert about(read(text), "grid.carbon") == ("a", "derived")


def test_sources_inherit_through_lists(read, minimal_text):
    scenario = read(plan(minimal_text, "deployment: {", "deployment: {source: a b, "))
    assert about(scenario, "deployment.slots") == ("a b", "stated")
    text = plan(minimal_text, "{name: server, power", "{name: server, source: b, power")
    assert about(read(text), "products.server.rack_size") == ("b", "stated")


def test_sources_are_no_part_of_the_data(read, minimal_text):
    plain = read(minimal_text)
    sourced = read(plan(minimal_text, "417 kg/MWh", "{value: 417 kg/MWh, source: a, note: why}"))
    assert sourced.site == plain.site


def test_the_value_of_a_sourced_value_may_be_a_distribution(read, minimal_text):
    drawn = "{value: {empirical: [2 weeks, 4 weeks, 8 weeks]}, source: a}"
    text = plan(minimal_text, "26 weeks", drawn)
    scenario = read(text)
    assert scenario.uncertain == ("orders.first.lead_time",)
    assert scenario.site.orders[0].lead_time_h == 4 * 168
    assert about(scenario, "orders.first.lead_time") == ("a", "stated")


@pytest.mark.parametrize("word", ["stated", "reported", "derived", "assumption"])
def test_there_are_four_degrees_of_confidence(read, minimal_text, word):
    text = plan(minimal_text, "417 kg/MWh", f"{{value: 417 kg/MWh, confidence: {word}}}")
    assert about(read(text), "grid.carbon")[1] == word


def test_another_confidence_is_refused(complaint, minimal_text):
    text = plan(minimal_text, "417 kg/MWh", "{value: 417 kg/MWh, confidence: sure}")
    assert complaint(text) == (
        "plan.yaml:26: grid.carbon.confidence = sure: "
        "must be one of stated, reported, derived, assumption"
    )


@pytest.mark.parametrize("key", ["source", "confidence", "note"])
def test_what_is_said_of_a_value_is_text(complaint, minimal_text, key):
    text = plan(minimal_text, "417 kg/MWh", f"{{value: 417 kg/MWh, {key}: 5}}")
    assert complaint(text) == f"plan.yaml:26: grid.carbon.{key}: must be text"


def test_an_unknown_source_is_told_once_where_it_stands(complaint, minimal_text):
    text = plan(minimal_text, "confidence: assumption", "source: c")
    assert complaint(text) == "plan.yaml:3: source: c is not in the sources block"


def test_of_several_sources_the_unknown_one_is_named(complaint, minimal_text):
    more = "sources: {one: {title: x}, two: {title: y}}\n"
    text = plan(minimal_text, "417 kg/MWh", "{value: 417 kg/MWh, source: one twoo}", more)
    assert complaint(text) == (
        "plan.yaml:26: grid.carbon.source: twoo is not in the sources block; did you mean two?"
    )


def test_nothing_else_may_stand_beside_a_value(complaint, minimal_text):
    text = plan(minimal_text, "417 kg/MWh", "{value: 417 kg/MWh, src: a}")
    assert complaint(text) == (
        "plan.yaml:26: grid.carbon: src cannot stand beside value; "
        "allowed are source, confidence, note"
    )


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("5", "sources: must be a mapping of keys"),
        ("[a]", "sources: must be a mapping of keys"),
        ("{a: 5}", "sources.a: must be a mapping such as {title: …, year: 2025, where: …}"),
        ("{a: {title: [x]}}", "sources.a: title must be text or a number"),
        (
            "{'a b': {title: x}}",
            "sources.a b: is not a name: use letters, digits, '.', '-' or '_', no spaces",
        ),
    ],
)
def test_the_sources_block_holds_named_mappings(complaint, minimal_text, block, message):
    assert complaint(minimal_text + f"sources: {block}\n") == f"plan.yaml:27: {message}"


def test_every_value_is_a_leaf_with_its_place(read, minimal_text):
    leaves = {leaf.key: leaf for leaf in read(minimal_text).leaves}
    assert leaves["power.steps.connection.adds"].where == "plan.yaml:8"
    assert leaves["weather.climate.temp_mean.11"].text == "4 degC"
    assert leaves["name"].is_text
    assert not leaves["deployment.crews"].is_text


def test_a_name_with_a_source_is_a_name(read, complaint, minimal_text):
    site = read(minimal_text.replace("{name: hall,", "{name: {value: hall, note: x},")).site
    assert site.halls[0].name == "hall"
    wind = (
        "wind: [{name: {value: farm}, capacity: 1 MW, turbine: own.csv, hub_height: 90 m}]\n"
        "weather: {wind: {mean: 8 m/s, height: 100 m, weibull_shape: 2, shear: 0.1, "
        f"monthly_factor: {[1] * 12}, memory: 20 h}}}}\n"
    )
    told = complaint(f"extends: base.yaml\n{wind}")
    assert told == "plan.yaml:2: wind.farm.turbine: own.csv: no such file"
