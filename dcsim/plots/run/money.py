"""Money by kind and year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dcsim.clock import Floats, Integers
from dcsim.plots.style import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    PURPLE,
    SKY,
    TEXT,
    VERMILION,
    canvas,
    frame,
    legend,
    nothing,
    plain,
    require_kind,
    title,
)
from dcsim.results.result import Result
from dcsim.scenario.schema.assets.registry import kinds_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

OTHER = "Other"
OTHER_COLOR = "#DDDDDD"
SCALES = ((1e9, "bn"), (1e6, "mn"), (1e3, "thousand"), (1.0, ""))


class LedgerGroup(NamedTuple):
    """Kinds of ledger lines that are drawn as one."""

    starts: tuple[str, ...]
    """Beginnings of the kinds."""
    color: str


def ledger_groups() -> dict[str, LedgerGroup]:
    """Return the groups of ledger lines by their names, in the order in which they are stacked."""
    return {
        "GPUs": LedgerGroup(("gpus",), BLUE),
        "Buildings, halls, grid": LedgerGroup(("capital",), VERMILION),
        "Grid energy": LedgerGroup(("grid_",), GRAY),
        **{
            kind.ledger_label: LedgerGroup((kind.ledger_kind,), kind.ledger_color)
            for kind in kinds_of("variable", "dispatchable", "backup")
        },
        "Maintenance": LedgerGroup(("it_maintenance", "facility_maintenance"), PURPLE),
        "Staff": LedgerGroup(("staff",), SKY),
        "Carbon": LedgerGroup(("carbon",), "#7B4F2E"),
        "GPU rental": LedgerGroup(("rental",), GREEN),
    }


def money_by_year(result: Result, *, ax: Axes | None = None) -> Axes:
    """Draw money in and out by kind and year, and its sum so far, undiscounted.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, on a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_kind(result, "Result", "money_by_year")
    with canvas(ax) as axes:
        if not has_money(result):
            nothing(axes, "No money in this run")
            return axes
        assert result.site.money is not None
        years, sums = by_group_and_year(result)
        total = np.cumsum(sum(sums.values()))
        highest = max(float(np.abs(total).max()), *(float(np.abs(s).max()) for s in sums.values()))
        scale, word = next((s for s in SCALES if highest >= s[0]), SCALES[-1])
        unit = f"{word} {result.site.money.currency}".strip()
        handles = _bars(axes, years, {name: amount / scale for name, amount in sums.items()})
        handles += axes.plot(
            years, total / scale, color=BLACK, marker="o", ms=5, lw=2, label="Sum so far"
        )
        axes.axhline(0, color=BLACK, linewidth=0.8)
        frame(axes, ylabel=f"Money in (+) and out (−), {unit}")
        axes.set_xticks(years, [str(year) for year in years])
        axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
        axes.set_xlabel("Year", fontsize=TEXT)
        legend(axes, handles)
        title(axes, _finding(years, total, scale, unit), _detail(result))
    return axes


def has_money(result: Result) -> bool:
    """Tell whether a run counts money at all."""
    return result.site.money is not None and len(result.ledger["amount"]) > 0


def by_group_and_year(result: Result) -> tuple[Integers, dict[str, Floats]]:
    """Return the years of the run and the amounts of each group, in the currency of totals.

    Returns
    -------
    years : ndarray, shape (n_years,)
    sums : dict of ndarray, shape (n_years,) each
        Groups without any money are left out; negative is money out.
    """
    ledger, money = result.ledger, result.site.money
    assert money is not None
    worth = {money.currency: 1.0} | {name: 1.0 / rate for name, rate in money.rates.items()}
    amount = np.array(ledger["amount"], dtype=np.float64)
    amount *= np.array([worth[str(currency)] for currency in ledger["currency"]])
    year = np.array([int(str(date)[:4]) for date in ledger["date"]], dtype=np.int64)
    years = np.arange(year.min(), year.max() + 1)
    known = ledger_groups()
    group_of = {str(kind): _group(str(kind), known) for kind in dict.fromkeys(ledger["kind"])}
    groups = np.array([group_of[str(kind)] for kind in ledger["kind"]])
    sums = {
        name: np.bincount(year[mine] - years[0], amount[mine], years.size).astype(np.float64)
        for name in (*known, OTHER)
        if (mine := groups == name).any()
    }
    return years, sums


def _group(kind: str, known: Mapping[str, LedgerGroup]) -> str:
    return next((name for name, group in known.items() if kind.startswith(group.starts)), OTHER)


def _bars(ax: Axes, years: Integers, sums: dict[str, Floats]) -> list[Artist]:
    """Stack income upwards and costs downwards from zero."""
    up, down = np.zeros(years.size), np.zeros(years.size)
    handles: list[Artist] = []
    colors = {name: group.color for name, group in ledger_groups().items()}
    for name, amount in sums.items():
        gain, cost = np.maximum(amount, 0.0), np.minimum(amount, 0.0)
        bars = ax.bar(years, gain + cost, bottom=np.where(amount >= 0, up, down), width=0.75)
        for bar in bars:
            bar.set_facecolor(colors.get(name, OTHER_COLOR))
        up, down = up + gain, down + cost
        bars.set_label(name)
        handles.append(bars[0])
        bars[0].set_label(name)
    return handles


def _finding(years: Integers, total: Floats, scale: float, unit: str) -> str:
    lowest = int(total.argmin())
    deepest = f"{-total[lowest] / scale:,.1f} {unit} net out by"
    if lowest == total.size - 1 and total[lowest] < 0:
        return f"{deepest} the end of {years[lowest]}, still more out than in"
    end = f"{total[-1] / scale:+,.1f} at the end of {years[-1]}".replace("-", "−")
    if total[lowest] >= 0:
        return f"Never any money out on balance: {end.replace(' at', f' {unit} at')}"
    deepest = f"{deepest} {years[lowest]}"
    back = np.flatnonzero((total >= 0) & (years > years[lowest]))
    if back.size:
        return f"{deepest}, earned back in {years[back[0]]}; {end}"
    return f"{deepest}, not earned back in the run: {end}"


def _detail(result: Result) -> str:
    return f"{plain(result.site.name)}: by kind and year, sum so far not discounted"
