"""Weather: a typical-year file, a table of hourly values, or the built-in climate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dcsim.scenario.schema.part import Line, Part
from dcsim.scenario.schema.quantity import (
    Celsius,
    Fraction,
    Hours,
    Kelvins,
    Meters,
    MetersPerSecond,
    Real,
)

Monthly = Annotated[tuple[Annotated[Real, Field()], ...], Field(min_length=12, max_length=12)]
MonthlyCelsius = Annotated[
    tuple[Annotated[Celsius, Field(ge=-90, le=60)], ...], Field(min_length=12, max_length=12)
]
MonthlyFraction = Annotated[
    tuple[Annotated[Fraction, Field(ge=0, le=1)], ...], Field(min_length=12, max_length=12)
]
MonthlySpeed = Annotated[
    tuple[Annotated[MetersPerSecond, Field(gt=0)], ...], Field(min_length=12, max_length=12)
]


class Climate(Part):
    """Monthly statistics, January first, from which hourly years are drawn."""

    temp_mean_c: MonthlyCelsius
    """Mean dry-bulb temperature."""
    temp_max_c: MonthlyCelsius
    """Mean daily maximum."""
    temp_min_c: MonthlyCelsius
    """Mean daily minimum."""
    humidity_frac: MonthlyFraction
    """Mean relative humidity."""
    wind_m_s: MonthlySpeed
    """Mean wind at 10 m."""
    ghi_kwh_m2_day: Annotated[
        tuple[Annotated[Real, Field(gt=0, le=12)], ...], Field(min_length=12, max_length=12)
    ]
    """Mean global horizontal irradiation, kWh/m2 a day."""
    temp_deviation_k: Annotated[Kelvins, Field(ge=0, le=15)]
    """Standard deviation of a day's mean temperature about its monthly mean."""
    persistence: Annotated[Real, Field(ge=0, lt=1)]
    """Correlation of that deviation from one day to the next."""
    cloud_persistence: Annotated[Real, Field(ge=0, lt=1)]
    """Correlation of cloudiness from one day to the next."""


class WindSite(Part):
    """Wind at the turbines, which a town's weather station says nothing of."""

    mean_m_s: Annotated[MetersPerSecond, Field(gt=0, le=20)]
    """Mean speed at `height`."""
    height_m: Annotated[Meters, Field(gt=0, le=300)]
    """Height the mean is given for."""
    weibull_shape: Annotated[Real, Field(ge=1, le=5)]
    """Shape of the Weibull distribution of hourly speeds."""
    shear: Annotated[Real, Field(ge=0, le=0.6)]
    """Exponent of the power law that carries the speed to hub height."""
    monthly_factor: Annotated[
        tuple[Annotated[Real, Field(gt=0)], ...], Field(min_length=12, max_length=12)
    ]
    """Mean speed of each month over the mean of the year."""
    memory_h: Annotated[Hours, Field(gt=0)]
    """Time over which the correlation of the speed with itself falls to 1/e."""


class Column(Part):
    """A column of a weather table that has a title of its own."""

    holds: Literal[
        "temp_dry_bulb_c",
        "relative_humidity_frac",
        "wind_speed_m_s",
        "ghi_w_m2",
        "dni_w_m2",
        "dhi_w_m2",
        "pressure_pa",
    ]
    """Quantity in the column."""
    title: Line
    """Its title in the file."""
    unit: Line | None = None
    """Its unit, such as ``K`` or ``km/h``; without one, that of what it holds."""


class WeatherSettings(Part):
    """Source of the hourly weather; a file wins over the climate."""

    file: str | None = None
    """EPW, TMY3 or CSV file, relative to the scenario; typical years are repeated."""
    columns: tuple[Column, ...] = ()
    """Titles and units of columns of a plain table; columns that are not named are ignored."""
    repair_h: Annotated[Hours, Field(ge=0, le=72)] = 0.0
    """Longest gap of a file that is filled and noted; without it every hole is an error."""
    climate: Climate | None = None
    """Monthly statistics for the built-in climate."""
    wind: WindSite | None = None
    """Wind at the turbines; needed where a scenario has wind power."""
    irradiance_factor: Annotated[Real, Field(gt=0, le=2)] = 1.0
    """Factor on all irradiance, to correct a file whose sunshine is modelled."""

    @model_validator(mode="after")
    def _some_source(self) -> WeatherSettings:
        if self.file is None and self.climate is None:
            raise ValueError("needs a file or a climate")
        return self
