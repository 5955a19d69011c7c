"""The exact text of what a reader of a bad study file is told, and the JSON Schema."""

from __future__ import annotations

import jsonschema
import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.text.document import read_node
from dcsim.study.definition.expand import read_study
from dcsim.study.definition.spec import default_root, read_spec, study_json_schema

HEAD = "scenario: ../plan.yaml\n"
WRONG = {
    "unknown key, near one": (
        HEAD + "replication: 5\n",
        "studies/s.yaml:2: replication: not a key of a study; did you mean replications?",
    ),
    "no scenario": (
        "replications: 5\n",
        "studies/s.yaml:1: scenario: is missing "
        "(the scenario all cases are made from, relative to this file)",
    ),
    "replications that are none": (
        HEAD + "replications: -1\n",
        "studies/s.yaml:2: replications = -1: must be at least 0 and at most 1,000,000 (runs "
        "of each case, each with other random numbers; 0 is the single run at the medians)",
    ),
    "no such scenario": (
        "scenario: ../plam.yaml\n",
        "studies/s.yaml:1: scenario: ../plam.yaml: no such file; did you mean plan.yaml?",
    ),
    "outside the root": (
        "scenario: ../../plan.yaml\n",
        "studies/s.yaml:1: scenario: lies outside ROOT, where the scenario may read; "
        "give --root to widen that",
    ),
    "an axis that is one value": (
        HEAD + "grid: {deployment.crews: 2}\n",
        "studies/s.yaml:2: grid.deployment.crews: must be a list of values, or a mapping of labels "
        "to several values each",
    ),
    "an axis without values": (
        HEAD + "grid: {deployment.crews: []}\n",
        "studies/s.yaml:2: grid.deployment.crews: must be a list of values, or a mapping of labels "
        "to several values each",
    ),
    "a value twice": (
        HEAD + "grid: {deployment.crews: [2, 3, 2]}\n",
        "studies/s.yaml:2: grid.deployment.crews: repeats 2.0",
    ),
    "a distribution as an axis": (
        HEAD + "grid: {crews: {uniform: [2, 4]}}\n",
        "studies/s.yaml:2: grid.crews.uniform: must be a mapping of key paths; "
        "the values of one key path are a list",
    ),
    "a bundle under a key path": (
        HEAD + "grid: {deployment.crews: {few: {deployment.crews: 2}}}\n",
        "studies/s.yaml:2: grid.deployment.crews: is not a name: use up to 64 letters, digits, "
        "'-' or '_', no spaces",
    ),
    "an axis called like a column": (
        HEAD + "grid: {case: {few: {deployment.crews: 2}}}\n",
        "studies/s.yaml:2: grid.case: case is a column of every table; use another name",
    ),
    "no key path": (
        HEAD + "grid: {deployment..crews: [2]}\n",
        "studies/s.yaml:2: grid.deployment..crews: is not a key path such as power.basis",
    ),
    "unequal axes in step": (
        HEAD + "zip: {deployment.crews: [2, 3], deployment.slots: [40]}\n",
        "studies/s.yaml:2: zip: axes in step need equally many values: "
        "deployment.crews has 2, deployment.slots has 1",
    ),
    "two axes, one key": (
        HEAD + "grid:\n  deployment.crews: [2, 3]\n  team: {few: {deployment.crews: 2}}\n",
        "studies/s.yaml:4: grid.team: deployment.crews is set by grid.deployment.crews at "
        "studies/s.yaml:3, too",
    ),
    "an axis inside another": (
        HEAD + "grid: {deployment.crews: [2, 3]}\nlist:\n  - deployment: {crews: 4}\n",
        "studies/s.yaml:2: grid.deployment.crews: deployment is set by list at "
        "studies/s.yaml:4, too",
    ),
    "an entry twice": (
        HEAD + "list:\n  - {id: a, deployment.crews: 2}\n  - {id: A, deployment.crews: 3}\n",
        "studies/s.yaml:4: list.1: repeats list.0",
    ),
    "an id that is no name": (
        HEAD + "list: [{id: a b, deployment.crews: 2}]\n",
        "studies/s.yaml:2: list.0.id: is not a name: use up to 64 letters, digits, '-' or '_', "
        "no spaces",
    ),
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
    "files that are not there": (
        HEAD + "grid:\n  gpu: {new: {extends: ../gb30.yaml}}\nlist: [{scenario: base.yaml}]\n",
        "studies/s.yaml:3: grid.gpu.new.extends: ../gb30.yaml: no such file\n"
        "studies/s.yaml:4: list.0.scenario: base.yaml: no such file",
    ),
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
    "sample: options of other methods": (
        HEAD + "sample: {method: latin-hypercube, n: 7, levels: 6, second_order: true,\n"
        "  groups: {a: [orders], b: true}}\n",
        "studies/s.yaml:2: sample.levels: is for morris only\n"
        "studies/s.yaml:2: sample.second_order: is for sobol only\n"
        "studies/s.yaml:3: sample.groups: is for sobol and morris: elsewhere each value moves "
        "alone",
    ),
    "sample: no power of two": (
        HEAD + "sample:\n  method: sobol\n  n: 100\n",
        "studies/s.yaml:4: sample.n = 100: must be a power of two for a Sobol sequence, such as "
        "64 or 128",
    ),
    "sample: no method": (
        HEAD + "sample: {method: saltelli, n: 8}\n",
        "studies/s.yaml:2: sample.method = saltelli: must be one of 'latin-hypercube', "
        "'sobol-sequence', 'sobol', 'morris'",
    ),
    "sample: no list of key paths": (
        HEAD + "sample: {method: morris, n: 8, uncertain: orders, groups: {a: [orders], b: 1}}\n",
        "studies/s.yaml:2: sample.uncertain = orders: must be a list of key paths, or all\n"
        "studies/s.yaml:2: sample.groups.b = 1: must be a list of key paths, or true for all "
        "the rest",
    ),
    "sample: nothing of that name": (
        HEAD + "sample: {method: sobol, n: 8, uncertain: [order, deployment.crews, 'fle*']}\n",
        "studies/s.yaml:2: sample.uncertain: there is no uncertain value order; "
        "did you mean orders?\n"
        "studies/s.yaml:2: sample.uncertain: deployment.crews is not uncertain; give it a "
        "distribution under parameters\n"
        "studies/s.yaml:2: sample.uncertain: there is no uncertain value fle*",
    ),
    "sample: set by an axis": (
        HEAD + "grid: {deployment.commissioning: [1 day]}\n"
        "sample: {method: sobol, n: 8, uncertain: [deployment]}\n",
        "studies/s.yaml:3: sample.uncertain: deployment is set by an axis",
    ),
    "sample: no distribution": (
        HEAD + "sample: {method: sobol, n: 8, parameters: {deployment.crews: [2, 4]}}\n",
        "studies/s.yaml:2: sample.parameters.deployment.crews: must be a distribution such as "
        "{uniform: [2 h, 6 h]}",
    ),
    "sample: a distribution outside the range": (
        HEAD + "sample:\n  method: sobol\n  n: 8\n  parameters:\n"
        "    deployment.crews: {uniform: [-8, 4]}\n    power.design_pu: {uniform: [1.1, 1.3]}\n",
        "studies/s.yaml:6: sample.parameters.deployment.crews = {uniform: [-8, 4]}: must be at "
        "least 1 and at most 10,000 (crews that install racks, one rack at a time each)\n"
        "studies/s.yaml:7: sample.parameters.power.design_pu: not a key of power; did you mean "
        "design_pue?",
    ),
    "sample: left over and twice": (
        HEAD + "sample:\n  method: sobol\n  n: 8\n  groups:\n    a: [orders, fleet]\n"
        "    b: ['*.first.*']\n",
        "studies/s.yaml:5: sample.groups: orders.first.lead_time is in a and in b\n"
        "studies/s.yaml:5: sample.groups: hold not all that is sampled: "
        "deployment.commissioning, demand.training.gpus; name them, or let 'rest: true' take "
        "them\n"
        "studies/s.yaml:6: sample.groups.a: nothing is called fleet",
    ),
    "sample: correlated across groups": (
        HEAD + "sample:\n  method: sobol\n  n: 8\n  groups: {a: [orders], rest: true}\n",
        "studies/s.yaml:5: sample.groups: orders.first.lead_time and deployment.commissioning are "
        "correlated: put them in one group, or say correlate: false",
    ),
    "sample: correlated, one by one": (
        HEAD + "sample: {method: morris, n: 8}\n",
        "studies/s.yaml:2: sample.method: morris cannot move orders.first.lead_time and "
        "deployment.commissioning together; say correlate: false",
    ),
    "sample: too few to correlate": (
        HEAD + "sample: {method: latin-hypercube, n: 3}\n",
        "studies/s.yaml:2: sample.n: must be at least 4 to correlate 2 values",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_study_is_told_at_its_line(case, study_of):
    text, told = WRONG[case]
    with pytest.raises(ScenarioError) as caught:
        study_of(text)
    assert str(caught.value).replace(str(default_root(study_of.path)), "ROOT") == told


def test_a_study_without_axes_is_its_scenario(study_of):
    spec, _ = read_spec(study_of.written(HEAD))
    assert (spec.n_replications, spec.name, spec.grid, spec.zip_, spec.entries) == (
        0, None, {}, {}, [],
    )  # fmt: skip


def test_a_sample_is_run_once_each_unless_said_otherwise(study_of):
    text = HEAD + "sample: {method: latin-hypercube, n: 8}\n"
    assert study_of(text).replications == 1
    assert study_of(text + "replications: 3\n").wanted == (1, 3)
    assert study_of(text + "replications: 0\n").wanted == (0, 0)
    assert study_of(HEAD).wanted == (0, 0)


def test_a_study_may_read_its_own_folder_or_that_above_studies(tmp_path):
    assert default_root(tmp_path / "studies" / "s.yaml") == tmp_path.resolve()
    assert default_root(tmp_path / "s.yaml") == tmp_path.resolve()


def test_root_widens_what_a_study_may_read(study_of):
    (study_of.folder / "plan.yaml").rename(study_of.folder.parent / "plan.yaml")
    path = study_of.written("scenario: ../../plan.yaml\n")
    assert read_study(path, root=study_of.folder.parent).n_cases == 1


def test_shipped_studies_fit_the_json_schema(scenarios):
    checker = jsonschema.Draft202012Validator(study_json_schema())
    for path in sorted((scenarios / "studies").glob("*.yaml")):
        checker.validate(read_node(path, path.name).plain)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"scenario": 3}, {"scenario": "a", "grids": {}}, {"scenario": "a", "grid": {"x.y": 3}},
     {"scenario": "a", "sample": {"method": "sobol"}}],
)  # fmt: skip
def test_the_json_schema_refuses_what_is_no_study(wrong):
    assert not jsonschema.Draft202012Validator(study_json_schema()).is_valid(wrong)
