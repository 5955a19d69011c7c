from __future__ import annotations

import ast
import dataclasses
import pickle
from pathlib import Path

import pytest

from dcsim.study.engine import jobs
from dcsim.study.engine.jobs import Done, Job, Lost

SECRET = b"a payload of megabytes"


@pytest.mark.parametrize("one", [Job("a", SECRET), Done("a", SECRET, 1.5), Lost("a", "it hung")])
def test_jobs_and_outcomes_cross_to_other_processes_unchanged(one):
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.key = "b"


def test_payloads_and_results_stay_out_of_messages():
    assert repr(Job("a", SECRET)) == "Job(key='a')"
    assert repr(Done("a", SECRET, 1.5)) == "Done(key='a', seconds=1.5)"


def test_the_module_of_jobs_imports_nothing_of_the_package():
    tree = ast.parse(Path(jobs.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [module for module in modules if module.startswith("dcsim")]
