"""Units of power and energy of a column: its title and the unit beneath it in, factor to MW out."""

from __future__ import annotations

import re
from typing import NamedTuple

from dcsim.scenario.schema.profile import LoadProfile, Profile

_TO_MEGA = {"w": ("W", 1e-6), "kw": ("kW", 1e-3), "mw": ("MW", 1.0), "gw": ("GW", 1e3)}
_SHARES = {"%": "%", "pct": "%", "percent": "%", "pu": "p.u.", "p.u.": "p.u."}
_PARTS = re.compile(r"[\s_,;:/()\[\]-]+")
_BRACKETS = re.compile(r"[\[(]([^\[\]()]+)[\])]\s*$")
ASSET_KEY_END = ".profile"
"""End of the keys of profiles that hold a share of the capacity of an asset."""


class StatedUnit(NamedTuple):
    """A unit of power or energy, or that of a share."""

    name: str
    to_mega: float | None
    """Factor to MW or MWh; None for a share."""
    is_energy: bool = False


def stated_unit(text: str) -> StatedUnit | None:
    """Return the unit of power, energy or a share in a title or in a row of units, None without.

    A lone W counts at the end alone, for elsewhere it may be the west.

    >>> stated_unit("Load [kW]").name, stated_unit("load_kwh").is_energy, stated_unit("W wing")
    ('kW', True, None)
    """
    bracket = _BRACKETS.search(text)
    found = _unit_of(bracket[1].strip()) if bracket else None
    if found is not None:
        return found
    words = [word for word in _PARTS.split(text.strip()) if word]
    units = [
        unit
        for at, word in enumerate(words)
        if (word.casefold() not in ("w", "pu") or at == len(words) - 1)
        and (unit := _unit_of(word)) is not None
    ]
    return units[0] if len(set(units)) == 1 else None


def _unit_of(word: str) -> StatedUnit | None:
    bare = word.casefold().strip("[]() ").removeprefix("in ")
    if bare in _SHARES:
        return StatedUnit(_SHARES[bare], None)
    is_energy = bare.endswith("h")
    name, factor = _TO_MEGA.get(bare.removesuffix("h"), ("", 0.0))
    return StatedUnit(name + "h" * is_energy, factor, is_energy) if name else None


def wrong_unit(
    texts: tuple[str, str], profile: Profile, key: str, step_h: float | None
) -> str | None:
    """Return what is wrong with the unit that a file states, None where it is that of its values.

    Parameters
    ----------
    texts : tuple of str
        Unit beneath the title, and the title.
    profile : Profile
        One with a scale is right in any unit.
    key : str
        Key of the profile.
    step_h : float, optional
        Step of its rows where they have times: energy over a step is power. [h]
    """
    found = stated_unit(texts[0]) or stated_unit(texts[1])
    if found is None or profile.scale != 1.0 or "scale" in profile.model_fields_set:
        return None
    if isinstance(profile, LoadProfile):
        return _wrong_load(found, step_h)
    if key.endswith(ASSET_KEY_END) and found.to_mega is not None:
        unit = found.name
        return (
            f"states {unit}, not output over capacity: write scale: 1 over the capacity in {unit}"
        )
    return None


def _wrong_load(found: StatedUnit, step_h: float | None) -> str | None:
    if found.to_mega is None:
        return f"states {found.name}, not MW: write scale, the MW that 1 {found.name} is"
    factor = found.to_mega / (step_h or 1.0) if found.is_energy else found.to_mega
    if abs(factor - 1.0) < 1e-9:
        return None
    return f"states {found.name}, not MW: write scale: {factor:.12g}"
