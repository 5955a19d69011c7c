"""Milestones that need more GPUs online than repair leaves."""

from __future__ import annotations

import pytest

from dcsim.study.checks.spare_gpus import down_frac, no_spare_notes
from dcsim.units import HOURS_PER_YEAR

FLEET = """
fleet: {failure_rate: 0.5 1/GPU/year, hands: 50 %, recovery: 2 h, technicians: 4, hands_on: 4 h,
  repair: 24 h, spares: 100, spare_lead_time: 2 weeks}
"""


@pytest.fixture
def notes(plan):
    def told(target: int, extra: str = FLEET) -> list[str]:
        scenario = plan(extra=extra)
        changed = scenario.with_overrides([f"milestones.half.gpus={target} GPU"])
        return list(no_spare_notes(changed.site))

    return told


def test_the_share_in_repair_is_rate_times_servers_times_time(plan):
    site = plan(extra=FLEET).site
    size = site.products[0].server_size
    assert down_frac(site.fleet, site.products[0]) == pytest.approx(
        0.5 * size * 13 / HOURS_PER_YEAR
    )


def test_all_that_is_ordered_leaves_no_spare(notes):
    (note,) = notes(4000)
    assert "4,000 GPUs online of 4,000 that are ordered (ordered = promised: no spare)" in note
    assert "about 24 (0.59%) are in repair at any time" in note
    assert "gpus_in_service" in note


@pytest.mark.parametrize(("target", "n"), [(3990, 1), (3900, 0), (9000, 0)])
def test_too_few_spares_are_told_and_enough_are_not(notes, target, n):
    assert len(notes(target)) == n


def test_nothing_is_said_where_nothing_fails(notes):
    assert notes(4000, extra="") == []
