"""Units of weather files: values and the unit a file states in, values in the unit of dcsim out."""

from __future__ import annotations

import functools
import re

from dcsim.clock import Floats
from dcsim.errors import cut
from dcsim.series.data_file import Faults

_SPELLED = {
    "c": "degC",
    "°c": "degC",
    "deg c": "degC",
    "celsius": "degC",
    "f": "degF",
    "°f": "degF",
    "deg f": "degF",
    "fahrenheit": "degF",
    "k": "kelvin",
    "kn": "knot",
    "kt": "knot",
    "kts": "knot",
    "knots": "knot",
    "kmh": "km/h",
    "kph": "km/h",
    "mph": "mi/h",
    "mps": "m/s",
    "w/m2": "W/m^2",
    "wh/m2": "W/m^2",
    "kw/m2": "kW/m^2",
    "w/m^2": "W/m^2",
    "kw/m^2": "kW/m^2",
    "%": "percent",
    "mbar": "mbar",
    "mb": "mbar",
    "millibar": "mbar",
    "hpa": "hPa",
    "pa": "Pa",
    "kpa": "kPa",
}
"""Units as headers spell them, in lower case, by what the unit registry calls them."""


def title_and_unit(title: str) -> tuple[str, str]:
    """Return a title in plain words, and the unit that stands in its brackets.

    >>> title_and_unit("Wind_Speed [m/s]"), title_and_unit('"GHI"')
    (('wind speed', 'm/s'), ('ghi', ''))
    """
    match = re.fullmatch(r"(.*?)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])?", title.strip().strip('"'))
    assert match is not None, "the pattern takes every text of one line"
    words = " ".join(match[1].replace("_", " ").casefold().split())
    return words, (match[2] or match[3] or "").strip()


def converted(values: Floats, unit: str, written: str, title: str, faults: Faults) -> Floats:
    """Return values in another unit; a unit that does not turn into it is noted.

    Parameters
    ----------
    values : ndarray
    unit : str
        Unit that is wanted, as the registry calls it.
    written : str
        Unit that the values have, as a file or a scenario spells it.
    title : str
        What messages call the column.
    faults : Faults
        Where faults go.
    """
    try:
        factor, offset = _unit_line(written, unit)
    except Exception:  # pint raises many kinds for text that is no unit
        faults.add(None, f"{title}unit {cut(written, 40)!r} is none that turns into {unit}")
        return values
    return values * factor + offset


@functools.cache
def _unit_line(written: str, unit: str) -> tuple[float, float]:
    """Return factor and offset that turn one unit into another."""
    from dcsim.scenario.schema.conversion import refuse_no_unit, registry  # noqa: PLC0415  (slow to import)

    spelled = _SPELLED.get(written.strip().casefold(), written)
    refuse_no_unit(spelled, unit)
    units = registry()
    at_zero, at_hundred = (
        float(units.Quantity(value, units.parse_units(spelled)).m_as(unit)) for value in (0, 100)
    )
    return (at_hundred - at_zero) / 100, at_zero
