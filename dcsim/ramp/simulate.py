"""The ramp: a plan in, run as one SimPy simulation, its timeline out."""

from __future__ import annotations

from simpy import Environment, Resource

from dcsim.clock import minutes
from dcsim.gpu_states import GPU_STATES, STATE
from dcsim.ramp.build import add_assets, add_hall, add_step, expand_block, start_works
from dcsim.ramp.constraints import (
    Constraint,
    CoolingCapacity,
    CrewPool,
    CrewRelease,
    CrewWork,
    PowerHeadroom,
)
from dcsim.ramp.failures.downtime import with_failures
from dcsim.ramp.failures.repair_shop import RepairShop
from dcsim.ramp.hall_space import HallSpace
from dcsim.ramp.orders import add_order, went_online, will_retire
from dcsim.ramp.outages import GRID, draw_outages
from dcsim.ramp.rack_flow import RackFlow
from dcsim.ramp.ratings import rated
from dcsim.ramp.record import Record, moves_from_rows, select_moves, stable_order
from dcsim.ramp.schedule import EventSchedule, RackStep
from dcsim.ramp.state import RampState
from dcsim.ramp.works import announced_min
from dcsim.scenario.plan import Plan
from dcsim.types import Steps, TaskRecord, Timeline

NO_LIMIT = 10**9
"""Crews or slots where their number is lifted."""


def run_ramp(plan: Plan, *, lift: frozenset[str] = frozenset()) -> Timeline:
    """Simulate the build-up of a plan.

    Parameters
    ----------
    plan : Plan
        The site with its values drawn.
    lift : frozenset of str
        Constraints that do not hold, keys of `dcsim.gpu_states.LIFTABLE`.

    Returns
    -------
    Timeline
        Every move of every GPU, works as they went, capacity of every asset, outages, a log.
    """
    return rated(run_events(plan, lift=lift), plan.site)


def run_events(plan: Plan, *, lift: frozenset[str] = frozenset()) -> Timeline:
    """Return the same with a capacity of one for each source and store.

    It does not depend on how large they are; see `rated`.
    """
    ramp = _prepare(plan, lift)
    site = plan.site
    for hall in site.halls:
        add_hall(ramp, hall)
    for step in site.power.steps:
        add_step(ramp, step)
    add_assets(ramp)
    for order in site.orders:
        add_order(ramp, order)
    start_works(ramp, site.works)
    for block in site.expansion:
        ramp.env.process(expand_block(ramp, block))
    ramp.env.run(until=ramp.calendar.n_minutes)
    return _timeline(ramp)


def _prepare(plan: Plan, lift: frozenset[str]) -> RampState:
    """Return the state of a ramp before its first event; a lifted constraint has no limit."""
    env, calendar, record = Environment(), plan.calendar, Record()
    repair_shop = None
    if plan.site.fleet is not None and "failures" not in lift:
        repair_shop = RepairShop(env, plan.site.fleet, calendar.n_minutes)
    rack_flow = _rack_flow(
        plan, EventSchedule(env), record, lift, lambda rack, now: went_online(ramp, rack, now)
    )
    ramp = RampState(
        env,
        plan,
        calendar,
        record,
        rack_flow,
        repair_shop,
        lift,
        lambda rack, _: will_retire(ramp, rack),
    )
    ramp.products = {product.name: product for product in plan.site.products}
    ramp.task_crews = {crew.name: Resource(env, crew.n_crews) for crew in plan.site.crews}
    return ramp


def _rack_flow(
    plan: Plan,
    schedule: EventSchedule,
    record: Record,
    lift: frozenset[str],
    on_entry: RackStep,
) -> RackFlow:
    """Return the constraints of the site and the steps between them; `on_entry` into service."""
    deployment = plan.site.deployment

    def by_crews(n_crews: int, work_h: float, waiting: str, working: str) -> tuple[Constraint, ...]:
        """Return the work of a pool of crews, as many as it needs where that is lifted."""
        is_lifted = GPU_STATES[STATE[waiting]].lifted_by in lift
        pool = CrewPool(schedule, record, NO_LIMIT if is_lifted else n_crews, STATE[waiting])
        work = CrewWork(schedule, record, STATE[working], minutes(work_h))
        return pool, work, CrewRelease(pool)

    hall_space = HallSpace(schedule, record, "hall" in lift)
    headroom = PowerHeadroom(schedule, record, "power" in lift)
    # A hall that is lifted is there with its cooling: walls without it would move the wait on.
    cooling = CoolingCapacity(schedule, record, hall_space, bool(lift & {"cooling", "hall"}))
    constraints = (
        hall_space,
        *by_crews(deployment.n_crews, deployment.install_h, "crew", "installing"),
        headroom,
        cooling,
        *by_crews(deployment.n_slots, deployment.commissioning_h, "slot", "commissioning"),
    )
    horizon_min = plan.calendar.n_minutes
    return RackFlow(
        schedule, record, hall_space, headroom, cooling, constraints, horizon_min, on_entry
    )


def _all_tasks(ramp: RampState) -> tuple[TaskRecord, ...]:
    """Return the works that were begun and, after them, those that never were."""
    begun = {task.name: task for task in ramp.record.tasks}
    horizon_min = ramp.calendar.n_minutes
    records = []
    for task in ramp.tasks:
        planned_min = announced_min(task, ramp.calendar, 0.0)
        waiting = TaskRecord(task.name, task.kind, task.title, None, None, planned_min, None, ())
        record = begun.get(task.name, waiting)
        if record.finish_min is not None and record.finish_min >= horizon_min:
            record = record._replace(finish_min=None)
        records.append(record)
    return tuple(records)


def _timeline(ramp: RampState) -> Timeline:
    """Return what the ramp hands on; failures of servers are worked out here."""
    record = ramp.record
    moves = moves_from_rows(record.moves)
    if ramp.repair_shop is not None:
        moves = with_failures(moves, ramp.repair_shop)
    keys = ("energized", "halls", *record.capacity)
    capacity = {key: Steps.of(record.capacity.get(key, [])) for key in dict.fromkeys(keys)}
    since_min = {
        GRID if key == "energized" else key: int(steps.time_min[0]) if steps.time_min.size else None
        for key, steps in capacity.items()
    }
    outages = draw_outages(ramp.plan, ramp.calendar, since_min)
    return Timeline(
        calendar=ramp.calendar,
        products=tuple(ramp.products),
        racks=tuple(record.racks),
        moves=select_moves(moves, stable_order(moves.time_min)),
        tasks=_all_tasks(ramp),
        capacity=capacity,
        outages=outages,
        log=tuple(sorted(record.log, key=lambda entry: entry.time_min)),
    )
