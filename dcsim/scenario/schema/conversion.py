"""Conversions: a number with its unit as text in, a float in one canonical unit out."""

from __future__ import annotations

import contextlib
import functools
import math
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dcsim.errors import cut

if TYPE_CHECKING:
    import pint

CURRENCIES = ("KRW", "USD", "EUR")
NUMBER_AND_UNIT = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*", re.ASCII)
_UNIT_POWER = re.compile(r"(?<=[A-Za-z])(?:\*\*|\^)-?[1-9](?![\d*^]|\s*[*^]{2})|[²³]")
_UNIT = re.compile(r"1?[A-Za-zµμ°%_*/() ]{0,60}")


@functools.cache
def registry() -> pint.UnitRegistry[float]:
    """Return the one unit registry; made on first use, because it takes a tenth of a second.

    Pint is loaded without Dask and SciPy, unless they or pint are loaded already. It would import
    them for arrays that no scenario holds and for `Quantity.to_preferred`, in as much time again.
    """
    with _not_installed("dask", "scipy"):
        import pint  # noqa: PLC0415  (start-up time)

    units: pint.UnitRegistry[float] = pint.UnitRegistry(cache_folder=":auto:")
    for currency in CURRENCIES:
        units.define(f"{currency} = [money_{currency}]")
    for definition in ("GPU = [gpu]", "PFLOPS = [compute]", "bn = 1e9", "mn = 1e6", "trn = 1e12"):
        units.define(definition)
    return units


@contextlib.contextmanager
def _not_installed(*packages: str) -> Iterator[None]:
    """Let imports of packages fail as if they were not there, unless they are loaded already."""
    hidden = [package for package in packages if package not in sys.modules]
    for package in hidden:
        sys.modules[package] = None  # type: ignore[assignment]  # Python's own mark for that
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]


@functools.lru_cache(maxsize=4096)
def convert(text: str, unit: str) -> float:
    """Return the number `text` states, in `unit`; ValueError says what to write instead."""
    text = tidy(text)
    match = NUMBER_AND_UNIT.fullmatch(text)
    if match is None:
        raise ValueError(f"is not a quantity; write a number and a unit, for example '1 {unit}'")
    number, written = float(match[1]), match[2]
    written = f"1{written}" if written.startswith("/") else written  # '0.17 / GPU / year'
    if not written:
        raise ValueError(f"needs a unit, for example '{text} {unit}'")
    if written[0] in ",_'" or (written[0].isdigit() and written[:2] not in ("1/", "1 ")):
        raise ValueError(f"is not a number and a unit: write '1234.5 {unit}', digits unbroken")
    refuse_no_unit(written, unit)
    factor = _factor(written, unit)
    value = _converted(number, written, unit) if factor is None else number * factor
    if not math.isfinite(value):
        raise ValueError("is not a finite number")
    return value


@functools.lru_cache(maxsize=1024)
def _factor(written: str, unit: str) -> float | None:
    """Return what turns one unit into another, or None if no factor does, as for °F to °C."""
    if written == unit:
        return 1.0
    zero, one = _converted(0.0, written, unit), _converted(1.0, written, unit)
    return None if zero else one


def _converted(number: float, written: str, unit: str) -> float:
    units = registry()
    import pint  # noqa: PLC0415  (start-up time)

    try:
        return float(units.Quantity(number, written).m_as(unit))
    except pint.DimensionalityError:
        raise ValueError(
            f"is not a quantity in {unit}: {written!r} measures another thing"
        ) from None
    except Exception:  # pint raises many kinds for text that is no unit
        raise _no_unit(written, unit) from None


def tidy(text: str) -> str:
    """Return text with plain spaces only: a page it was copied from may have had narrow ones."""
    return " ".join(text.split())


def refuse_no_unit(written: str, unit: str) -> None:
    """Refuse what is more than products and small powers of names, before anything evaluates it."""
    rest = _UNIT_POWER.sub("", written)
    if "**" in rest or not _UNIT.fullmatch(rest):
        raise _no_unit(written, unit)


def _no_unit(written: str, unit: str) -> ValueError:
    return ValueError(f"has no known unit: {cut(written, 40)!r}; write for example '1 {unit}'")
