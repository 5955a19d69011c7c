"""What uncertain values became: read off the checked site, where each value is final."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dcsim.scenario.checks.messages import metadata_of, unit_of
from dcsim.scenario.draws.values import Loc, Quantile, Values, flow_text
from dcsim.scenario.plan import Input
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.schema.quantity import Price, PricePer, Quantity, Series, Yearly
from dcsim.scenario.schema.site import Site


def inputs_of(site: Site, values: Values, quantile: Quantile) -> dict[str, Input]:
    """Return every uncertain value of a site by key path, in the order of the scenario.

    Parameters
    ----------
    site : Site
        What `values` were checked to be.
    values : Values
        The plain data it was made from.
    quantile : callable
        The quantile each key was met at.
    """
    return {
        value.key: _input(site, value.loc, values.data, quantile(value.key))
        for value in values.drawn
    }


def _input(site: Site, loc: Loc, data: Any, u: float) -> Input:
    # The site mirrors the plain data: sections by their keys, lists in their order.
    found: Any = site
    field: FieldInfo | None = None
    for part in loc:
        data = data[part]
        if isinstance(found, BaseModel):
            name, field = _fields(type(found))[str(part)]
            found = getattr(found, name)
        elif isinstance(found, Series):
            found = _point(found, found.years.index(float(part)))
        else:
            found = found[part]
    assert field is not None
    if isinstance(found, Series) and len(found.years) == 1:
        found = _point(found, 0)
    return _of(found, field, data, u)


def _of(found: object, field: FieldInfo, chosen: object, u: float) -> Input:
    if found is None and _is_number(field):
        return Input(math.nan, unit_of(field), u)
    if isinstance(found, Price):
        return Input(found.amount, unit_of(field, found.currency), u)
    if isinstance(found, int | float):
        return Input(float(found), unit_of(field), u)
    if isinstance(found, str | datetime.date):
        return Input(str(found), "", u)
    return Input("" if found is None else flow_text(chosen), "", u)


def _is_number(field: FieldInfo) -> bool:
    readers = (getattr(item, "func", None) for item in metadata_of(field))
    return any(isinstance(reader, Quantity | PricePer | Yearly) for reader in readers)


def _point(series: Series, index: int) -> float | Price:
    value = series.values[index]
    return Price(value, series.currency) if series.currency else value


@functools.cache
def _fields(model: type[BaseModel]) -> Mapping[str, tuple[str, FieldInfo]]:
    """Return name and definition of each field of a section by its key."""
    return {
        field.alias or key_of(name): (name, field) for name, field in model.model_fields.items()
    }
