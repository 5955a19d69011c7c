"""What one asset meets: three hours of capacity, and a plan that gives uniform numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from dcsim.supply.assets.conditions import Conditions

CaseOf = Callable[..., Any]


@pytest.fixture
def conditions_of(case_of: CaseOf) -> Callable[..., Conditions]:
    """Return the conditions of an asset by its key, with a capacity in the first hours."""

    def make(
        key: str, capacity_mw: Sequence[float], changes: dict[str, Any] | None = None
    ) -> Conditions:
        case = case_of(changes, capacity={key: [(60, 4.0)]})
        level_mw = np.zeros(case.timeline.calendar.n_hours)
        level_mw[: len(capacity_mw)] = capacity_mw
        return Conditions(key, level_mw, "variable", case.plan, case.timeline, case.weather)

    return make
