"""A scenario in memory as the base of a study."""

from __future__ import annotations

import datetime

import numpy as np
import pint
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import load
from dcsim.scenario.text.document import read_node
from dcsim.study.definition.expand import read_study, study_of_design

GRID = {"grid": {"deployment.crews": [1, 2], "products.server.power": ["1.2 kW", "1.4 kW"]}}
LEAD = "orders.first.lead_time"


@pytest.fixture
def plan(study_of):
    return load(study_of.folder / "plan.yaml")


def design_of(scenario, **design):
    return study_of_design(scenario, design, name="s")


def test_it_makes_the_cases_of_the_study_file(study_of, plan):
    read = study_of(
        "scenario: ../plan.yaml\nreplications: 3\ngrid:\n  deployment.crews: [1, 2]\n"
        "  products.server.power: [1.2 kW, 1.4 kW]\nsample: {method: latin-hypercube, n: 4}\n"
    )
    made = design_of(plan, replications=3, **GRID, sample={"method": "latin-hypercube", "n": 4})
    assert [case.id for case in made.cases()] == [case.id for case in read.cases()]
    assert [case.digest for case in made.cases()] == [case.digest for case in read.cases()]
    assert {**made.about(), "digest": ""} == {**read.about(), "digest": ""}


def test_values_may_be_quantities_dates_and_numbers_of_numpy(plan):
    study = design_of(
        plan,
        grid={
            "products.server.power": [pint.UnitRegistry().Quantity(1200, "W"), "1.4 kW"],
            "orders.first.placed": [datetime.date(2027, 1, 15)],
            "deployment.crews": list(np.arange(1, 3)),
        },
    )
    assert [axis.values for axis in study.axes] == [
        ("1200 W", "1.4 kW"), ("2027-01-15",), (1.0, 2.0)
    ]  # fmt: skip
    assert next(study.cases()).resolved["products"][0]["power"] == "1200 W"


def test_what_was_set_in_memory_stays_set(plan):
    changed = plan.with_overrides({"halls.hall.racks": 99})
    cases = list(design_of(changed, **GRID).cases())
    assert {case.resolved["halls"][0]["racks"] for case in cases} == {99}
    assert design_of(changed, **GRID).digest != design_of(plan, **GRID).digest


def test_what_is_fixed_stays_so_unless_an_axis_sets_it(plan):
    fixed = plan.fixed({LEAD: 0.9, "deployment.commissioning": 0.2})
    sampled = design_of(fixed, sample={"method": "latin-hypercube", "n": 2})
    assert sampled.design.names == ("demand.training.gpus",)
    for case in sampled.cases():
        assert case.quantiles.keys() == {LEAD, "deployment.commissioning", "demand.training.gpus"}
    (case,) = design_of(fixed, grid={LEAD: ["9 weeks"]}).cases()
    assert case.quantiles == {"deployment.commissioning": 0.2}


def test_distributions_of_a_sample_stand_on_the_scenario(plan):
    uniform = {"uniform": ["1.2 kW", "1.8 kW"]}
    sample = {"method": "latin-hypercube", "n": 2, "parameters": {"products.server.power": uniform}}
    study = design_of(plan, sample=sample)
    assert study.design.names == ("products.server.power",)
    assert study.scenario.resolved["products"][0]["power"] == uniform


def test_data_files_are_found_beside_the_scenario(study_of, plan):
    study_of.scenario("a.csv", "time,temp_dry_bulb_c\n")
    study = study_of_design(plan, {"grid": {"weather.file": ["a.csv"]}}, name="s", check=False)
    (case,) = study.cases()
    assert case.files == {"a.csv": str((study_of.folder / "a.csv").resolve())}


WRONG = {
    "a file in the place of the scenario": (
        {"grid": {"scenario": ["other.yaml"]}},
        "design: grid.scenario: names a file; a scenario in memory takes values",
    ),
    "a file beside it": (
        {"grid": {"gpu": {"new": {"extends": "other.yaml"}}}},
        "design: grid.gpu.new.extends: names a file",
    ),
    "a scenario": ({"scenario": "plan.yaml"}, "design: scenario: leave it out; the scenario is"),
    "an unknown key": ({"grids": {}}, "design: grids: not a key of a study; did you mean grid?"),
    "a value that does not fit": (
        {"grid": {"deployment.crews": [1, -2]}},
        "design: grid.deployment.crews = -2: ",
    ),
    "no such key": ({"grid": {"deployment.crew": [1]}}, "design: grid.deployment.crew: "),
    "no values": ({"grid": {"deployment.crews": 3}}, "design: grid.deployment.crews: must be a li"),
    "a fault of the sample": (
        {"sample": {"method": "latin-hypercube", "n": 0}},
        "design: sample.n = 0: must be at least 1",
    ),
    "a parameter that is no distribution": (
        {"sample": {"method": "morris", "n": 2, "parameters": {"deployment.crews": 3}}},
        "design: sample.parameters.deployment.crews: must be a distribution",
    ),
}


@pytest.mark.parametrize(("design", "message"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_design_is_told_by_key_path(plan, design, message):
    with pytest.raises(ScenarioError) as caught:
        study_of_design(plan, design, name="s")
    assert message in str(caught.value)


def test_a_shipped_study_reads_as_a_design(scenarios):
    path = scenarios / "studies" / "renewables-by-battery.yaml"
    study = read_study(path, check=False)
    design = {key: part for key, part in read_node(path, "s").plain.items() if key != "scenario"}
    made = study_of_design(study.scenario, design, name="s", check=False)
    assert made.name == study.name
    assert [case.digest for case in made.cases()] == [case.digest for case in study.cases()]
