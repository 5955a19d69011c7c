"""From pydantic's errors to one clear line each: place, key, value, what is allowed."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterator
from typing import Any

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from dcsim.errors import Problem
from dcsim.scenario.part import key_of
from dcsim.scenario.quantity import PricePer, Quantity
from dcsim.scenario.site import Site
from dcsim.scenario.uncertain import Drawn
from dcsim.scenario.values import Path, Values


def problems(error: ValidationError, values: Values) -> list[Problem]:
    """Return one problem for each error, in the order of the file."""
    items = [item for item in error.errors(include_url=False) if not _is_echo(item)]
    found = [_problem(item, values) for item in items]
    order = {where: index for index, where in enumerate(values.places.values())}
    return sorted(found, key=lambda problem: order.get(problem.where, 0))


def _is_echo(item: Any) -> bool:
    """Tell whether a list is called too short only because its items are faulty."""
    short: bool = item["type"] == "too_short" and len(item["input"]) >= item["ctx"]["min_length"]
    return short


def _problem(item: Any, values: Values) -> Problem:
    path, given = locate(item["loc"], values)
    where = _where(path, values)
    key = ".".join(path)
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return Problem(where, key, f"not a key of {_section(path[:-1])}{_nearest(path)}")
    if kind == "missing":
        return Problem(where, key, f"is missing{_meaning(path)}")
    shown = _shown(given)
    if kind == "value_error":
        message = str(context.get("error", item["msg"]))
        return Problem(where, f"{key}{shown}", message)
    allowed = _range(path)
    if allowed and kind in _RANGE_KINDS:
        return Problem(where, f"{key}{shown}", f"must be {allowed}{_meaning(path)}")
    return Problem(where, f"{key}{shown}", _plain_message(kind, context, item["msg"]))


_RANGE_KINDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


_PLAIN = {
    "union_tag_not_found": "needs the key 'model'",
    "model_type": "must be a mapping of keys",
    "model_attributes_type": "must be a mapping of keys",
    "dict_type": "must be a mapping of keys",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "string_type": "must be text",
}


def _plain_message(kind: str, context: dict[str, Any], message: str) -> str:
    if kind in ("literal_error", "union_tag_invalid"):
        allowed = context.get("expected") or context.get("expected_tags")
        return f"must be one of {str(allowed).replace(' or ', ', ')}"
    if kind == "too_short":
        return f"needs at least {context.get('min_length')} item(s)"
    return _PLAIN.get(kind, message[:1].lower() + message[1:])


def _shown(given: object) -> str:
    if isinstance(given, Drawn):
        return f" = {{{given.kind}: {given.args}}}"
    if given is None or isinstance(given, dict | list):
        return ""
    text = str(given)
    return f" = {text[:60]}"


def locate(loc: tuple[str | int, ...], values: Values) -> tuple[Path, object]:
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


def _where(path: Path, values: Values) -> str:
    while path and path not in values.places:
        path = path[:-1]
    return values.places.get(path, "")


def _section(path: Path) -> str:
    return ".".join(path) or "a scenario"


def _nearest(path: Path) -> str:
    model = model_at(path[:-1])
    if model is None:
        return ""
    known = [field.alias or name for name, field in model.model_fields.items()]
    close = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; allowed are {', '.join(known)}"


def _meaning(path: Path) -> str:
    field = field_at(path)
    if field is None or not field.description:
        return ""
    first = field.description.replace("\n", " ").replace("``", "").split(". ")[0].rstrip(".")
    if first[1:2].islower():
        first = first[:1].lower() + first[1:]
    return f" ({first})"


def field_at(path: Path) -> FieldInfo | None:
    """Return the schema's field a key path points at."""
    model = model_at(path[:-1])
    if model is None or not path:
        return None
    for name, field in model.model_fields.items():
        if (field.alias or key_of(name)) == path[-1]:
            return field
    return None


def model_at(path: Path) -> type[BaseModel] | None:
    """Return the schema class a key path points at, or None."""
    models: list[type[BaseModel]] = [Site]
    for part in path:
        fields = [
            field
            for model in models
            for name, field in model.model_fields.items()
            if (field.alias or key_of(name)) == part
        ]
        if fields:
            models = [m for field in fields for m in _models_in(field.annotation)]
        # Otherwise the part is the name of an item in a list, and the classes stay.
    return models[0] if models else None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)


def unit_of(field: FieldInfo) -> str:
    """Return the canonical unit a field's values are read in, or an empty text."""
    for reader in _readers(field.metadata):
        if isinstance(reader, Quantity):
            return reader.unit if reader.unit != "%" else ""
        if isinstance(reader, PricePer):
            return reader.unit("KRW").replace("(", "").replace(")", "")
    return ""


def _readers(metadata: list[Any]) -> Iterator[Any]:
    for item in metadata:
        yield getattr(item, "func", None)


def _range(path: Path) -> str:
    field = field_at(path)
    if field is None:
        return ""
    low, high = "", ""
    for bound in field.metadata:
        if isinstance(bound, annotated_types.Ge):
            low = f"at least {bound.ge:g}"
        elif isinstance(bound, annotated_types.Gt):
            low = f"above {bound.gt:g}"
        elif isinstance(bound, annotated_types.Le):
            high = f"at most {bound.le:g}"
        elif isinstance(bound, annotated_types.Lt):
            high = f"below {bound.lt:g}"
    text = " and ".join(part for part in (low, high) if part)
    unit = unit_of(field)
    return f"{text} {unit}" if text and unit else text
