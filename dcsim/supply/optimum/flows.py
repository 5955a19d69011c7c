"""Flows that close exactly, from the decisions of a program.

A solver keeps rows and bounds to within a tolerance. Here the battery kernel replays the decisions
within the limits of each battery, a battery that charges and discharges at once does only the
difference, and the grid takes up what is left, so that all checks of a dispatch hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.supply.availability import AvailableSupply
from dcsim.supply.dispatch.by_source import by_asset, by_source
from dcsim.supply.dispatch.plants import run_backup
from dcsim.supply.kernels.battery import BatteryConstants, StorageRequest
from dcsim.supply.kernels.levels import battery_levels
from dcsim.supply.optimum.decisions import Decisions, WindowBattery
from dcsim.types import Flows

DUST_MW = 5e-7
"""Load that counts as served: half of what the balance of a dispatch may miss, and far above what
a solver leaves."""


class BatteryReplay(NamedTuple):
    """Flows of a battery that follows decisions, shape ``(n_steps,)``, and its level on the edges.

    Powers in MW, energies in MWh.
    """

    charge_mw: Floats
    discharge_mw: Floats
    lost_mwh: Floats
    """Energy that leaves the store without being given."""
    stored_mwh: Floats


def replay_battery(
    store: WindowBattery, charge_mw: Floats, discharge_mw: Floats, step_h: float
) -> BatteryReplay:
    """Follow decisions as far as the limits of a battery let them.

    Parameters
    ----------
    store : WindowBattery
        Over the steps of the decisions.
    charge_mw, discharge_mw : ndarray, shape (n_steps,)
        Powers decided on. [MW]
    step_h : float
        Length of a step. [h]

    Returns
    -------
    BatteryReplay
        Charge and discharge are never both above zero.
    """
    n_steps = charge_mw.size
    if not store.energy_mwh > 0:
        nothing = np.zeros(n_steps)
        return BatteryReplay(nothing, nothing, nothing, np.zeros(n_steps + 1))
    into, out_of = store.charge_frac * step_h, step_h / store.discharge_frac
    # Where energy is abundant the program may charge and discharge at once: the battery does the
    # difference.
    rise_mwh = np.clip(charge_mw, 0.0, store.charge_mw) * into
    rise_mwh -= np.clip(discharge_mw, 0.0, store.discharge_mw) * out_of
    moved_mwh, stored_mwh = _moved_levels(store, rise_mwh)
    leaked_mwh = stored_mwh[:-1] * (1.0 - store.remaining_frac)
    drawn_mwh = np.maximum(-moved_mwh, 0.0)
    return BatteryReplay(
        charge_mw=np.minimum(np.maximum(moved_mwh, 0.0) / into, store.charge_mw),
        discharge_mw=np.minimum(drawn_mwh / out_of, store.discharge_mw),
        lost_mwh=leaked_mwh + drawn_mwh * (1.0 - store.discharge_frac),
        stored_mwh=stored_mwh,
    )


def replay_batteries(
    stores: Mapping[str, WindowBattery], decisions: Decisions, step_h: float
) -> dict[str, BatteryReplay]:
    """Follow the decisions for all batteries; none charges while another discharges.

    Where the program moves energy from one to another, only the difference is moved. What that
    leaves one of them short of, the others give or take in its place.

    Parameters
    ----------
    stores : mapping of asset key to WindowBattery
        Over the steps of the decisions.
    decisions : Decisions
    step_h : float
        Length of a step. [h]

    Returns
    -------
    dict of BatteryReplay
        By asset key.
    """
    charge_mw, discharge_mw = _own_difference(stores, decisions, step_h)
    all_in_mw, all_out_mw = charge_mw.sum(axis=0), discharge_mw.sum(axis=0)
    both_mw = np.minimum(all_in_mw, all_out_mw)
    charge_mw *= 1.0 - _portion(both_mw, all_in_mw)
    discharge_mw *= 1.0 - _portion(both_mw, all_out_mw)
    if not np.any(both_mw > DUST_MW):
        return {
            key: replay_battery(store, charge_mw[place], discharge_mw[place], step_h)
            for place, (key, store) in enumerate(stores.items())
        }
    fleet = list(stores.values())
    moved = _move_together(fleet, charge_mw, discharge_mw, decisions.unserved_mw, step_h)
    return {key: moved[place] for place, key in enumerate(stores)}


def _own_difference(
    stores: Mapping[str, WindowBattery], decisions: Decisions, step_h: float
) -> tuple[Floats, Floats]:
    """Return charge and discharge of each battery, shape ``(n_stores, n_steps)``; one is zero."""
    shape = (len(stores), decisions.unserved_mw.size)
    charge_mw, discharge_mw = np.zeros(shape), np.zeros(shape)
    for place, (key, store) in enumerate(stores.items()):
        into, out_of = store.charge_frac * step_h, step_h / store.discharge_frac
        rise_mwh = np.clip(decisions.charge_mw[key], 0.0, store.charge_mw) * into
        rise_mwh -= np.clip(decisions.discharge_mw[key], 0.0, store.discharge_mw) * out_of
        charge_mw[place] = np.maximum(rise_mwh, 0.0) / into
        discharge_mw[place] = np.maximum(-rise_mwh, 0.0) / out_of
    return charge_mw, discharge_mw


def _portion(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _move_together(
    fleet: Sequence[WindowBattery],
    charge_mw: Floats,
    discharge_mw: Floats,
    unserved_mw: Floats,
    step_h: float,
) -> list[BatteryReplay]:
    """Follow decisions step by step; what a battery cannot do is asked of the others in order."""
    n_steps = unserved_mw.size
    levels = np.zeros((len(fleet), n_steps + 1))
    given, taken, before = np.zeros((3, len(fleet), n_steps))
    kept = np.array([store.remaining_frac for store in fleet])
    level = np.array([store.start_mwh if store.begins < 0 else 0.0 for store in fleet])
    for step in range(n_steps):
        for place, store in enumerate(fleet):
            level[place] = store.start_mwh if store.begins == step else level[place]
        levels[:, step] = level
        level = before[:, step] = level * kept
        charges = bool(charge_mw[:, step].any())
        able = np.array(
            [_able_mw(*one, charges, step, step_h) for one in zip(fleet, level, strict=True)]
        )
        asked = charge_mw[:, step] if charges else discharge_mw[:, step]
        done = np.minimum(asked, able)
        missing = float((asked - done).sum()) + (0.0 if charges else float(unserved_mw[step]))
        for place in range(len(fleet)):
            more = min(missing, able[place] - done[place])
            done[place] += more
            missing -= more
        (taken if charges else given)[:, step] = done
        level = np.array(
            [_level_after(*one, charges, step_h) for one in zip(fleet, level, done, strict=True)]
        )
    levels[:, -1] = level
    out_of = np.array([[step_h / store.discharge_frac - step_h] for store in fleet])
    lost = levels[:, :-1] - before + given * out_of
    return [BatteryReplay(*rows) for rows in zip(taken, given, lost, levels, strict=True)]


def _able_mw(
    store: WindowBattery, level_mwh: float, charges: bool, step: int, step_h: float
) -> float:
    """Return the most that a battery takes, or gives, in a step."""
    if charges:
        room_mwh = max(store.energy_mwh - level_mwh, 0.0)
        return min(float(store.charge_mw[step]), room_mwh / (store.charge_frac * step_h))
    held_mwh = max(level_mwh - store.minimum_mwh, 0.0)
    return min(float(store.discharge_mw[step]), held_mwh * store.discharge_frac / step_h)


def _level_after(
    store: WindowBattery, level_mwh: float, done_mw: float, charges: bool, step_h: float
) -> float:
    """Return the level of a battery once it has taken, or given, a power for a step."""
    if charges:
        return min(level_mwh + done_mw * store.charge_frac * step_h, store.energy_mwh)
    least_mwh = min(level_mwh, store.minimum_mwh)
    return max(level_mwh - done_mw * step_h / store.discharge_frac, least_mwh)


def _moved_levels(store: WindowBattery, rise_mwh: Floats) -> tuple[Floats, Floats]:
    """Return what is moved in each step within the limits of a battery, and its levels. [MWh]"""
    n_steps = rise_mwh.size
    # Before it comes into service it holds nothing; that step may lie beyond this window.
    begins = min(max(store.begins, 0), n_steps)
    none_mwh = np.broadcast_to(0.0, (n_steps - begins,))
    request = StorageRequest(
        change_mwh=rise_mwh[begins:],
        must_mwh=none_mwh,
        refill_mwh=none_mwh,
        # What is below the minimum already is not taken out, and not forced in.
        floor_mwh=np.broadcast_to(store.minimum_mwh, none_mwh.shape),
        target_mwh=none_mwh,
    )
    constants = BatteryConstants(
        start_mwh=float(store.start_mwh),
        energy_mwh=float(store.energy_mwh),
        minimum_mwh=float(store.minimum_mwh),
        remaining_frac=float(store.remaining_frac),
    )
    levels = battery_levels(request, constants)
    moved_mwh = np.concatenate((np.zeros(begins), levels.after_mwh - levels.before_mwh))
    start_mwh = [store.start_mwh] if store.begins <= n_steps else [0.0]
    return moved_mwh, np.concatenate((np.zeros(begins), start_mwh, levels.after_mwh))


def join_replays(replays: Sequence[BatteryReplay]) -> BatteryReplay:
    """Return replays of windows that follow one another as one."""
    if not replays:
        return BatteryReplay(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(1))
    stored = [each.stored_mwh[:-1] for each in replays] + [replays[-1].stored_mwh[-1:]]
    return BatteryReplay(
        charge_mw=np.concatenate([each.charge_mw for each in replays]),
        discharge_mw=np.concatenate([each.discharge_mw for each in replays]),
        lost_mwh=np.concatenate([each.lost_mwh for each in replays]),
        stored_mwh=np.concatenate(stored),
    )


def flows_of(
    load_mw: Floats,
    available: AvailableSupply,
    decisions: Decisions,
    replays: Mapping[str, BatteryReplay],
    step_h: float,
) -> Flows:
    """Return the flows of decisions, with batteries as replayed.

    Parameters
    ----------
    load_mw : ndarray, shape (n_steps,)
        Facility power. [MW]
    available : AvailableSupply
    decisions : Decisions
        Over all steps.
    replays : mapping of asset key to BatteryReplay
    step_h : float
        Length of a step. [h]

    Returns
    -------
    Flows
    """
    wheeled_mw, delivered_mw = available.wheeled
    room_mw = available.connection_mw - delivered_mw
    stores = _summed_stores(list(replays.values()), load_mw.size)
    generated_mw = sum(
        decisions.dispatchable_mw.values(), sum(available.onsite_mw.values(), delivered_mw)
    )
    need_mw = load_mw - generated_mw - stores.discharge_mw
    net_mw = need_mw + stores.charge_mw
    # Unserved is what the program left so, and whatever rounding and replay put beyond the room;
    # the grid takes up the rest, so that every step closes by itself.
    beyond_mw = np.maximum(net_mw - room_mw, np.minimum(decisions.unserved_mw, net_mw))
    beyond_mw = np.where(beyond_mw > DUST_MW, beyond_mw, 0.0)
    import_mw = np.clip(net_mw - beyond_mw, 0.0, room_mw)
    backup_mw, unserved_mw = run_backup(available.backup, beyond_mw, step_h)
    surplus_mw = np.maximum(-net_mw, 0.0)
    export_mw = np.minimum(surplus_mw, available.export_mw)
    made = (decisions.dispatchable_mw, backup_mw)
    assets = by_asset(available.onsite_mw, available.wheeled_mw, *made)
    return Flows(
        generation_mw=by_source(assets, load_mw.size),
        asset_generation_mw=assets,
        grid_import_mw=import_mw,
        grid_export_mw=export_mw,
        battery_charge_mw=stores.charge_mw,
        battery_discharge_mw=stores.discharge_mw,
        battery_stored_mwh=stores.stored_mwh,
        grid_charge_mw=np.clip(import_mw - np.maximum(need_mw, 0.0), 0.0, stores.charge_mw),
        curtailed_mw=wheeled_mw - delivered_mw + surplus_mw - export_mw,
        unserved_mw=unserved_mw,
        battery_lost_mwh=stores.lost_mwh if stores.lost_mwh.any() else np.zeros(0),
        asset_discharge_mw=_of_each(replays, "discharge_mw"),
        asset_stored_mwh=_of_each(replays, "stored_mwh"),
    )


def _of_each(replays: Mapping[str, BatteryReplay], name: str) -> dict[str, Floats]:
    return {key: getattr(each, name) for key, each in replays.items()}


def _summed_stores(replays: Sequence[BatteryReplay], n_steps: int) -> BatteryReplay:
    """Return the sums of the flows and levels of all batteries."""
    nothing = np.zeros(n_steps)
    return BatteryReplay(
        charge_mw=sum((each.charge_mw for each in replays), nothing),
        discharge_mw=sum((each.discharge_mw for each in replays), nothing),
        lost_mwh=sum((each.lost_mwh for each in replays), nothing),
        stored_mwh=sum((each.stored_mwh for each in replays), np.zeros(n_steps + 1)),
    )
