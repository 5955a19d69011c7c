"""Defaults as `dcsim show` marks them: a scenario in, its plain data or lines with defaults out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dcsim.results.run_folder import Commented
from dcsim.scenario.defaults import Default
from dcsim.scenario.draws.values import KeyPath, Leaf, flow_text
from dcsim.scenario.scenario import Scenario

NAMED = ("name",)


def mark_of(one: Default) -> str:
    """Return the words that mark a default.

    >>> mark_of(Default(("time_zone",), "Asia/Seoul", "the zone at its coordinates"))
    'default: the zone at its coordinates'
    """
    return f"default: {one.origin}" if one.origin else "default"


def leaf_of(one: Default) -> Leaf:
    """Return a default as a value of a scenario; the place where it stands is its mark."""
    text = "null" if one.value is None else flow_text(one.value)
    is_text = one.value is None or isinstance(one.value, list | dict) or text[:1].isalpha()
    return Leaf(one.key, text, mark_of(one), None, None, uncertain=False, is_text=is_text)


def commented(one: Default) -> Commented:
    """Return a default with its mark as a comment, for YAML."""
    return Commented(one.value, mark_of(one))


def noted(one: Default) -> dict[str, Any]:
    """Return a default with its mark as a note, in the form in which scenarios give sources."""
    return {"value": one.value, "note": mark_of(one)}


def with_defaults(
    scenario: Scenario, defaults: list[Default], marked: Callable[[Default], Any]
) -> dict[str, Any]:
    """Return the plain data of a scenario with its defaults in their places.

    Parameters
    ----------
    scenario : Scenario
    defaults : list of Default
        Those of the scenario.
    marked : callable
        Makes of a default what stands in its place.

    Returns
    -------
    dict
        Text of it, read as a scenario, is the same site.
    """
    data = scenario.resolved
    for one in defaults:
        section = _section_at(data, one.path[:-1])
        if section is not None:
            section.setdefault(one.path[-1], marked(one))
    return data


def _section_at(data: Any, path: KeyPath) -> Any:
    """Return the mapping at a key path, made where it is not there; None for one that is text."""
    for part in path:
        if isinstance(data, list):
            data = next((item for at, item in enumerate(data) if _is_named(item, at, part)), None)
        elif isinstance(data, dict):
            data = data.setdefault(part, {})
        if isinstance(data, dict) and "value" in data:  # a section with a source of its own
            data = data["value"]
    return data if isinstance(data, dict) else None


def _is_named(item: Any, index: int, name: str) -> bool:
    found = item.get("name") if isinstance(item, dict) else None
    found = found.get("value") if isinstance(found, dict) else found
    return str(index if found is None else found) == name
