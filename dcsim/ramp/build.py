"""Start of the ramp: halls, the connection, plants, works and blocks of the expansion."""

from __future__ import annotations

from simpy.events import ProcessGenerator

from dcsim.ramp import expansion
from dcsim.ramp.orders import add_order
from dcsim.ramp.ratings import ASSET_IN_SERVICE
from dcsim.ramp.state import RampState
from dcsim.ramp.works import begun_before, never_coming, run_task
from dcsim.scenario.provision import it_share_mw
from dcsim.scenario.schema.assets.registry import assets_of
from dcsim.scenario.schema.fleet import Hall
from dcsim.scenario.schema.power import PowerStep
from dcsim.scenario.schema.site import Block
from dcsim.scenario.schema.works import Task
from dcsim.units import W_PER_MW


def add_hall(ramp: RampState, hall: Hall) -> None:
    """Take up a hall; it opens when its work is done."""
    space, now = ramp.rack_flow.hall_space, ramp.env
    state = space.add(hall)
    index = len(space.halls) - 1

    def open_hall() -> None:
        ramp.record.add_capacity(int(now.now), "halls", hall.it_power_mw)
        ramp.record.note(int(now.now), "hall", hall.name, f"opens: {hall.it_power_mw:g} MW of IT")
        space.open_hall(state)

    def open_cooling() -> None:
        state.cooled = True
        ramp.rack_flow.cooling.serve(index)

    def abandon() -> None:
        state.never = True
        space.update_causes()

    if "hall" in ramp.lift:
        open_hall()
        open_cooling()
        return
    ramp.when(hall.works, f"hall {hall.name}", open_hall, abandon)
    ramp.when(hall.cooling_works or hall.works, f"cooling of hall {hall.name}", open_cooling)


def add_step(ramp: RampState, step: PowerStep) -> None:
    """Take up a step of the connection; its power is there when its work is done."""
    power, headroom = ramp.plan.site.power, ramp.rack_flow.headroom
    granted_mw = step.adds_mw * step.granted_frac

    def energize() -> None:
        ramp.record.add_capacity(int(ramp.env.now), "energized", granted_mw)
        text = f"energized: {granted_mw:g} MW more"
        ramp.record.note(int(ramp.env.now), "grid", step.name, text)
        headroom.release(round(it_share_mw(granted_mw, power) * W_PER_MW))
        headroom.expect_steps(-1)

    headroom.expect_steps(1)
    text = f"{granted_mw:g} MW of connection"
    ramp.when(step.works, text, energize, lambda: headroom.expect_steps(-1))


def add_assets(ramp: RampState) -> None:
    """Take up all sources and stores; how large each is, is no matter of dates.

    Their capacity is one until `dcsim.ramp.ratings.rated` says what it is.
    """
    for kind, asset in assets_of(ramp.plan.site):
        _add_asset(ramp, kind.key(asset), asset.works)


def _add_asset(ramp: RampState, key: str, works: str | None) -> None:
    ramp.record.capacity.setdefault(key, [])

    def start() -> None:
        ramp.record.add_capacity(int(ramp.env.now), key, 1.0)
        ramp.record.note(int(ramp.env.now), ASSET_IN_SERVICE, key, "in service")

    ramp.when(works, key, start)


def start_works(ramp: RampState, tasks: tuple[Task, ...], *, dated: bool = True) -> None:
    """Start works; those that never come are abandoned at once.

    Parameters
    ----------
    ramp : RampState
        Gets an event, and a process, for each work.
    tasks : tuple of Task
        Works that may name one another as predecessors.
    dated : bool
        True for the works of the site: what their dates put before the run is done or under way
        when it starts. Those of a block count from its release.
    """
    for task in tasks:
        ramp.done[task.name] = ramp.env.event()
    abandoned = never_coming(tasks, ramp.plan, ramp.never)
    ramp.never |= abandoned
    for task in tasks:
        if task.name in abandoned:
            _abandon(ramp, task)
    coming = [task for task in tasks if task.name not in abandoned]
    begun = begun_before(coming, ramp.plan, ramp.calendar) if dated else {}
    # Works under way come first: they had their crews before anyone else asks for one.
    for task in sorted(coming, key=lambda task: task.name not in begun):
        ramp.env.process(
            run_task(
                ramp.env,
                task,
                ramp.plan,
                ramp.done,
                crews=ramp.task_crews,
                unlocks=ramp.unlocks,
                record=ramp.record,
                begun=begun.get(task.name),
            )
        )
    ramp.tasks.extend(tasks)


def _abandon(ramp: RampState, task: Task) -> None:
    for unlock in ramp.unlocks.pop(task.name, []):
        if unlock.abandon is not None:
            unlock.abandon()
    ramp.record.note(int(ramp.env.now), "works", task.name, "never comes")


def expand_block(ramp: RampState, block: Block) -> ProcessGenerator:
    """Return the process that releases a block and its repetitions."""

    def release(copy: Block) -> None:
        for hall in copy.halls:
            add_hall(ramp, hall)
        for step in copy.power:
            add_step(ramp, step)
        for order in copy.orders:
            add_order(ramp, order)
        if ramp.repair_shop is not None:
            ramp.repair_shop.join(copy.n_technicians, copy.spares, copy.spare_servers)
        start_works(ramp, copy.works, dated=False)

    return expansion.expand(
        ramp.env,
        block,
        ramp.plan.site,
        calendar=ramp.calendar,
        record=ramp.record,
        release=release,
    )
