"""Random outages and planned stops."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.outages import Maintenance, Outages


def test_a_rate_a_year_and_a_duration_in_hours():
    outages = Outages.model_validate({"rate": "0.5 1/year", "repair": "3 days"})
    assert (outages.rate_per_year, outages.repair_h) == (0.5, 72.0)


def test_a_stop_is_of_the_whole_plant_unless_stated():
    stop = Maintenance.model_validate({"month": 4, "duration": "2 weeks"})
    assert (stop.duration_h, stop.capacity_frac, stop.every_h) == (336.0, 1.0, None)


@pytest.mark.parametrize("keys", [{}, {"month": 4, "every": "8000 h"}])
def test_a_stop_comes_by_the_year_or_by_service(keys):
    with pytest.raises(ValidationError, match="needs month or every, and not both"):
        Maintenance.model_validate({"duration": "2 weeks", **keys})
