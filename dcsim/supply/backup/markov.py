"""Machines and batteries in an outage as a Markov chain: exact chances, without random numbers.

The state is how many machines of each group run, and what each battery holds. Machines that fail in
a step count as gone for all of it; what they leave is served by the batteries in the order listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.backup.machines import (
    CARRIED_WITHIN,
    GensetGroup,
    after_failures,
    group_powers_mw,
    started_chances,
)
from dcsim.supply.backup.stores import OutageStore, serve_need
from dcsim.supply.backup.survival import Survival, outage_loads_mw

MOST_WORK = 400_000
"""Transitions of the batteries that are worked out before the chain gives up."""
_DIGITS = 9
"""Digits of a level by which two are the same."""

State = tuple[tuple[float, ...], bool]
"""Levels of the batteries, and whether all load has been carried. [MWh]"""


class _Outage:
    """Chances of the numbers that run, by state, and the energy that was not served."""

    def __init__(self, groups: Sequence[GensetGroup], stores: Sequence[OutageStore]) -> None:
        self.groups, self.stores = groups, stores
        self.power_mw = group_powers_mw(groups)
        levels = tuple(store.stored_mwh for store in stores)
        self.chances: dict[State, Floats] = {(levels, True): started_chances(groups)}
        self.unserved_mwh = 0.0
        self.work = 0

    def pass_time(self, load_mw: float, length_h: float, *, dark: bool = False) -> None:
        """Serve a load for a time, with the machines that run at its end or none of them."""
        power_mw = np.zeros_like(self.power_mw) if dark else self.power_mw
        need_mw = np.maximum(load_mw - power_mw, 0.0)
        need_mw[need_mw <= load_mw * CARRIED_WITHIN] = 0.0
        after: defaultdict[State, Floats] = defaultdict(lambda: np.zeros_like(self.power_mw))
        for state, chance in self.chances.items():
            rest = after_failures(self.groups, chance, length_h)
            for need in np.unique(need_mw[rest > 0]).tolist():
                here = np.where(need_mw == need, rest, 0.0)
                after[self._serve(state, need, load_mw, length_h, float(here.sum()))] += here
                self.work += 1
        self.chances = dict(after)

    def _serve(
        self, state: State, need_mw: float, load_mw: float, length_h: float, chance: float
    ) -> State:
        """Return the state in which the batteries are left, and count what they do not serve."""
        levels = [
            store.level_after(level, length_h)
            for store, level in zip(self.stores, state[0], strict=True)
        ]
        left_mw = serve_need(self.stores, levels, need_mw, length_h) if need_mw > 0 else 0.0
        fails = left_mw > load_mw * CARRIED_WITHIN
        if fails:
            self.unserved_mwh += chance * left_mw * length_h
        return tuple(round(level, _DIGITS) for level in levels), state[1] and not fails

    @property
    def carried(self) -> float:
        """Probability that all load has been carried so far."""
        return float(sum(chance.sum() for (_, fine), chance in self.chances.items() if fine))


def markov_survival(
    groups: Sequence[GensetGroup],
    load_mw: float | Floats,
    hours: Floats,
    stores: Sequence[OutageStore],
) -> Survival | None:
    """Return survival of machines that start at once and batteries that serve what they leave.

    Parameters
    ----------
    groups : sequence of GensetGroup
        All machines.
    load_mw : float or ndarray, shape (n_steps,)
        Load, constant or between each two times. [MW]
    hours : ndarray, shape (n_steps + 1,)
        Times, ascending from 0. [h]
    stores : sequence of OutageStore

    Returns
    -------
    Survival or None
        None where more than `MOST_WORK` transitions would be needed. A machine that fails in a
        step counts as gone from its beginning, so the energy is an upper bound.

    Raises
    ------
    ModelError
        If there is not one load a step, or nothing above zero.

    Examples
    --------
    Two machines of 1 MW live through an hour with 9 in 10, and a battery gives 1 MWh; of 1 and
    2 MW both hours are carried with .81 × .99 + .18 × .9:

    >>> pair = GensetGroup(2, 1.0, 0.0, -1 / np.log(0.9))
    >>> found = markov_survival(
    ...     [pair], np.array([1.0, 2.0]), np.arange(3.0), [OutageStore(1.0, 1.0)])
    >>> found.carried_frac.round(4)
    array([1.    , 1.    , 0.9639])
    """
    loads_mw = outage_loads_mw(load_mw, hours.size - 1)
    outage = _Outage(groups, stores)
    carried, unserved = [1.0], [0.0]
    for load, parts in zip(loads_mw.tolist(), _step_parts(groups, hours), strict=True):
        for length_h, dark in parts:
            outage.pass_time(load, length_h, dark=dark)
            if outage.work > MOST_WORK:
                return None
        carried.append(outage.carried)
        unserved.append(outage.unserved_mwh)
    return Survival(hours, np.array(carried), np.array(unserved))


def _step_parts(groups: Sequence[GensetGroup], hours: Floats) -> Iterator[list[tuple[float, bool]]]:
    """Yield the parts of each step: their length, and whether machines have not started yet."""
    dark_h = max((group.dark_h for group in groups), default=0.0)
    for begin, end in zip(hours[:-1].tolist(), hours[1:].tolist(), strict=True):
        middle = min(max(dark_h, begin), end)
        yield [
            (b - a, dark) for a, b, dark in ((begin, middle, True), (middle, end, False)) if b > a
        ]
