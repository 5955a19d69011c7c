"""JSON Schema: the classes that check scenarios in, a schema for editors out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dcsim.scenario.draws.distributions import DISTRIBUTIONS
from dcsim.scenario.draws.values import CONFIDENCES
from dcsim.scenario.schema.site import Site
from dcsim.scenario.text.file_format import FILE_FORMAT, FORMAT_KEY, FORMAT_SCHEMA, rows_in_use
from dcsim.scenario.text.renamed_keys import RenamedKey

SOURCE_KEYS_SCHEMA = {
    "source": {"type": "string", "description": "Key of the sources block; holds for all below."},
    "confidence": {"enum": list(CONFIDENCES), "description": "How sure the source is."},
    "note": {"type": "string", "description": "A remark."},
}
SOURCED = {
    "type": "object",
    "description": "A value and where it is from.",
    "required": ["value"],
    "properties": {"value": {"description": "The value itself."}, **SOURCE_KEYS_SCHEMA},
    "additionalProperties": False,
}
DISTRIBUTION = {
    "type": "object",
    "description": "A distribution; the single run takes its median.",
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {name: dict(record.schema) for name, record in DISTRIBUTIONS.items()},
    "additionalProperties": False,
}
REMOVE = {"const": True, "description": "Takes away the item of this name from a file below."}
ALTERNATIVES = (
    {"$ref": "#/$defs/sourced"},
    {"$ref": "#/$defs/drawn"},
    {"type": "null"},
)
"""What may stand in the place of any value: ``null`` takes away what a file below says."""


def json_schema(site: type[Site] = Site) -> dict[str, Any]:
    """Return the schema; every section also takes a source, and the top what layers need.

    With plug-ins `site` is the class that `dcsim.scenario.extension.site_class_of` returns.
    """
    schema = site.model_json_schema(by_alias=True)
    sections = {name: _section_schema(section) for name, section in schema["$defs"].items()}
    top = _section_schema({key: value for key, value in schema.items() if key != "$defs"})
    top["properties"] |= {
        FORMAT_KEY: FORMAT_SCHEMA,
        "extends": {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ],
            "description": "Files this one lies on top of, relative to it.",
        },
        "sources": {
            "type": "object",
            "description": "What values name as their source.",
            "additionalProperties": {"type": "object"},
        },
    }
    top["$defs"] = {**sections, "sourced": SOURCED, "drawn": DISTRIBUTION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:dcsim:scenario:{FILE_FORMAT}",
        "title": "dcsim scenario",
        **with_old_keys(top, rows_in_use("scenario")),
    }


def with_old_keys(schema: dict[str, Any], rows: Iterable[RenamedKey]) -> dict[str, Any]:
    """Add the old names of renamed keys to a schema, marked as deprecated, and return it."""
    for row in rows:
        for section in _sections_at(schema, row.parts[:-1]):
            properties = section["properties"]
            if row.name in properties:
                about = f"Old name of {row.name}; not read from dcsim {row.gone} on."
                old = {**properties[row.name], "deprecated": True, "description": about}
                properties[row.parts[-1]] = old
    return schema


def _sections_at(schema: dict[str, Any], parts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the sections that stand at a key path, one for each class they may be of."""
    sections = [schema]
    for part in parts:
        if part != "*":
            values = [section["properties"].get(part) for section in sections]
            found = [schema["$defs"][name] for value in values for name in _referred(value)]
            sections = [section for section in found if "properties" in section]
    return sections


def _referred(value: Any) -> Iterator[str]:
    """Yield the names of the definitions that a part of a schema refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _referred(item)
    elif isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        yield from _referred(list(value.values()))


def _section_schema(section: dict[str, Any]) -> dict[str, Any]:
    # No key is required: a layer on top of another file may leave out what that file says.
    properties = {key: _with_alternatives(value) for key, value in section["properties"].items()}
    if "name" in properties and "label" in properties:
        properties["remove"] = REMOVE
    return {
        "type": "object",
        "description": section["description"],
        "properties": {**properties, **SOURCE_KEYS_SCHEMA},
        "additionalProperties": False,
    }


def _with_alternatives(value: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a value, in whose place a source or a distribution may stand."""
    about: dict[str, Any] = {k: value[k] for k in ("description", "default") if k in value}
    return {**about, "anyOf": [*_alternatives_of(value), *ALTERNATIVES]}


def _alternatives_of(value: dict[str, Any]) -> list[dict[str, Any]]:
    # Without required keys a section may look like several models: any of them will do.
    for union in ("anyOf", "oneOf"):
        if union in value:
            parts = [part for one in value[union] for part in _alternatives_of(one)]
            return [part for part in parts if part != {"type": "null"}]
    kept = {
        key: part
        for key, part in value.items()
        if key not in ("title", "default", "description", "discriminator")
    }
    for part in ("items", "additionalProperties"):
        if isinstance(kept.get(part), dict) and "$ref" not in kept[part]:
            kept[part] = _with_alternatives(kept[part])
    if "patternProperties" in kept:  # values by year take a source for all of them
        kept["properties"] = SOURCE_KEYS_SCHEMA
    return [kept]
