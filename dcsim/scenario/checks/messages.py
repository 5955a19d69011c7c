"""Messages: errors of pydantic in, one line each out: place, key, value, what is allowed."""

from __future__ import annotations

import difflib
import functools
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from dcsim.entry_points import ASSET_GROUP, COOLING_GROUP, POLICY_GROUP, plugin_with
from dcsim.errors import Problem, cut
from dcsim.scenario.checks.synonyms import meant
from dcsim.scenario.draws.distributions import Drawn
from dcsim.scenario.draws.values import KeyPath, Values
from dcsim.scenario.extension import site_class_of
from dcsim.scenario.schema.meanings import described_fields
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.quantity import PricePer, Quantity, Yearly
from dcsim.scenario.text.renamed_keys import RENAMED, suggestion


def problems(
    error: ValidationError, values: Values, top: type[BaseModel] | None = None
) -> list[Problem]:
    """Return one problem for each error, in the order of the file.

    Parameters
    ----------
    error : ValidationError
    values : Values
        Data that were validated, with the place of each key.
    top : type of BaseModel, optional
        Class they were validated by, if that was not the one of a scenario.
    """
    items = [item for item in error.errors(include_url=False) if not _is_echo(item)]
    return in_order([_problem_of(item, values, top) for item in items])


def in_order(unsorted: list[Problem]) -> list[Problem]:
    """Return problems by file and line; files, and what was set by hand, as they first occur."""
    places = [problem.where.rpartition(":") for problem in unsorted]
    files = [file or line for file, _, line in places]
    keys = [
        (files.index(file), int(line) if line.isdecimal() else 0)
        for file, (_, _, line) in zip(files, places, strict=True)
    ]
    order = sorted(range(len(unsorted)), key=keys.__getitem__)
    return [unsorted[index] for index in order]


def _is_echo(item: Any) -> bool:
    """Tell whether an error only follows from others.

    A list is called too short because its items are faulty; a default that other values decide is
    not looked for where any is faulty.
    """
    if item["type"] == "default_factory_not_called":
        return True
    short: bool = item["type"] == "too_short" and len(item["input"]) >= item["ctx"]["min_length"]
    return short


def _problem_of(item: Any, values: Values, top: type[BaseModel] | None) -> Problem:
    path, given = locate(item["loc"], values)
    where = place_of(path, values)
    key = ".".join(path)
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        section = ".".join(path[:-1]) or ("a scenario" if top is None else "a study")
        return Problem(where, key, f"not a key of {section}{_nearest(path, values, top)}")
    # The limits of an item stand with its list.
    is_item = bool(path) and path[-1].isdecimal()
    field = field_at(path[:-1] if is_item else path, values, top)
    meaning = _meaning(field)
    if kind == "missing":
        return Problem(where, key, f"is missing{meaning}")
    shown = _given_text(given)
    if kind == "value_error":
        message = str(context.get("error", item["msg"]))
        # A rule between the keys of a section begins with the key it is about.
        named = (*path, message.split(" ", 1)[0].rstrip(":"))
        return Problem(values.places.get(named, where), f"{key}{shown}", message)
    allowed = _allowed_range(field)
    if allowed and kind in _RANGE_KINDS:
        return Problem(where, f"{key}{shown}", f"must be {allowed}{meaning}")
    message = _plain_message(kind, context, item["msg"], meaning) + _plugin_hint(path, given)
    return Problem(where, f"{key}{shown}", message)


MIN_LIKENESS = 0.65
"""Least likeness of letters at which a key is suggested: ``halls`` for ``gas`` has 0.5."""
_NAMED_BY_PLUGINS = {
    ("cooling", "model"): COOLING_GROUP,
    ("cooling",): COOLING_GROUP,
    ("dispatch", "policy"): POLICY_GROUP,
}


def _plugin_hint(path: KeyPath, given: object) -> str:
    """Return where to get a model that is not known, if a plug-in is installed that has it."""
    group = _NAMED_BY_PLUGINS.get(path)
    name = given.get("model") if isinstance(given, Mapping) else given
    found = plugin_with(group, name) if group and isinstance(name, str) else None
    if found is None:
        return ""
    return f"; the plug-in {found.title} has it: name {found.name} under plugins"


_RANGE_KINDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


_PLAIN = {
    "union_tag_not_found": "needs the key 'model'",
    "model_type": "must be a mapping of keys",
    "model_attributes_type": "must be a mapping of keys",
    "dict_type": "must be a mapping of keys",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "string_type": "must be text",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "too_short": "needs {min_length} or more items",
    "too_long": "takes {max_length} items at most",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "is not a finite number",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
}


def _plain_message(kind: str, context: dict[str, Any], message: str, meaning: str) -> str:
    if kind in ("literal_error", "union_tag_invalid"):
        allowed = context.get("expected") or context.get("expected_tags")
        return f"must be one of {str(allowed).replace(' or ', ', ')}"
    if kind == "string_pattern_mismatch":
        return f"must match {context.get('pattern')}{meaning}"
    if kind in _PLAIN:
        return _PLAIN[kind].format(**context)
    return message[:1].lower() + message[1:]


def _given_text(given: object) -> str:
    if isinstance(given, Drawn):
        return f" = {{{given.kind}: {given.args}}}"
    if given in (None, "") or isinstance(given, dict | list):
        return ""
    text = str(given).lower() if isinstance(given, bool) else str(given)
    return f" = {cut(text, 60)}"


def locate(loc: tuple[str | int, ...], values: Values) -> tuple[KeyPath, object]:
    """Return the key path of an error's location, names for indices, tags of unions left out."""
    data, path = values.data, []
    for index, part in enumerate(loc):
        if isinstance(part, int) and isinstance(data, list | tuple) and part < len(data):
            item = data[part]
            name = item.get("name") if isinstance(item, dict) else None
            path.append(str(name) if isinstance(name, str) else str(part))
            data = item
        elif isinstance(data, dict) and part in data:
            path.append(str(part))
            data = data[part]
        elif index == len(loc) - 1 and isinstance(data, dict):
            path.append(str(part))
            data = None
    return tuple(path), data


def place_of(path: KeyPath, values: Values) -> str:
    """Return where a key stands, or the section it would stand in."""
    while path and path not in values.places:
        path = path[:-1]
    return values.places.get(path, "")


def _nearest(path: KeyPath, values: Values, top: type[BaseModel] | None) -> str:
    if renamed := suggestion(path, RENAMED["scenario" if top is None else "study"]):
        return f"; did you mean {renamed}?"
    model = model_at(path[:-1], values, top)
    if model is None:
        return ""
    if top is None and len(path) == 1 and (found := plugin_with(ASSET_GROUP, path[0])):
        return f"; the plug-in {found.title} has it: name {found.name} under plugins"
    known = [field.alias or name for name, field in model.model_fields.items()]
    if top is None and (key := meant(path[0] if len(path) > 1 else "", path[-1])):
        return f"; did you mean {key}?"
    close = difflib.get_close_matches(path[-1], known, n=1, cutoff=MIN_LIKENESS)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; allowed are {', '.join(known)}"


def _meaning(field: FieldInfo | None) -> str:
    if field is None or not field.description:
        return ""
    first = field.description.replace("\n", " ").replace("``", "").split(". ")[0].rstrip(".")
    if first[1:2].islower():
        first = first[:1].lower() + first[1:]
    return f" ({first})"


def field_at(path: KeyPath, values: Values, top: type[BaseModel] | None = None) -> FieldInfo | None:
    """Return the field of the schema at a key path, with its description, or None.

    Parameters
    ----------
    path : tuple of str
        Keys of sections, names of items.
    values : Values
        Where a section may be of several classes, its data tell which.
    top : type of BaseModel, optional
        Class of the whole file, if that is no scenario.
    """
    model = model_at(path[:-1], values, top)
    if model is None or not path:
        return None
    name, _ = fields_by_key(model).get(path[-1], ("", None))
    return described_fields(model).get(name)


@functools.cache
def fields_by_key(model: type[BaseModel]) -> Mapping[str, tuple[str, FieldInfo]]:
    """Return name and definition of each field of a section by its key."""
    return {
        field.alias or key_of(name): (name, field) for name, field in model.model_fields.items()
    }


def model_at(
    path: KeyPath, values: Values, top: type[BaseModel] | None = None
) -> type[BaseModel] | None:
    """Return the class of the schema at a key path, or None where there is none.

    Parameters
    ----------
    path : tuple of str
        Keys from the top, names of items in lists among them.
    values : Values
        Decide which class holds where a key takes one of several.
    top : type of BaseModel, optional
        Class the path starts at, if that is no scenario.

    Returns
    -------
    type of BaseModel or None
    """
    model: type[BaseModel] | None = top or site_class_of(values.data)
    for index, part in enumerate(path):
        assert model is not None
        _, field = fields_by_key(model).get(part, ("", None))
        if field is not None:
            model = _chosen_model(list(_models_in(field.annotation)), path[: index + 1], values)
        # Otherwise the part is the name of an item in a list, and the class stays.
        if model is None:
            return None
    return model


def _chosen_model(
    models: list[type[BaseModel]], path: KeyPath, values: Values
) -> type[BaseModel] | None:
    """Return the class a section is of; where there are several, the one its `model` names."""
    if len(models) < 2:
        return models[0] if models else None
    data = values.data
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    named = data.get("model") if isinstance(data, dict) else None
    return next((m for m in models if m.model_fields["model"].default == named), None)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)


def canonical_unit(field: FieldInfo, currency: str = "USD") -> str:
    """Return the canonical unit a field's values are read in, or an empty text."""
    for item in metadata_of(field):
        reader = getattr(item, "func", None)
        if isinstance(reader, Yearly):
            reader = reader.read
        if isinstance(reader, Quantity):
            return reader.unit if reader.unit != "%" else ""
        if isinstance(reader, PricePer):
            return reader.unit(currency)
    return ""


def metadata_of(field: FieldInfo) -> Iterator[Any]:
    """Yield what a field declares of its values: readers and bounds, those of its items too."""
    yield from field.metadata
    yield from _metadata_inside(field.annotation)


def _metadata_inside(annotation: Any) -> Iterator[Any]:
    for item in getattr(annotation, "__metadata__", ()):
        yield from item.metadata if isinstance(item, FieldInfo) else [item]
    for argument in typing.get_args(annotation):
        yield from _metadata_inside(argument)


def _allowed_range(field: FieldInfo | None) -> str:
    if field is None:
        return ""
    low, high = "", ""
    for bound in metadata_of(field):
        if isinstance(bound, annotated_types.Ge):
            low = f"at least {_amount(bound.ge)}"
        elif isinstance(bound, annotated_types.Gt):
            low = f"above {_amount(bound.gt)}"
        elif isinstance(bound, annotated_types.Le):
            high = f"at most {_amount(bound.le)}"
        elif isinstance(bound, annotated_types.Lt):
            high = f"below {_amount(bound.lt)}"
    text = " and ".join(part for part in (low, high) if part)
    unit = canonical_unit(field)
    return f"{text} {unit}" if text and unit else text


def _amount(bound: Any) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"
