"""Least-cost sizes of plants and batteries for one year of load, as a linear program.

Sizes are variables beside the flows of every step. Batteries charge from carbon-free surplus only
and end the year as they began it, so all that comes out of them is carbon-free, and the load that
is met by carbon-free power in the same hour is a sum of flows:

    matched = taken + clean plants - charge + discharge + grid_share * import

The program sees the whole year beforehand and may leave a plant idle where that is cheaper; a
replay by the rules of a policy does neither, and the gap between the two is reported with the
sizes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from dcsim.clock import Floats, Integers
from dcsim.errors import ModelError
from dcsim.supply.optimum.decisions import keep_to_ramp, ramp_reach_mw
from dcsim.supply.optimum.objective import TIE
from dcsim.supply.optimum.program import InfeasibleError, Program, Term
from dcsim.supply.optimum.sizing_year import LeastCostSizes, SizedPlant, SizedStore, Year

_FULL = 1e-6
"""Share of the connection that may be free while it counts as full."""
_NO_LIMIT_MW = 1e9
"""Power that no site reaches; finite, since a battery out of service has none of it."""
_ASIDE = 1e-4
"""Weight of cost where the share is what counts: of equal shares the cheaper one."""


def find_sizes(
    year: Year,
    plants: Mapping[str, SizedPlant],
    stores: Mapping[str, SizedStore],
    *,
    cfe_frac: float | None = None,
    cost_limit: float | None = None,
) -> LeastCostSizes:
    """Return the sizes of least cost, or those that match most within a cost.

    Parameters
    ----------
    year : Year
    plants, stores : mapping of asset key to SizedPlant and SizedStore
    cfe_frac : float, optional
        Least share of the load to be met by carbon-free power in the same hour. [1]
    cost_limit : float, optional
        Most that the year may cost; then the share is made large instead. [money]

    Returns
    -------
    LeastCostSizes

    Raises
    ------
    ModelError
        If both are given, or no sizes reach them.
    """
    if cfe_frac is not None and cost_limit is not None:
        raise ModelError("need a share or a cost to keep to, not both")
    model = _Model(year, plants, stores, by_share=cost_limit is not None)
    if cfe_frac is not None:
        model.match_at_least(cfe_frac)
    if cost_limit is not None:
        model.cost_at_most(cost_limit)
    try:
        return model.solution()
    except InfeasibleError:
        raise ModelError(_unreached(year, plants, stores, cfe_frac, cost_limit)) from None


def _unreached(
    year: Year,
    plants: Mapping[str, SizedPlant],
    stores: Mapping[str, SizedStore],
    cfe_frac: float | None,
    cost_limit: float | None,
) -> str:
    if cfe_frac is not None:
        model = _Model(year, plants, stores, by_share=True)
        most = model.solution().cfe_frac
        reasons = "; ".join(model.binding_limits())
        return f"no sizes reach a share of {cfe_frac:.2%}; the most is {most:.2%}: {reasons}"
    model = _Model(year, plants, stores, by_share=False)
    least = model.solution().cost
    parts = ", ".join(f"{label} {cost:,.0f}" for label, cost in model.cost_parts())
    return f"no sizes keep to a cost of {cost_limit:,.0f}; the least is {least:,.0f}: {parts}"


class _Model:
    """The program of a year, with the blocks that its result is read from."""

    def __init__(
        self,
        year: Year,
        plants: Mapping[str, SizedPlant],
        stores: Mapping[str, SizedStore],
        *,
        by_share: bool,
    ) -> None:
        self.year = year
        self.scale = float(np.abs(year.import_per_mwh).mean()) or 1.0
        self.worth = (_ASIDE, 1.0) if by_share else (1.0, 0.0)
        """Weights of cost, over the usual price of import, and of a matched MWh."""
        self.program = Program()
        self.costs: list[tuple[str, Term]] = []
        self.matched: list[Term] = []
        self.made: dict[str, Integers] = {}
        """Output of each dispatchable plant."""
        self.values: Floats = np.zeros(0)
        """Of the last solution."""
        h, load_mw = year.step_h, year.load_mw
        self.plants = {
            key: self._add(1, plant.cost_per_mw, label=key) for key, plant in plants.items()
        }
        self.imported = self._add(
            load_mw.size,
            year.import_per_mwh * h,
            matched_h=year.import_clean_frac * h,
            label="energy from the grid",
        )
        self.stores: dict[str, tuple[Integers, Integers, Integers, Integers]] = {}
        self._add_balance(self._clean_use(plants), stores)
        self._add_peaks()

    def _add_balance(self, taken: list[Term], stores: Mapping[str, SizedStore]) -> None:
        """Serve the load of each step from what is taken, batteries, plants and the grid."""
        year, h, load_mw = self.year, self.year.step_h, self.year.load_mw
        self.stores = {key: self._store(store) for key, store in stores.items()}
        into = [Term(1, charge) for _, _, charge, _ in self.stores.values()]
        out_of = [Term(1, discharge) for _, _, _, discharge in self.stores.values()]
        rest = self._rest()
        clean = [Term(1, self.made[key]) for key in self.made if key in year.clean_dispatchable]
        if into:
            self.program.at_most(np.zeros(load_mw.size), *into, *map(_minus, [*taken, *clean]))
        self.unserved = self.program.variables(
            load_mw.size, cost=year.unserved_per_mwh / self.scale * h
        )
        served = [*taken, *out_of, *map(_minus, into), Term(1, self.imported)]
        self.program.equal(load_mw - year.other_mw, *served, *rest, Term(1, self.unserved))

    def match_at_least(self, frac: float) -> None:
        """Let at least this share of the load be matched."""
        load_mwh = float(self.year.load_mw.sum()) * self.year.step_h
        self.program.at_most(
            np.array([-frac * load_mwh]), *map(_in_one_row, map(_minus, self.matched))
        )

    def cost_at_most(self, money: float) -> None:
        """Let the year cost at most this much."""
        self.program.at_most(
            np.array([money / self.scale]), *(_in_one_row(term) for _, term in self.costs)
        )

    def solution(self) -> LeastCostSizes:
        """Solve the program and read sizes, share and cost from it."""
        values = self.values = self.program.solve()
        load_mwh = float(self.year.load_mw.sum()) * self.year.step_h
        return LeastCostSizes(
            plants_mw={key: max(float(values[size][0]), 0.0) for key, size in self.plants.items()},
            stores={
                key: (max(float(values[power][0]), 0.0), max(float(values[energy][0]), 0.0))
                for key, (power, energy, _, _) in self.stores.items()
            },
            cfe_frac=_total(self.matched, values) / load_mwh if load_mwh else 1.0,
            cost=_total([term for _, term in self.costs], values) * self.scale,
            unserved_mwh=float(values[self.unserved].sum()) * self.year.step_h,
            energy_mwh={
                key: float(values[columns].sum()) * self.year.step_h
                for key, columns in ({"import": self.imported} | self.made).items()
            },
        )

    def cost_parts(self) -> list[tuple[str, float]]:
        """Return what the last solution costs by what is paid for, the largest first. [money]"""
        parts: dict[str, float] = {}
        for label, term in self.costs:
            parts[label] = parts.get(label, 0.0) + _total([term], self.values) * self.scale
        return sorted(
            ((label, cost) for label, cost in parts.items() if round(cost)),
            key=lambda part: -part[1],
        )

    def binding_limits(self) -> list[str]:
        """Return in words what keeps the share of the last solution from being higher."""
        year, values = self.year, self.values
        imported = values[self.imported]
        emitting_mwh = {
            "import that is not carbon-free": float(
                (imported * (1 - year.import_clean_frac)).sum()
            ),
            "other contracts": float(year.other_mw.sum()),
            "load that nothing serves": float(values[self.unserved].sum()),
        } | {
            key: float(values[columns].sum())
            for key, columns in self.made.items()
            if key not in year.clean_dispatchable
        }
        whole = sum(emitting_mwh.values())
        found = [
            f"{mwh / whole:.0%} of what is missing is {label}"
            for label, mwh in sorted(emitting_mwh.items(), key=lambda part: -part[1])
            if whole > 0 and mwh / whole >= 0.005
        ]
        brought_mw = values[self.wheeled] + imported + year.other_mw
        full = (brought_mw >= year.connection_mw * (1 - _FULL)) & (year.connection_mw > 0)
        if full.any():
            found.append(f"the connection is full in {full.mean():.0%} of the time")
        if not self.stores:
            found.append("no battery is among what may be sized")
        if not self.plants:
            found.append("no plant is among what may be sized")
        return found

    def _add(
        self,
        n: int,
        cost: ArrayLike = 0.0,
        *,
        matched_h: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        tie: float = 0.0,
        label: str = "",
    ) -> Integers:
        """Add variables that cost money and match load; `tie` is a cost that is no money.

        Parameters
        ----------
        n : int
            Number of variables.
        cost, matched_h, lower, upper : array_like, shape (n,) or scalar
            Of one unit of each.
        tie : float
        label : str
            What messages call the cost.
        """
        share, match = np.asarray(cost) / self.scale, np.asarray(matched_h)
        weight = self.worth[0] * (share + tie) - self.worth[1] * match
        columns = self.program.variables(n, cost=weight, lower=lower, upper=upper)
        if share.any():
            self.costs.append((label, Term(share, columns)))
        if match.any():
            self.matched.append(Term(match, columns))
        return columns

    def _clean_use(self, plants: Mapping[str, SizedPlant]) -> list[Term]:
        """Add what is taken of carbon-free sources, through the connection and behind it."""
        year = self.year
        n, h = year.load_mw.size, year.step_h
        terms = []
        for wheeled, fixed_mw in ((True, year.clean_wheeled_mw), (False, year.clean_onsite_mw)):
            sized = {key: plant for key, plant in plants.items() if plant.wheeled == wheeled}
            taken = self._add(n, matched_h=h, upper=np.inf if sized else fixed_mw)
            made = [
                Term(-plant.output_pu, np.repeat(self.plants[key], n))
                for key, plant in sized.items()
            ]
            if made:
                self.program.at_most(fixed_mw, Term(1, taken), *made)
            terms.append(Term(1, taken))
        self.wheeled = terms[0].columns
        room_mw = np.maximum(year.connection_mw - year.other_mw, 0.0)
        self.program.at_most(room_mw, terms[0], Term(1, self.imported))
        return terms

    def _store(self, store: SizedStore) -> tuple[Integers, Integers, Integers, Integers]:
        """Add a battery; return its power, energy, charge and discharge."""
        n, h = store.availability_frac.size, self.year.step_h
        power = self._add(1, store.cost_per_mw, label="storage")
        energy = self._add(1, store.cost_per_mwh, label="storage")
        charge_mw = store.availability_frac * min(store.charge_limit_mw, _NO_LIMIT_MW)
        discharge_mw = store.availability_frac * min(store.discharge_limit_mw, _NO_LIMIT_MW)
        charge = self._add(n, matched_h=-h, upper=charge_mw, tie=TIE * h)
        discharge = self._add(n, matched_h=h, upper=discharge_mw, tie=TIE * h)
        level = self.program.variables(n)
        nothing = np.zeros(n)
        held = np.repeat(energy, n)
        works = Term(-store.availability_frac, np.repeat(power, n))
        self.program.at_most(nothing, Term(1, charge), works)
        self.program.at_most(nothing, Term(1, discharge), works)
        self.program.at_most(nothing, Term(1, level), Term(-store.max_stored_frac, held))
        if store.min_stored_frac > 0:
            self.program.at_most(nothing, Term(-1, level), Term(store.min_stored_frac, held))
        self.program.equal(
            nothing,
            Term(1, level),
            Term(-store.retention_frac, np.roll(level, 1)),  # the year ends as it began
            Term(-store.charge_frac * h, charge),
            Term(h / store.discharge_frac, discharge),
        )
        return power, energy, charge, discharge

    def _rest(self) -> list[Term]:
        """Add CHP, gensets and what must be taken of others beyond the load."""
        year = self.year
        n, h = year.load_mw.size, year.step_h
        backup_unit = self._add(n, year.backup_per_mwh * h, upper=year.backup_mw, label="backup")
        terms = [Term(1, backup_unit)]
        forced_mw, clean_forced_mw = year.other_mw, np.zeros(n)
        for key, (minimum_mw, most_mw) in year.dispatchable_mw.items():
            is_clean = key in year.clean_dispatchable
            change_mw = year.change_mw.get(key, np.inf)
            least_mw = minimum_mw
            if np.isfinite(change_mw):
                least_mw = _least_by_ramp(minimum_mw, most_mw, change_mw)
            made = self._add(
                n,
                year.dispatchable_per_mwh[key] * h,
                matched_h=h if is_clean else 0.0,
                lower=least_mw,
                upper=most_mw,
                label=key,
            )
            self.made[key] = made
            if np.isfinite(change_mw):
                keep_to_ramp(self.program, made, most_mw, change_mw)
            terms.append(Term(1, made))
            if is_clean:
                clean_forced_mw = clean_forced_mw + least_mw
            else:
                forced_mw = forced_mw + least_mw
        terms.append(Term(-1, self.program.variables(n, upper=forced_mw)))
        if clean_forced_mw.any():
            # What must be taken of clean plants beyond the load matches nothing.
            terms.append(Term(-1, self._add(n, matched_h=-h, upper=clean_forced_mw)))
        return terms

    def _add_peaks(self) -> None:
        year = self.year
        if not year.demand_per_mw.size:
            return
        peak = self._add(year.demand_per_mw.size, year.demand_per_mw, label="demand charge")
        hour = np.arange(year.load_mw.size) // year.step_of_hour
        in_hour = np.bincount(hour)
        mean = Term(1.0 / in_hour[hour], self.imported, hour)
        month = year.month[:: year.step_of_hour]
        self.program.at_most(np.zeros(in_hour.size), mean, Term(-1, peak[month]))


def _least_by_ramp(least_mw: Floats, most_mw: Floats, change_mw: float) -> Floats:
    """Return the lowest output that a ramp lets a plant have. [MW]

    It is below the minimum on the way up from an outage, above it before the minimum rises.
    """
    least_mw = np.minimum(least_mw, ramp_reach_mw(most_mw, change_mw, None))
    for step in range(least_mw.size - 2, -1, -1):
        least_mw[step] = max(least_mw[step], least_mw[step + 1] - change_mw)
    return least_mw


def _minus(term: Term) -> Term:
    return term._replace(coefficient=-np.asarray(term.coefficient, dtype=float))


def _in_one_row(term: Term) -> Term:
    return term._replace(rows=np.zeros(term.columns.size, dtype=np.int64))


def _total(terms: list[Term], values: Floats) -> float:
    return float(sum(np.sum(np.asarray(c) * values[columns]) for c, columns, _ in terms))
