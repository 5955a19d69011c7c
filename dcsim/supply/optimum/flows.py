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
    assets = by_asset(
        available.onsite_mw, available.wheeled_mw, decisions.dispatchable_mw, backup_mw
    )
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
    )


def _summed_stores(replays: Sequence[BatteryReplay], n_steps: int) -> BatteryReplay:
    """Return the sums of the flows and levels of all batteries."""
    nothing = np.zeros(n_steps)
    return BatteryReplay(
        charge_mw=sum((each.charge_mw for each in replays), nothing),
        discharge_mw=sum((each.discharge_mw for each in replays), nothing),
        lost_mwh=sum((each.lost_mwh for each in replays), nothing),
        stored_mwh=sum((each.stored_mwh for each in replays), np.zeros(n_steps + 1)),
    )
