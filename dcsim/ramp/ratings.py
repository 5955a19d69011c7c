"""How large each plant, contract and store is: laid on the dates that the ramp found.

Ratings move no event, so a sweep of sizes finds the same ramp again.
"""

from __future__ import annotations

from dataclasses import replace

from dcsim.scenario.schema.site import Site
from dcsim.scenario.schema.supply import Battery, Chp, Contract, Gensets, Solar, Wind
from dcsim.types import LogEntry, Steps, Timeline

Asset = Solar | Wind | Chp | Contract | Battery | Gensets
IN_SERVICE = "supply"
"""Kind of the entry in the log when an asset comes into service."""
SECTIONS = ("solar", "wind", "chp", "contracts", "batteries", "gensets")


def assets(site: Site) -> dict[str, Asset]:
    """Return all plants, contracts and stores by key such as ``chp.skmu``."""
    return {
        f"{section}.{asset.name}": asset for section in SECTIONS for asset in getattr(site, section)
    }


def rated_mw(asset: Asset) -> float:
    """Return the rated power of an asset. [MW]."""
    if isinstance(asset, Battery):
        return asset.power_mw
    if isinstance(asset, Gensets):
        return asset.n_units * asset.unit_power_mw
    return asset.capacity_mw


def rated(timeline: Timeline, site: Site) -> Timeline:
    """Return a timeline with the capacity of each asset in MW in place of one."""
    ratings = {key: rated_mw(asset) for key, asset in assets(site).items()}
    capacity = {
        key: Steps(steps.time_min, steps.level * ratings.get(key, 1.0))
        for key, steps in timeline.capacity.items()
    }

    def told(entry: LogEntry) -> LogEntry:
        if entry.kind != IN_SERVICE or entry.subject not in ratings:
            return entry
        return entry._replace(text=f"{entry.text}: {ratings[entry.subject]:g} MW")

    return replace(timeline, capacity=capacity, log=tuple(told(entry) for entry in timeline.log))
