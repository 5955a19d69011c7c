"""Notes of a run: a plan and its weather in, what readers of its numbers should know out."""

from __future__ import annotations

from collections.abc import Collection

from dcsim.scenario.defaults import notes_on_place
from dcsim.scenario.plan import Plan
from dcsim.series.profiles import profile_notes
from dcsim.supply.assets.models import notes_of_assets
from dcsim.types import Weather


def notes_of_run(plan: Plan, weather: Weather, assets: Collection[str] = ()) -> list[str]:
    """Return what was repaired, assumed or looks odd in the files and values of a run.

    Parameters
    ----------
    plan : Plan
        Names the power curves and the profiles.
    weather : Weather
        Brings the notes on its file.
    assets : collection of str
        Keys of the assets that come into being, such as ``SECTION.NAME``; profiles of others are
        never read.

    Returns
    -------
    list of str
        Full sentences, each once; empty where there is nothing to say.
    """
    told = [*notes_on_place(plan.site), *weather.notes]
    told += [*notes_of_assets(plan), *profile_notes(plan, assets)]
    return list(dict.fromkeys(told))
