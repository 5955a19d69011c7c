"""Values with units: what a scenario file says as text, the code holds as canonical floats."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from dcsim.scenario.draws.distributions import Drawn
from dcsim.scenario.schema.conversion import CURRENCIES, NUMBER_AND_UNIT, convert, tidy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Quantity:
    """Reads ``"1.85 kW"`` into a float in one canonical unit; a bare number is an error."""

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def parse(self, value: object) -> float:
        """Return one plain value in the canonical unit."""
        if not isinstance(value, str):
            plain = isinstance(value, int | float) and not isinstance(value, bool)
            shown = value if plain else "1"
            raise ValueError(f"needs a unit, for example '{shown} {self.unit}'")
        return convert(value, self.unit)

    def __call__(self, value: object) -> float:
        """Return the value in the canonical unit, drawn from its distribution if it is one."""
        return value.resolve(self.parse) if isinstance(value, Drawn) else self.parse(value)


class Ratio(Quantity):
    """Reads a share as ``15 %`` or as a bare number; the code holds it from 0 to 1."""

    def __init__(self) -> None:
        super().__init__("%")

    def parse(self, value: object) -> float:
        """Return the share as a number."""
        return _plain(value, percent=True)


class Number(Quantity):
    """Reads a number that has no unit, such as a coefficient of performance."""

    def __init__(self) -> None:
        super().__init__("")

    def parse(self, value: object) -> float:
        """Return the number."""
        return _plain(value, percent=False)


class Whole(Quantity):
    """Reads a count, bare (``6``) or of a named kind (``72 GPU``), as a whole number."""

    def parse(self, value: object) -> float:
        """Return the count as a float that holds a whole number."""
        return super().parse(value) if self.unit else _plain(value, percent=False)

    def __call__(self, value: object) -> int:
        """Return the count; one drawn from a distribution is rounded."""
        drawn = isinstance(value, Drawn)
        number = super().__call__(value)
        if not drawn and number != round(number):
            raise ValueError("must be a whole number")
        return round(number)


def _plain(value: object, *, percent: bool) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    else:
        text = tidy(str(value))
        scale = 100.0 if percent and text.endswith("%") else 1.0
        match = NUMBER_AND_UNIT.fullmatch(text[:-1] if scale != 1.0 else text)
        if match is None or match[2]:
            raise ValueError(
                "must be a number" + (" or a percentage such as 15 %" if percent else "")
            )
        number = float(match[1]) / scale
    if not math.isfinite(number):
        raise ValueError("is not a finite number")
    return number


class Price(NamedTuple):
    """An amount of money in a currency; what it is paid for stands in the field's name."""

    amount: float
    """Amount per unit."""
    currency: str
    """ISO code, such as ``KRW``."""


class PricePer:
    """Reads ``"150 KRW/kWh"`` into a `Price` per one canonical unit (``MWh`` here)."""

    def __init__(self, per: str = "", *, signed: bool = False) -> None:
        self.per = per
        self.signed = signed

    def unit(self, currency: str) -> str:
        """Return the canonical unit in `currency`."""
        return f"{currency}/{self.per}" if self.per else currency

    def __call__(self, value: object) -> Price:
        """Return the price; ValueError says what to write instead."""
        if isinstance(value, Price):
            return value
        text = str(value)
        named = {word for word in CURRENCIES if word in text}
        if len(named) != 1:
            raise ValueError(
                f"needs one currency ({', '.join(CURRENCIES)}), for example '1 {self.unit('USD')}'"
            )
        currency = named.pop()
        amount = Quantity(self.unit(currency))(value)
        if amount < 0 and not self.signed:
            raise ValueError("must be at least 0")
        return Price(amount, currency)


class Series(NamedTuple):
    """A value that changes over the years: linear between the years given, level outside."""

    years: tuple[float, ...]
    """Years that values are given for, ascending."""
    values: tuple[float, ...]
    """Value at each of these years."""
    currency: str = ""
    """ISO code of prices; empty for other quantities."""

    def at(self, year: ArrayLike) -> NDArray[np.float64]:
        """Return the value at `year`, a calendar year with fraction (2030.5 is mid-2030)."""
        values = np.interp(np.asarray(year, dtype=float), self.years, self.values)
        return np.asarray(values, dtype=np.float64)


class Yearly:
    """Reads one value, or ``{2023: value, 2030: value}``, into a `Series`."""

    def __init__(self, read: Quantity | PricePer, most: float = math.inf) -> None:
        self.read = read
        self.most = most

    def __call__(self, value: object) -> Series:
        """Return the series; ValueError says what to write instead."""
        if isinstance(value, Series):
            return value
        if not isinstance(value, Mapping):
            number, currency = self._point(value)
            return Series((0.0,), (number,), currency)
        if not value:
            raise ValueError("needs at least one year")
        years = [self._year(year) for year in value]
        if years != sorted(years):
            raise ValueError("needs its years in ascending order")
        points = [self._point(point, f"in {year}: ") for year, point in value.items()]
        if len({currency for _, currency in points}) > 1:
            raise ValueError("needs one currency for all years")
        return Series(tuple(years), tuple(number for number, _ in points), points[0][1])

    @staticmethod
    def _year(year: object) -> float:
        if not re.fullmatch(r"\d{4}", str(year)):
            raise ValueError(f"{year!r} is not a year; write {{2025: value, 2030: value}}")
        return float(str(year))

    def _point(self, point: object, prefix: str = "") -> tuple[float, str]:
        try:
            read = self.read(point)
        except ValueError as error:
            raise ValueError(f"{prefix}{point} {error}" if prefix else str(error)) from None
        if isinstance(read, Price):
            return read.amount, read.currency
        if not 0 <= read <= self.most:
            limit = f" and at most {self.most:g}" if self.most < math.inf else ""
            raise ValueError(f"{prefix and f'{prefix}{point} '}must be at least 0{limit}")
        return read, ""


def _schema(*examples: object, pattern: str | None = None) -> WithJsonSchema:
    # A source, a distribution or null may stand in its place, as everywhere: see `schema`.
    if pattern:
        return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})
    return WithJsonSchema({"type": ["string", "number"], "examples": list(examples)})


_QUANTITY = r"^\s*[-+.\d]"


def _of(unit: str) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(Quantity(unit)), _schema(f"1 {unit}", pattern=_QUANTITY)


# The type a schema field is declared with. The suffix of the field's name is the same unit.
Kilowatts = Annotated[float, *_of("kW")]
"""Power. [kW]"""
Megawatts = Annotated[float, *_of("MW")]
"""Power. [MW]"""
MegawattHours = Annotated[float, *_of("MWh")]
"""Energy. [MWh]"""
Hours = Annotated[float, *_of("h")]
"""Duration. [h]"""
Years = Annotated[float, *_of("year")]
"""Duration. [year]"""
Meters = Annotated[float, *_of("m")]
"""Length. [m]"""
Degrees = Annotated[float, *_of("degree")]
"""Angle. [°]"""
Celsius = Annotated[float, *_of("degC")]
"""Temperature. [°C]"""
Kelvins = Annotated[float, *_of("delta_degC")]
"""Difference of temperatures. [K]"""
Pascals = Annotated[float, *_of("Pa")]
"""Pressure. [Pa]"""
MetersPerSecond = Annotated[float, *_of("m/s")]
"""Speed. [m/s]"""
KilogramsPerMwh = Annotated[float, *_of("kg/MWh")]
"""Emission factor. [kg/MWh]"""
KilogramsPerGigajoule = Annotated[float, *_of("kg/GJ")]
LitersPerKwh = Annotated[float, *_of("L/kWh")]
"""Water for energy. [L/kWh]"""
PerYear = Annotated[float, *_of("1/year")]
"""Rate. [1/year]"""
PerHour = Annotated[float, *_of("1/h")]
"""Rate. [1/h]"""
PerGpuYear = Annotated[float, *_of("1/GPU/year")]
Petaflops = Annotated[float, *_of("PFLOPS")]
Gpus = Annotated[int, BeforeValidator(Whole("GPU")), _schema("72 GPU")]
Count = Annotated[int, BeforeValidator(Whole("")), _schema(6)]
"""Whole number without a unit."""
Fraction = Annotated[float, BeforeValidator(Ratio()), _schema("15 %", 0.15)]
"""Share, written as ``15 %`` or 0.15. [1]"""
Share = Annotated[Fraction, Field(ge=0, le=1)]
"""Share from 0 to 1. [1]"""
Real = Annotated[float, BeforeValidator(Number()), _schema(1.5)]
"""Number without a unit, such as a COP. [1]"""


def _price(per: str) -> tuple[PlainValidator, WithJsonSchema]:
    example = f"1 USD/{per}" if per else "1 USD"
    return PlainValidator(PricePer(per)), _schema(example, pattern=_QUANTITY)


Money = Annotated[Price, *_price("")]
PricePerMwh = Annotated[Price, *_price("MWh")]
"""Price of energy, with its currency."""
PricePerMw = Annotated[Price, *_price("MW")]
"""Price of power, with its currency."""
PricePerMwYear = Annotated[Price, *_price("MW/year")]
"""Price of power and year, with its currency."""
PricePerMwhCapacity = Annotated[Price, *_price("MWh")]
PricePerGpu = Annotated[Price, *_price("GPU")]
PricePerGpuHour = Annotated[Price, *_price("GPU/h")]
PricePerKwMonth = Annotated[Price, *_price("kW/month")]
PricePerTonne = Annotated[Price, *_price("tonne")]
PricePerPersonYear = Annotated[Price, *_price("year")]


def _series(
    read: Quantity | PricePer, example: str, most: float = math.inf
) -> tuple[PlainValidator, WithJsonSchema]:
    years = {
        "type": "object",
        "patternProperties": {r"^\d{4}$": True},
        "additionalProperties": False,
        "minProperties": 1,
    }
    schema = {"anyOf": [{"type": ["string", "number"], "examples": [example]}, years]}
    return PlainValidator(Yearly(read, most)), WithJsonSchema(schema)


YearlyPricePerMwh = Annotated[Series, *_series(PricePer("MWh"), "110 USD/MWh")]
"""Price of energy, one for all years or by year."""
YearlySurchargePerMwh = Annotated[Series, *_series(PricePer("MWh", signed=True), "10 USD/MWh")]
YearlyPricePerTonne = Annotated[Series, *_series(PricePer("tonne"), "20 USD/t")]
YearlyPricePerGpuHour = Annotated[Series, *_series(PricePer("GPU/h"), "2.3 USD/GPU/h")]
YearlyKilogramsPerMwh = Annotated[Series, *_series(Quantity("kg/MWh"), "417 kg/MWh")]
"""Emission factor, one for all years or by year."""
YearlyFraction = Annotated[Series, *_series(Ratio(), "39 %", 1.0)]
