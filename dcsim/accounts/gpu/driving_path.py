"""Which chain of works set the date of a promise."""

from __future__ import annotations

from collections.abc import Iterable

from dcsim.types import TaskRecord, Timeline


def driving_path(tasks: Iterable[TaskRecord], last: str | None) -> list[TaskRecord]:
    """Return the chain of works that set the date of `last`, first work first.

    A work without a driver was set by its own announced date or its own start.
    """
    by_name = {task.name: task for task in tasks}
    path: list[TaskRecord] = []
    name = last
    while name in by_name and by_name[name] not in path:
        path.append(by_name[name])
        name = by_name[name].driver
    return path[::-1]


def last_work(timeline: Timeline, metric: str, until_min: int | None) -> str | None:
    """Return the work that opened last what a promise needs.

    A work says what it opens: assets by their key in `Timeline.capacity`, else a hall, its
    cooling, a step of the connection, or an order.

    Parameters
    ----------
    timeline : Timeline
    metric : str
        What the promise counts, among those of a milestone.
    until_min : int or None
        When it was kept; None if it never was, and then it is what is not done that it waits for.
        [min]
    """

    def opens(task: TaskRecord) -> bool:
        if metric == "renewable_capacity_mw":
            return any(text.startswith(("solar.", "wind.")) for text in task.unlocks)
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
