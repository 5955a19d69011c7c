"""Prices: a tariff and a calendar in, the price of energy in each step in one currency out.

Bills are made from these (`dcsim.accounts`), and a dispatch that looks at prices sees them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar, Floats, Integers
from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.schema.money import MoneyPart, Season, Tariff
from dcsim.scenario.schema.quantity import Price, Series
from dcsim.units import HOURS_PER_DAY, KW_PER_MW

BANDS = ("light", "middle", "peak")
N_CODES = 2 * len(BANDS)
"""Codes of an hour: its band, and 3 more where the weekend discount is given."""
_LETTERS = "LMP"
_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Rate:
    """Price of energy in one kind of hour of a season."""

    kind: str
    price: Price
    """Before escalation, weekend discount taken off. [currency/MWh]"""


def band_codes(tariff: Tariff) -> NDArray[np.int64]:
    """Return the code of each hour, shape ``(12, 7, 24)``: month, weekday from Monday, hour."""
    codes = np.zeros((12, 7, HOURS_PER_DAY), dtype=np.int64)
    weekend = np.array([_SATURDAY, _SUNDAY])
    for season in tariff.seasons:
        week = [season.weekday] * 5 + [season.saturday, season.sunday]
        of_week = np.array([[_LETTERS.index(letter) for letter in day] for day in week])
        hours = np.unique(np.array(season.weekend_discount_hours, dtype=np.int64))
        if season.weekend_discount_frac > 0 and hours.size:
            of_week[np.ix_(weekend, hours)] += len(BANDS)
        codes[np.array(season.months) - 1] = of_week
    return codes


def rates(season: Season) -> list[Rate]:
    """Return the price of each code in a season, in order."""
    prices = (season.light_per_mwh, season.middle_per_mwh, season.peak_per_mwh)
    weekend_factor = 1.0 - season.weekend_discount_frac
    plain = [Rate(f"grid_energy_{band}", p) for band, p in zip(BANDS, prices, strict=True)]
    return plain + [
        Rate(f"grid_energy_{band}_weekend", Price(p.amount * weekend_factor, p.currency))
        for band, p in zip(BANDS, prices, strict=True)
    ]


def escalation(tariff: Tariff, year: Integers) -> Floats:
    """Return the factor on all prices of the tariff in a calendar year."""
    return np.asarray((1.0 + tariff.escalation_frac) ** (year - tariff.price_year))


def exchange(money: MoneyPart, currency: str) -> float:
    """Return what one unit of `currency` is worth in the currency of the totals.

    Raises
    ------
    ScenarioError
        If ``money.rates`` does not give it.
    """
    if currency == money.currency:
        return 1.0
    if currency not in money.rates:
        message = (
            f"needs a rate for {currency}, in which something is priced; "
            f"write how many {currency} buy 1 {money.currency}"
        )
        raise ScenarioError([Problem("", "money.rates", message)])
    return 1.0 / money.rates[currency]


def yearly_price(money: MoneyPart, price: Series, calendar: Calendar) -> Floats:
    """Return a yearly price in each step: that of its calendar year.

    Parameters
    ----------
    money : MoneyPart
        Gives the currency of the totals and the rates.
    price : Series
        By calendar year. [currency per unit]
    calendar : Calendar

    Returns
    -------
    ndarray, shape (n_hours,)
        [currency of the totals per unit]
    """
    first, last = int(calendar.year[0]), int(calendar.year[-1])
    by_year = np.asarray(price.at(np.arange(first, last + 1)))
    return by_year[calendar.year - first] * exchange(money, price.currency)


def energy_price_per_mwh(money: MoneyPart, tariff: Tariff, calendar: Calendar) -> Floats:
    """Return what one MWh from the grid adds to the bill in each step.

    Band of the hour, adders and levy, all but the demand charge. A step longer than an hour pays
    the mean of the hours it covers.

    Parameters
    ----------
    money : MoneyPart
        Gives the currency of the totals and the rates.
    tariff : Tariff
    calendar : Calendar

    Returns
    -------
    ndarray, shape (n_hours,)
        [currency of the totals per MWh]

    Raises
    ------
    ScenarioError
        If a currency has no rate.
    """
    of_month = np.zeros((12, N_CODES))
    for season in tariff.seasons:
        prices = [r.price.amount * exchange(money, r.price.currency) for r in rates(season)]
        of_month[np.array(season.months) - 1] = prices
    codes = band_codes(tariff)
    month, n_parts = calendar.month - 1, max(1, round(calendar.step_h))
    price = np.zeros(calendar.n_hours)
    for part in range(n_parts):
        code = codes[month, calendar.weekday, (calendar.hour + part) % HOURS_PER_DAY]
        price += of_month[month, code]
    price /= n_parts
    if tariff.adders_per_mwh is not None:
        price += yearly_price(money, tariff.adders_per_mwh, calendar)
    return price * escalation(tariff, calendar.year) * (1.0 + tariff.levy_frac)


def demand_price_per_mw_month(money: MoneyPart, tariff: Tariff, calendar: Calendar) -> Floats:
    """Return what one MW more of the highest import costs in each month of the run, with levy.

    Parameters
    ----------
    money : MoneyPart
        Gives the currency of the totals and the rates.
    tariff : Tariff
    calendar : Calendar

    Returns
    -------
    ndarray, shape (n_months,)
        [currency of the totals per MW and month]
    """
    charge = tariff.demand_charge_per_kw_month
    per_mw = charge.amount * KW_PER_MW * exchange(money, charge.currency)
    grown = escalation(tariff, calendar.year[calendar.month_starts])
    return per_mw * grown * (1.0 + tariff.levy_frac)


def mean_by_month(price: Floats, calendar: Calendar) -> Floats:
    """Return the mean of a price over the month of each step, in each step.

    What a constant load pays in the month.
    """
    n_steps = np.diff(calendar.month_starts, append=calendar.n_hours)
    return np.asarray((calendar.monthly_sum(price) / n_steps)[calendar.month_index])
