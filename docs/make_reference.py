"""Writes `docs/scenario-reference.md` from the classes that check scenarios.

Run it from the project's root: ``python docs/make_reference.py``; a test keeps the page in step.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from dcsim.scenario.checks.messages import metadata_of, unit_of
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.site import Site

PAGE = Path(__file__).parent / "scenario-reference.md"
HEAD = """# Scenario reference

Made from the classes that check scenarios; do not edit by hand (`python docs/make_reference.py`).

A value carries its unit (`1.85 kW`, `26 weeks`, `15 %`). Any scalar may be a distribution, or stand
as `{value: …, source: …, confidence: …}`; every section also takes `source` and `confidence` for
all that is below it. [Scenario files](scenarios.md) explains layers, sources and distributions.
"""


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the schema classes in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def sections(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every section of a scenario with its path, top first."""
    yield path, model
    for name, field in model.model_fields.items():
        for inner in models_in(field.annotation):
            is_list = "tuple" in str(field.annotation)
            key = field.alias or key_of(name)
            yield from sections(inner, f"{path}.{key}".lstrip(".") + ("[]" if is_list else ""))


def allowed(field: FieldInfo) -> str:
    """Say the range of a field."""
    signs = {
        annotated_types.Ge: ("≥", "ge"),
        annotated_types.Gt: (">", "gt"),
        annotated_types.Le: ("≤", "le"),
        annotated_types.Lt: ("<", "lt"),
    }
    found = []
    for bound in metadata_of(field):
        if type(bound) in signs:
            sign, name = signs[type(bound)]
            found.append(f"{sign} {getattr(bound, name):g}")
    values = typing.get_args(field.annotation)
    if typing.get_origin(field.annotation) is typing.Literal:
        found.append(", ".join(f"`{value}`" for value in values))
    return ", ".join(found)


def default(field: FieldInfo) -> str:
    """Say the default of a field in the unit of the page."""
    if field.default is PydanticUndefined and field.default_factory is None:
        return "required"
    value = field.default
    if value is None or value == () or isinstance(value, BaseModel | tuple):
        return ""
    return "" if value is PydanticUndefined else f"{value}"


def page() -> str:
    """Return the text of the page."""
    lines, seen = [HEAD], set()
    for path, model in sections(Site):
        if model in seen:
            continue
        seen.add(model)
        lines.append(f"\n## {path or 'Top level'}\n")
        if model.__doc__:
            lines.append(" ".join(model.__doc__.split()) + "\n")
        lines += ["| key | unit | allowed | default | meaning |", "|---|---|---|---|---|"]
        for name, field in model.model_fields.items():
            meaning = " ".join((field.description or "").split())
            cells = (
                f"`{field.alias or key_of(name)}`",
                unit_of(field),
                allowed(field),
                default(field),
                meaning,
            )
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
