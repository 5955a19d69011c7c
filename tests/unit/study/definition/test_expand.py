from __future__ import annotations

import itertools
import re
import shutil
import time

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import from_plain, load
from dcsim.study.definition.expand import read_study, study_name
from dcsim.study.records.case import Case, Resolved

HEAD = "scenario: ../plan.yaml\n"


LESS = """extends: plan.yaml
orders:
  - {name: first, remove: true}
  - {name: late, product: server, gpus: 16 GPU, placed: 2027-01-15, lead_time: 1 week}
correlations: []
"""


def ids(study):
    return [case.id for case in study.cases()]


def test_a_grid_makes_all_combinations_with_the_last_axis_fastest(study_of):
    study = study_of(HEAD + "grid: {deployment.crews: [2, 3], deployment.slots: [20, 40, 60]}\n")
    cases = list(study.cases())
    assert study.n_cases == len(cases) == 6
    assert [tuple(case.parameters.values()) for case in cases] == list(
        itertools.product((2.0, 3.0), (20.0, 40.0, 60.0))
    )
    assert cases[4].id == "deployment.crews=3.0,deployment.slots=40.0".replace(".0", "")
    assert cases[4].resolved["deployment"] == {
        "crews": 3, "install": "8 h", "slots": 40,
        "commissioning": {"uniform": ["14 days", "28 days"]},
    }  # fmt: skip


def test_blocks_are_crossed_in_the_order_of_the_file(study_of):
    study = study_of(
        HEAD
        + "list: [{id: a}, {id: b, deployment.crews: 4}]\n"
        + "zip: {deployment.slots: [20, 40]}\n"
        + "grid: {seed: [1, 2]}\n"
    )
    assert [axis.key for axis in study.axes] == ["list", "deployment.slots", "seed"]
    assert ids(study)[:3] == [
        "a,deployment.slots=20,seed=1", "a,deployment.slots=20,seed=2",
        "a,deployment.slots=40,seed=1",
    ]  # fmt: skip
    assert study.n_cases == 8


def test_combinations_that_cannot_be_laid_are_named(study_of):
    study_of.scenario("less.yaml", LESS)
    study = study_of(
        HEAD
        + "grid:\n  scenario: [../plan.yaml, ../less.yaml]\n"
        + "  orders.first.lead_time: [20 weeks]\n",
        check=False,
    )
    with pytest.raises(ScenarioError) as caught:
        list(study.cases())
    assert str(caught.value) == (
        "studies/s.yaml:3: scenario=less,first.lead_time=20-weeks: cannot be made: "
        "studies/s.yaml:4: orders.first: no such item; there are late"
    )


def test_null_takes_a_key_away_and_a_mapping_replaces_it(study_of):
    study = study_of(
        HEAD + "grid:\n  demand.training.gpus: [null, {uniform: [1 GPU, 9 GPU]}]\n", check=False
    )
    gone, drawn = study.cases()
    assert "gpus" not in gone.resolved["demand"][0]
    assert drawn.resolved["demand"][0]["gpus"] == {"uniform": ["1 GPU", "9 GPU"]}
    assert [case.id for case in (gone, drawn)] == [
        "training.gpus=null", "training.gpus=uniform-1-GPU-9-GPU",
    ]  # fmt: skip


def test_a_year_of_a_wrapped_value_can_be_an_axis(study_of):
    study_of.scenario(
        "wrapped.yaml",
        "extends: plan.yaml\ngrid: {carbon: {value: {2025: 417 kg/MWh, 2030: 300 kg/MWh}, "
        "confidence: assumption}}\n",
    )
    study = study_of("scenario: ../wrapped.yaml\ngrid: {grid.carbon.2030: [270 kg/MWh]}\n")
    (case,) = study.cases()
    assert case.resolved["grid"]["carbon"]["value"]["2030"] == "270 kg/MWh"


def test_a_value_that_an_axis_sets_leaves_its_correlations(study_of):
    study = study_of(HEAD + "grid: {orders.first.lead_time: [20 weeks, 30 weeks]}\n")
    for case in study.cases():
        assert case.resolved["correlations"] == []
        from_plain(case.resolved)


def test_a_value_that_stays_uncertain_keeps_its_correlations(study_of):
    study = study_of(HEAD + "grid: {orders.first.lead_time: [{uniform: [2 weeks, 8 weeks]}]}\n")
    (case,) = study.cases()
    assert len(case.resolved["correlations"]) == 1


def test_cases_run_as_scenarios(study_of):
    study = study_of(
        HEAD
        + "replications: 2\ngrid: {deployment.crews: [2, 3]}\n"
        + "sample: {method: sobol-sequence, n: 4}\n"
    )
    for case in study.cases():
        plan = from_plain(case.resolved, check=False).fixed(case.quantiles).plan(1)
        assert plan.site.deployment.n_crews == case.parameters["deployment.crews"]
        drawn = {key: plan.inputs[key].u for key in case.quantiles}
        assert drawn == pytest.approx({k: 0.001 + 0.998 * u for k, u in case.quantiles.items()})


def test_samples_are_numbered_and_stand_at_quantiles(study_of):
    study = study_of(HEAD + "sample: {method: latin-hypercube, n: 5, uncertain: [demand]}\n")
    cases = list(study.cases())
    assert [case.id for case in cases] == ["s0001", "s0002", "s0003", "s0004", "s0005"]
    assert all(case.quantiles == case.parameters for case in cases)
    assert [list(case.quantiles.values()) for case in cases] == study.design.quantiles.tolist()
    assert cases[0].resolved == load(study_of.folder / "plan.yaml").resolved


def test_each_combination_has_the_whole_sample(study_of):
    study = study_of(
        HEAD + "grid: {deployment.crews: [2, 3]}\nsample: {method: latin-hypercube, n: 4}\n"
    )
    cases = list(study.cases())
    assert [case.id for case in cases[3:5]] == [
        "deployment.crews=2,s0004",
        "deployment.crews=3,s0001",
    ]
    assert [c.quantiles for c in cases[:4]] == [c.quantiles for c in cases[4:]]


def test_a_huge_grid_is_refused_at_once(study_of):
    values = "[" + ", ".join(map(str, range(1, 101))) + "]"
    keys = [f"a{i}.b" for i in range(10)]
    text = HEAD + "grid:\n" + "".join(f"  {key}: {values}\n" for key in keys)
    began = time.perf_counter()
    with pytest.raises(ScenarioError, match=r"grid: make some 10\^20 cases, more than the 100,000"):
        study_of(text)
    assert time.perf_counter() - began < 20


def test_the_most_cases_count_the_sample_too(study_of):
    text = HEAD + "grid: {seed: [1, 2]}\nsample: {method: latin-hypercube, n: 60}\n"
    with pytest.raises(ScenarioError, match="grid and sample: make 120 cases, more than the 100"):
        study_of(text, max_cases=100)


def test_axes_say_what_figures_need(study_of):
    study_of.scenario("named.yaml", "extends: plan.yaml\norders: [{name: first, label: Order 1}]\n")
    study = study_of(
        "scenario: ../named.yaml\nname: my-study\ndescription: What if\nreplications: 4\n"
        "grid: {orders.first.lead_time: [20 weeks], power.design_pue: [1.2, 1.3], t: {a: {}}}\n"
    )
    about = study.about()
    assert about.pop("digest") == study.digest
    assert about == {
        "name": "my-study",
        "description": "What if",
        "scenario": "One hall",
        "replications": 4,
        "n_cases": 2,
        "axes": [
            {"key": "orders.first.lead_time", "label": "Order 1: lead_time",
             "values": ["20 weeks"]},
            {"key": "power.design_pue", "label": "power design_pue", "values": [1.2, 1.3]},
            {"key": "t", "label": "t", "values": ["a"]},
        ],
        "in_step": [["orders.first.lead_time"], ["power.design_pue"], ["t"]],
        "design": None,
    }  # fmt: skip


def test_the_digest_of_a_study_follows_its_files_not_their_comments(study_of):
    text = HEAD + "grid: {deployment.crews: [2, 3]}\n"
    one = study_of(text)
    assert study_of("# said otherwise\n" + text).digest == one.digest
    assert study_of(text.replace("3]", "4]")).digest != one.digest
    plan = (study_of.folder / "plan.yaml").read_text()
    study_of.scenario("plan.yaml", plan.replace("racks: 400", "racks: 401"))
    assert study_of(text).digest != one.digest


def test_the_same_study_has_the_same_cases(study_of):
    text = HEAD + "grid: {seed: [1, 2]}\nsample: {method: sobol-sequence, n: 4, seed: 3}\n"
    first = [(case.id, case.digest) for case in study_of(text).cases()]
    assert [(case.id, case.digest) for case in study_of(text).cases()] == first
    assert len({digest for _, digest in first}) == 8


def test_a_case_is_told_by_content_not_by_how_it_was_made():
    plain = {"b": 1, "a": [1, 2]}
    shared = Case("x", Resolved(plain), quantiles={"k": 0.5}, model="m")
    assert shared.digest == Case("y", {"a": [1, 2], "b": 1}, quantiles={"k": 0.5}, model="m").digest
    assert shared.digest != Case("x", plain, quantiles={"k": 0.6}, model="m").digest
    assert shared.digest != Case("x", plain, quantiles={"k": 0.5}, model="n").digest


def test_unchecked_studies_make_the_same_cases(study_of):
    text = HEAD + "grid: {deployment.crews: [2, 3]}\n"
    assert [c.digest for c in study_of(text).cases()] == [
        c.digest for c in study_of(text, check=False).cases()
    ]


@pytest.mark.parametrize(
    "name", ["grid-delay-by-gpu", "renewables-by-battery", "everything-uncertain"]
)
def test_shipped_studies_make_cases_that_can_be_drawn(scenarios, name):
    study = read_study(scenarios / "studies" / f"{name}.yaml")
    assert study.name == name
    assert study.n_cases <= 800
    assert study.n_cases * max(study.replications, 1) <= 800
    cases = list(study.cases())
    assert len({case.digest for case in cases}) == len(cases) == study.n_cases
    for case in (cases[0], cases[len(cases) // 2], cases[-1]):
        from_plain(case.resolved, check=False).fixed(case.quantiles).plan(1)


SHOWN = re.compile(r"^```yaml\n(# studies/([a-z-]+\.yaml)\n.*?)^```", re.MULTILINE | re.DOTALL)


def test_studies_that_the_documentation_shows_can_be_read(scenarios, tmp_path):
    page = (scenarios.parent / "docs" / "studies.md").read_text(encoding="utf-8")
    shutil.copytree(scenarios, tmp_path / "plans", ignore=shutil.ignore_patterns("studies"))
    folder = tmp_path / "plans" / "studies"
    folder.mkdir()
    counts = {}
    for text, name in SHOWN.findall(page):
        (folder / name).write_text(text, encoding="utf-8")
        study = read_study(folder / name)
        counts[study.name] = study.n_cases
    assert counts == {
        "grid-delay": 9, "battery": 3, "gpu": 4, "plans": 6, "hypercube": 200, "groups": 160,
    }  # fmt: skip


WRONG = {
    "too many cases": (
        HEAD
        + "grid: {a: {x: {}, y: {}}}\n"
        + "zip: {seed: ["
        + ", ".join(map(str, range(9000)))
        + "]}\n"
        + "list: ["
        + ", ".join(f"{{id: c{i}}}" for i in range(9))
        + "]\n",
        "studies/s.yaml:2: grid and zip and list: make 162,000 cases, more than the 100,000 that "
        "are allowed; take away values",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_study_of_too_many_cases_is_refused_with_its_line(case, refusal):
    text, message = WRONG[case]
    assert refusal(text) == message


def test_the_name_of_a_study_is_its_own_or_that_of_its_file(study_of):
    assert study_name(study_of.written("scenario: none.yaml\n")) == "s"
    assert study_name(study_of.written("scenario: none.yaml\nname: crews\n")) == "crews"
