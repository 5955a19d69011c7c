"""The axes of a study: a study file in, the settings of each value on the base scenario out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.checks import messages
from dcsim.scenario.text.document import Node
from dcsim.study.definition.axis_form import FILE_KEYS, axis_faults, written_value
from dcsim.study.definition.spelling import short_keys, slug

BLOCKS = ("grid", "zip", "list")


@dataclass(frozen=True)
class Setting:
    """One value of an axis, or the several values of one label."""

    key: str
    """Its name in messages, such as ``grid.gpu.gb300``."""
    where: str
    """``file:line`` of it."""
    label: str | float
    """The value as written, or the label of several values."""
    spelled: str
    """Its part of the id of a case."""
    overrides: tuple[tuple[str, Node], ...] = ()
    """Values by key path, in order."""
    base: Node | None = None
    """Name of a file that replaces the base."""
    beside: tuple[Node, ...] = ()
    """Names of files beside the base."""
    more: Mapping[str, str | float] = field(default_factory=dict)
    """Parameters besides the label of the axis."""


@dataclass(frozen=True)
class Axis:
    """The values of one key path, or of one name, that the cases of a study take in turn."""

    key: str
    """Key path, name of the axis, or ``list``; under it stands the label of a case's value."""
    block: str
    """``grid``, ``zip`` or ``list``."""
    settings: tuple[Setting, ...] = field(repr=False)
    label: str = ""
    """Its name in figures."""

    @property
    def path(self) -> str:
        """Its name in messages."""
        return self.block if self.key == self.block else f"{self.block}.{self.key}"

    @property
    def values(self) -> tuple[str | float, ...]:
        """The labels of its settings, in order: values as written, or labels of several values."""
        return tuple(setting.label for setting in self.settings)


Dimension = tuple[Axis, ...]
"""Axes that go in step."""


def dimensions_of(node: Node) -> tuple[Dimension, ...]:
    """Return the axes of a study in the order of the file, those in step together.

    Parameters
    ----------
    node : Node
        A study file whose form was checked by `dcsim.study.definition.spec`.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    problems = list(axis_faults(node))
    if problems:
        raise ScenarioError(messages.in_order(problems))
    short = short_keys(_keys(node))
    dimensions: list[Dimension] = []
    for block in (name for name in node.value if name in BLOCKS):
        inner = node.value[block]
        if block == "list":
            entries = [_entry(i, item, short) for i, item in enumerate(inner.value)]
            dimensions += [(Axis("list", block, tuple(entries)),)] if entries else []
            continue
        axes = [
            Axis(key, block, _settings(block, key, axis, short[key])) for key, axis in _items(inner)
        ]
        if block == "zip" and axes:
            dimensions.append(tuple(axes))
        else:
            dimensions += [(axis,) for axis in axes]
    _refuse_conflicts(dimensions)
    return tuple(dimensions)


def n_combinations(dimensions: Sequence[Dimension]) -> int:
    """Return how many combinations the axes have."""
    return math.prod(len(dimension[0].settings) for dimension in dimensions)


def settings_at(dimension: Dimension, index: int) -> list[Setting]:
    """Return the settings of axes in step."""
    return [axis.settings[index] for axis in dimension]


def parameters_of(dimension: Dimension, index: int) -> dict[str, str | float]:
    """Return the parameters of a case from axes in step, by key path or name of the axis."""
    parameters: dict[str, str | float] = {}
    for axis in dimension:
        setting = axis.settings[index]
        parameters |= {axis.key: setting.label, **setting.more}
    return parameters


def _items(mapping: Node) -> list[tuple[str, Node]]:
    return list(mapping.value.items())


def _keys(node: Node) -> Iterator[str]:
    """Yield the key paths and names that ids of cases are made of."""
    for block in ("grid", "zip"):
        yield from node.value[block].value if block in node.value else ()
    if "list" in node.value:
        for item in node.value["list"].value:
            yield from item.value


def _settings(block: str, key: str, axis: Node, short: str) -> tuple[Setting, ...]:
    if isinstance(axis.value, dict):
        return tuple(
            Setting(
                f"{block}.{key}.{label}",
                bundle.where,
                label,
                f"{slug(short)}={slug(label)}",
                **_setting_parts(bundle),
            )
            for label, bundle in axis.value.items()
        )
    settings = []
    for item in axis.value:
        label = written_value(item)
        spelled = f"{slug(short)}={slug(_shown_value(key, label))}"
        settings.append(
            Setting(block, item.where, label, spelled, **_setting_parts(Node({key: item}, "")))
        )
    return tuple(settings)


def _entry(index: int, entry: Node, short: Mapping[str, str]) -> Setting:
    values = {key: written_value(child) for key, child in entry.value.items() if key != "id"}
    given = entry.value.get("id")
    parts = [
        f"{slug(short[key])}={slug(_shown_value(key, label))}" for key, label in values.items()
    ]
    spelled = str(given.value) if given is not None else ",".join(parts) or "base"
    parts_of_setting = _setting_parts(Node({key: entry.value[key] for key in values}, entry.where))
    return Setting(f"list.{index}", entry.where, spelled, spelled, **parts_of_setting, more=values)


def _setting_parts(bundle: Node) -> dict[str, Any]:
    """Return a mapping of key paths as the fields of a setting: files and values."""
    values = dict(bundle.value or {})
    base, beside = values.pop("scenario", None), values.pop("extends", None)
    if beside is not None:
        beside = tuple(beside.value) if isinstance(beside.value, list) else (beside,)
    return {"overrides": tuple(values.items()), "base": base, "beside": beside or ()}


def _shown_value(key: str, label: str | float) -> str:
    """Return a value as ids spell it: whole numbers as such, files without folder and ending."""
    if isinstance(label, float):
        return f"{label:.12g}"
    return label.rpartition("/")[2].removesuffix(".yaml") if key in FILE_KEYS else label


def _refuse_conflicts(dimensions: Sequence[Dimension]) -> None:
    """Refuse key paths that two axes set, or one axis inside what another one sets."""
    owner: dict[str, tuple[Axis, str]] = {}
    axes = [axis for dimension in dimensions for axis in dimension]
    problems: dict[Any, Any] = {}
    for axis in axes:
        for key, where in _set_by(axis):
            owner.setdefault(key, (axis, where))
    for axis in axes:
        for key, where in _set_by(axis):
            for problem in _inside_another(key, where, axis, owner):
                problems[problem] = None
    if problems:
        raise ScenarioError(messages.in_order(list(problems)))


def _set_by(axis: Axis) -> Iterator[tuple[str, str]]:
    for setting in axis.settings:
        yield from ((key, setting.where) for key, _ in setting.overrides)
        if setting.base is not None:
            yield "scenario", setting.where


def _inside_another(
    key: str, where: str, axis: Axis, owner: Mapping[str, tuple[Axis, str]]
) -> Iterator[Problem]:
    parts = key.split(".")
    for n in range(1, len(parts) + 1):
        above = ".".join(parts[:n])
        other, place = owner.get(above, (axis, ""))
        if other is not axis:
            message = f"{above} is set by {other.path} at {place}, too"
            yield Problem(where, axis.path, message)
            return
