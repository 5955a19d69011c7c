"""The dispatch of a window of steps as a linear program.

In every step t of length h, with all powers at least 0:

    import + chp + genset + discharge + unserved = load - taken + charge + surplus
    stored(t+1) = kept * stored(t) + charge_frac * h * charge - h / discharge_frac * discharge

and import <= room in the connection, minimum <= chp <= available within its ramp, minimum <= stored
<= energy, charge and discharge <= power. It minimizes the sum of weights times energy, the highest
hourly import of each month with its own weight. `taken` is what comes from solar, wind and
contracts; it costs nothing to take and nothing to leave, and what is left is `surplus`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.optimum.objective import TIE, Weights
from dcsim.supply.optimum.program import Program, Term

# A linear program has no "either charge or discharge", and no reason to store what nothing asks
# for. Both are settled by weights so far below those of import and plants (1 on average) that
# they decide between equals only.
_WEAR = 0.1 * TIE
"""Weight of charge and of discharge: keeps a battery from doing both at once."""
_LEFT = 0.5 * TIE
"""Weight of what a battery holds at the end of a window: surplus is stored rather than lost, but
nothing is run for it. Above `_WEAR` for a way in and a way out, below every other weight."""

_EARLY = 1e-3
"""Share by which load unserved, or left to gensets, weighs more at the start of a window than
at its end: of two hours that fall short stores serve the first, as under any policy. Keeping their
energy for the second would serve no more in all."""


class WindowBattery(NamedTuple):
    """Battery over a window of steps, in the terms of the program."""

    charge_mw: Floats
    """Most that goes in, shape ``(n_steps,)``."""
    discharge_mw: Floats
    """Most that comes out, likewise."""
    minimum_mwh: float
    energy_mwh: float
    charge_frac: float
    discharge_frac: float
    remaining_frac: float
    """Share of the level that self-discharge leaves of it over a step."""
    begins: int
    """Step in which it comes into service with `start_mwh`; below zero if it is in service."""
    start_mwh: float


class Plant(NamedTuple):
    """Dispatchable plant over a window, shape ``(n_steps,)``. [MW]"""

    least_mw: Floats
    most_mw: Floats
    change_mw: float = np.inf
    """Most it changes from one step to the next; an outage takes it at once."""
    before_mw: float | None = None
    """Its output in the step before the window; None where there is none."""


class Window(NamedTuple):
    """Need, limits and weights in a window of steps, shape ``(n_steps,)`` each. [MW]"""

    need_mw: Floats
    """Load less what is taken as it comes; negative is surplus."""
    room_mw: Floats
    """Most that can be imported."""
    dispatchable: Mapping[str, Plant]
    backup_mw: Floats
    """Most that all gensets together can give."""
    stores: Mapping[str, WindowBattery]
    weights: Weights
    """Its months count from the first of the window."""
    peak_mw: Floats
    """Highest hourly import so far, by month of the window."""
    step_h: float


class Decisions(NamedTuple):
    """Powers that the program decides on, by asset key, shape ``(n_steps,)`` each. [MW]"""

    dispatchable_mw: dict[str, Floats]
    charge_mw: dict[str, Floats]
    discharge_mw: dict[str, Floats]
    unserved_mw: Floats
    """Load that is left to nothing, or to nothing but gensets."""


def battery_over_run(unit: BatteryUnit, step_h: float) -> WindowBattery:
    """Return a battery over all steps of a run; see `cut_to_window` for a window of it.

    It stays as good as new: what age and use take of it is left out.
    """
    works = unit.power_mw > 0
    return WindowBattery(
        charge_mw=unit.charge_power_mw,
        discharge_mw=unit.discharge_power_mw,
        minimum_mwh=unit.minimum_mwh,
        energy_mwh=unit.energy_mwh,
        charge_frac=unit.charge_frac,
        discharge_frac=unit.discharge_frac,
        remaining_frac=(1.0 - unit.loss_frac_per_h) ** step_h,
        begins=int(np.argmax(works)) if works.any() else works.size + 1,
        start_mwh=unit.start_mwh,
    )


def cut_to_window(store: WindowBattery, first: int, end: int, level_mwh: float) -> WindowBattery:
    """Return a battery over the steps from `first` to `end`, holding `level_mwh` at `first`.

    A battery in service before the window goes on from `level_mwh`; one that enters service in it,
    or later, brings its own start.

    Parameters
    ----------
    store : WindowBattery
        Over all steps of the run.
    first, end : int
        First step of the window, and the step after its last.
    level_mwh : float
        Level at the start of the window, if it is in service by then. [MWh]

    Returns
    -------
    WindowBattery
        Shape ``(end - first,)``.

    Examples
    --------
    >>> battery = battery_over_run(BatteryUnit(np.array([0, 0, 4.0, 4.0]), 9.0, 1.0), 1.0)
    >>> [cut_to_window(battery, first, 4, 7.0).begins for first in (0, 2, 3)]
    [2, 0, -1]
    """
    inside = store._replace(
        charge_mw=store.charge_mw[first:end],
        discharge_mw=store.discharge_mw[first:end],
        begins=store.begins - first,
    )
    return inside if store.begins >= first else inside._replace(begins=-1, start_mwh=level_mwh)


def decide(window: Window) -> Decisions:
    """Return the decisions of least weight, with all steps of the window known beforehand.

    Raises
    ------
    ModelError
        If the solver fails.
    """
    program, weights, h = Program(), window.weights, window.step_h
    n = window.need_mw.size
    imported = program.variables(n, cost=weights.import_per_mwh * h, upper=window.room_mw)
    surplus = program.variables(n)
    # With this variable every window has an answer, whatever falls short.
    early = (1.0 + _EARLY * np.linspace(1.0, 0.0, n)) * h
    unserved = program.variables(n, cost=weights.unserved_per_mwh * early)
    backup_unit = program.variables(n, cost=weights.backup_per_mwh * early, upper=window.backup_mw)
    balance = [Term(1, imported), Term(-1, surplus), Term(1, unserved), Term(1, backup_unit)]
    plants = {}
    for key, plant in window.dispatchable.items():
        plants[key] = _add_plant(program, plant, weights.dispatchable_per_mwh[key] * h)
        balance.append(Term(1, plants[key]))
    moved = {}
    for key, store in window.stores.items():
        moved[key] = _add_store(program, store, weights, h)
        balance += [Term(-1, moved[key][0]), Term(1, moved[key][1])]
    program.equal(window.need_mw, *balance)
    if weights.demand_per_mw.size:
        _add_peaks(program, window, imported)
    values = program.solve()
    return Decisions(
        dispatchable_mw={key: values[columns] for key, columns in plants.items()},
        charge_mw={key: values[charge] for key, (charge, _) in moved.items()},
        discharge_mw={key: values[discharge] for key, (_, discharge) in moved.items()},
        unserved_mw=values[unserved] + values[backup_unit],
    )


def _add_plant(program: Program, plant: Plant, cost: Floats) -> Integers:
    """Add a dispatchable plant and return the variables of its output."""
    most_mw, change_mw = np.array(plant.most_mw), plant.change_mw
    if np.isinf(change_mw):
        return program.variables(most_mw.size, cost=cost, lower=plant.least_mw, upper=most_mw)
    # From an outage it comes back by its ramp, below its minimum on the way.
    reach_mw = ramp_reach_mw(most_mw, change_mw, plant.before_mw)
    least_mw = np.minimum(plant.least_mw, reach_mw)
    most_mw[:1] = reach_mw[:1]
    if plant.before_mw is not None:
        least_mw[0] = max(least_mw[0], min(plant.before_mw - change_mw, most_mw[0]))
    output = program.variables(most_mw.size, cost=cost, lower=least_mw, upper=most_mw)
    keep_to_ramp(program, output, plant.most_mw, change_mw)
    return output


def keep_to_ramp(program: Program, output: Integers, most_mw: Floats, change_mw: float) -> None:
    """Let an output change by no more than a ramp; a loss of what it can give takes it at once.

    Parameters
    ----------
    program : Program
        Gets the rows.
    output : ndarray of int, shape (n_steps,)
        Variables of the output.
    most_mw : ndarray, shape (n_steps,)
        Most the plant can give. [MW]
    change_mw : float
        Most it changes from one step to the next. [MW]
    """
    most = np.full(max(output.size - 1, 0), change_mw)
    program.at_most(most, Term(1, output[1:]), Term(-1, output[:-1]))
    holds = np.flatnonzero(np.diff(most_mw) >= 0)
    program.at_most(most[: holds.size], Term(-1, output[holds + 1]), Term(1, output[holds]))


def ramp_reach_mw(most_mw: Floats, change_mw: float, before_mw: float | None) -> Floats:
    """Return the highest output of a plant that rises by its ramp whenever it can.

    Parameters
    ----------
    most_mw : ndarray, shape (n_steps,)
        Most it can give. [MW]
    change_mw : float
        Most it rises from one step to the next. [MW]
    before_mw : float or None
        Output in the step before; None where none is known, and the first may be any.

    Returns
    -------
    ndarray, shape (n_steps,)
        [MW]

    Examples
    --------
    >>> ramp_reach_mw(np.array([9.0, 0.0, 9.0, 9.0]), 2.0, None)
    array([9., 0., 2., 4.])
    """
    reach, before = [], np.inf if before_mw is None else before_mw
    for most in most_mw.tolist():
        before = min(most, before + change_mw)
        reach.append(before)
    return np.array(reach)


def _add_store(
    program: Program, store: WindowBattery, weights: Weights, h: float
) -> tuple[Integers, Integers]:
    """Add a battery and return the variables of its charge and its discharge."""
    n, begins = store.charge_mw.size, max(store.begins, 0)
    charge = program.variables(n, cost=_WEAR * h, upper=store.charge_mw)
    discharge = program.variables(n, cost=_WEAR * h, upper=store.discharge_mw)
    # What is left at the end is worth what it would bring on the way out, and a trifle.
    worth = np.zeros(n)
    worth[-1:] = -_LEFT * store.discharge_frac
    least_mwh = np.where(np.arange(n) >= begins, store.minimum_mwh, 0.0)
    # The minimum is a bound where nothing but a discharge can take the level below it.
    lasts = store.start_mwh >= store.minimum_mwh and store.remaining_frac == 1.0
    lower_mwh = least_mwh if lasts else 0.0
    level = program.variables(n, cost=worth, lower=lower_mwh, upper=store.energy_mwh)
    if not lasts and store.minimum_mwh > 0:
        # A battery may begin below its minimum or lose charge until it is, but nothing is worth
        # taking it there.
        below = program.variables(n, cost=2.0 * weights.unserved_per_mwh)
        program.at_most(-least_mwh, Term(-1, level), Term(-1, below))
    # The start is energy from outside, in the row of the step in which service begins; before it
    # the level has no way to rise, since charge is at most the power, which is zero.
    brought_mwh = np.zeros(n)
    brought_mwh[begins : begins + 1] = store.remaining_frac * store.start_mwh
    # A level is that at the end of its step: it stands in the row of the next one, too.
    follows = np.arange(1, n)
    program.equal(
        brought_mwh,
        Term(1, level),
        Term(np.where(follows > begins, -store.remaining_frac, 0.0), level[:-1], follows),
        Term(-store.charge_frac * h, charge),
        Term(h / store.discharge_frac, discharge),
    )
    return charge, discharge


def _add_peaks(program: Program, window: Window, imported: Integers) -> None:
    """Let the highest hourly mean of import in each month cost what it does."""
    weights = window.weights
    peak = program.variables(
        weights.demand_per_mw.size, cost=weights.demand_per_mw, lower=window.peak_mw
    )
    # A peak is at least the mean import of each hour of its month and, by `lower`, at least what it
    # was in the windows before: only import above that costs anything in this one.
    hour = np.arange(imported.size) // weights.step_of_hour
    in_hour = np.bincount(hour)
    month = weights.month[:: weights.step_of_hour]
    mean = Term(1.0 / in_hour[hour], imported, hour)
    program.at_most(np.zeros(in_hour.size), mean, Term(-1, peak[month]))
