"""The favorable end of an uncertain value: a class of the schema and a key path in, its end out."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Literal

from pydantic.fields import FieldInfo

from dcsim.scenario.schema.part import Favors, Part


def favorable_end(model: type[Part], key: str) -> Literal["high", "low", "neither"] | None:
    """Return the end at which a value favors milestones; None where that is not known.

    Parameters
    ----------
    model : type of Part
        Class of the whole scenario.
    key : str
        Key path of the value, such as ``works.grid-103mw.slip``.

    Returns
    -------
    str or None

    Examples
    --------
    >>> from dcsim.scenario.schema.site import Site
    >>> favorable_end(Site, "halls.hall.it_power"), favorable_end(Site, "orders.first.lead_time")
    ('high', 'low')
    >>> favorable_end(Site, "products.server.rack_size") is None
    True
    """
    field: FieldInfo | None = None
    parts = key.split(".")
    while parts:
        name = parts.pop(0)
        field = next((f for n, f in model.model_fields.items() if name in (n, f.alias)), None)
        if field is None:
            return None
        inner = next(_parts_in(field.annotation), None)
        if inner is None or not parts:
            break
        model = inner
        if "tuple" in str(field.annotation):
            parts.pop(0)  # the name of the item
    if field is None or parts:
        return None
    return next((mark.end for mark in field.metadata if isinstance(mark, Favors)), None)


def _parts_in(annotation: object) -> Iterator[type[Part]]:
    """Yield the classes of sections in the type of a field."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _parts_in(inner)
