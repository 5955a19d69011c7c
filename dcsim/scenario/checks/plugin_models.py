"""Checks of what plug-ins hand over: the object of an entry point in, one message at a fault out.

What can be seen without a run is checked here, when a scenario names the plug-in; what a model
returns is checked where it is called.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from dcsim.entry_points import ASSET_GROUP, COOLING_GROUP, METRIC_GROUP, POLICY_GROUP, ModelEntry
from dcsim.errors import PluginError
from dcsim.scenario.schema.assets.asset import Asset
from dcsim.scenario.schema.assets.kind import DISPATCH_CLASSES, AssetKind
from dcsim.scenario.schema.assets.registry import KINDS
from dcsim.scenario.schema.dispatch import Dispatch
from dcsim.scenario.schema.expect import unit_of
from dcsim.scenario.schema.model_records import (
    CoolingModel,
    DispatchPolicy,
    Metric,
    MilestoneMetric,
)
from dcsim.scenario.schema.part import Part, key_of
from dcsim.scenario.schema.power import Cooling
from dcsim.scenario.schema.site import Milestone, Site

TOP_KEYS = frozenset(
    (
        "extends",
        "format",
        "sources",
        *(field.alias or name for name, field in Site.model_fields.items()),
    )
)
"""Keys of a scenario that no section of a plug-in may have."""
TAKEN_FIGURES = frozenset(
    (
        "grid",
        "fuel",
        "facility",
        "it",
        "cooling",
        "electrical_loss",
        "throttled",
        "import",
        "export",
        "charge",
        "discharge",
        "curtailed",
        "unserved",
        "renewable",
        "renewable_generation",
        "carbon_free",
        "levelized_cost_usd_per",
        "levelized_energy_cost_usd_per",
        *(kind.figure for kind in KINDS),
    )
)
"""Stems that figures or columns of dcsim have already."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_POLICY_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)


def cooling_names() -> tuple[str, ...]:
    """Return the names of the cooling models of dcsim."""
    models = get_args(get_args(Cooling)[0])
    return tuple(model.model_fields["model"].default for model in models)


def allowed_names(model: type[BaseModel], field: str) -> tuple[str, ...]:
    """Return the texts that a field of a section allows."""
    allowed: tuple[str, ...] = get_args(model.model_fields[field].annotation)
    return allowed


def checked_model(entry: ModelEntry, model: Any) -> Any:
    """Return the object of an entry point, once it is what its group asks for.

    Raises
    ------
    PluginError
        With the package, its version and the entry point; all faults that were found.
    """
    faults = list(_FAULTS[entry.group](entry.name, model))
    if faults:
        raise PluginError(f"{entry}: {'; '.join(faults)}")
    return model


def _asset_faults(name: str, kind: Any) -> Iterator[str]:
    if not isinstance(kind, AssetKind):
        yield _wrong_type(kind, "an AssetKind")
        return
    if kind.section != name:
        yield f"the name of the entry point is not that of its section, {kind.section}"
    if not _NAME.fullmatch(kind.section):
        yield f"section {kind.section}: use small letters, digits and '_'"
    if kind.section in TOP_KEYS:
        yield f"section {kind.section} is a key of dcsim already"
    if not callable(kind.available):
        yield "available is no function"
    if not (isinstance(kind.schema, type) and issubclass(kind.schema, Asset)):
        yield "schema is no class derived from Asset"
        return
    yield from _figure_faults(kind)
    yield from _field_faults(kind)


def _figure_faults(kind: AssetKind) -> Iterator[str]:
    if kind.figure in TAKEN_FIGURES or not _NAME.fullmatch(kind.figure):
        yield f"figure {kind.figure}: choose another name; dcsim has figures of this one"
    if kind.label in {own.label for own in KINDS}:
        yield f"label {kind.label}: dcsim has a kind of this one"
    if kind.kept_column:
        yield "kept_column: a site without such an asset must stay as it is"
    for color in filter(None, (kind.color, kind.ledger_color)):
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", color):
            yield f"color {color}: write it as #44AA99"
    if not set(kind.classes) <= set(DISPATCH_CLASSES):
        yield f"dispatch_class: choose of {', '.join(DISPATCH_CLASSES)}"


def _field_faults(kind: AssetKind) -> Iterator[str]:
    named = {*kind.dated_fields, *kind.sized_fields, *kind.file_fields}
    for name in sorted(named - set(kind.schema.model_fields)):
        yield f"{name} is no field of its schema"
    try:
        sample = kind.sample()
        if not kind.rated_mw(sample) > 0:
            yield "rated_mw of its sample is not above zero"
        if kind.price(sample) is not None or "price_per_mwh" in kind.schema.model_fields:
            yield from _ledger_faults(kind)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        yield f"sample_keys are no asset of its schema: {place}: {first['msg']}"


def _ledger_faults(kind: AssetKind) -> Iterator[str]:
    for name in ("ledger_kind", "ledger_label", "ledger_color"):
        if not getattr(kind, name):
            yield f"its energy has a price: needs {name}"


def _cooling_faults(name: str, cooling: Any) -> Iterator[str]:
    if not isinstance(cooling, CoolingModel):
        yield _wrong_type(cooling, "a CoolingModel")
        return
    schema, draw = cooling
    if not (isinstance(schema, type) and issubclass(schema, Part)):
        yield "schema is no class derived from Part"
        return
    if "model" not in schema.model_fields or allowed_names(schema, "model") != (name,):
        yield f"its schema needs the field model: Literal['{name}'] = '{name}'"
    elif schema.model_fields["model"].default != name:
        yield f"the default of its field model is not '{name}'"
    if name in cooling_names():
        yield f"dcsim has a cooling model {name}"
    yield from _parameter_faults(draw, set(schema.model_fields) - {"model"})


def _parameter_faults(draw: Any, fields: set[str]) -> Iterator[str]:
    if not callable(draw):
        yield "draw is no function"
        return
    parameters = inspect.signature(draw).parameters.values()
    keywords = {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}
    for name in sorted(fields - keywords):
        yield f"draw lacks the keyword {name}, a field of its schema"
    for name in sorted(keywords - fields):
        yield f"draw has the keyword {name}, which is no field of its schema"


def _policy_faults(name: str, policy: Any) -> Iterator[str]:
    if not isinstance(policy, DispatchPolicy):
        yield _wrong_type(policy, "a DispatchPolicy")
        return
    if not _POLICY_NAME.fullmatch(name):
        yield "a policy is named by small letters, digits and '-'"
    if name in allowed_names(Dispatch, "policy"):
        yield f"dcsim has a policy {name}"
    if callable(policy.flows) == callable(policy.planned):
        yield "needs one of the functions flows and planned"
    if policy.keys is not None:
        yield from _key_faults(policy.keys)


def _key_faults(keys: Any) -> Iterator[str]:
    if not (isinstance(keys, type) and issubclass(keys, Part)):
        yield "keys is no class derived from Part"
        return
    taken = {field.alias or key for key, field in Dispatch.model_fields.items()}
    for key, field in keys.model_fields.items():
        if (field.alias or key_of(key)) in taken or key in Dispatch.model_fields:
            yield f"dispatch has a key {field.alias or key_of(key)} already"
        if field.is_required():
            yield f"{key} needs a default: other policies do without it"


def _metric_faults(name: str, metric: Any) -> Iterator[str]:
    if not isinstance(metric, Metric | MilestoneMetric):
        yield _wrong_type(metric, "a Metric or a MilestoneMetric")
        return
    if metric.name != name:
        yield f"the name of the entry point is not that of its metric, {metric.name}"
    if not _NAME.fullmatch(metric.name):
        yield f"name {metric.name}: use small letters, digits and '_'"
    if isinstance(metric, MilestoneMetric):
        yield from _milestone_faults(metric)
        return
    if unit_of(metric.name) != metric.unit:
        named = unit_of(metric.name) or "no unit"
        yield f"the name {metric.name} says {named}, its unit is {metric.unit or 'none'}"
    if not callable(metric.value):
        yield "value is no function"


def _milestone_faults(metric: MilestoneMetric) -> Iterator[str]:
    if metric.name in allowed_names(Milestone, "metric"):
        yield f"dcsim has a metric of milestones {metric.name}"
    if metric.unit not in ("GPU", "MW"):
        yield f"unit {metric.unit}: a milestone has a target in GPU or in MW"
    elif unit_of(metric.name) != metric.unit or (
        metric.name.startswith("gpus") != (metric.unit == "GPU")
    ):
        yield f"name {metric.name}: begin it with gpus_ for GPU, end it in _mw for MW"
    if not callable(metric.over_time):
        yield "over_time is no function"


def _wrong_type(model: Any, wanted: str) -> str:
    return f"is {type(model).__name__}, must be {wanted} of dcsim.plugins"


_FAULTS: Mapping[str, Callable[[str, Any], Iterator[str]]] = {
    ASSET_GROUP: _asset_faults,
    COOLING_GROUP: _cooling_faults,
    POLICY_GROUP: _policy_faults,
    METRIC_GROUP: _metric_faults,
}
