"""The battery kernel: the one recurrence of a stored level, step by step.

The text is the specification. It runs as it stands over lists, and compiled over arrays; it calls
nothing, so that the compiler's cache, which goes by the content of this file, knows all of it.
"""

from __future__ import annotations

from typing import NamedTuple

from dcsim.clock import Floats

StepValues = list[float] | Floats
"""One number a step, as a list or an array."""


class StorageRequest(NamedTuple):
    """Changes of its level that are requested of a battery, and its limits, in each step. [MWh]"""

    change_mwh: StepValues
    """Rise that surplus could bring, above zero, or the fall that would cover need, below zero."""
    must_mwh: StepValues
    """Part of that fall for which only the minimum holds: need that the grid cannot serve."""
    refill_mwh: StepValues
    """Rise that the grid could bring."""
    floor_mwh: StepValues
    """Level below which the rest of the fall does not go; at least the minimum."""
    target_mwh: StepValues
    """Level up to which the grid charges."""


class BatteryConstants(NamedTuple):
    """Properties of a battery that do not differ from step to step."""

    start_mwh: float
    """Level before the first step, at most the energy. [MWh]"""
    energy_mwh: float
    """Most it holds while new, above zero. [MWh]"""
    minimum_mwh: float = 0.0
    """Level that no need goes below. [MWh]"""
    remaining_frac: float = 1.0
    """Share of the level that self-discharge leaves of it over a step. [1]"""
    fade_per_step_frac: float = 0.0
    """Share of the energy that a step of service takes for good. [1]"""
    fade_per_cycle_frac: float = 0.0
    """Share of the energy that taking out as much as the energy takes for good. [1]"""
    renew_below_frac: float = 0.0
    """Renewed when less than this share of the energy is left. [1]"""


class BatteryLevels(NamedTuple):
    """Levels the kernel writes, one number a step."""

    before_mwh: StepValues
    """Level after self-discharge and fade, before anything is moved; left as it is where neither
    takes anything. [MWh]"""
    after_mwh: StepValues
    """Level at the end of the step. [MWh]"""
    renewed: StepValues
    """1 where the battery is renewed at the start of the step, otherwise left as it is."""


def battery_kernel(request: StorageRequest, store: BatteryConstants, levels: BatteryLevels) -> bool:
    """Move the level of a battery over all steps.

    A step maps the level by a function that does not fall as the level rises, so that more energy
    at the start, or a larger battery that does not fade, never leaves less energy later.

    Parameters
    ----------
    request : StorageRequest
        For each step, as lists or as arrays, shape ``(n_steps,)``. [MWh]
    store : BatteryConstants
    levels : BatteryLevels
        Shape ``(n_steps,)``, `renewed` as zeros. [MWh]

    Returns
    -------
    bool
        Whether the level changes by itself: by self-discharge or fade. Where it does not, a step
        begins at the level the one before ended with.

    Notes
    -----
    With the level s, what self-discharge leaves of it r, the energy E, the share a of it that age
    and use have left, the minimum m, and change c, must u, refill g, floor f, target T of a step::

        b  = min(r s, a E)
        s' = max(b + c, min(f, max(b - u, min(b, m))))    if c < 0
        s' = min(b + c, a E)                              otherwise
        s' = min(s' + g, T, a E)                          then, if g > 0 and b <= s' < T
        a  = 1 - fade_per_step (steps since new) - fade_per_cycle (energy taken since new) / E

    A limit that binds is met to the last bit, and no step goes out and in at once.

    Examples
    --------
    Two hours of surplus fill a battery of 10 MWh with a reserve of 2 MWh as its floor; two hours
    of deficit take it down again; then 1 MWh that only the reserve can cover, and an hour in which
    the grid refills the reserve:

    >>> request = StorageRequest(
    ...     [3, 3, -4, -4, -4, -1], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 5], [2] * 6, [2] * 6
    ... )
    >>> levels = BatteryLevels([0.0] * 6, [0.0] * 6, [0.0] * 6)
    >>> battery_kernel(request, BatteryConstants(5, 10), levels)
    False
    >>> levels.after_mwh
    [8, 10, 6, 2, 1, 2]

    A tenth of the level is lost in each step, and nothing goes below a minimum of 2 MWh: a step of
    charge, one that the floor of 5 MWh stops, one that has to be covered, one of refill:

    >>> request = StorageRequest([4, -9, -9, 0], [0, 0, 9, 0], [0, 0, 0, 9], [5] * 4, [5] * 4)
    >>> levels = BatteryLevels([0.0] * 4, [0.0] * 4, [0.0] * 4)
    >>> battery_kernel(request, BatteryConstants(10.0, 12.0, 2.0, 0.9), levels)
    True
    >>> levels.before_mwh, levels.after_mwh
    ([9.0, 10.8, 4.5, 1.8], [12.0, 5, 2.0, 5])
    """
    level = before = store.start_mwh
    age_steps, taken_mwh, capacity = 0.0, 0.0, store.energy_mwh
    minimum, after_mwh = store.minimum_mwh, levels.after_mwh
    # Most batteries neither leak nor fade; in plain Python the arithmetic of both would take twice
    # the time of all the rest, and for them it would leave every bit as it is.
    fades = store.fade_per_step_frac > 0.0 or store.fade_per_cycle_frac > 0.0
    changes = fades or store.remaining_frac < 1.0
    columns = zip(  # noqa: B905  (the compiler knows no `strict`)
        range(len(request.change_mwh)),
        request.change_mwh,
        request.must_mwh,
        request.refill_mwh,
        request.floor_mwh,
        request.target_mwh,
    )
    for step, change, must, refill, floor, target in columns:
        if changes:
            taken_mwh += before - level if level < before else 0.0  # in the step before
            left_frac = 1.0 - store.fade_per_step_frac * age_steps
            left_frac -= store.fade_per_cycle_frac * (taken_mwh / store.energy_mwh)
            if left_frac < store.renew_below_frac:
                # New cells take over what the old ones held.
                left_frac, age_steps, taken_mwh = 1.0, 0.0, 0.0
                levels.renewed[step] = 1.0
            age_steps += 1.0
            capacity = store.energy_mwh * left_frac if left_frac > 0.0 else 0.0
            level *= store.remaining_frac
            # What a smaller store can no longer hold is lost.
            level = capacity if level > capacity else level
            levels.before_mwh[step] = level
        before = level
        level += change
        if change < 0.0:
            # The fall stops at the floor. Only what must be covered goes deeper, down to the
            # minimum; a level that is below either already is not raised to it.
            if level < floor:
                least = before if before < minimum else minimum
                lowest = before - must if before - must > least else least
                lowest = floor if lowest > floor else lowest
                level = lowest if level < lowest else level
        elif level > capacity:
            level = capacity
        # Never out and in at once: a battery that has given in this step is not refilled in it.
        if refill > 0.0 and target > level >= before:
            level += refill
            full = capacity if target > capacity else target
            level = full if level > full else level
        after_mwh[step] = level
    return changes
