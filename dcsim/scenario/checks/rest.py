"""The sound rest of a faulty scenario: values in, a site to look names up in, or none, out.

Names and files can only be looked up in a sound site. Where a value is faulty, the part it belongs
to is left out, and what is left is checked as far as that says something: a name that nothing has,
left out or not, and a file that is not there. Everything else, such as a milestone after the end of
the run, may follow from what was left out, and waits until that is mended.

Example: of three plants, one has a capacity in kWh and another waits for a work that nobody named.
Without the first the rest is sound, and both problems are told.
"""

from __future__ import annotations

import copy
import datetime
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import ValidationError

from dcsim.errors import PluginError
from dcsim.scenario.checks import relations
from dcsim.scenario.draws.values import Values
from dcsim.scenario.extension import site_class_of
from dcsim.scenario.schema.site import Site

_MOST_ROUNDS = 4
"""A part that was left out may be missed by its section, and that by the whole."""
_A_YEAR = datetime.timedelta(days=365)
_NO_SUCH_NAME = re.compile(r"there is no \w+(?: named)? ([^\s;]+)")
_SELF_EVIDENT = ("stands twice", "is not a time zone")


class Rest(NamedTuple):
    """A sound part of a scenario that is not."""

    site: Site
    left_out: frozenset[str]
    """Names of what was left out."""
    of_all: tuple[str, ...] = ()
    """What is wrong with the scenario as a whole, and only shows without the faulty parts."""

    def faults(self) -> Iterator[relations.Fault]:
        """Yield what is wrong between the parts, whatever was left out."""
        for fault in relations.faults(self.site):
            unknown = _NO_SUCH_NAME.match(fault.message)
            told = unknown is not None and unknown.group(1) not in self.left_out
            if told or any(word in fault.message for word in _SELF_EVIDENT):
                yield fault


def sound_rest(values: Values) -> Rest | None:
    """Return the site that values make without their faulty parts; None if that is not sound."""
    data, left_out, of_all = copy.deepcopy(values.data), set[str](), list[str]()
    for attempt in range(_MOST_ROUNDS):
        try:
            site = site_class_of(data).model_validate(data)
            return Rest(site, frozenset(left_out), tuple(of_all))
        except PluginError:
            return None
        except ValidationError as error:
            if attempt:
                of_all += [str(e["ctx"]["error"]) for e in error.errors() if _is_of_all(e)]
            # The last items first: what is left out of a list moves those after it.
            places = sorted({_faulty_part(data, item) for item in error.errors()}, key=_by_position)
            for place in reversed(places):
                left_out |= _without(data, place)
    return None


def _is_of_all(item: Any) -> bool:
    return not item["loc"] and "error" in item.get("ctx", {})


def _by_position(place: tuple[str | int, ...]) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in place]


def _faulty_part(data: Any, item: Any) -> tuple[str | int, ...]:
    """Return the place of the item of a list, or else of the key, that an error is about."""
    place: list[str | int] = []
    part: tuple[str | int, ...] = ()
    for step in item["loc"]:
        is_there = isinstance(data, dict) and step in data
        if not is_there and not (isinstance(data, list) and isinstance(step, int)):
            continue  # the tag of a choice between classes, or a key that is missing
        data = data[step]
        place.append(step)
        if isinstance(step, int) and isinstance(data, dict):
            part = tuple(place)
    return part or tuple(place)


def _without(data: Any, place: tuple[str | int, ...]) -> set[str]:
    """Leave a part out of data, and return the names of what is in it."""
    if not place:  # the clock of the run is told by itself; any run does to look names up
        if isinstance(data.get("start"), str):
            start = datetime.date.fromisoformat(data["start"])
            data["end"] = (start + _A_YEAR).isoformat()
        data.pop("step", None)
        return set()
    for step in place[:-1]:
        data = data[step]
    return set(_names_in(data.pop(place[-1])))


def _names_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("name"), str):
            yield part["name"]
        for inner in part.values():
            yield from _names_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _names_in(inner)
