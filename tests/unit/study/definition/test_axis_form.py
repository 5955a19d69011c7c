from __future__ import annotations

import pytest

HEAD = "scenario: ../plan.yaml\n"


WRONG = {
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
    "an entry twice": (
        HEAD + "list:\n  - {id: a, deployment.crews: 2}\n  - {id: A, deployment.crews: 3}\n",
        "studies/s.yaml:4: list.1: repeats list.0",
    ),
    "an id that is no name": (
        HEAD + "list: [{id: a b, deployment.crews: 2}]\n",
        "studies/s.yaml:2: list.0.id: is not a name: use up to 64 letters, digits, '-' or '_', "
        "no spaces",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_malformed_axis_is_refused_with_its_line(case, refusal):
    text, message = WRONG[case]
    assert refusal(text) == message
