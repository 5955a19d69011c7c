"""Outlays and income other than energy: works, deliveries and prices in, ledger lines out."""

from __future__ import annotations

import numpy as np

from dcsim.accounts.energy.allocation import share
from dcsim.accounts.gpu.days import product_stocks
from dcsim.accounts.money.ledger import Lines
from dcsim.accounts.months import Months
from dcsim.clock import Floats, Integers
from dcsim.gpu_states import IN_SERVICE, OUTSIDE, STATE
from dcsim.scenario.provision import it_share_mw
from dcsim.scenario.schema.assets.registry import assets_of, kinds_of
from dcsim.scenario.schema.money import CapitalCost, Costs, MoneyPart
from dcsim.scenario.schema.quantity import Price
from dcsim.scenario.schema.site import Site
from dcsim.types import Flows, Load, TaskRecord, Timeline


def capital(site: Site, money: MoneyPart, months: Months, timeline: Timeline) -> list[Lines]:
    """Return the lines of capital besides GPUs.

    The cost of a work is spread evenly from its start to its finish; of a work that is not
    finished within the run, to the finish that was planned, or else to the end of the run. Cost
    that fell due before the run is booked on its first month or day; cost that falls due after it,
    or belongs to a work that never begins, is not booked.

    Parameters
    ----------
    site : Site
        Halls, for costs by MW of their IT power.
    money : MoneyPart
        Capital costs.
    months : Months
    timeline : Timeline
        Works as they went.

    Returns
    -------
    list of Lines
        One for each capital cost, in the order of the scenario.
    """
    tasks = {task.name: task for task in timeline.tasks}
    lines = []
    for cost in money.capital:
        sums, unit, price = _cost_basis(site, cost)
        if cost.works is not None:
            day = months.day
            progress = _monthly_progress(tasks.get(cost.works), months.edges_min)
        else:
            day = np.maximum(np.array([cost.on], dtype="datetime64[D]"), months.first_day)
            progress = np.ones(1) if _within(day[0], months) else np.zeros(1)
        block = Lines(day, cost.paid_by, f"capital.{cost.name}", "capital")
        rate = np.full(day.size, -price.amount)
        lines.append(block.priced(sums * progress, unit, rate, price.currency))
    return lines


def _cost_basis(site: Site, cost: CapitalCost) -> tuple[float, str, Price]:
    if cost.per_mw is None:
        assert cost.amount is not None
        return 1.0, "share", cost.amount
    return (
        sum(hall.it_power_mw for hall in site.halls if hall.name in cost.halls),
        "MW",
        cost.per_mw,
    )


def _within(day: np.datetime64, months: Months) -> bool:
    return bool(day < np.datetime64(months.calendar.end.date(), "D"))


def _monthly_progress(task: TaskRecord | None, edges_min: Integers) -> Floats:
    """Return the share of a work done in each month, all that lies before the run in the first.

    Evenly spread: with start :math:`s` and finish :math:`f` of the work and edges :math:`e_m` of
    the months, the share of month :math:`m` is the rise of ``clip((e - s) / (f - s), 0, 1)``.
    """
    run_min = int(edges_min[-1])
    if task is None or (task.start_min is None and task.finish_min is None):
        return np.zeros(edges_min.size - 1)
    finish = task.finish_min
    start = task.start_min if task.start_min is not None else finish
    assert start is not None
    if finish is None:
        planned = task.planned_finish_min
        finish = planned if planned is not None and planned > start else max(run_min, start + 1)
    done = (edges_min - start) / max(finish - start, 1)
    # A task of no length is done at once, in the month that holds its minute.
    done = np.where(edges_min > start, np.minimum(done, 1.0), 0.0)
    done[0] = 0.0
    return np.diff(done)


def gpu_purchases(site: Site, months: Months, timeline: Timeline, operator: str) -> list[Lines]:
    """Return a line for each order and month in which GPUs of it were delivered.

    They are paid for on delivery, by the party that placed the order, or else by the operator.

    Parameters
    ----------
    site : Site
        Prices of GPUs by product; a product without one is not booked.
    months : Months
    timeline : Timeline
        Moves of GPUs: one is delivered when it leaves the state ``on_order``.
    operator : str
        Party that pays where the order names none.

    Returns
    -------
    list of Lines
    """
    moves = timeline.moves
    on_order = STATE["on_order"]
    was_out = (moves.origin == OUTSIDE) | (moves.origin == on_order)
    arrived = was_out & (moves.target != on_order) & (moves.time_min < months.edges_min[-1])
    at = np.flatnonzero(arrived)
    month = months.month_of(moves.time_min[at])
    groups: dict[tuple[str, str, str | None], int] = {}
    number = np.array(
        [
            groups.setdefault(timeline.racks[rack][1:], len(groups))
            for rack in moves.subject[at].tolist()
        ],
        dtype=np.int64,
    )
    n_months = months.day.size
    place, size = number * n_months + month, len(groups) * n_months
    n_gpus = np.bincount(place, moves.n_gpus[at], size).astype(np.float64).reshape(-1, n_months)
    prices = {product.name: product.price_per_gpu for product in site.products}
    return [
        Lines(months.day, paid_by or operator, f"orders.{order}", "gpus").priced(
            bought, "GPU", np.full(n_months, -price.amount), price.currency
        )
        for (order, product, paid_by), bought in zip(groups, n_gpus, strict=True)
        if (price := prices[product]) is not None
    ]


def store_renewals(site: Site, months: Months, flows: Flows, operator: str) -> list[Lines]:
    """Return the lines for each store that was renewed and whose cost the scenario gives.

    A new one costs what its `cost` says for its power and its energy.

    Parameters
    ----------
    site, months, flows
        The stores and their cost, the months of the run, the steps in which they were renewed.
    operator : str
        Who pays.
    """
    lines = []
    for kind, store in assets_of(site, kinds_of("storage")):
        key = kind.key(store)
        steps = flows.battery_renewed_step.get(key, np.zeros(0, dtype=np.int64))
        if store.cost is None or not steps.size:
            continue
        month = months.month_of(months.calendar.edges_min[steps])
        n_new = np.bincount(month, minlength=months.day.size).astype(np.float64)
        for unit, size, price in (
            ("MW", store.power_mw, store.cost.capital_power_per_mw),
            ("MWh", store.energy_mwh, store.cost.capital_energy_per_mwh),
        ):
            rate = np.full(months.day.size, -price.amount)
            block = Lines(months.day, operator, key, kind.ledger_kind)
            lines.append(block.priced(n_new * size, unit, rate, price.currency))
    return lines


def running_costs(
    site: Site, costs: Costs, months: Months, timeline: Timeline, spent: list[Lines]
) -> list[Lines]:
    """Return the lines for staff and maintenance.

    Parameters
    ----------
    site : Site
        Design of the power, from which IT power follows, and prices of GPUs.
    costs : Costs
        Staff, salary and maintenance.
    months : Months
        Months that are paid for, each by its share of a year.
    timeline : Timeline
        Energized power and GPUs in service.
    spent : list of Lines
        Capital of works; facility maintenance is due on what was spent before the month.

    Returns
    -------
    list of Lines

    Notes
    -----
    A month, of length :math:`y` in years::

        staff                = staff_per_mw * energized IT power * y * salary
        it_maintenance       = it_maintenance_frac * price * GPUs in service * y
        facility_maintenance = facility_maintenance_frac * capital spent before * y
    """
    lines = []
    if costs.salary_per_year is not None:
        salary = costs.salary_per_year
        staff = costs.staff_per_mw * months.mean(energized_it_mw(site, timeline))
        block = Lines(months.day, costs.operator, "site", "staff")
        rate = np.full(months.day.size, -salary.amount)
        person_years = staff * months.length_years
        lines.append(block.priced(person_years, "person-year", rate, salary.currency))
    lines += _it_maintenance(site, costs, months, timeline)
    paid: dict[str, Floats] = {}
    for line in spent:
        paid[line.currency] = paid.get(line.currency, 0.0) - line.amount
    for currency, amount in paid.items():
        before = np.concatenate(([0.0], np.cumsum(amount)[:-1]))
        block = Lines(months.day, costs.operator, "site", "facility_maintenance")
        rate = np.full(months.day.size, -costs.facility_maintenance_frac)
        lines.append(block.priced(before * months.length_years, f"{currency}-year", rate, currency))
    return lines


def energized_it_mw(site: Site, timeline: Timeline) -> Floats:
    """Return the IT power that the energized connection can carry, shape ``(n_hours,)``. [MW]"""
    steps = timeline.capacity.get("energized")
    if steps is None:
        return np.zeros(timeline.calendar.n_hours)
    return steps.hourly(timeline.calendar) * it_share_mw(1.0, site.power)


def _it_maintenance(site: Site, costs: Costs, months: Months, timeline: Timeline) -> list[Lines]:
    lines = []
    prices = {product.name: product.price_per_gpu for product in site.products}
    length_min = np.diff(months.edges_min)
    for name, stock in zip(timeline.products, product_stocks(timeline, *IN_SERVICE), strict=True):
        price = prices[name]
        if price is None:
            continue
        mean_gpus = np.diff(stock.minutes_until(months.edges_min)) / length_min
        block = Lines(months.day, costs.operator, f"products.{name}", "it_maintenance")
        rate = np.full(months.day.size, -price.amount * costs.it_maintenance_frac)
        gpu_years = mean_gpus * months.length_years
        lines.append(block.priced(gpu_years, "GPU-year", rate, price.currency))
    return lines


def rental(
    site: Site,
    costs: Costs,
    months: Months,
    timeline: Timeline,
    load: Load,
    *,
    earning_frac: Floats,
) -> list[Lines]:
    """Return the income of busy GPU-hours by product.

    Work is shared among the products in proportion to their GPUs online. A GPU-hour earns the
    price of its calendar year; where a reference is given, times (performance / reference) to the
    power of ``rental_growth_with_performance``.

    Parameters
    ----------
    site : Site
        Performance of the products.
    costs : Costs
        Price of a GPU-hour and how it grows with performance.
    months : Months
    timeline : Timeline
        Names of the products.
    load : Load
        GPUs online by product, and busy.
    earning_frac : ndarray, shape (n_hours,)
        Share of them that earns: those that have power. [1]

    Returns
    -------
    list of Lines

    Notes
    -----
    For a product with performance :math:`p`::

        hours  = GPU-hours online * busy / online * earning share
        income = hours * price(year) * (p / reference) ** growth
    """
    price = costs.rental_per_gpu_h
    if price is None:
        return []
    busy_frac = share(load.busy_gpus.sum(axis=0), load.online_gpus.sum(axis=0)) * earning_frac
    performance = {product.name: product.performance_pflops for product in site.products}
    lines = []
    for name, online in zip(timeline.products, load.online_gpus, strict=True):
        rate = months.at(price) * _better(performance[name], costs)
        block = Lines(months.day, costs.operator, f"products.{name}", "rental")
        gpu_h = months.total(online * busy_frac)
        lines.append(block.priced(gpu_h, "GPU-h", rate, price.currency))
    return lines


def _better(performance_pflops: float | None, costs: Costs) -> float:
    """Return what a GPU-hour of a product earns over the price that is written."""
    if costs.rental_reference_pflops is None or costs.growth is None or performance_pflops is None:
        return 1.0
    return float((performance_pflops / costs.rental_reference_pflops) ** costs.growth)
