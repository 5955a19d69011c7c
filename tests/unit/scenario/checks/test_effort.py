from __future__ import annotations

import pytest

from dcsim.scenario.checks.effort import HINT, overruns
from dcsim.scenario.schema.site import Site


def messages(minimal_site, **keys):
    site = Site.model_validate({**minimal_site, **keys})
    return {".".join(fault.path): fault.message for fault in overruns(site)}


def orders(minimal_site, gpus):
    return [{**minimal_site["orders"][0], "gpus": f"{gpus} GPU"}]


def test_an_ordinary_site_is_within_all_limits(minimal_site):
    assert messages(minimal_site) == {}


def test_steps_are_counted(minimal_site):
    told = messages(minimal_site, step="1 min", start="2030-01-01", end="2046-01-01")
    # 5,844 days of 1,440 minutes
    assert told == {"step": f"makes 8,415,360 steps of the run; at most 8,000,000{HINT}"}


@pytest.mark.parametrize(("gpus", "fits"), [(16_000_000, True), (16_000_016, False)])
def test_racks_are_counted(minimal_site, gpus, fits):
    told = messages(minimal_site, orders=orders(minimal_site, gpus))
    assert (told == {}) is fits
    assert fits or told["orders"] == f"makes 1,000,001 racks; at most 1,000,000{HINT}"


def test_blocks_are_counted_as_often_as_they_are_repeated(minimal_site):
    block = {
        "name": "next",
        "label": "Next",
        "repeat": 2,
        "release": {"not_before": "2031-01-01", "interval": "9 months"},
        "works": [{"name": "hall", "kind": "hall", "duration": "1 year"}],
        "orders": [
            {
                "name": "later",
                "product": "server",
                "gpus": "8000000 GPU",
                "after": "hall",
                "lead_time": "4 weeks",
            }
        ],
    }
    told = messages(minimal_site, orders=orders(minimal_site, 160), expansion=[block])
    assert told["orders"] == f"makes 1,000,010 racks; at most 1,000,000{HINT}"
