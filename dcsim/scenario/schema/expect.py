"""Expectations of a scenario's results: gates that `dcsim check` judges."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, model_validator

from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.scenario.schema.part import Day, Line, Named
from dcsim.scenario.schema.quantity import Fraction, Quantity, Ratio

_RATE = re.compile(rf"_({'|'.join(CURRENCIES).lower()})_per_(gpu_hour|mwh)$")
_RATE_UNITS = {"gpu_hour": "GPU/h", "mwh": "MWh"}
_ENDINGS = (
    ("_mwh", "MWh"),
    ("_mw", "MW"),
    ("_frac", "%"),
    ("_usd", "USD"),
    ("_krw", "KRW"),
    ("_eur", "EUR"),
    ("_days", "day"),
    ("_t", "t"),
    ("_m3", "m^3"),
    ("_h", "h"),
)
"""Endings of the names of metrics, and the unit of their values."""


def unit_of(metric: str) -> str:
    """Return the unit of a metric by its name, as a scenario writes it; empty for plain numbers.

    >>> unit_of("unserved_mwh"), unit_of("gpus_online_2030"), unit_of("cfe_frac@2031-06")
    ('MWh', 'GPU', '%')
    >>> unit_of("levelized_cost_krw_per_mwh")
    'KRW/MWh'
    """
    bare = re.sub(r"(_\d{4}|@\d{4}-\d{2})$", "", metric)
    if rate := _RATE.search(bare):
        return f"{rate[1].upper()}/{_RATE_UNITS[rate[2]]}"
    if bare.startswith("gpu_days") or bare.endswith("gpu_days"):
        return "GPU*day"
    if bare.startswith("gpu_hours"):
        return "GPU*h"
    for ending, unit in _ENDINGS:
        if bare.endswith(ending):
            return unit
    return "GPU" if bare.startswith("gpus_") else ""


def level_of(metric: str, value: object) -> float:
    """Return a level as written, in the unit of a metric.

    Raises
    ------
    ValueError
        If it is no such quantity; the message says what to write instead.
    """
    unit = unit_of(metric)
    if unit == "%":
        return Ratio().parse(value)
    return Quantity(unit).parse(value) if unit else float(_plain_number(value))


def _plain_number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise ValueError("must be a plain number: the metric has no unit") from None


class Expectation(Named):
    """One gate: a metric, a level or a day, and how sure it has to be."""

    metric: Line
    """A figure of the run, ``milestone.NAME`` or ``work.NAME`` for a day, ``NAME_2030`` or
    ``NAME@2030-06`` for a monthly series."""
    at_least: Any = None
    """Lowest value that passes, with its unit."""
    at_most: Any = None
    """Highest value that passes, with its unit."""
    by: Day | None = None
    """Last day that passes; of a milestone its own day, unless another is given."""
    probability_frac: Annotated[Fraction, Field(gt=0, lt=1)] | None = None
    """Chance with which it has to hold over replications; without it the single run is judged."""

    @model_validator(mode="after")
    def _one_level(self) -> Expectation:
        is_day = self.metric.startswith(("milestone.", "work.")) and self.metric.count(".") == 1
        given = [name for name in ("at_least", "at_most", "by") if getattr(self, name) is not None]
        if is_day:
            if set(given) - {"by"}:
                raise ValueError(
                    f"{self.metric} is a day: give by, or nothing for the date of the milestone"
                )
            if not given and self.metric.startswith("work."):
                raise ValueError(f"{self.metric} needs by, the last day that passes")
            return self
        if len(given) != 1 or given == ["by"]:
            raise ValueError("needs one of at_least and at_most, with a unit")
        try:
            level_of(self.metric, getattr(self, given[0]))
        except ValueError as error:
            raise ValueError(f"{given[0]} {error}") from None
        return self
