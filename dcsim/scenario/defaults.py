"""Defaults: a site in, every value out that its file leaves to dcsim, as a file writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from dcsim.scenario.checks.messages import canonical_unit, metadata_of
from dcsim.scenario.draws.values import KeyPath
from dcsim.scenario.schema.meanings import described_fields
from dcsim.scenario.schema.part import Derived, Named, Part, key_of
from dcsim.scenario.schema.quantity import Price, Ratio
from dcsim.scenario.schema.site import Site

_WITHOUT = re.compile(r"[Ww]ithout (?:it|one|any),? [^.;]+")


class Default(NamedTuple):
    """A value that a run computes with although the scenario does not give it."""

    path: KeyPath
    """Keys of sections, names of items."""
    value: object
    """As a file would write it, in plain data; None where nothing stands in its place."""
    origin: str
    """What it follows from; empty for one that is the same in every scenario."""

    @property
    def key(self) -> str:
        """Key path such as ``power.oversubscription``."""
        return ".".join(self.path)


def defaults_of(site: Site) -> Iterator[Default]:
    """Yield each default of a site, section by section, in the order of the reference.

    >>> import dcsim
    >>> site = dcsim.load("scenarios/minimal.yaml").site
    >>> [tuple(one) for one in defaults_of(site) if one.key == "time_zone"]
    [(('time_zone',), 'Asia/Seoul', 'the zone at its coordinates')]
    """
    yield from _defaults(site, (), site, given=True)


def notes_on_place(site: Site) -> list[str]:
    """Return notes on what the scenario does not say of its place, for readers of a run.

    >>> import dcsim
    >>> notes_on_place(dcsim.load("scenarios/minimal.yaml").site)[0]
    'time_zone is not given: Asia/Seoul, the zone at its coordinates.'
    """
    notes = []
    if "time_zone" not in site.model_fields_set:
        notes.append(f"time_zone is not given: {site.time_zone}, the zone at its coordinates.")
    if "elevation_m" not in site.model_fields_set:
        notes.append(f"elevation is not given: {site.elevation_m:g} m, the level of the sea.")
    return notes


def _defaults(part: Part, path: KeyPath, site: Site, *, given: bool) -> Iterator[Default]:
    for name, field in described_fields(type(part)).items():
        here = (*path, field.alias or key_of(name))
        is_given = given and name in part.model_fields_set
        value = getattr(part, name)
        if isinstance(value, Part):
            yield from _defaults(value, here, site, given=is_given)
        elif is_given:
            yield from _in_items(value, here, site)
        elif not (_are_parts(value) or (isinstance(part, Named) and name == "label")):
            yield _default(part, name, field, Default(here, value, ""), site)


def _are_parts(value: object) -> bool:
    """Return True for the seasons of a tariff of one price, which no file need say."""
    return isinstance(value, tuple) and any(isinstance(item, Part) for item in value)


def _in_items(value: object, path: KeyPath, site: Site) -> Iterator[Default]:
    for index, item in enumerate(value if isinstance(value, tuple) else ()):
        if isinstance(item, Part):
            name = item.name if isinstance(item, Named) else str(index)
            yield from _defaults(item, (*path, name), site, given=True)


def _default(part: Part, name: str, field: FieldInfo, found: Default, site: Site) -> Default:
    derived = next((one for one in field.metadata if isinstance(one, Derived)), None)
    if derived is not None:
        value = derived.value(part, site)
        if value is not None:
            return found._replace(value=written(field, value), origin=derived.origin)
    if found.value is None:
        about = _WITHOUT.search(" ".join((field.description or "").split()))
        return found._replace(origin=about[0].replace("`", "") if about else "")
    return found._replace(value=written(field, found.value))


def written(field: FieldInfo, value: Any) -> object:
    """Return a value of a field as a file would write it, in plain data.

    >>> from dcsim.scenario.schema.power import Power
    >>> written(Power.model_fields["network_frac"], 0.08)
    '8 %'
    """
    if isinstance(value, Price):
        return f"{_digits(value.amount)} {canonical_unit(field, value.currency)}"
    if isinstance(value, tuple | list):
        return [written(field, item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | str | dict) or value is None:
        return value
    if any(isinstance(getattr(one, "func", None), Ratio) for one in metadata_of(field)):
        percent = f"{value * 100:.12g}"
        return f"{percent} %" if float(percent) / 100 == value else value
    unit = canonical_unit(field)
    return f"{_digits(value)} {unit}" if unit else value


def _digits(value: float) -> str:
    """Return a number in few digits, in all of them where few would change it."""
    short = f"{value:.12g}"
    return short if float(short) == value or value == 0 else repr(value)
