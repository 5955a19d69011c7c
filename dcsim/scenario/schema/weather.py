"""Weather: a typical-year file, a table of hourly values, or the built-in climate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dcsim.scenario.schema.part import Line, Part
from dcsim.scenario.schema.profile import Zone
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


class MeasuredSpeed(Part):
    """A column of measured wind, and the height of its instrument."""

    column: Line
    """Title of the column."""
    height_m: Annotated[Meters, Field(gt=0, le=300)]
    """Height of the speeds above ground."""


class MeasuredWind(Part):
    """Wind at the turbines from a table: that of a mast, a lidar or a reanalysis at hub height."""

    file: Line
    """CSV or Parquet file, relative to the scenario, with a column of times."""
    speeds: Annotated[tuple[MeasuredSpeed, ...], Field(min_length=1, max_length=20)]
    """Columns of speed, each with its height; between two the logarithm of height counts."""
    unit: Line | None = None
    """Unit of the speeds, such as ``km/h``; without one, m/s."""
    density: Line | None = None
    """Title of a column of air density at the hub, in kg/m3; without it, from temperature and
    pressure of the weather."""
    shear: Annotated[Real, Field(ge=0, le=0.6)] | None = None
    """Exponent of the power law to hubs below or above all heights; needed there."""
    time: Line | None = None
    """Title of the column of times; needed only where several could be it."""
    time_zone: Zone | None = None
    """Zone of times that state none, with its summer time; without it they are UTC."""
    labels: Literal["start", "end"] | None = None
    """End of the step that a time labels; by default its start, or what the file itself says."""
    repair_h: Annotated[Hours, Field(ge=0, le=72)] = 0.0
    """Longest gap that is filled and noted; without it every hole is an error."""

    @model_validator(mode="after")
    def _heights_differ(self) -> MeasuredWind:
        heights = [speed.height_m for speed in self.speeds]
        if len(set(heights)) < len(heights):
            raise ValueError("two of its speeds have the same height")
        return self


class Column(Part):
    """A column of a weather table that has a title of its own."""

    holds: Literal[
        "time",
        "temp_dry_bulb_c",
        "dew_point_c",
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
    zone: Zone | None = None
    """Of a column of times: zone of those that state none, with its summer time; else UTC."""
    labels: Literal["start", "end"] | None = None
    """Of a column of times: end of the step that a time labels; by default its start, or what the
    file itself says."""

    @model_validator(mode="after")
    def _of_times(self) -> Column:
        if self.holds == "time" and self.unit is not None:
            raise ValueError("a column of times has no unit; its zone is the key zone")
        if self.holds != "time" and (self.zone is not None or self.labels is not None):
            raise ValueError("only a column of times has zone and labels")
        return self


class WeatherSettings(Part):
    """Source of the hourly weather; a file wins over the climate."""

    file: str | None = None
    """EPW, TMY3, CSV or Parquet file, relative to the scenario; typical years are repeated."""
    columns: tuple[Column, ...] = ()
    """Titles and units of columns of a plain table; columns that are not named are ignored."""
    repair_h: Annotated[Hours, Field(ge=0, le=72)] = 0.0
    """Longest gap of a file that is filled and noted; without it every hole is an error."""
    climate: Climate | None = None
    """Monthly statistics for the built-in climate."""
    wind: WindSite | None = None
    """Wind at the turbines by its statistics; a scenario with wind power needs this or
    `measured_wind`."""
    measured_wind: MeasuredWind | None = None
    """Wind at the turbines from a table."""
    irradiance_factor: Annotated[Real, Field(gt=0, le=2)] = 1.0
    """Factor on all irradiance, to correct a file whose sunshine is modelled."""

    @model_validator(mode="after")
    def _some_source(self) -> WeatherSettings:
        if self.file is None and self.climate is None:
            raise ValueError("needs a file or a climate")
        if self.wind is not None and self.measured_wind is not None:
            raise ValueError("has wind and measured_wind: keep one")
        return self
