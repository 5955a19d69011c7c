"""The exact text of what a reader of a bad study file is told, and the JSON Schema."""

from __future__ import annotations

import jsonschema
import pytest

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
}


@pytest.mark.parametrize("case", WRONG)
def test_a_malformed_study_is_refused_with_its_line(case, refusal):
    text, message = WRONG[case]
    assert refusal(text) == message


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
