"""The texts of `dcsim survive`."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.cli.commands.survive_text import (
    SurvivalFound,
    battery_lines,
    redundancy,
    survival_lines,
)
from dcsim.supply.backup.stores import OutageStore
from dcsim.supply.backup.survival import Survival


@pytest.mark.parametrize(
    ("n_units", "text"), [(7, "1 short of N"), (8, "N"), (10, "N+2"), (16, "2N"), (17, "2N+1")]
)
def test_redundancy_has_its_usual_name(n_units, text):
    assert redundancy(n_units, 8) == text


def test_a_battery_is_told_with_what_it_gives():
    lines = battery_lines({"a": OutageStore(0.3, 0.06, 0.1, 0.5), "b": OutageStore(9.0, 0.0)})
    assert list(lines) == [
        "a: holds 0.3 MWh and gives 0.1 MWh of it, 0.06 MW at most",
        "b: not in service when the outage begins",
    ]


def test_hours_are_printed_whatever_the_step():
    hours = np.arange(9) * 0.25
    replay = Survival(hours, np.ones(9), hours, np.zeros(9), np.zeros(9))
    lines = list(survival_lines(SurvivalFound(None, replay, 10), 100))
    assert [line.split()[:2] for line in lines[2:4]] == [["1", "h"], ["2", "h"]]
    assert "1.0 ± 0.0" in lines[2]
    assert "too many ways" in lines[-1]
