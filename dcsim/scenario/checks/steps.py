"""Steps: a site in, what is wrong between its time step and its length out."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dcsim.scenario.checks.relations import Fault
from dcsim.scenario.schema.site import Site
from dcsim.units import MINUTES_PER_DAY, MINUTES_PER_HOUR, SECONDS_PER_MINUTE


def cut_steps(site: Site) -> Iterator[Fault]:
    """Yield the fault of a run whose last step would reach beyond its end.

    Days are longer or shorter where clocks change, and so a run between two seasons may be an hour,
    or half of one, more or less than whole days. Its sums would hold what comes after its end.
    """
    length_s = site.end_time.timestamp() - site.start_time.timestamp()
    n_minutes = round(length_s / SECONDS_PER_MINUTE)
    step_min = round(site.step_h * MINUTES_PER_HOUR)
    if n_minutes % step_min == 0:
        return
    message = (
        f"the run is {n_minutes / MINUTES_PER_HOUR:,.6g} h long, as the clocks of {site.time_zone} "
        f"change between its start and its end: no whole number of steps of {site.step_h:g} h; "
        f"write 'step: {_longest(n_minutes, step_min)}', or start and end in the same season"
    )
    yield Fault(("step",), message)


def _longest(n_minutes: int, step_min: int) -> str:
    """Return the longest step that divides a run and is no longer than the one given."""
    at_most = math.gcd(n_minutes, MINUTES_PER_DAY)
    for minutes in range(min(at_most, step_min), 0, -1):
        whole = minutes % MINUTES_PER_HOUR == 0 or MINUTES_PER_HOUR % minutes == 0
        if at_most % minutes == 0 and whole:
            break
    return f"{minutes // 60} h" if minutes % MINUTES_PER_HOUR == 0 else f"{minutes} min"
