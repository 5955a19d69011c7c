"""Notes of a run: a plan and its weather in, what readers of its numbers should know out."""

from __future__ import annotations

from dcsim.scenario.defaults import notes_on_place
from dcsim.scenario.plan import Plan
from dcsim.supply.assets.models import notes_of_assets
from dcsim.types import Weather


def notes_of_run(plan: Plan, weather: Weather) -> list[str]:
    """Return what was repaired, assumed or looks odd in the files and values of a run.

    Parameters
    ----------
    plan : Plan
        Names the power curves.
    weather : Weather
        Brings the notes on its file.

    Returns
    -------
    list of str
        Full sentences, each once; empty where there is nothing to say.
    """
    told = [*notes_on_place(plan.site), *weather.notes, *notes_of_assets(plan)]
    return list(dict.fromkeys(told))
