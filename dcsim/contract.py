"""The contract of plug-ins: a scenario that uses their models in, what they break of it out.

Every run holds what a model returns to its shape and its range, and the flows to the balance. Here
is what a single run cannot show.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from dcsim.errors import ModelError
from dcsim.pipeline import Run, run_stages
from dcsim.power.cooling.conditions import HeatLoad
from dcsim.power.cooling.registry import cooling_draw
from dcsim.power.load import outside_of
from dcsim.scenario.extension import faults_of_plugins
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.assets.kind import AssetKind
from dcsim.scenario.schema.assets.registry import assets_of, kinds_of
from dcsim.scenario.schema.model_records import plugged_cooling
from dcsim.supply import make_flows
from dcsim.types import Outage, Steps, Timeline

_HEAT_MW = 10.0
_HEATS = np.linspace(0.0, 1.0, 5)


def contract_faults(scenario: Scenario) -> list[str]:
    """Return what the models of a scenario's plug-ins break of the contract of all models.

    Only models that the scenario uses are looked at; every entry point of its plug-ins must load.

    Parameters
    ----------
    scenario : Scenario
        One that names plug-ins and has an asset of each of their kinds.

    Returns
    -------
    list of str
        One sentence each; empty where all is well.

    Raises
    ------
    ModelError
        If the scenario names no plug-in.
    PluginError
        If a model fails in the run.

    Examples
    --------
    >>> from dcsim import load
    >>> contract_faults(load("scenarios/minimal.yaml"))
    Traceback (most recent call last):
    dcsim.errors.ModelError: the scenario names no plug-in
    """
    extension = scenario.site.extension
    if not extension.packages:
        raise ModelError("the scenario names no plug-in")
    run, again = (run_stages(scenario.plan()) for _ in range(2))
    faults = list(faults_of_plugins(scenario.resolved))
    if not _equal_runs(run, again):
        faults.append("two runs of the scenario differ: a model is no function of its input")
    for kind in extension.kinds:
        for asset in run.plan.site.assets(kind.section):
            faults += _faults_of_asset(kind, asset, run)
    if plugged_cooling(type(scenario.site.cooling)) is not None:
        faults += _faults_of_cooling(run)
    return faults


def _equal_runs(one: Run, other: Run) -> bool:
    made, remade = one.flows.asset_generation_mw, other.flows.asset_generation_mw
    return (
        np.array_equal(one.load.facility_power_mw, other.load.facility_power_mw)
        and all(np.array_equal(made[key], remade[key]) for key in made)
        and one.accounts.key_figures == other.accounts.key_figures
    )


def _faults_of_asset(kind: AssetKind, asset: Any, run: Run) -> Iterator[str]:
    key = kind.key(asset)
    stopped = Outage(key, 0, run.timeline.calendar.n_minutes, 1.0, "contract")
    off = dataclasses.replace(run.timeline, outages=(*run.timeline.outages, stopped))
    if _used_mw(kind, key, run, off) > 0:
        yield f"{key}: gives energy in an outage of it"
    never = {**run.timeline.capacity, key: Steps(np.zeros(0, dtype=np.int64), np.zeros(0))}
    if _used_mw(kind, key, run, dataclasses.replace(run.timeline, capacity=never)) > 0:
        yield f"{key}: gives energy before it is there"
    read = _Recorder(asset)
    kind.forced_outages(read)
    list(kind.planned_stops(read))
    for name in sorted(read.seen - kind.dated_fields - {"name", "works"}):
        yield f"{key}: its outages read {name}, which is not in dated_fields: stages would be stale"


def _used_mw(kind: AssetKind, key: str, run: Run, timeline: Timeline) -> float:
    """Return the most an asset gives; that of a store shows only where it is the only one."""
    flows = make_flows(run.plan, timeline, run.weather, run.load)
    if not kind.is_store:
        return float(flows.asset_generation_mw[key].max())
    alone = len(list(assets_of(run.plan.site, kinds_of("storage")))) == 1
    return float(flows.battery_discharge_mw.max()) if alone else 0.0


class _Recorder:
    """An asset that remembers which of its fields were read."""

    def __init__(self, asset: Any) -> None:
        self._asset = asset
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name in type(self._asset).model_fields:
            self.seen.add(name)
        return getattr(self._asset, name)


def _faults_of_cooling(run: Run) -> Iterator[str]:
    outside = outside_of(run.timeline, run.weather)
    n_steps = run.timeline.calendar.n_hours
    powers = []
    for share in _HEATS:
        heat_mw = np.full(n_steps, share * _HEAT_MW)
        heat = HeatLoad(heat_mw, np.full(n_steps, 0.5), np.full(n_steps, _HEAT_MW))
        for values in heat:
            values.flags.writeable = False
        powers.append(cooling_draw(run.plan.site.cooling, heat, outside).power_mw)
    name = run.plan.site.cooling.model
    if any((more < less - 1e-9).any() for less, more in itertools.pairwise(powers)):
        yield f"cooling model {name}: more heat takes less power"
