"""Works: permits, buildings, substation bays, supply projects, as SimPy processes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from simpy import Environment, Event, Resource
from simpy.events import ProcessGenerator

from dcsim.clock import Calendar, minutes
from dcsim.ramp.record import Record
from dcsim.scenario.plan import Plan
from dcsim.scenario.works import Task
from dcsim.stages import TaskRecord


class Unlock(NamedTuple):
    """What the completion of a work opens."""

    text: str
    """What it is, for the log and the Gantt chart."""
    action: Callable[[], None]
    abandon: Callable[[], None] | None
    """What to do instead when the work never comes."""


def never_coming(tasks: Iterable[Task], plan: Plan, known: AbstractSet[str]) -> set[str]:
    """Return the tasks that never come in this plan, with all that come after them."""
    lost = {
        task.name for task in tasks if not plan.comes(f"works.{task.name}", task.probability_frac)
    }
    size = -1
    while size != len(lost):
        size = len(lost)
        lost |= {task.name for task in tasks if (lost | known) & set(task.after)}
    return lost


def delay_h(task: Task, plan: Plan) -> float:
    """Return the delay of a task in this plan: its slip and the shared risks that happen. [h]."""
    shared = sum(
        risk.delay_h
        for risk in plan.site.risks
        if risk.name in task.risks and plan.comes(f"risks.{risk.name}", risk.probability_frac)
    )
    return task.slip_h + shared


def run_task(
    env: Environment,
    task: Task,
    plan: Plan,
    done: Mapping[str, Event],
    *,
    calendar: Calendar,
    crews: Mapping[str, Resource],
    unlocks: Mapping[str, Sequence[Unlock]],
    record: Record,
) -> ProcessGenerator:
    """Wait for the predecessors, do the work, open what it unlocks, write down how it went.

    A work with an announced finish is done on that day plus its delay, but not before its
    predecessors and the duration it needs after them.
    """
    title, planned_min = task.title, announced_min(task, calendar, 0.0)
    late_h = delay_h(task, plan)
    driver = yield from _predecessors(env, task, done, calendar)
    request = crews[task.crew].request() if task.crew else None
    if request is not None:
        yield request
    start_min = int(env.now)
    index = len(record.tasks)
    names = tuple(unlock.text for unlock in unlocks.get(task.name, ()))
    record.tasks.append(
        TaskRecord(task.name, task.kind, title, start_min, None, planned_min, driver, names)
    )
    least_min = start_min + minutes(task.duration_h or 0.0)
    if task.finish is None:
        finish_min = max(least_min + minutes(late_h), start_min)
        driver_at_end = driver
    else:
        announced = announced_min(task, calendar, late_h) or 0
        finish_min = max(announced, least_min)
        driver_at_end = driver if least_min > announced else None
    yield env.timeout(finish_min - start_min)
    if request is not None:
        crews[task.crew or ""].release(request)
    opens = unlocks.get(task.name, ())  # a block of the expansion may have joined meanwhile
    names = tuple(unlock.text for unlock in opens)
    record.tasks[index] = record.tasks[index]._replace(
        finish_min=finish_min, driver=driver_at_end, unlocks=names
    )
    record.note(finish_min, "works", task.name, "done")
    for unlock in opens:
        unlock.action()
    done[task.name].succeed()


def _predecessors(
    env: Environment, task: Task, done: Mapping[str, Event], calendar: Calendar
) -> Generator[Event, object, str | None]:
    """Wait until a task may start; return the predecessor it waited for last, if it waited."""
    driver = None
    for name in task.after:
        if not done[name].processed:
            yield done[name]
            driver = name
    if task.start is not None:
        wait_min = calendar.minute_of(task.start) - env.now
        if wait_min > 0:
            driver = None
            yield env.timeout(wait_min)
    return driver


def announced_min(task: Task, calendar: Calendar, late_h: float) -> int | None:
    """Return the announced finish of a task plus a delay, on the event clock. [min]."""
    if task.finish is None:
        return None
    return calendar.minute_of(task.finish) + minutes(late_h)
