"""Money: tariff, prices, capital cost, funding; and what carbon costs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.scenario.schema.part import Day, Derived, Line, Name, Named, Part
from dcsim.scenario.schema.quantity import (
    Fraction,
    Money,
    Price,
    PricePerKwMonth,
    PricePerMw,
    PricePerMwh,
    PricePerPersonYear,
    Real,
    Share,
    YearlyPricePerGpuHour,
    YearlyPricePerTonne,
    YearlySurchargePerMwh,
)
from dcsim.units import HOURS_PER_DAY, MONTHS_PER_YEAR

Currency = Literal["KRW", "USD", "EUR"]
Bands = Annotated[str, Field(pattern=r"^[LMP]{24}$")]


class Season(Named):
    """Months that share prices and hours of the tariff."""

    months: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(min_length=1)]
    """Months of the year."""
    middle_per_mwh: PricePerMwh
    """Energy price in middle hours."""
    light_per_mwh: PricePerMwh = Field(default_factory=lambda given: given.get("middle_per_mwh"))
    """Energy price in light hours, where there are any."""
    peak_per_mwh: PricePerMwh = Field(default_factory=lambda given: given.get("middle_per_mwh"))
    """Energy price in peak hours, where there are any."""
    weekday: Bands = HOURS_PER_DAY * "M"
    """Band of each hour of a weekday, 24 letters of L, M, P, from midnight; without it, one price
    at all hours."""
    saturday: Bands = Field(default_factory=lambda given: given.get("weekday"))
    """The same for Saturdays; without it, as on weekdays."""
    sunday: Bands = Field(default_factory=lambda given: given.get("weekday"))
    """The same for Sundays; without it, as on weekdays."""
    weekend_discount_frac: Share = 0.0
    """Discount on energy at weekends in `weekend_discount_hours`."""
    weekend_discount_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = tuple(range(24))
    """Local hours of the day it is given in; without any, all of them."""

    @model_validator(mode="after")
    def _priced_bands(self) -> Season:
        hours = self.weekday + self.saturday + self.sunday
        for band in ("light", "peak"):
            if band[0].upper() in hours and f"{band}_per_mwh" not in self.model_fields_set:
                example = f"'{band}: 60 {self.middle_per_mwh.currency}/MWh'"
                raise ValueError(f"{band} is missing, the price of its hours; write {example}")
        return self


def _one_season(given: dict[str, Any]) -> tuple[Season, ...]:
    """Return the seasons of a tariff of one price; none where that is not given."""
    price = given.get("price_per_mwh")
    if price is None:
        return ()
    months = range(1, MONTHS_PER_YEAR + 1)
    return (Season.model_validate({"name": "year", "months": tuple(months), "middle": price}),)


def _no_charge(given: dict[str, Any]) -> Price:
    # Some versions of pydantic ask for it even where the seasons are faulty.
    seasons = given.get("seasons")
    return Price(0.0, seasons[0].middle_per_mwh.currency if seasons else CURRENCIES[0])


class Tariff(Part):
    """Price of grid energy: one price or bands by season and hour, demand charge, extras."""

    seller: Line = "grid"
    """Party that is paid."""
    price_per_mwh: PricePerMwh | None = None
    """One price of energy at all hours, in place of `seasons`."""
    seasons: tuple[Season, ...] = Field(default_factory=_one_season)
    """Seasons; together they hold each month once."""
    demand_charge_per_kw_month: PricePerKwMonth = Field(default_factory=_no_charge)
    """For each kW of the highest hourly import of the month; without it, nothing."""
    adders_per_mwh: YearlySurchargePerMwh | None = None
    """Fuel adjustment, climate charge and the like."""
    levy_frac: Share = 0.0
    """Levy on the whole bill."""
    escalation_frac: Annotated[Fraction, Field(ge=-0.5, le=0.5)] = 0.0
    """Rise of all its prices a year."""
    price_year: Annotated[int, Field(ge=2000, le=2100)]
    """Year its prices stand for."""

    @model_validator(mode="after")
    def _every_month_once(self) -> Tariff:
        if self.price_per_mwh is not None and "seasons" in self.model_fields_set:
            raise ValueError("needs either price or seasons, not both")
        if not self.seasons:
            raise ValueError("needs seasons or one price; write for example 'price: 60 USD/MWh'")
        months = sorted(month for season in self.seasons for month in season.months)
        if months != list(range(1, 13)):
            raise ValueError("the seasons must hold each month from 1 to 12 once")
        return self


class CapitalCost(Named):
    """An outlay spread evenly over a work, or due on a day."""

    amount: Money | None = None
    """The whole sum; give this or `per_mw`."""
    per_mw: PricePerMw | None = Field(default=None, alias="per_mw")
    """Sum for each MW of IT power in `halls`."""
    halls: tuple[Name, ...] = ()
    """Halls `per_mw` counts."""
    works: str | None = None
    """Work whose progress spreads it, ``block-1.NAME`` for one of a block; give this or `on`."""
    on: Day | None = None
    """Day it is due."""
    paid_by: Line
    """Party that pays."""

    @model_validator(mode="after")
    def _one_of_each(self) -> CapitalCost:
        if (self.amount is None) == (self.per_mw is None):
            raise ValueError("needs either amount or per_mw, not both")
        if (self.works is None) == (self.on is None):
            raise ValueError("needs either works or on, not both")
        if self.per_mw is not None and not self.halls:
            raise ValueError("per_mw needs halls")
        return self


class Fund(Named):
    """Funding that a party has committed."""

    party: Line
    """Party that gives it."""
    amount: Money
    """Amount committed."""


class Costs(Part):
    """Running costs and income."""

    operator: Line
    """Party that runs the site, pays for energy and is paid for GPU-hours."""
    staff_per_mw: Annotated[Real, Field(ge=0)] = 0.0
    """People for each MW of IT power energised."""
    salary_per_year: PricePerPersonYear | None = None
    """Cost of a person and year."""
    it_maintenance_frac: Share = 0.0
    """Maintenance a year, over the price of the GPUs in service."""
    facility_maintenance_frac: Share = 0.0
    """Maintenance a year, over the capital cost spent on works."""
    rental_per_gpu_h: YearlyPricePerGpuHour | None = None
    """Income for a busy GPU-hour by year: of every GPU, or of one of `rental_reference`."""
    rental_reference_pflops: Annotated[Real, Field(gt=0)] | None = None
    """Dense BF16 PFLOPS of the GPU that `rental` is quoted for; without it, every GPU earns
    `rental` as it is written."""
    rental_growth_with_performance: Annotated[
        Annotated[Real, Field(ge=0, le=1)] | None,
        Derived(lambda costs, _: costs.growth, "in proportion"),
    ] = None
    """Power of (performance / `rental_reference`) by which a better GPU earns more; without it, 1.
    """

    @model_validator(mode="after")
    def _complete(self) -> Costs:
        given = self.model_fields_set
        if self.rental_growth_with_performance is not None and self.growth is None:
            raise ValueError(
                "rental_growth_with_performance needs the PFLOPS of the GPU that rental is quoted "
                "for; write for example 'rental_reference: 0.989'"
            )
        if self.staff_per_mw > 0 and self.salary_per_year is None:
            raise ValueError("staff needs a salary; write for example 'salary: 80000 USD/year'")
        if self.salary_per_year is not None and "staff_per_mw" not in given:
            raise ValueError("salary needs staff, people for each MW; write for example 'staff: 2'")
        return self

    @property
    def growth(self) -> float | None:
        """Power by which a better GPU earns more; None where all earn the same."""
        given = self.rental_growth_with_performance
        if self.rental_reference_pflops is None:
            return None
        return 1.0 if given is None else given


class MoneyPart(Part):
    """All of it, reported in one currency."""

    currency: Currency = "USD"
    """Currency of totals."""
    rates: dict[str, Annotated[Real, Field(gt=0)]] = Field(default_factory=dict)
    """Units of each other currency that one unit of `currency` buys, such as ``KRW: 1422``."""
    price_year: Annotated[int, Field(ge=2000, le=2100)]
    """Year whose money the amounts stand in."""
    discount_rate_frac: Annotated[Fraction, Field(ge=-0.5, lt=1)]
    """Nominal discount rate."""
    tariff: Tariff | None = None
    """Tariff of the grid."""
    capital: tuple[CapitalCost, ...] = ()
    """Outlays besides the GPUs."""
    funds: tuple[Fund, ...] = ()
    """Funding that parties have committed."""
    costs: Costs | None = None
    """Running costs and income."""
    carbon_price_per_t: YearlyPricePerTonne | None = None
    """Price of an emitted tonne, by year."""
    carbon_paid_frac: Share = 1.0
    """Share of the emissions of on-site plants that `carbon_price` is paid for."""

    @model_validator(mode="after")
    def _known_currencies(self) -> MoneyPart:
        unknown = sorted(set(self.rates) - set(CURRENCIES))
        if unknown:
            raise ValueError(f"rates: {unknown[0]} is not one of {', '.join(CURRENCIES)}")
        return self
