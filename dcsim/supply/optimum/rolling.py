"""The optimal dispatch: the yardstick that sees all hours of a window beforehand.

No policy that sees only the past can do better on the same load and supply. Unserved load comes
first, then import, cost or carbon. A run longer than a window is solved window by window; the end
of each, which does not know what follows, is thrown away and solved again as the beginning of the
next.
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
    Store,
    Window,
    cut,
    decide,
    store_of,
)
from dcsim.supply.optimum.flows import BatteryReplay, flows_of, join_replays, replay_battery
from dcsim.supply.optimum.objective import Weights, import_weights, weights_of
from dcsim.types import Flows


class Horizon(NamedTuple):
    """How far a program looks."""

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
        stores={key: store_of(unit, step_h) for key, unit in available.stores.items()},
        step_h=step_h,
    )
    done = _start(run)
    first = 0
    while first < n_steps:
        end = min(first + looks.n_steps, n_steps)
        n_kept = end - first if end == n_steps else looks.n_steps - looks.n_overlap
        _solve(run, done, (first, end), n_kept)
        first += n_kept
    replays = {key: join_replays(parts) for key, parts in done.replays.items()}
    return flows_of(load_mw, available, _joined(run, done), replays, step_h)


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
    """What stays the same from window to window, over all steps."""

    need_mw: Floats
    """Load less what is taken as it comes."""
    available: AvailableSupply
    weights: Weights
    stores: dict[str, Store]
    step_h: float


class _Done(NamedTuple):
    """What windows leave behind; each adds to it."""

    decisions: list[Decisions]
    replays: dict[str, list[BatteryReplay]]
    """What batteries did in each window; the last level of one is the first of the next."""
    peak_mw: Floats
    """Highest hourly import so far, by month of the run."""


def _start(run: _Run) -> _Done:
    peak_mw = np.zeros(run.weights.demand_per_mw.size)
    return _Done([], {key: [] for key in run.stores}, peak_mw)


def _solve(run: _Run, done: _Done, steps: tuple[int, int], n_kept: int) -> None:
    """Solve a window and keep its first steps."""
    first, end = steps
    level_mwh = {key: _level_mwh(replays) for key, replays in done.replays.items()}
    held = {key: cut(store, first, end, level_mwh[key]) for key, store in run.stores.items()}
    window = _window(run, done, slice(first, end), held)
    decided = _first(decide(window), n_kept)
    net_mw = window.need_mw[:n_kept] - sum(decided.dispatchable_mw.values(), np.zeros(n_kept))
    for key, store in run.stores.items():
        replay = replay_battery(
            cut(store, first, first + n_kept, level_mwh[key]),
            decided.charge_mw[key],
            decided.discharge_mw[key],
            run.step_h,
        )
        done.replays[key].append(replay)
        net_mw = net_mw + replay.charge_mw - replay.discharge_mw
    done.decisions.append(decided)
    if done.peak_mw.size:
        imported_mw = np.clip(net_mw, 0.0, window.room_mw[:n_kept])
        months = run.weights.month[first : first + n_kept]
        _raise_peaks(done.peak_mw, imported_mw, months, run.weights.step_of_hour)


def _level_mwh(replays: list[BatteryReplay]) -> float:
    return float(replays[-1].stored_mwh[-1]) if replays else 0.0


def _window(run: _Run, done: _Done, steps: slice, held: dict[str, Store]) -> Window:
    available, weights = run.available, run.weights
    room_mw = (available.connection_mw - available.wheeled[1])[steps]
    month = weights.month[steps]
    months = slice(int(month[0]), int(month[-1]) + 1)
    return Window(
        need_mw=run.need_mw[steps],
        room_mw=room_mw,
        dispatchable={
            key: _plant(key, unit, run, done, steps) for key, unit in available.dispatchable.items()
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
        peak_mw=done.peak_mw[months],
        step_h=run.step_h,
    )


def _plant(key: str, unit: DispatchableUnit, run: _Run, done: _Done, steps: slice) -> Plant:
    before_mw = None
    if done.decisions and unit.available_mw[steps.start] == unit.available_mw[steps.start - 1]:
        before_mw = float(done.decisions[-1].dispatchable_mw[key][-1])
    return Plant(
        least_mw=unit.minimum_frac * unit.available_mw[steps],
        most_mw=unit.available_mw[steps],
        change_mw=unit.ramp_mw_per_h * run.step_h,
        before_mw=before_mw,
    )


def _first(decisions: Decisions, n_kept: int) -> Decisions:
    """Return the decisions of the steps that are kept."""

    def kept(columns: dict[str, Floats]) -> dict[str, Floats]:
        return {key: column[:n_kept] for key, column in columns.items()}

    dispatchable_mw, charge_mw, discharge_mw, unserved_mw = decisions
    return Decisions(
        kept(dispatchable_mw), kept(charge_mw), kept(discharge_mw), unserved_mw[:n_kept]
    )


def _raise_peaks(peak_mw: Floats, imported_mw: Floats, month: Integers, n_in_hour: int) -> None:
    starts = np.arange(0, imported_mw.size, n_in_hour)
    sums_mw = np.add.reduceat(imported_mw, starts)
    np.maximum.at(peak_mw, month[starts], sums_mw / np.diff(starts, append=imported_mw.size))


def _joined(run: _Run, done: _Done) -> Decisions:
    """Return the decisions of all windows, plants held within what they can do."""

    def column(key: str) -> Floats:
        return np.concatenate([part.dispatchable_mw[key] for part in done.decisions])

    return Decisions(
        dispatchable_mw={
            key: np.clip(column(key), plant.minimum_frac * plant.available_mw, plant.available_mw)
            for key, plant in run.available.dispatchable.items()
        },
        charge_mw={},
        discharge_mw={},
        unserved_mw=np.concatenate([part.unserved_mw for part in done.decisions]),
    )
