"""The one loop over hours of the supply: the level of a battery.

Plain Python over lists is the specification; it takes about a tenth of a microsecond a step, so a
single run has no need of a compiler.
"""

from __future__ import annotations

from collections.abc import Sequence


def walk_level(
    change_mwh: Sequence[float],
    must_mwh: Sequence[float],
    refill_mwh: Sequence[float],
    start_mwh: float,
    limits_mwh: tuple[float, float],
) -> list[float]:
    """Return the energy in a battery on the edges of the steps.

    Every step maps the level by a function that does not fall as the level rises, so that more
    energy at the start or a larger battery never leaves less energy in any later step.

    Parameters
    ----------
    change_mwh : sequence of float, length n
        What the battery is asked to do in each step: the rise that surplus could bring, above
        zero, or the fall by which deficit could be covered, below zero. [MWh]
    must_mwh : sequence of float, length n
        Part of that fall for which the reserve may be used as well. [MWh]
    refill_mwh : sequence of float, length n
        Rise that the grid could bring toward the reserve; zero where `must_mwh` is not. [MWh]
    start_mwh : float
        Level on the first edge. [MWh]
    limits_mwh : tuple of float
        Reserve and energy of the battery. [MWh]

    Returns
    -------
    list of float, length n + 1
        Levels from 0 to the energy; a limit that binds is met exactly. [MWh]

    Examples
    --------
    Two hours of surplus, two of deficit, one of deficit that only the reserve can cover, and an
    hour of refill:

    >>> walk_level([3, 3, -4, -4, -4, -1], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 5], 5, (2, 10))
    [5, 8, 10, 6, 2, 1, 2]
    """
    reserve, energy = limits_mwh
    level = start_mwh
    levels = [level]
    for change, must, refill in zip(change_mwh, must_mwh, refill_mwh, strict=True):
        asked = level + change
        if change < 0:
            # Down to the reserve for all that is asked, below it for what must be covered.
            floor = level - must if level > must else 0.0
            floor = reserve if floor > reserve else floor
            level = floor if asked < floor else asked
        else:
            level = energy if asked > energy else asked
        if refill > 0 and level < reserve:
            refilled = level + refill
            level = reserve if refilled > reserve else refilled
        levels.append(level)
    return levels
