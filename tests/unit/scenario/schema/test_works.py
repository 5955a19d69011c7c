"""Works, crews and shared risks."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.works import Crew, Risk, Task


def test_a_duration_is_read_in_hours():
    task = Task.model_validate({"name": "shell", "duration": "2 weeks", "slip": "-1 day"})
    assert (task.duration_h, task.slip_h, task.probability_frac) == (336.0, -24.0, 1.0)


def test_a_work_ends_by_its_length_or_by_a_date():
    with pytest.raises(ValidationError, match="needs a duration or a finish"):
        Task.model_validate({"name": "shell", "start": "2030-01-01"})


def test_a_work_does_not_end_before_it_begins():
    keys = {"name": "shell", "start": "2030-03-01"}
    assert Task.model_validate({**keys, "finish": "2030-03-01"}).start is not None
    with pytest.raises(ValidationError, match="finish 2030-02-28 is before start 2030-03-01"):
        Task.model_validate({**keys, "finish": "2030-02-28"})


def test_a_risk_does_nothing_unless_stated():
    risk = Risk.model_validate({"name": "strike", "probability": "20 %"})
    assert (risk.probability_frac, risk.delay_h, risk.stretch) == (0.2, 0.0, 1.0)


def test_a_crew_is_counted():
    assert Crew.model_validate({"name": "cables", "crews": 3}).n_crews == 3
    with pytest.raises(ValidationError, match="crews"):
        Crew.model_validate({"name": "cables", "crews": 0})
