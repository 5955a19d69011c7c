"""Rated power and energy of each source and store, added to the dates of a timeline.

Ratings move no event, so a sweep of sizes finds the same ramp again.
"""

from __future__ import annotations

from dataclasses import replace

from dcsim.scenario.schema.assets.registry import assets_of
from dcsim.scenario.schema.site import Site
from dcsim.types import LogEntry, Steps, Timeline

ASSET_IN_SERVICE = "supply"
"""Kind of the entry in the log when an asset comes into service."""


def rated(timeline: Timeline, site: Site) -> Timeline:
    """Return a timeline with the capacity of each asset in MW in place of one.

    Parameters
    ----------
    timeline : Timeline
        With a capacity of one for each asset that is there.
    site : Site
        With the rated power of its assets.
    """
    ratings = {kind.key(asset): kind.rated_mw(asset) for kind, asset in assets_of(site)}
    capacity = {
        key: Steps(steps.time_min, steps.level * ratings.get(key, 1.0))
        for key, steps in timeline.capacity.items()
    }

    def with_rating(entry: LogEntry) -> LogEntry:
        if entry.kind != ASSET_IN_SERVICE or entry.subject not in ratings:
            return entry
        return entry._replace(text=f"{entry.text}: {ratings[entry.subject]:g} MW")

    log = tuple(with_rating(entry) for entry in timeline.log)
    return replace(timeline, capacity=capacity, log=log)
