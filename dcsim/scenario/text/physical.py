"""Quantities of pint: an object of any registry in, the text or number a file would say out."""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, TypeGuard

import numpy as np

from dcsim.errors import cut
from dcsim.scenario.schema.conversion import refuse_no_unit, registry

if TYPE_CHECKING:
    from pint.facets.plain import PlainQuantity

_SAME = 1e-9
"""Relative difference of two values that differ by rounding alone. [1]"""


def is_physical(value: object) -> TypeGuard[PlainQuantity[float]]:
    """Tell whether a value is a quantity of pint; there is none where pint was never imported."""
    module = sys.modules.get("pint")
    return module is not None and isinstance(value, module.Quantity)


def plain_quantity(value: PlainQuantity[float]) -> str | float:
    """Return a quantity as text such as ``1.85 kW``, or as a number if it has no dimension.

    Its registry may be any. Units are spelled as it spells them where that means the same in a
    scenario, and in root units such as ``kelvin`` otherwise.

    Raises
    ------
    ValueError
        If it holds no finite number, or has units that no scenario can have.
    """
    number = _number_of(value)
    long, short = _spellings(value)
    if not long:
        return number
    if long == "percent":
        return number / 100.0
    try:
        root = value.to_root_units()
        size = float(root.magnitude)
    except Exception:  # pint raises many kinds
        raise _unknown(value) from None
    in_root = _spellings(root)
    if not in_root[0]:
        return size
    # The other registry may call its own thing by a name that means another one here.
    meant = next((read for unit in in_root if (read := _read(size, unit))), None)
    for amount, unit in ((number, short), (number, long), *((size, unit) for unit in in_root)):
        if meant and _same(_read(amount, unit), meant):
            return f"{amount!r} {unit}"
    raise _unknown(value)


def _number_of(value: PlainQuantity[float]) -> float:
    """Return the magnitude of a quantity; whole numbers stay whole."""
    number: object = value.magnitude
    if isinstance(number, bool | np.bool_) or not isinstance(number, Real | Decimal):
        kind = type(number).__name__
        raise ValueError(f"is a quantity of {kind}; allowed is one number with its unit")
    if not math.isfinite(number):
        raise ValueError("is not a finite number")
    return int(number) if isinstance(number, Integral) else float(number)


def _spellings(value: PlainQuantity[float]) -> tuple[str, str]:
    """Return the units of a quantity by their names and by their symbols, as one word each."""
    return format(value.units, "C").replace("dimensionless", ""), format(value.units, "~C")


def _read(number: float, unit: str) -> PlainQuantity[float] | None:
    """Return what a scenario reads from a number and a unit, in root units, or None."""
    try:
        refuse_no_unit(unit, "kW")
        return registry().Quantity(number, unit).to_root_units()
    except Exception:  # pint raises many kinds for text that is no unit
        return None


def _same(read: PlainQuantity[float] | None, meant: PlainQuantity[float]) -> bool:
    return (
        read is not None
        and read.units == meant.units
        and math.isclose(read.magnitude, meant.magnitude, rel_tol=_SAME)
    )


def _unknown(value: PlainQuantity[float]) -> ValueError:
    unit = cut(format(value.units, "C"), 40)
    return ValueError(f"has no known unit: {unit!r}; write for example '1 kW'")
