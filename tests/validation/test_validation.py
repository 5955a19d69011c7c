"""Every figure of the validation page, each as a test of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.validation.table import all_cases

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("DCSIM_SHARED_DATA", ROOT.parent / "shared" / "data"))


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_the_published_figure_is_met(case, told):
    if case.needs_data and not DATA.is_dir():
        pytest.skip("no folder of real data beside the project")
    found = case.measure(DATA)
    told(
        f"{case.name:60} {case.expected:12,.6g} {found:12,.6g} {case.unit:11}"
        f" {case.difference(found):+9.2g} {case.tolerance:8.2g}"
        f" {'share' if case.relative else '':5} {'pass' if case.passes(found) else 'FAIL'}"
    )
    assert case.passes(found), (
        f"{case.name}: {found:.7g} {case.unit}, published {case.expected:.7g} ({case.source}), "
        f"off by {case.difference(found):.3g}, tolerance {case.tolerance:g}"
    )


def test_there_are_at_least_forty_cases_of_different_names():
    names = [case.name for case in all_cases()]
    assert len(names) == len(set(names)) >= 40


def test_nan_passes_for_nothing():
    assert not any(case.passes(float("nan")) for case in all_cases())
