"""What the ledger says in one currency: totals, present value, return, levelized cost, funding.

Everything here is a function of a ledger and of the scenario's money, so a report can ask it again.
A cost counts on the day of its line; a year is 365.25 days from the first day of the run. The
horizon is the run: nothing is credited for what plants and GPUs are worth when it ends.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dcsim.accounts.money.ledger import CAPITAL_KINDS, Days, days_of
from dcsim.clock import Floats, Integers
from dcsim.scenario.prices import exchange
from dcsim.scenario.schema.money import MoneyPart
from dcsim.units import DAYS_PER_YEAR

_LEAST_RETURN, _MOST_RETURN, _RETURN_POINTS = -0.99, 10.0, 141


@dataclass(frozen=True)
class Cash:
    """The ledger in the currency of the totals, shape ``(n_lines,)`` each."""

    day: Days
    years: Floats
    """Years from the start of the run, not below zero. [year]"""
    amount: Floats
    """In the reporting currency; negative is money out."""
    kind: list[object]
    party: list[object]

    def of(self, *kinds: str) -> Floats:
        """Return the amounts of lines of these kinds, zero elsewhere."""
        wanted = frozenset(kinds)
        return self.amount * np.array([kind in wanted for kind in self.kind], dtype=np.float64)

    def by_year(self, amount: Floats, years: Integers) -> Floats:
        """Return the sum of amounts by calendar year."""
        year = self.day.astype("datetime64[Y]").astype(np.int64) + 1970
        sums = np.bincount(year - years[0], weights=amount, minlength=years.size)
        return np.asarray(sums, dtype=np.float64)


class Funding(NamedTuple):
    """What a party promised and what its capital and GPUs took, in the reporting currency."""

    party: str
    promised: float
    drawn: float
    """Capital and GPUs it pays for, up to its promise."""
    gap: float
    """What it pays beyond its promise."""


def cash(money: MoneyPart, ledger: Mapping[str, list[object]], first_day: datetime.date) -> Cash:
    """Convert a ledger into the currency of its totals, at the fixed rates of the scenario.

    Raises
    ------
    ScenarioError
        If a currency of the ledger has no rate.
    """
    day = days_of(ledger)
    factor = {str(name): exchange(money, str(name)) for name in dict.fromkeys(ledger["currency"])}
    factors = [factor[str(currency)] for currency in ledger["currency"]]
    since = (day - np.datetime64(first_day, "D")).astype(np.int64)
    amount = np.array(ledger["amount"], dtype=np.float64) * np.array(factors, dtype=np.float64)
    years = np.maximum(since, 0) / DAYS_PER_YEAR
    return Cash(day, years, amount, ledger["kind"], ledger["party"])


def totals(flow: Cash, key: str) -> dict[str, float]:
    """Return the sum of the amounts by ``kind``, ``party`` or ``year``, by first appearance."""
    labels = flow.day.astype("datetime64[Y]").tolist() if key == "year" else getattr(flow, key)
    names = [str(label.year) if key == "year" else str(label) for label in labels]
    number = {name: index for index, name in enumerate(dict.fromkeys(names))}
    places = np.array([number[name] for name in names], dtype=np.int64)
    sums = np.bincount(places, weights=flow.amount, minlength=len(number))
    return dict(zip(number, sums.tolist(), strict=True))


def check_totals(flow: Cash) -> None:
    """Raise AssertionError unless kinds, parties and years add up to the same total."""
    whole = float(flow.amount.sum())
    tolerance = 1e-9 * max(1.0, float(np.abs(flow.amount).sum()))
    for key in ("kind", "party", "year"):
        parts = sum(totals(flow, key).values())
        assert abs(parts - whole) <= tolerance, f"the ledger by {key} is {parts}, not {whole}"


def present_value(amount: Floats, years: Floats, discount_rate_frac: float) -> float:
    """Return the net present value of dated amounts.

    Parameters
    ----------
    amount : ndarray, shape (n,)
        Negative is money out.
    years : ndarray, shape (n,)
        When, from the day it is valued at. [year]
    discount_rate_frac : float
        Discount rate a year, above -1. [1]

    Returns
    -------
    float

    Examples
    --------
    >>> round(present_value(np.array([-1000.0, 1320.0]), np.array([0.0, 1.0]), 0.1), 6)
    200.0
    """
    return float(np.sum(amount * np.exp(-years * np.log1p(discount_rate_frac))))


def internal_return(amount: Floats, years: Floats) -> float | None:
    """Return the discount rate at which the present value is zero, from -99 % to 1000 %.

    A flow that changes its sign more than once may have several such rates; the one nearest to
    zero is given. None if there is none, as for costs alone. Bisection takes a millisecond;
    importing an optimizer for the same digits takes a hundred.

    Parameters
    ----------
    amount : ndarray, shape (n,)
        Negative is money out.
    years : ndarray, shape (n,)
        When. [year]

    Returns
    -------
    float or None
    """
    distinct, place = np.unique(years, return_inverse=True)
    flow = np.bincount(place, weights=amount, minlength=distinct.size)
    if not np.any(flow > 0) or not np.any(flow < 0):
        return None

    def gains(log_rate: float) -> bool:
        return bool(np.sum(flow * np.exp(-distinct * log_rate)) > 0)

    grid = np.linspace(np.log1p(_LEAST_RETURN), np.log1p(_MOST_RETURN), _RETURN_POINTS)
    turns = np.flatnonzero(np.diff([gains(point) for point in grid]))
    if not turns.size:
        return None
    nearest = turns[np.abs(grid[turns]).argmin()]
    low, high = float(grid[nearest]), float(grid[nearest + 1])
    gain_at_low = gains(low)
    while high - low > 1e-13:
        middle = (low + high) / 2
        low, high = (middle, high) if gains(middle) == gain_at_low else (low, middle)
    return float(np.expm1((low + high) / 2))


def payback_year(by_year: Floats, years: Integers) -> float | None:
    """Return the first year at whose end money that was out is back; None if never."""
    balance = np.cumsum(by_year)
    paid_back = (balance >= 0) & np.maximum.accumulate(balance < 0)
    return float(years[paid_back.argmax()]) if paid_back.any() else None


def levelized_cost(
    cost: Floats, years: Floats, output: Floats, output_years: Floats, discount_rate_frac: float
) -> float | None:
    """Return the constant price of `output` whose present value is that of the cost.

    Parameters
    ----------
    cost : ndarray, shape (n,)
        Money out, positive.
    years : ndarray, shape (n,)
        When. [year]
    output : ndarray, shape (m,)
        What is sold.
    output_years : ndarray, shape (m,)
        When. [year]
    discount_rate_frac : float
        Discount rate a year. [1]

    Returns
    -------
    float or None
        Cost a unit of output; None if there is no output.
    """
    sold = present_value(output, output_years, discount_rate_frac)
    if sold <= 0:
        return None
    return present_value(cost, years, discount_rate_frac) / sold


def funding(money: MoneyPart, flow: Cash) -> list[Funding]:
    """Return promise, use and gap of each party that promised funds or pays for capital."""
    promised: dict[str, float] = {}
    for fund in money.funds:
        worth = fund.amount.amount * exchange(money, fund.amount.currency)
        promised[fund.party] = promised.get(fund.party, 0.0) + worth
    spent: dict[str, float] = dict.fromkeys(promised, 0.0)
    for party, kind, amount in zip(flow.party, flow.kind, flow.amount.tolist(), strict=True):
        if kind in CAPITAL_KINDS:
            spent[str(party)] = spent.get(str(party), 0.0) - amount
    return [
        Funding(party, has := promised.get(party, 0.0), min(used, has), max(used - has, 0.0))
        for party, used in spent.items()
    ]
