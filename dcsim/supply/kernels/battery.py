"""The loop over steps of a battery with all it can have, under limits given for each step.

The text is the specification. It runs as it stands over lists, and compiled over arrays; it calls
nothing, so that the compiler's cache, which goes by the content of this file, knows all of it.
"""

from __future__ import annotations

from typing import NamedTuple

from dcsim.clock import Floats

Steps = list[float] | Floats
"""One number a step, as a list or an array."""


class Asked(NamedTuple):
    """What a battery is asked to do in each step. [MWh]"""

    change_mwh: Steps
    """Rise of its level that surplus could bring, above zero, or the fall by which it could cover
    need, below zero."""
    must_mwh: Steps
    """Part of that fall for which only the minimum holds."""
    refill_mwh: Steps
    """Rise that the grid could bring."""
    floor_mwh: Steps
    """Level below which the rest of the fall does not go."""
    target_mwh: Steps
    """Level up to which the grid charges."""


class Store(NamedTuple):
    """What stays the same from step to step."""

    start_mwh: float
    energy_mwh: float
    minimum_mwh: float
    kept_frac: float
    """Share of the level that is left after a step in which nothing is done."""
    fade_per_step_frac: float
    fade_per_cycle_frac: float
    renew_below_frac: float


class Walked(NamedTuple):
    """What the loop writes, one number a step."""

    before_mwh: Steps
    """Level once self-discharge and fade have had their part, before anything is moved."""
    after_mwh: Steps
    """Level at the end of the step."""
    renewed: Steps
    """1 where the battery is renewed at the start of the step, otherwise left as it is."""


def walk_store(asked: Asked, store: Store, walked: Walked) -> None:
    """Move the level of a battery over all steps.

    Capacity falls in proportion to time and to what was taken out since the battery was new; what
    a smaller store can no longer hold is lost. A renewed battery keeps its level.

    Parameters
    ----------
    asked : Asked
        For each step, as lists or as arrays.
    store : Store
    walked : Walked
        Written in every step.

    Examples
    --------
    A step of charge, one that a floor stops, one that has to be covered, one of refill; a tenth of
    the level is lost in each:

    >>> asked = Asked([4, -9, -9, 0], [0, 0, 9, 0], [0, 0, 0, 9], [5] * 4, [5] * 4)
    >>> walked = Walked([0.0] * 4, [0.0] * 4, [0.0] * 4)
    >>> walk_store(asked, Store(10.0, 12.0, 2.0, 0.9, 0.0, 0.0, 0.0), walked)
    >>> walked.before_mwh, walked.after_mwh
    ([9.0, 10.8, 4.5, 1.8], [12.0, 5, 2.0, 5])
    """
    level, age, taken = store.start_mwh, 0.0, 0.0
    for step in range(len(asked.change_mwh)):
        left = 1.0 - store.fade_per_step_frac * age
        left -= store.fade_per_cycle_frac * (taken / store.energy_mwh)
        if left < store.renew_below_frac:
            left, age, taken = 1.0, 0.0, 0.0
            walked.renewed[step] = 1.0
        age += 1.0
        most = store.energy_mwh * left if left > 0.0 else 0.0
        before = level * store.kept_frac
        before = most if before > most else before
        change, must = asked.change_mwh[step], asked.must_mwh[step]
        level = before + change
        if change < 0.0:
            least = before if before < store.minimum_mwh else store.minimum_mwh
            lowest = before - must if before - must > least else least
            floor = asked.floor_mwh[step]
            lowest = floor if lowest > floor else lowest
            level = lowest if level < lowest else level
        elif level > most:
            level = most
        target, refill = asked.target_mwh[step], asked.refill_mwh[step]
        target = most if target > most else target
        # Never out and in at once: what has given in this step is not refilled in it.
        if refill > 0.0 and level >= before and level < target:
            level += refill
            level = target if level > target else level
        if level < before:
            taken += before - level
        walked.before_mwh[step] = before
        walked.after_mwh[step] = level
