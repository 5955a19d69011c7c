"""The cost curve: shares to be reached in, sizes and cost of each out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dcsim.errors import ModelError
from dcsim.pipeline import StageCallback
from dcsim.scenario.scenario import Scenario
from dcsim.study.sizing.size import size
from dcsim.study.sizing.sizes import Sizes


class CurvePoint(NamedTuple):
    """One share of the curve."""

    target: object
    """As it was asked for."""
    sizes: Sizes | None
    """None where no sizes reach it."""
    reason: str
    """What binds where none do; otherwise empty."""


def cost_curve(
    scenario: Scenario,
    targets: Sequence[object],
    *,
    year: int | None = None,
    plants: Sequence[str] = (),
    watch: StageCallback | None = None,
) -> list[CurvePoint]:
    """Return the least-cost sizes of each of several shares, in the order given.

    Parameters
    ----------
    scenario : Scenario
    targets : sequence of str or float
        Carbon-free shares, hour by hour.
    year, plants, watch
        As those of `size`.

    Returns
    -------
    list of CurvePoint
    """
    points = []
    for target in targets:
        try:
            found = size(scenario, cfe=target, year=year, plants=plants, watch=watch)
        except ModelError as error:
            points.append(CurvePoint(target, None, str(error)))
        else:
            points.append(CurvePoint(target, found, ""))
    return points
