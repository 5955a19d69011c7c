"""The whole site: its clock, milestones and blocks of the expansion."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.assets.registry import KINDS
from dcsim.scenario.schema.site import Block, Milestone, Site

MILESTONE = {"name": "half", "by": "2030-06-30"}


def test_a_site_runs_from_midnight_to_midnight_of_its_zone(minimal_site):
    site = Site.model_validate(minimal_site)
    assert site.start_time.isoformat() == "2030-01-01T00:00:00+09:00"
    assert site.end_time - site.start_time == timedelta(days=365)


def test_each_kind_of_asset_has_a_section_of_its_own(minimal_site):
    site = Site.model_validate(minimal_site)
    assert {kind.section: site.assets(kind.section) for kind in KINDS} == {
        kind.section: () for kind in KINDS
    }


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"end": "2030-01-01"}, "is not after start"),
        ({"end": "2091-01-01"}, "more than 60 years"),
        ({"step": "7 minutes"}, "divisor or a multiple of an hour"),
        ({"step": "90 minutes"}, "divisor or a multiple of an hour"),
        ({"step": "20 seconds"}, "divisor or a multiple of an hour"),
        ({"step": "5 h"}, "step must divide a day"),
        ({"halls": []}, "halls"),
    ],
)
def test_clocks_that_do_not_fit_are_refused(minimal_site, keys, message):
    with pytest.raises(ValidationError, match=message):
        Site.model_validate({**minimal_site, **keys})


@pytest.mark.parametrize("step", ["15 minutes", "1 h", "6 h", "24 h"])
def test_steps_divide_an_hour_or_a_day(minimal_site, step):
    assert 24 % Site.model_validate({**minimal_site, "step": step}).step_h == 0


def test_a_milestone_counts_gpus_or_megawatts():
    gpus = Milestone.model_validate({**MILESTONE, "metric": "gpus_online", "gpus": "60000 GPU"})
    power = Milestone.model_validate({**MILESTONE, "metric": "energized_mw", "power": "1 GW"})
    assert (gpus.target, power.target) == (60_000.0, 1000.0)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"metric": "gpus_online"}, "either gpus or power"),
        ({"metric": "gpus_online", "gpus": "1 GPU", "power": "1 MW"}, "either gpus or power"),
        ({"metric": "gpus_online", "power": "1 MW"}, "gpus_online needs gpus"),
        ({"metric": "energized_mw", "gpus": "1 GPU"}, "energized_mw needs power"),
    ],
)
def test_a_target_is_of_the_metric_s_kind(keys, message):
    with pytest.raises(ValidationError, match=message):
        Milestone.model_validate({**MILESTONE, **keys})


def test_a_block_has_no_dates_of_its_own():
    keys = {"name": "block", "release": {"not_before": "2031-01-01"}}
    assert Block.model_validate(keys).repeat == 1
    dated = {"name": "shell", "finish": "2031-06-01"}
    with pytest.raises(ValidationError, match=r"works\.shell: a block has no dates of its own"):
        Block.model_validate({**keys, "works": [dated]})
