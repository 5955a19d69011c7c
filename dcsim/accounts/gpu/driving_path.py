"""The driving path: the works that set the date on which a milestone is met."""

from __future__ import annotations

from collections.abc import Iterable

from dcsim.scenario.schema.assets.registry import is_renewable_capacity
from dcsim.types import TaskRecord, Timeline


def driving_path(tasks: Iterable[TaskRecord], last: str | None) -> list[TaskRecord]:
    """Return the works that set the date of `last`, first work first.

    A work without a driver was set by its own announced date or its own start.

    >>> works = [TaskRecord(name, "grid", name, 0, 9, None, driver, ())
    ...          for name, driver in (("permit", None), ("bay", "permit"), ("road", None))]
    >>> [work.name for work in driving_path(works, "bay")]
    ['permit', 'bay']
    """
    by_name = {task.name: task for task in tasks}
    path: list[TaskRecord] = []
    name = last
    while name in by_name and by_name[name] not in path:
        path.append(by_name[name])
        name = by_name[name].driver
    return path[::-1]


def last_work(timeline: Timeline, metric: str, until_min: int | None) -> str | None:
    """Return the work that opened last what a milestone needs.

    A work says what it opens: assets by their key in `Timeline.capacity`, else a hall, its
    cooling, a step of the connection, or an order.

    Parameters
    ----------
    timeline : Timeline
    metric : str
        Metric of the milestone, a key of `dcsim.accounts.gpu.milestones.METRICS`.
    until_min : int or None
        When the milestone was met. None if it never was: then it waits for works that are not
        done. [min]

    Returns
    -------
    str or None
        Name of the work; None if no work opens what the milestone needs.
    """

    def opens(task: TaskRecord) -> bool:
        if metric == "renewable_capacity_mw":
            return any(is_renewable_capacity(text) for text in task.unlocks)
        if metric == "energized_mw":
            return any(text.endswith("of connection") for text in task.unlocks)
        return any(text not in timeline.capacity for text in task.unlocks)

    needed = [task for task in timeline.tasks if opens(task)]
    if until_min is None:
        unfinished = [task for task in needed if task.finish_min is None]
        if unfinished:
            return max(unfinished, key=lambda task: task.start_min or 0).name
        until_min = timeline.calendar.n_minutes
    done = [t for t in needed if t.finish_min is not None and t.finish_min <= until_min]
    return max(done, key=lambda task: task.finish_min or 0).name if done else None
