"""The optimal dispatch: the yardstick that sees all hours of a window beforehand.

No policy that sees only the past can do better on the same load and supply. Unserved load comes
first, then import, cost or carbon. A run longer than a window is solved window by window; the end
of each, which does not know what follows, is thrown away and solved again as the beginning of the
next::

    steps      0         1         2         3
    window 1   kept      overlap
    window 2             kept      overlap
    window 3                       kept      kept

Between windows go the levels of the batteries, the output of plants with a ramp, and the peaks that
a demand charge has already billed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dcsim.clock import Calendar, Floats, Integers
from dcsim.errors import ModelError
from dcsim.scenario.plan import Plan
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.plants import DispatchableUnit
from dcsim.supply.optimum.decisions import (
    Decisions,
    Plant,
    Window,
    WindowBattery,
    battery_over_run,
    cut_to_window,
    decide,
    ramp_reach_mw,
)
from dcsim.supply.optimum.flows import BatteryReplay, flows_of, join_replays, replay_batteries
from dcsim.supply.optimum.objective import Weights, import_weights, weights_of
from dcsim.types import Flows


class Horizon(NamedTuple):
    """Length of a window, and the part of it that the next one solves again."""

    n_steps: int
    """Steps that are solved at once."""
    n_overlap: int
    """Steps at the end of them that are solved again with what follows."""


def optimal(
    load_mw: Floats,
    available: AvailableSupply,
    step_h: float,
    *,
    weights: Weights | None = None,
    horizon: Horizon | None = None,
) -> Flows:
    """Dispatch with the future known: unserved load first, then what the weights say.

    Reserves are not kept: who knows when the grid will fail has no need of one. Gensets come after
    everything else, as under any policy; the program does not know which of them will not start.

    Parameters
    ----------
    load_mw : ndarray, shape (n_steps,)
        Facility power. [MW]
    available : AvailableSupply
        What sources, stores and the connection can give.
    step_h : float
        Length of a step. [h]
    weights : Weights, optional
        What is to be small; by default import from the grid.
    horizon : Horizon, optional
        By default all steps are solved at once.

    Returns
    -------
    Flows
        They pass the checks of every dispatch. The weighted sum is the least there is, to within
        1e-4 of the usual weight of import for each MWh that is stored or made.

    Raises
    ------
    ModelError
        If the horizon leaves no step to keep, or the solver fails.

    Examples
    --------
    8 MW on a connection of 5 MW are served if the battery is charged an hour before. All steps at
    once see that; windows of one step do not; windows of two of which one is kept do:

    >>> from dcsim.supply.dispatch.battery import BatteryUnit
    >>> battery = BatteryUnit(np.full(4, 4.0), energy_mwh=4.0, round_trip_frac=1.0)
    >>> available = AvailableSupply(np.full(4, 5.0), np.zeros(4), stores={"batteries.b": battery})
    >>> load = np.array([2.0, 2.0, 2.0, 8.0])
    >>> for horizon in (None, Horizon(1, 0), Horizon(2, 1)):
    ...     flows = optimal(load, available, 1.0, horizon=horizon)
    ...     print(round(flows.unserved_mw.sum() + 0.0, 6))
    0.0
    3.0
    0.0
    """
    n_steps = load_mw.size
    weights = weights or import_weights(n_steps, available.dispatchable)
    looks = horizon or Horizon(max(n_steps, 1), 0)
    if not 0 <= looks.n_overlap < looks.n_steps:
        raise ModelError(
            f"need an overlap from 0 to below the horizon, got {looks.n_overlap} of "
            f"{looks.n_steps} steps"
        )
    run = _Run(
        need_mw=load_mw - sum(available.onsite_mw.values(), available.wheeled[1]),
        available=available,
        weights=weights,
        stores={key: battery_over_run(unit, step_h) for key, unit in available.stores.items()},
        step_h=step_h,
    )
    solved = _start(run)
    first = 0
    while first < n_steps:
        end = min(first + looks.n_steps, n_steps)
        # The last window has nothing after it: all of it is kept.
        n_kept = end - first if end == n_steps else looks.n_steps - looks.n_overlap
        _solve(run, solved, (first, end), n_kept)
        first += n_kept
    replays = {key: join_replays(parts) for key, parts in solved.replays.items()}
    return flows_of(load_mw, available, _all_decisions(run, solved), replays, step_h)


def planned_optimal(
    plan: Plan, calendar: Calendar
) -> Callable[[Floats, AvailableSupply, float], Flows]:
    """Return the optimal dispatch with the objective and the horizon of a scenario.

    Raises
    ------
    ScenarioError
        If costs are to be made small and the scenario has no tariff.
    """
    dispatch = plan.site.dispatch
    # Windows begin on whole hours: the import that is billed is a mean over one.
    in_hour = max(1, round(1 / calendar.step_h))

    def steps(length_h: float) -> int:
        return max(1, round(length_h / calendar.step_h / in_hour)) * in_hour

    n_steps = steps(dispatch.horizon_h)
    n_overlap = min(steps(dispatch.overlap_h), n_steps - in_hour) if dispatch.overlap_h else 0
    return functools.partial(
        optimal, weights=weights_of(plan, calendar), horizon=Horizon(n_steps, n_overlap)
    )


class _Run(NamedTuple):
    """Inputs of all windows, over all steps."""

    need_mw: Floats
    """Load less what is taken as it comes."""
    available: AvailableSupply
    weights: Weights
    stores: dict[str, WindowBattery]
    step_h: float


class _Solved(NamedTuple):
    """Decisions and states of the windows solved so far; each adds to it."""

    decisions: list[Decisions]
    replays: dict[str, list[BatteryReplay]]
    """By asset key, one for each window; the last level of one is the first of the next."""
    peak_mw: Floats
    """Highest hourly import so far, by month of the run."""


def _start(run: _Run) -> _Solved:
    peak_mw = np.zeros(run.weights.demand_per_mw.size)
    return _Solved([], {key: [] for key in run.stores}, peak_mw)


def _solve(run: _Run, solved: _Solved, steps: tuple[int, int], n_kept: int) -> None:
    """Solve a window and keep its first steps."""
    first, end = steps
    level_mwh = {key: _level_mwh(replays) for key, replays in solved.replays.items()}
    held = {
        key: cut_to_window(store, first, end, level_mwh[key]) for key, store in run.stores.items()
    }
    window = _window(run, solved, slice(first, end), held)
    decided = _first_steps(decide(window), n_kept)
    net_mw = window.need_mw[:n_kept] - sum(decided.dispatchable_mw.values(), np.zeros(n_kept))
    # The next window begins at the levels of the replay, which keep the limits exactly. Those of
    # the solver keep them to within a tolerance, which would add up over hundreds of windows.
    stores = {
        key: cut_to_window(store, first, first + n_kept, level_mwh[key])
        for key, store in run.stores.items()
    }
    for key, replay in replay_batteries(stores, decided, run.step_h).items():
        solved.replays[key].append(replay)
        net_mw = net_mw + replay.charge_mw - replay.discharge_mw
    solved.decisions.append(decided)
    if solved.peak_mw.size:
        # Import is what the replay leaves of it: a peak too low would be paid for a second time.
        imported_mw = np.clip(net_mw, 0.0, window.room_mw[:n_kept])
        months = run.weights.month[first : first + n_kept]
        _raise_peaks(solved.peak_mw, imported_mw, months, run.weights.step_of_hour)


def _level_mwh(replays: list[BatteryReplay]) -> float:
    return float(replays[-1].stored_mwh[-1]) if replays else 0.0


def _window(run: _Run, solved: _Solved, steps: slice, held: dict[str, WindowBattery]) -> Window:
    available, weights = run.available, run.weights
    room_mw = (available.connection_mw - available.wheeled[1])[steps]
    month = weights.month[steps]
    months = slice(int(month[0]), int(month[-1]) + 1)
    return Window(
        need_mw=run.need_mw[steps],
        room_mw=room_mw,
        dispatchable={
            key: _plant(key, unit, run, solved, steps)
            for key, unit in available.dispatchable.items()
        },
        backup_mw=sum(
            (unit.available_mw[steps] for unit in available.backup.values()),
            np.zeros(room_mw.size),
        ),
        stores=held,
        weights=weights._replace(
            import_per_mwh=weights.import_per_mwh[steps],
            dispatchable_per_mwh={
                key: price[steps] for key, price in weights.dispatchable_per_mwh.items()
            },
            demand_per_mw=weights.demand_per_mw[months],
            month=month - month[0],
        ),
        peak_mw=solved.peak_mw[months],
        step_h=run.step_h,
    )


def _plant(key: str, unit: DispatchableUnit, run: _Run, solved: _Solved, steps: slice) -> Plant:
    before_mw = None
    if solved.decisions:
        before_mw = float(solved.decisions[-1].dispatchable_mw[key][-1])
    return Plant(
        least_mw=unit.minimum_mw[steps],
        most_mw=unit.available_mw[steps],
        change_mw=unit.ramp_mw_per_h * run.step_h,
        before_mw=before_mw,
    )


def _first_steps(decisions: Decisions, n_kept: int) -> Decisions:
    """Return the decisions of the steps that are kept."""

    def first_steps(columns: dict[str, Floats]) -> dict[str, Floats]:
        return {key: column[:n_kept] for key, column in columns.items()}

    dispatchable_mw, charge_mw, discharge_mw, unserved_mw = decisions
    return Decisions(
        first_steps(dispatchable_mw),
        first_steps(charge_mw),
        first_steps(discharge_mw),
        unserved_mw[:n_kept],
    )


def _raise_peaks(peak_mw: Floats, imported_mw: Floats, month: Integers, n_in_hour: int) -> None:
    """Raise the peak of each month to the highest hourly mean of import; writes into `peak_mw`."""
    starts = np.arange(0, imported_mw.size, n_in_hour)
    sums_mw = np.add.reduceat(imported_mw, starts)
    np.maximum.at(peak_mw, month[starts], sums_mw / np.diff(starts, append=imported_mw.size))


def _all_decisions(run: _Run, solved: _Solved) -> Decisions:
    """Return the decisions of all windows, plants within their limits; replays hold batteries."""

    def column(key: str, plant: DispatchableUnit) -> Floats:
        made_mw = np.concatenate([part.dispatchable_mw[key] for part in solved.decisions])
        least_mw = plant.minimum_mw
        if plant.has_ramp:
            change_mw = plant.ramp_mw_per_h * run.step_h
            least_mw = np.minimum(least_mw, ramp_reach_mw(plant.available_mw, change_mw, None))
            least_mw = np.minimum(least_mw, made_mw)
        return np.asarray(np.clip(made_mw, np.maximum(least_mw, 0.0), plant.available_mw))

    return Decisions(
        dispatchable_mw={
            key: column(key, plant) for key, plant in run.available.dispatchable.items()
        },
        charge_mw={},
        discharge_mw={},
        unserved_mw=np.concatenate([part.unserved_mw for part in solved.decisions]),
    )
