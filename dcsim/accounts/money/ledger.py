"""The ledger: blocks of dated lines in, each a quantity times a rate; columns by date out.

One sign rule: a negative amount is money out of the party that is named, a positive one money in.
The sign sits in the rate; quantities are never negative. The other side of a payment is not
booked: payment for energy is a cost of the site, and no income of the seller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Floats
from dcsim.scenario.schema.assets.registry import kinds_of
from dcsim.types import LEDGER_COLUMNS

GRID_KINDS = (
    "grid_energy_light",
    "grid_energy_middle",
    "grid_energy_peak",
    "grid_energy_light_weekend",
    "grid_energy_middle_weekend",
    "grid_energy_peak_weekend",
    "grid_demand",
    "grid_adders",
    "grid_levy",
)
RUNNING_KINDS = ("carbon", "staff", "it_maintenance", "facility_maintenance")
INCOME_KINDS = ("rental",)

_EMPTY = np.zeros(0)
LedgerDays = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one kind for one asset, party and currency: columns of equal length.

    Party, asset and kind are given first, the price with `priced`, so that a bill states each once.
    """

    day: LedgerDays
    party: str
    asset: str
    kind: str
    quantity: Floats = field(default_factory=lambda: _EMPTY)
    unit: str = ""
    rate: Floats = field(default_factory=lambda: _EMPTY)
    currency: str = ""

    def priced(self, quantity: Floats, unit: str, rate: Floats, currency: str) -> Lines:
        """Return these lines with a quantity and a rate; the rate has the sign.

        Parameters
        ----------
        quantity : ndarray, shape (n_lines,)
            Not negative. [unit]
        unit : str
            Unit of the quantity, such as ``MWh``.
        rate : ndarray, shape (n_lines,)
            Negative for money out of the party. [currency/unit]
        currency : str
            ISO code, such as ``KRW``.
        """
        return replace(self, quantity=quantity, unit=unit, rate=rate, currency=currency)

    @property
    def amount(self) -> Floats:
        """Quantity times rate."""
        return self.quantity * self.rate


def energy_kinds() -> tuple[str, ...]:
    """Return the kinds of lines that are cost of energy: of the grid, then of each source."""
    of_sources = (kind.ledger_kind for kind in kinds_of("dispatchable", "variable", "backup"))
    return (*GRID_KINDS, *dict.fromkeys(of_sources))


def capital_kinds() -> tuple[str, ...]:
    """Return the kinds of lines that are outlays."""
    return ("capital", "gpus", *(kind.ledger_kind for kind in kinds_of("storage")))


def operating_kinds() -> tuple[str, ...]:
    """Return the kinds of lines that are cost of running the site, energy first."""
    return (*energy_kinds(), *RUNNING_KINDS)


def ledger_kinds() -> tuple[str, ...]:
    """Return all kinds of lines."""
    return (*operating_kinds(), *capital_kinds(), *INCOME_KINDS)


def amounts_by_currency(lines: Sequence[Lines], day: LedgerDays) -> dict[str, Floats]:
    """Return the sum of the amounts of each day, by currency in order of their first line."""
    sums: dict[str, Floats] = {}
    for line in lines:
        total = sums.setdefault(line.currency, np.zeros(day.size))
        np.add.at(total, np.searchsorted(day, line.day), line.amount)
    return sums


def ledger_from(lines: Sequence[Lines]) -> dict[str, list[object]]:
    """Return the ledger: lines that are not zero, by date, then in the order they are given.

    Parameters
    ----------
    lines : sequence of Lines

    Returns
    -------
    dict of list
        The `LEDGER_COLUMNS`; ``date`` is ISO text, ``amount`` is exactly ``quantity * rate``.

    Raises
    ------
    AssertionError
        If an amount is not a finite number.
    """
    sizes = [line.day.size for line in lines]
    block = np.repeat(np.arange(len(lines)), sizes)
    quantity, rate = (
        _concatenated([getattr(x, name) for x in lines]) for name in ("quantity", "rate")
    )
    amount = quantity * rate
    assert np.isfinite(amount).all(), "an amount of the ledger is not a finite number"
    day = np.concatenate([np.zeros(0, "datetime64[D]"), *(line.day for line in lines)])
    kept = np.flatnonzero(amount)
    kept = kept[np.argsort(day[kept], kind="stable")]
    of = block[kept].tolist()
    result: dict[str, list[object]] = {name: [] for name in LEDGER_COLUMNS}
    for name in ("party", "asset", "kind", "unit", "currency"):
        labels = [getattr(line, name) for line in lines]
        result[name] = [labels[index] for index in of]
    result["date"] = np.datetime_as_string(day[kept]).tolist()
    result |= {
        "quantity": quantity[kept].tolist(),
        "rate": rate[kept].tolist(),
        "amount": amount[kept].tolist(),
    }
    return result


def days_of(ledger: Mapping[str, list[object]]) -> LedgerDays:
    """Return the dates of a ledger as ``datetime64[D]``."""
    return np.array(ledger["date"], dtype="datetime64[D]")


def _concatenated(parts: list[Floats]) -> Floats:
    return np.concatenate([_EMPTY, *parts])
