"""The grid's tariff: hourly import in, ledger lines for bands, demand, adders and levy out.

Public holidays are not modelled: a holiday on a weekday is billed as a weekday. KEPCO would
bill holidays as Sundays: for a flat load and 14 of them a year that overstates the energy price by
0.7 %.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from dcsim.accounts.money.ledger import Lines, amounts_by_currency
from dcsim.accounts.months import Months
from dcsim.clock import Calendar, Floats, Integers
from dcsim.scenario.prices import N_CODES, band_codes, escalation, rates
from dcsim.scenario.schema.money import Tariff
from dcsim.units import HOURS_PER_DAY, KW_PER_MW


def energy_by_code(power_mw: Floats, months: Months, codes: NDArray[np.int64]) -> Floats:
    """Return the energy of each month in each kind of hour. [MWh]

    A step longer than an hour is spread evenly over the hours it covers.

    Parameters
    ----------
    power_mw : ndarray, shape (n_hours,)
        Power on the steps of the calendar. [MW]
    months : Months
    codes : ndarray of int, shape (12 * 7 * 24,)
        Code of band and weekend for each month, day of the week and hour; `band_codes` gives it.

    Returns
    -------
    ndarray, shape (n_months, N_CODES)
    """
    calendar = months.calendar
    n_parts = max(1, round(calendar.step_h))
    energy = np.zeros(months.day.size * N_CODES)
    for part in range(n_parts):
        index = _month_code_index(calendar, codes.tobytes(), part)
        energy += np.bincount(index, weights=power_mw, minlength=energy.size)
    return energy.reshape(-1, N_CODES) * (calendar.step_h / n_parts)


@functools.lru_cache(maxsize=2)
def _month_code_index(calendar: Calendar, codes: bytes, part: int) -> Integers:
    """Return month and code of an hour of each step as one number, ``month * N_CODES + code``.

    It is the same for every bill of a run, so it is kept; `codes` come as bytes to be hashable.
    """
    row = ((calendar.month - 1) * 7 + calendar.weekday) * HOURS_PER_DAY
    # A step divides a day, so its hours stay within the day it begins in, but for zones whose
    # clocks change: there the last of them may wrap to the midnight before.
    code = np.frombuffer(codes, dtype=np.int64)[row + (calendar.hour + part) % HOURS_PER_DAY]
    return np.asarray(calendar.month_index * N_CODES + code)


def monthly_peak_mw(power_mw: Floats, calendar: Calendar) -> Floats:
    """Return the highest hourly mean of each month, shape ``(n_months,)``. [MW]

    Steps shorter than an hour are averaged over the hour first; of longer ones the mean is all
    there is, and the true peak may be higher.
    """
    n_parts = max(1, round(1 / calendar.step_h))
    if n_parts == 1:
        return np.asarray(np.maximum.reduceat(power_mw, calendar.month_starts))
    hour_starts = np.arange(0, power_mw.size, n_parts)
    in_hour = np.diff(hour_starts, append=power_mw.size)
    hourly_mw = np.add.reduceat(power_mw, hour_starts) / in_hour
    return np.asarray(np.maximum.reduceat(hourly_mw, calendar.month_starts // n_parts))


def grid_bill(tariff: Tariff, months: Months, import_mw: Floats, party: str) -> list[Lines]:
    """Return the lines of the grid's bill, month by month.

    Energy by band, demand charge, adders, and the levy on the sum of these in each currency. A
    month that the run begins or ends in pays its demand charge in full.

    Parameters
    ----------
    tariff : Tariff
    months : Months
    import_mw : ndarray, shape (n_hours,)
        Import from the grid, that for charging batteries included. [MW]
    party : str
        Who pays.

    Returns
    -------
    list of Lines

    Notes
    -----
    For each month, with the price growth ``g = (1 + escalation) ** (year - price_year)``::

        energy = sum over bands of MWh in the band * price of the band * g
        demand = highest hourly mean import of the month [kW] * demand_charge * g
        adders = MWh * adders of the year * g
        levy   = levy_frac * (energy + demand + adders)

    The demand charge is for the highest hour of the month itself, as in [1]_; ratchets, which
    charge the highest of the last twelve months, are not modelled.

    References
    ----------
    .. [1] Hledik, R., "Rediscovering Residential Demand Charges", The Electricity Journal 27(7),
       2014.
    """
    grown = escalation(tariff, months.year)
    energy_mwh = energy_by_code(import_mw, months, band_codes(tariff))
    bill = [
        Lines(months.day[of], party, "grid", rate.kind).priced(
            energy_mwh[of, code], "MWh", -rate.price.amount * grown[of], rate.price.currency
        )
        for season in tariff.seasons
        for of in (np.flatnonzero(np.isin(months.number + 1, season.months)),)
        for code, rate in enumerate(rates(season))
    ]
    charge = tariff.demand_charge_per_kw_month
    peak_kw = monthly_peak_mw(import_mw, months.calendar) * KW_PER_MW
    demand = Lines(months.day, party, "grid", "grid_demand")
    bill.append(demand.priced(peak_kw, "kW", -charge.amount * grown, charge.currency))
    if tariff.adders_per_mwh is not None:
        adders = tariff.adders_per_mwh
        used = Lines(months.day, party, "grid", "grid_adders")
        rate_now = -months.at(adders) * grown
        bill.append(used.priced(energy_mwh.sum(axis=1), "MWh", rate_now, adders.currency))
    for currency, due in amounts_by_currency(bill, months.day).items():
        levy = Lines(months.day, party, "grid", "grid_levy")
        rate_now = np.full(months.day.size, -tariff.levy_frac)
        bill.append(levy.priced(-due, currency, rate_now, currency))
    return bill


def mean_energy_price(tariff: Tariff, months: Months) -> dict[str, Floats]:
    """Return the mean price of grid energy of each month by currency, shape ``(n_months,)``.

    The price that a constant load pays for energy: bands, adders and levy, not the demand charge.
    [currency/MWh]
    """
    flat = np.ones(months.calendar.n_hours)
    hours = energy_by_code(flat, months, band_codes(tariff))
    lines = grid_bill(tariff, months, flat, "")
    energy = [line for line in lines if line.kind not in ("grid_demand", "grid_levy")]
    per_mwh = (1.0 + tariff.levy_frac) / hours.sum(axis=1)
    return {
        currency: -due * per_mwh
        for currency, due in amounts_by_currency(energy, months.day).items()
    }
