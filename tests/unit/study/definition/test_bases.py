from __future__ import annotations

import pytest

from dcsim.scenario.load import load
from dcsim.study.definition.expand import read_study

HEAD = "scenario: ../plan.yaml\n"


OTHER = "extends: plan.yaml\nname: Other\nproducts: [{name: server, power: 1.275 kW}]\n"


def test_files_stand_beside_the_base_or_in_its_place(study_of):
    study_of.scenario("other.yaml", OTHER)
    study_of.scenario("alone.yaml", "extends: plan.yaml\nseed: 7\n")
    study = study_of(
        HEAD
        + "grid:\n  gpu: {old: {}, new: {extends: ../other.yaml}}\n"
        + "  scenario: [../plan.yaml, ../alone.yaml]\n"
    )
    cases = {case.id: case for case in study.cases()}
    power = {name: case.resolved["products"][0]["power"] for name, case in cases.items()}
    seed = {name: case.resolved.get("seed") for name, case in cases.items()}
    assert power == {
        "gpu=old,scenario=plan": "1.79 kW", "gpu=old,scenario=alone": "1.79 kW",
        "gpu=new,scenario=plan": "1.275 kW", "gpu=new,scenario=alone": "1.275 kW",
    }  # fmt: skip
    assert list(seed.values()) == [None, 7, None, 7]


def test_a_file_beside_the_base_is_the_scenario_that_extends_it(scenarios):
    study = read_study(scenarios / "studies" / "grid-delay-by-gpu.yaml", check=False)
    case = next(case for case in study.cases() if case.parameters["gpu"] == "GB300")
    alone = load(scenarios / "ulsan-gb300.yaml", overrides=["works.grid-103mw.slip=0 months"])
    assert case.resolved == alone.resolved


def test_data_files_of_an_axis_are_found_beside_its_scenario(study_of):
    study_of.scenario("a.csv", "time,temp_dry_bulb_c\n")
    study_of.scenario("b.csv", "time,wind_m_s\n")
    study = study_of(
        HEAD + "grid: {place: {a: {weather.file: a.csv}, b: {weather.file: b.csv}, none: {}}}\n",
        check=False,
    )
    files = [case.files for case in study.cases()]
    assert files == [
        {"a.csv": str((study_of.folder / "a.csv").resolve())},
        {"b.csv": str((study_of.folder / "b.csv").resolve())},
        {},
    ]
    assert (
        len({case.file_digests.get(f"{case.parameters['place']}.csv") for case in study.cases()})
        == 3
    )


WRONG = {
    "no such scenario": (
        "scenario: ../plam.yaml\n",
        "studies/s.yaml:1: scenario: ../plam.yaml: no such file; did you mean plan.yaml?",
    ),
    "outside the root": (
        "scenario: ../../plan.yaml\n",
        "studies/s.yaml:1: scenario: lies outside ROOT, where the scenario may read; "
        "give --root (root= in Python) to widen that",
    ),
    "files that are not there": (
        HEAD + "grid:\n  gpu: {new: {extends: ../gb30.yaml}}\nlist: [{scenario: base.yaml}]\n",
        "studies/s.yaml:3: grid.gpu.new.extends: ../gb30.yaml: no such file\n"
        "studies/s.yaml:4: list.0.scenario: base.yaml: no such file",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(case, refusal):
    text, message = WRONG[case]
    assert refusal(text) == message
