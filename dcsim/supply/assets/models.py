"""The models of all kinds: a kind in, the function that says what an asset of it can give out.

`KINDS` says which sections there are; the function ``available`` of the module of that name, beside
this one, says what an asset of the section can give, and ``notes``, if it has one, what readers of
the numbers should know of it. The record of a plug-in holds its function,
and what that returns is checked in every run: nothing of dcsim has seen it before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from dcsim.clock import Floats
from dcsim.entry_points import ASSET_GROUP, blamed
from dcsim.errors import PluginError
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.kind import AssetKind, DispatchClass
from dcsim.scenario.schema.assets.registry import KINDS, assets_of
from dcsim.supply.assets.conditions import AssetModel, AvailableUnit, Conditions
from dcsim.supply.dispatch.battery import BatteryUnit
from dcsim.supply.dispatch.plants import BackupUnit, DispatchableUnit

MODELS: Mapping[str, AssetModel] = {
    kind.section: import_module(f"{__package__}.{kind.section}").available for kind in KINDS
}
"""Those of dcsim, by section."""
_NOTES: Mapping[str, Callable[[Any, Plan], Iterable[str]]] = {
    section: module.notes
    for section in MODELS
    if hasattr(module := import_module(f"{__package__}.{section}"), "notes")
}
_UNIT_TYPES: Mapping[DispatchClass, type[Any]] = {
    "variable": np.ndarray,
    "dispatchable": DispatchableUnit,
    "storage": BatteryUnit,
    "backup": BackupUnit,
}
_TOLERANCE_MW = 1e-9


def model_of_kind(kind: AssetKind) -> AssetModel:
    """Return the model of a kind."""
    return MODELS[kind.section] if kind.available is None else partial(_checked_unit, kind)


def notes_of_assets(plan: Plan) -> Iterator[str]:
    """Yield what was assumed of the files of the assets of a plan, for the notes of the run."""
    for kind, asset in assets_of(plan.site):
        if kind.section in _NOTES:
            yield from _NOTES[kind.section](asset, plan)


def _checked_unit(kind: AssetKind, asset: Any, conditions: Conditions) -> AvailableUnit:
    """Return what the model of a plug-in says an asset can give.

    Raises
    ------
    PluginError
        If it is no unit of the dispatch class, or gives more than there is of the asset.
    """
    assert kind.available is not None
    home = conditions.plan.site.extension.home(ASSET_GROUP, kind.section)
    with blamed(home):
        unit: AvailableUnit = kind.available(asset, conditions)
    wanted = _UNIT_TYPES[conditions.dispatch_class]
    if not isinstance(unit, wanted):
        fault = f"returned {type(unit).__name__}, must be {wanted.__name__}"
    else:
        fault = _fault_of_power(_power_of(unit), conditions)
    if fault:
        raise PluginError(f"{home}: {conditions.key}: available {fault}")
    return unit


def _power_of(unit: AvailableUnit) -> Any:
    if isinstance(unit, BatteryUnit):
        return unit.power_mw
    return unit.available_mw if isinstance(unit, DispatchableUnit | BackupUnit) else unit


def _fault_of_power(power_mw: Any, conditions: Conditions) -> str:
    most_mw: Floats = conditions.capacity_mw
    if np.shape(power_mw) != most_mw.shape:
        return f"returned power of shape {np.shape(power_mw)}, must be {most_mw.shape}"
    fits = (power_mw >= 0) & (power_mw <= most_mw * (1 + _TOLERANCE_MW) + _TOLERANCE_MW)
    if fits.all():  # NaN does not fit
        return ""
    step = int(np.argmin(fits))
    return f"returned {power_mw[step]} MW in step {step}, must be 0 to {most_mw[step]} MW"
