"""Finance: a ledger and the money of a scenario in, totals and figures in one currency out.

Nothing here looks at the run itself, so a report can compute it anew from `ledger.csv`.
A cost counts on the day of its line; a year is 365.25 days from the first day of the run. The
horizon is the run: no residual value of plants and GPUs is credited when it ends.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dcsim.accounts.money.ledger import LedgerDays, capital_kinds, days_of
from dcsim.clock import Floats, Integers
from dcsim.scenario.prices import exchange
from dcsim.scenario.schema.money import MoneyPart
from dcsim.units import DAYS_PER_YEAR

_LEAST_RETURN, _MOST_RETURN, _RETURN_POINTS = -0.99, 10.0, 141


@dataclass(frozen=True)
class Cash:
    """The ledger in the currency of the totals, shape ``(n_lines,)`` each."""

    day: LedgerDays
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
    """Funds that a party committed and their use, in the reporting currency."""

    party: str
    committed: float
    drawn: float
    """Capital and GPUs it pays for, up to what it committed."""
    gap: float
    """Capital and GPUs it pays for beyond what it committed."""


def cash(money: MoneyPart, ledger: Mapping[str, list[object]], first_day: datetime.date) -> Cash:
    """Return a ledger in the currency of its totals, at the fixed rates of the scenario.

    Parameters
    ----------
    money : MoneyPart
        Currency of the totals and rates of exchange.
    ledger : mapping of list
        Columns of the ledger, shape ``(n_lines,)`` each.
    first_day : date
        First day of the run, from which years are counted; earlier lines count on that day.

    Returns
    -------
    Cash

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
    index = np.array([number[name] for name in names], dtype=np.int64)
    sums = np.bincount(index, weights=flow.amount, minlength=len(number))
    return dict(zip(number, sums.tolist(), strict=True))


def check_totals(flow: Cash) -> None:
    """Raise AssertionError unless kinds, parties and years add up to the same total."""
    whole = float(flow.amount.sum())
    tolerance = 1e-9 * max(1.0, float(np.abs(flow.amount).sum()))
    for key in ("kind", "party", "year"):
        parts = sum(totals(flow, key).values())
        assert abs(parts - whole) <= tolerance, f"the ledger by {key} is {parts}, not {whole}"


def present_value(amount: Floats, years: Floats, discount_rate_frac: float) -> float:
    r"""Return the net present value of dated amounts.

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
        In the currency of `amount`; 0 where there are no amounts.

    Notes
    -----
    .. math:: NPV = \sum_i a_i (1 + r)^{-t_i}

    with amounts :math:`a_i` at years :math:`t_i` and the discount rate :math:`r` [1]_. Years are
    not rounded, so a payment in mid-year is discounted for half a year.

    References
    ----------
    .. [1] Brealey, R. A., Myers, S. C., Allen, F., "Principles of Corporate Finance",
       McGraw-Hill, chapter 2.

    Examples
    --------
    >>> round(present_value(np.array([-1000.0, 1320.0]), np.array([0.0, 1.0]), 0.1), 6)
    200.0
    """
    return float(np.sum(amount * np.exp(-years * np.log1p(discount_rate_frac))))


def internal_return(amount: Floats, years: Floats) -> float | None:
    r"""Return the discount rate at which the present value is zero, from -99 % to 1000 %.

    Parameters
    ----------
    amount : ndarray, shape (n,)
        Negative is money out.
    years : ndarray, shape (n,)
        When. [year]

    Returns
    -------
    float or None
        Rate a year; None if there is none in that range, as for costs alone. [1]

    Notes
    -----
    The rate :math:`r` solves

    .. math:: \sum_i a_i (1 + r)^{-t_i} = 0

    It is unique where the running sum of the amounts changes its sign once and ends above zero
    [1]_. Otherwise there may be several; the one nearest to zero is given.

    References
    ----------
    .. [1] Norstrøm, C. J., "A sufficient condition for a unique nonnegative internal rate of
       return", Journal of Financial and Quantitative Analysis 7(3), 1972.

    Examples
    --------
    >>> round(internal_return(np.array([-100.0, 112.0]), np.array([0.0, 1.0])), 9)
    0.12
    """
    # Amounts of one day are added first: a ledger has many lines a day, and each costs a power.
    distinct, index = np.unique(years, return_inverse=True)
    flow = np.bincount(index, weights=amount, minlength=distinct.size)
    if not np.any(flow > 0) or not np.any(flow < 0):
        return None

    def gains(log_rate: float) -> bool:
        return bool(np.sum(flow * np.exp(-distinct * log_rate)) > 0)

    # In x = ln(1 + r) the present value is a sum of exponentials, well scaled from -99 % to 1000 %.
    # A grid finds the changes of sign, bisection the root between two of its points: a millisecond,
    # where importing an optimizer for the same digits takes a hundred.
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
    """Return the first year at whose end money that was out is back; None if never.

    Not discounted: the first year whose running sum is zero or above, once it was below.

    Examples
    --------
    >>> payback_year(np.array([-10.0, 4.0, 6.0]), np.array([2030, 2031, 2032]))
    2032.0
    """
    balance = np.cumsum(by_year)
    paid_back = (balance >= 0) & np.maximum.accumulate(balance < 0)
    return float(years[paid_back.argmax()]) if paid_back.any() else None


def levelized_cost(
    cost: Floats, years: Floats, output: Floats, output_years: Floats, discount_rate_frac: float
) -> float | None:
    r"""Return the constant price of `output` whose present value is that of the cost.

    Parameters
    ----------
    cost : ndarray, shape (n,)
        Money out, positive.
    years : ndarray, shape (n,)
        When. [year]
    output : ndarray, shape (m,)
        Energy, GPU-hours or another product.
    output_years : ndarray, shape (m,)
        When. [year]
    discount_rate_frac : float
        Discount rate a year. [1]

    Returns
    -------
    float or None
        Cost a unit of output; None if there is no output.

    Notes
    -----
    .. math:: LC = \frac{\sum_i c_i (1 + r)^{-t_i}}{\sum_j q_j (1 + r)^{-t_j}}

    with costs :math:`c_i` and output :math:`q_j` [1]_. Output is discounted like money: it stands
    for what it would earn at the price :math:`LC`.

    References
    ----------
    .. [1] Short, W., Packey, D. J., Holt, T., "A Manual for the Economic Evaluation of Energy
       Efficiency and Renewable Energy Technologies", NREL/TP-462-5173, 1995, section 3.

    Examples
    --------
    >>> year = np.array([0.0, 1.0])
    >>> levelized_cost(np.array([70.0, 30.0]), year, np.array([0.0, 50.0]), year, 0.0)
    2.0
    """
    sold = present_value(output, output_years, discount_rate_frac)
    if sold <= 0:
        return None
    return present_value(cost, years, discount_rate_frac) / sold


def funding(money: MoneyPart, flow: Cash) -> list[Funding]:
    """Return funds, use and gap of each party that committed funds or pays for capital."""
    committed: dict[str, float] = {}
    for fund in money.funds:
        amount = fund.amount.amount * exchange(money, fund.amount.currency)
        committed[fund.party] = committed.get(fund.party, 0.0) + amount
    spent: dict[str, float] = dict.fromkeys(committed, 0.0)
    capital = capital_kinds()
    for party, kind, paid in zip(flow.party, flow.kind, flow.amount.tolist(), strict=True):
        if kind in capital:
            spent[str(party)] = spent.get(str(party), 0.0) - paid
    return [
        Funding(party, has := committed.get(party, 0.0), min(used, has), max(used - has, 0.0))
        for party, used in spent.items()
    ]
