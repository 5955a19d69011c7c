"""The Gantt chart outlines the driving path."""

from __future__ import annotations

import dataclasses

import pytest

from dcsim.errors import ModelError
from dcsim.plots import gantt
from dcsim.types import TaskRecord


def _task(name, driver=None):
    return TaskRecord(name, "grid", name, 0, 10, None, driver, ())


def test_the_works_that_set_the_date_of_a_milestone_are_outlined(result):
    ax = gantt(result, milestone="all")
    bold = {t.get_text() for t in ax.get_yticklabels() if t.get_fontweight() == "bold"}
    assert bold == {"permit", "shell", "fit-out"}
    assert "Last work before “all”: fit-out" in ax.get_title(loc="left")


def test_a_milestone_never_met_waits_for_what_is_not_done(result):
    ax = gantt(result)  # the last milestone is the second step of the connection
    assert "still waits for second-step" in ax.get_title(loc="left")
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "none"]
    assert len(hollow) == 1


def test_a_work_of_which_only_the_finish_is_known_has_no_bar(result):
    ax = gantt(result)
    names = [label.get_text() for label in ax.get_yticklabels()]
    barred = {names[round(bar.get_y() + bar.get_height() / 2)] for bar in ax.patches}
    assert barred == {"shell", "fit-out"}  # permit, second step and sun have a finish only
    points = [line for line in ax.lines if line.get_marker() == "s"]
    assert {names[round(line.get_ydata()[0])] for line in points} == {
        "permit",
        "second-step",
        "sun",
    }


def test_a_gantt_chart_of_an_unknown_milestone_is_refused(result):
    with pytest.raises(ModelError, match="no milestone 'moon'"):
        gantt(result, milestone="moon")


def test_a_gantt_chart_of_many_works_stays_readable(result):
    blocks = [_task(f"block-{n}.work-{i}") for n in range(1, 7) for i in range(9)]
    own = [_task(f"own-{i}") for i in range(60)]
    timeline = dataclasses.replace(result.timeline, tasks=(*own, *blocks))
    ax = gantt(dataclasses.replace(result, timeline=timeline))
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert len(labels) <= 36
    assert "block-3 (9 works)" in labels
