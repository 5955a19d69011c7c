"""The base of every schema class, and how a field's name becomes the key in the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema

from dcsim.entry_points import normalized_name
from dcsim.scenario.schema.meanings import described_fields

_UNIT_SUFFIX = re.compile(
    r"_(?:per_(?:mwh|mw|mw_year|gpu|gpu_h|gpu_year|kw_month|t|year|h|k)|kg_per_mwh|kg_per_gj|l_per_kwh"
    r"|kw|mwh|mw|h|years|m_s|m|deg|c|k|pa|frac|pflops)$"
)
_NAME_OF_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_WINDOWS_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{d}{i}" for d in ("com", "lpt") for i in range(1, 10)),
}


def key_of(field_name: str) -> str:
    """Return the key a field stands under in a file: its name without the unit.

    >>> key_of("rack_power_kw"), key_of("n_crews"), key_of("energy_price_per_mwh")
    ('rack_power', 'crews', 'energy_price')
    """
    return _UNIT_SUFFIX.sub("", field_name.removeprefix("n_"))


def checked_name(value: str) -> str:
    """Return a name that can also be that of a file; ValueError says why one is none."""
    if not _NAME_OF_FILE.fullmatch(value):
        raise ValueError("is not a name: use up to 64 letters, digits, '-' or '_', no spaces")
    if value.casefold() in _WINDOWS_DEVICES:
        raise ValueError("is not a name: Windows reserves it for a device")
    return value


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("is not a date; write it as 2027-11-30") from None


def _line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise ValueError("must be one line, without tabs")
    return value


def _plugin_name(value: str) -> str:
    normalized_name(value)
    return value


Name = Annotated[str, AfterValidator(checked_name)]
"""Name of a part in a list, which can also be that of a file."""
Line = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_line)]
"""Text of one line, 120 characters at most."""
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""Date, written as 2027-11-30."""
PluginName = Annotated[str, AfterValidator(_plugin_name)]
Confidence = Literal["stated", "reported", "derived", "assumption"]


class Derived(NamedTuple):
    """Mark of a field whose value, where it is not given, follows from others of the scenario."""

    value: Callable[[Any, Any], object]
    """Takes the part and the site; returns the value that a run computes with, None for none."""
    origin: str
    """What it follows from, for readers."""


class Favors(NamedTuple):
    """Mark of a field by the end of its range at which milestones are met best and earliest.

    Bounds such as those of `dcsim check` may count with that end. A field without a mark is one of
    which nothing is known, so that nothing may be claimed where it is uncertain.
    """

    end: Literal["high", "low", "neither"]
    """``neither`` where no bound on a milestone depends on it."""


HIGH_FAVORS, LOW_FAVORS, NEITHER_FAVORS = Favors("high"), Favors("low"), Favors("neither")


class Part(BaseModel):
    """One section of a scenario: frozen, closed to unknown keys, finite."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        alias_generator=key_of,
        protected_namespaces=(),
        regex_engine="python-re",
        defer_build=True,  # built within the class it is a part of, or on first use
    )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the JSON Schema of the section, with the meaning of each key."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema)["properties"]
        for name, field in described_fields(cls).items():
            key = field.alias if field.alias in properties else name
            if field.description:
                properties[key]["description"] = field.description
        return schema


class Named(Part):
    """A part that stands in a list and is found by its name."""

    name: Name
    """Name, unique in its list."""
    label: Line | None = None
    """Name in figures, if that is another."""

    @property
    def title(self) -> str:
        """Name of it in figures and tables."""
        return self.label or self.name
