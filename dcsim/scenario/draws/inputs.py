"""Inputs of a run: a checked site and its quantiles in, every uncertain value as drawn out."""

from __future__ import annotations

import datetime
import math
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dcsim.scenario.checks.messages import canonical_unit, fields_by_key, metadata_of
from dcsim.scenario.draws.values import Loc, Quantile, Values, flow_text
from dcsim.scenario.plan import Input
from dcsim.scenario.schema.quantity import Price, PricePer, Quantity, Series, Yearly
from dcsim.scenario.schema.site import Site


def inputs_of(site: Site, values: Values, quantile: Quantile) -> dict[str, Input]:
    """Return every uncertain value of a site by key path, in the order of the scenario.

    Parameters
    ----------
    site : Site
        Site that `values` were validated to, so that each value is final.
    values : Values
        Its plain data.
    quantile : callable
        Quantile of each key, from 0 to 1.

    Returns
    -------
    dict of str to Input
    """
    return {
        value.key: _input_at(site, value.loc, values.data, quantile(value.key))
        for value in values.drawn
    }


def _input_at(site: Site, loc: Loc, data: Any, u: float) -> Input:
    # The site mirrors the plain data: sections by their keys, lists in their order.
    value: Any = site
    field: FieldInfo | None = None
    for part in loc:
        data = data[part]
        if isinstance(value, BaseModel):
            name, field = fields_by_key(type(value))[str(part)]
            value = getattr(value, name)
        elif isinstance(value, Series):
            value = _point(value, value.years.index(float(part)))
        else:
            value = value[part]
    assert field is not None
    if isinstance(value, Series) and len(value.years) == 1:
        value = _point(value, 0)
    return _input_of_field(value, field, data, u)


def _input_of_field(value: object, field: FieldInfo, chosen: object, u: float) -> Input:
    if value is None and _is_number(field):
        return Input(math.nan, canonical_unit(field), u)
    if isinstance(value, Price):
        return Input(value.amount, canonical_unit(field, value.currency), u)
    if isinstance(value, int | float):
        return Input(float(value), canonical_unit(field), u)
    if isinstance(value, str | datetime.date):
        return Input(str(value), "", u)
    return Input("" if value is None else flow_text(chosen), "", u)


def _is_number(field: FieldInfo) -> bool:
    readers = (getattr(item, "func", None) for item in metadata_of(field))
    return any(isinstance(reader, Quantity | PricePer | Yearly) for reader in readers)


def _point(series: Series, index: int) -> float | Price:
    value = series.values[index]
    return Price(value, series.currency) if series.currency else value
