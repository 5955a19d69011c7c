"""The JSON Schema of scenario files, made from the classes that check them."""

from __future__ import annotations

from typing import Any

from dcsim.scenario.site import Site
from dcsim.scenario.values import CONFIDENCES

ABOUT = {
    "source": {"type": "string", "description": "Key of the sources block; holds for all below."},
    "confidence": {"enum": list(CONFIDENCES), "description": "How sure the source is."},
    "note": {"type": "string"},
}


def json_schema() -> dict[str, Any]:
    """Return the schema; every section also takes a source, and the top what layers need."""
    schema = Site.model_json_schema(by_alias=True)
    for section in (schema, *schema.get("$defs", {}).values()):
        if section.get("type") == "object" and "properties" in section:
            section["properties"] |= ABOUT
            section["additionalProperties"] = False
            # A layer on top of another file may leave out what that file says.
            section.pop("required", None)
    schema["properties"] |= {
        "extends": {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "description": "Files this one lies on top of, relative to it.",
        },
        "sources": {
            "type": "object",
            "description": "What values name as their source.",
            "additionalProperties": {"type": "object"},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dcsim scenario",
        **schema,
    }
