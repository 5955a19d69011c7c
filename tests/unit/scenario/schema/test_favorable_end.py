"""The end of a value at which milestones are met best."""

from __future__ import annotations

import pytest

from dcsim.scenario.schema.favorable_end import favorable_end
from dcsim.scenario.schema.site import Site


@pytest.mark.parametrize(
    ("key", "end"),
    [
        ("halls.hall.it_power", "high"),
        ("power.steps.first.adds", "high"),
        ("works.grid.probability", "high"),
        ("works.grid.slip", "low"),
        ("risks.storm.stretch", "low"),
        ("products.server.peak", "low"),
        ("power.design_pue", "low"),
        ("solar.roof.capacity", "high"),
        ("products.server.price", "neither"),
        ("products.server.idle", "neither"),
        ("products.server.rack_size", None),
        ("solar.roof.tilt", None),
        ("power.load.scale", None),
        ("halls.hall", None),
        ("halls", None),
        ("nothing.at.all", None),
    ],
)
def test_the_end_stands_in_the_schema(key, end):
    assert favorable_end(Site, key) == end
