"""Plug-ins of a scenario: the packages it names in, the class of a site with their models out.

A scenario has the models of the plug-ins it names and no others, whatever else is installed: a
result is a function of the scenario and of the versions that it states.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable, Iterator, Mapping
from types import GenericAlias, MappingProxyType
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import BaseModel, Field, create_model

from dcsim.entry_points import (
    ASSET_GROUP,
    COOLING_GROUP,
    METRIC_GROUP,
    POLICY_GROUP,
    ModelEntry,
    PluginPackage,
    installed_plugin,
    model_of_entry,
    normalized_name,
)
from dcsim.errors import PluginError
from dcsim.scenario.checks.plugin_models import allowed_names, checked_model
from dcsim.scenario.schema.assets.registry import add_kind
from dcsim.scenario.schema.dispatch import Dispatch
from dcsim.scenario.schema.model_records import (
    Extension,
    Metric,
    MilestoneMetric,
    add_cooling,
    add_metric,
)
from dcsim.scenario.schema.power import Cooling
from dcsim.scenario.schema.site import Milestone, Site

_CLASSES: dict[type[Any], tuple[str, ...]] = {}
"""Plug-ins that a class was made for."""
_OWNERS: dict[tuple[str, str], str] = {}
"""Package that a model is from, by group and name."""


def named_plugins(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the plug-ins that the plain data of a scenario name, one entry for each package.

    What is no such list is reported where the values are checked.
    """
    named = data.get("plugins", ())
    if isinstance(named, dict):
        named = named.get("value", ())
    if not isinstance(named, list | tuple) or not named:
        return ()
    texts = {}
    for text in named:
        try:
            texts[normalized_name(text)] = text
        except (ValueError, TypeError):
            return ()
    return tuple(texts[name] for name in sorted(texts))


def packages_of(data: Mapping[str, Any]) -> tuple[PluginPackage, ...]:
    """Return the plug-ins that the plain data of a scenario name, by name.

    Raises
    ------
    PluginError
        If one is not there as it should be.
    """
    return tuple(installed_plugin(text) for text in named_plugins(data))


def site_class_of(data: Mapping[str, Any]) -> type[Site]:
    """Return the class that the plain data of a scenario are checked by.

    Parameters
    ----------
    data : mapping
        Values by key, uncertain ones drawn; `plugins` names the packages.

    Returns
    -------
    type of Site
        `Site` itself where there are no plug-ins.

    Raises
    ------
    PluginError
        If a plug-in is missing, of another version, or if a model that the data use is faulty. A
        faulty model that they do not use makes a warning, once in a process.
    """
    named = named_plugins(data)
    if not named:
        return Site
    for entry, fault in _loaded(named).faults.items():
        if _is_used(entry, data):
            raise PluginError(fault, _text_of(entry, named))
        _warn_once(fault)
    return _site_class(named)


def faults_of_plugins(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the faults of models that a scenario with plug-ins does without."""
    named = named_plugins(data)
    return tuple(_loaded(named).faults.values()) if named else ()


@functools.cache
def _warn_once(fault: str) -> None:
    warnings.warn(f"model left out: {fault}", stacklevel=3)


class _Loaded:
    """Models of plug-ins, and the entry points that have none."""

    def __init__(self, packages: Iterable[PluginPackage]) -> None:
        self.packages = tuple(packages)
        self.models: dict[ModelEntry, Any] = {}
        self.faults: dict[ModelEntry, str] = {}
        for package in self.packages:
            for entry in package.entries:
                try:
                    self.models[entry] = _owned_model(entry, package.name)
                except PluginError as error:
                    self.faults[entry] = str(error)

    def of_group(self, group: str) -> dict[str, Any]:
        """Return the models of a group by name."""
        return {entry.name: model for entry, model in self.models.items() if entry.group == group}


@functools.cache
def _loaded(named: tuple[str, ...]) -> _Loaded:
    loaded = _Loaded(installed_plugin(text) for text in named)
    for kind in loaded.of_group(ASSET_GROUP).values():
        add_kind(kind)
    for entry, model in loaded.models.items():
        if entry.group == COOLING_GROUP:
            add_cooling(model, str(entry))
        if isinstance(model, Metric):
            add_metric(model)
    return loaded


def _owned_model(entry: ModelEntry, package: str) -> Any:
    """Return a checked model, of which no other package has one of the same name."""
    model = checked_model(entry, model_of_entry(entry))
    owner = _OWNERS.setdefault((entry.group, entry.name), package)
    if owner != package:
        raise PluginError(f"{entry}: {owner} has one of this name; use one of them in a process")
    return model


def _is_used(entry: ModelEntry, data: Mapping[str, Any]) -> bool:
    """Tell whether a scenario needs a model; metrics of a plug-in that is named always count."""
    if entry.group == ASSET_GROUP:
        return entry.name in data
    if entry.group == METRIC_GROUP:
        return True
    name, key = ("cooling", "model") if entry.group == COOLING_GROUP else ("dispatch", "policy")
    section = data.get(name)
    return isinstance(section, Mapping) and section.get(key) == entry.name


def _text_of(entry: ModelEntry, named: Iterable[str]) -> str:
    package = entry.package.partition(" ")[0]
    return next((text for text in named if normalized_name(text) == package), "")


@functools.cache
def _site_class(named: tuple[str, ...]) -> type[Site]:
    loaded = _loaded(named)
    metrics = loaded.of_group(METRIC_GROUP).values()
    extension = Extension(
        packages=loaded.packages,
        kinds=tuple(loaded.of_group(ASSET_GROUP).values()),
        cooling=MappingProxyType(loaded.of_group(COOLING_GROUP)),
        policies=MappingProxyType(loaded.of_group(POLICY_GROUP)),
        metrics=tuple(metric for metric in metrics if isinstance(metric, Metric)),
        milestone_metrics=MappingProxyType(
            {metric.name: metric for metric in metrics if isinstance(metric, MilestoneMetric)}
        ),
        homes=MappingProxyType({(e.group, e.name): str(e) for e in loaded.models}),
    )
    made: type[Site] = _derived(Site, (Site,), dict(_fields_of(extension)))
    made.extension = extension
    for model in (made, made.model_fields["dispatch"].default.__class__, _item_class(made)):
        _CLASSES[model] = named
    return made


class _Derived:
    """Base of the classes that are made for a set of plug-ins, so that their objects pickle."""

    def __reduce__(self) -> tuple[Any, ...]:
        state = self.__getstate__()
        return _empty_object, (_CLASSES[type(self)], type(self).__name__), state


def _empty_object(named: tuple[str, ...], name: str) -> Any:
    """Return an object of a class that was made for plug-ins, for `pickle` to fill."""
    _site_class(named)
    model: Any = next(one for one, of in _CLASSES.items() if (of, one.__name__) == (named, name))
    return model.__new__(model)


def _item_class(site: type[Site]) -> type[Any]:
    item: type[Any] = get_args(site.model_fields["milestones"].annotation)[0]
    return item


def _derived(model: type[BaseModel], bases: tuple[type[Any], ...], fields: dict[str, Any]) -> Any:
    """Return a class of a section under the name of `model`, with further or wider fields."""
    make: Any = create_model  # no type checker knows fields that come from a mapping
    return make(
        model.__name__,
        __base__=(_Derived, *bases),
        __module__=__name__,
        __doc__=model.__doc__,
        **fields,
    )


def _fields_of(extension: Extension) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield the fields of a site that plug-ins add, or that take more than before."""
    for kind in extension.kinds:
        yield kind.section, (_listed(kind.schema), Field(default=(), description=kind.about))
    if extension.cooling:
        own = get_args(get_args(Cooling)[0])
        schemas = (*own, *(model.schema for model in extension.cooling.values()))
        union: Any = Annotated[Union[schemas], Field(discriminator="model")]  # noqa: UP007  (of a tuple)
        about = Site.model_fields["cooling"].description
        yield "cooling", (union, Field(description=about))
    if extension.policies:
        dispatch = _dispatch_class(extension)
        about = Site.model_fields["dispatch"].description
        yield "dispatch", (dispatch, Field(default=dispatch(), description=about))
    if extension.milestone_metrics:
        milestone: Any = _milestone_class(extension)
        about = Site.model_fields["milestones"].description
        yield "milestones", (_listed(milestone), Field(default=(), description=about))


def _listed(model: type[BaseModel]) -> GenericAlias:
    """Return the type of a list of sections, as no type checker could read it."""
    return GenericAlias(tuple, (model, ...))


def _dispatch_class(extension: Extension) -> Any:
    keys = [policy.keys for policy in extension.policies.values() if policy.keys is not None]
    return _widened(Dispatch, "policy", extension.policies, tuple(dict.fromkeys(keys)))


def _milestone_class(extension: Extension) -> Any:
    return _widened(Milestone, "metric", extension.milestone_metrics)


def _widened(
    model: type[BaseModel], field: str, names: Iterable[str], bases: tuple[type[Any], ...] = ()
) -> Any:
    """Return the class of a section, of which one field takes more names."""
    info = model.model_fields[field]
    allowed: Any = Literal[(*allowed_names(model, field), *names)]
    default = ... if info.is_required() else info.default
    wider = (allowed, Field(default=default, description=info.description))
    return _derived(model, (*bases, model), {field: wider})
