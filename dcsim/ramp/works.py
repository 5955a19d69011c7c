"""Works: permits, buildings, substation bays and supply projects as SimPy processes."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from graphlib import TopologicalSorter
from typing import NamedTuple

from simpy import Environment, Event, Resource
from simpy.events import ProcessGenerator

from dcsim.clock import Calendar, minutes
from dcsim.ramp.record import Record
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.works import Risk, Task
from dcsim.types import TaskRecord


class Unlock(NamedTuple):
    """Something that the completion of a work opens: a hall, a step, a plant, an order."""

    text: str
    """Its name in the log and the Gantt chart."""
    action: Callable[[], None]
    abandon: Callable[[], None] | None
    """Called instead when the work never comes."""


def never_coming(tasks: Iterable[Task], plan: Plan, known: AbstractSet[str]) -> set[str]:
    """Return the tasks that never come in this plan, with all that come after them.

    Parameters
    ----------
    tasks : iterable of Task
        Those in question.
    plan : Plan
        Says which of them come.
    known : set of str
        Other tasks that never come.

    Returns
    -------
    set of str
        Names of those among `tasks`.
    """
    lost = {
        task.name for task in tasks if not plan.comes(f"works.{task.name}", task.probability_frac)
    }
    size = -1
    while size != len(lost):
        size = len(lost)
        lost |= {task.name for task in tasks if (lost | known) & set(task.after)}
    return lost


def risks_that_happen(names: Collection[str], plan: Plan) -> tuple[Risk, ...]:
    """Return the shared risks among `names` that happen in this plan."""
    return tuple(
        risk
        for risk in plan.site.risks
        if risk.name in names and plan.comes(f"risks.{risk.name}", risk.probability_frac)
    )


def delay_h(task: Task, plan: Plan) -> float:
    """Return the delay of a task in this plan: its slip and the shared risks that happen. [h]."""
    return task.slip_h + sum(risk.delay_h for risk in risks_that_happen(task.risks, plan))


def duration_h(task: Task, plan: Plan) -> float:
    """Return the duration of a task in this plan, stretched by the risks that happen. [h]."""
    stretch = math.prod(risk.stretch for risk in risks_that_happen(task.risks, plan))
    return (task.duration_h or 0.0) * stretch


class TaskSpan(NamedTuple):
    """Start and finish of a work, and the predecessors that set them."""

    start_min: int
    finish_min: int
    driver: str | None
    """The predecessor that set its start."""
    set_by: str | None
    """The predecessor that set its finish."""


def span_of(
    task: Task, start_min: int, driver: str | None, plan: Plan, calendar: Calendar
) -> TaskSpan:
    """Return the span of a task that can start at a time, set by the predecessor `driver`.

    A work with an announced finish is done on that day plus its delay, but not before the duration
    it needs after its predecessors.

    Parameters
    ----------
    task : Task
        Duration, announced finish, slip, risks.
    start_min : int
        When its predecessors are done and its crew is there. [min]
    driver : str or None
        The predecessor that set that time.
    plan : Plan
        Says which risks happen.
    calendar : Calendar
        Days of the event clock.

    Notes
    -----
    ::

        finish = start + duration * stretch + delay                     without an announced finish
        finish = max(announced + delay, start + duration * stretch)     with one
    """
    late_h = delay_h(task, plan)
    least_min = start_min + minutes(duration_h(task, plan))
    announced = announced_min(task, calendar, late_h)
    if announced is None:
        return TaskSpan(start_min, max(least_min + minutes(late_h), start_min), driver, driver)
    set_by = driver if least_min > announced else None
    return TaskSpan(start_min, max(announced, least_min), driver, set_by)


def begun_before(tasks: Sequence[Task], plan: Plan, calendar: Calendar) -> dict[str, TaskSpan]:
    """Return the works that begin before the run by their own dates, with their spans.

    Works keep their dates whatever day the run starts on. Crews are not reckoned with before it.
    A work that no date leads to is not among them: it begins with the run.

    Parameters
    ----------
    tasks : sequence of Task
        Works of the site that will come.
    plan : Plan
        Says which risks happen.
    calendar : Calendar
        Days of the event clock.

    Returns
    -------
    dict of TaskSpan
        By name; their starts are negative.
    """
    by_name = {task.name: task for task in tasks}
    sorter = TopologicalSorter({task.name: task.after for task in tasks})
    begun: dict[str, TaskSpan] = {}
    for name in sorter.static_order():
        if name in by_name:
            start = _own_start(by_name[name], begun, plan, calendar)
            if start is not None and start[0] < 0:
                begun[name] = span_of(by_name[name], *start, plan, calendar)
    return begun


def _own_start(
    task: Task, begun: Mapping[str, TaskSpan], plan: Plan, calendar: Calendar
) -> tuple[int, str | None] | None:
    """Return the start of a task by its dates and the predecessor that set it; None if unknown."""
    if any(name not in begun for name in task.after):
        return None
    ready_min, driver = None, None
    for name in task.after:
        if ready_min is None or begun[name].finish_min > ready_min:
            ready_min, driver = begun[name].finish_min, name
    if task.start is not None:
        earliest_min = calendar.minute_of(task.start)
        if ready_min is None or earliest_min > ready_min:
            return earliest_min, None
    if ready_min is None:
        finish_min = announced_min(task, calendar, delay_h(task, plan))
        if finish_min is None:
            return None
        # Nothing says when it begins: in time for the day it is done on.
        ready_min = finish_min - minutes(duration_h(task, plan))
    return ready_min, driver


def run_task(
    env: Environment,
    task: Task,
    plan: Plan,
    done: Mapping[str, Event],
    *,
    crews: Mapping[str, Resource],
    unlocks: Mapping[str, Sequence[Unlock]],
    record: Record,
    begun: TaskSpan | None = None,
) -> ProcessGenerator:
    """Wait for the predecessors, do the work, open what it unlocks, record its dates.

    A work that has `begun` before the run does only what is left of it; one that was done by then
    opens what it unlocks on the first minute, and keeps its true dates in the record.

    Parameters
    ----------
    env : Environment
        Event clock.
    task : Task
        The work.
    plan : Plan
        Says which risks happen.
    done : mapping of Event
        By work: succeeds when it is done.
    crews : mapping of Resource
        By name of the crew.
    unlocks : mapping of Unlock
        By work: what it opens; read when it is done, for more may have joined.
    record : Record
        Takes the dates.
    begun : TaskSpan, optional
        Dates of a work that begins before the run.
    """
    calendar = plan.calendar
    span, crew = begun, crews[task.crew] if task.crew else None
    request = crew.request() if crew and span and span.finish_min > env.now else None
    if span is None:
        driver = yield from _predecessors(env, task, done, calendar)
        if crew:
            request = crew.request()
            yield request
        span = span_of(task, int(env.now), driver, plan, calendar)
    index = len(record.tasks)
    record.tasks.append(_record_of(task, span, calendar, unlocks.get(task.name, ())))
    yield env.timeout(max(span.finish_min - env.now, 0))
    if crew and request is not None:
        request.cancel()  # if it never got one: a work under way at the start waits for no crew
        crew.release(request)
    opens = unlocks.get(task.name, ())  # a block of the expansion may have joined meanwhile
    names = tuple(unlock.text for unlock in opens)
    record.tasks[index] = record.tasks[index]._replace(
        finish_min=span.finish_min, driver=span.set_by, unlocks=names
    )
    record.note(span.finish_min, "works", task.name, "done")
    for unlock in opens:
        unlock.action()
    done[task.name].succeed()


def _record_of(
    task: Task, span: TaskSpan, calendar: Calendar, opens: Sequence[Unlock]
) -> TaskRecord:
    """Return the record of a work that has begun and is not done."""
    planned_min = announced_min(task, calendar, 0.0)
    names = tuple(unlock.text for unlock in opens)
    return TaskRecord(
        task.name, task.kind, task.title, span.start_min, None, planned_min, span.driver, names
    )


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
    """Return the announced finish of a task plus a delay, on the event clock. [min].

    Parameters
    ----------
    task : Task
        The work.
    calendar : Calendar
        Days of the event clock.
    late_h : float
        The delay. [h]

    Returns
    -------
    int or None
        None without an announced finish. [min]
    """
    if task.finish is None:
        return None
    return calendar.minute_of(task.finish) + minutes(late_h)
