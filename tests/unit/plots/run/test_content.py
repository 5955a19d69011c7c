"""What figures say is what the result says."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.text import Text

from dcsim.errors import ModelError
from dcsim.gpu_states import CAUSE_COLORS
from dcsim.plots import capacity_curve, gantt, money_by_year, stranded
from dcsim.plots.labels import Note, place_notes
from dcsim.plots.run.capacity import carried_gpus
from dcsim.plots.run.maps import month_by_hour
from dcsim.plots.run.money import by_group_and_year
from dcsim.plots.run.power import chosen_week, power_by_source_week, sources
from dcsim.plots.run.stranded import idle_power
from dcsim.plots.style import plain
from dcsim.types import TaskRecord


def _task(name, driver=None):
    return TaskRecord(name, "grid", name, 0, 10, None, driver, ())


def _diamonds(ax):
    return {float(d.get_ydata()[0]): d for d in ax.get_lines() if d.get_marker() == "D"}


def test_a_promise_is_filled_when_kept_and_hollow_when_broken(result):
    met = {m["target"]: m["met"] for m in result.milestones}
    assert (met[2000], met[4000]) == (True, False)
    diamonds = _diamonds(capacity_curve(result))
    assert diamonds[2000].get_markerfacecolor() == "#000000"
    assert diamonds[4000].get_markerfacecolor() == "white"
    assert diamonds[4000].get_xdata()[0] == date2num(datetime.date(2027, 10, 31))


def test_the_title_says_when_the_largest_promise_was_kept(result):
    all_gpus = next(m for m in result.milestones if m["name"] == "all")
    reached = datetime.date.fromisoformat(all_gpus["reached"])
    said = capacity_curve(result).get_title(loc="left")
    assert f"4,000 GPUs online on {reached.day} " in said
    assert f"{-all_gpus['margin_days']:.0f} days late" in said


def test_the_power_in_the_end_carries_the_gpus_that_the_summary_says(result):
    end = np.array([result.calendar.n_minutes])
    fits = result.summary["gpus_fit"]["gpus"]["server"]
    assert 0 <= carried_gpus(result, end)[0] - fits < 1


def test_the_strip_shows_each_cause_that_bound_in_its_own_color(result):
    ax = capacity_curve(result)
    strip = ax.child_axes[0]
    bound = {entry["state"] for entry in result.summary["binding"] if entry["state"]}
    drawn = {mpl_color(patch.get_facecolor()) for patch in strip.patches}
    assert drawn == {CAUSE_COLORS[state] for state in bound}


def mpl_color(rgba):
    return "#" + "".join(f"{round(255 * part):02X}" for part in rgba[:3])


def test_sources_less_what_is_stored_curtailed_and_fed_back_are_the_load(result):
    hourly = result.hourly
    supply = sum(hourly[source.column] for source in sources(result))
    other = hourly["battery_charge_mw"] + hourly["grid_export_mw"] + hourly["curtailed_mw"]
    np.testing.assert_allclose(supply, hourly["facility_power_mw"] + other, atol=1e-9)


def test_the_week_is_the_first_of_august_at_full_build(result):
    start, why = chosen_week(result)
    assert result.calendar.moment(start).date() == datetime.date(2028, 8, 1)
    assert "full build" in why
    assert "Week of 1 Aug 2028" in power_by_source_week(result).get_title(loc="left")


def test_without_an_august_at_full_build_the_week_is_that_of_the_highest_power(plain_result):
    start, why = chosen_week(plain_result)
    peak = int(plain_result.hourly["facility_power_mw"].argmax()) * 60
    assert "highest" in why
    assert start <= peak < start + 7 * 1440


def test_a_map_weighs_by_energy(result):
    pue, hours, period = month_by_hour(result, "facility_power_mw", "it_power_mw")
    calendar, hourly = result.calendar, result.hourly
    chosen = (calendar.month == 8) & (calendar.hour == 14) & (hourly["facility_power_mw"] > 0)
    assert period == "the run"
    assert hours.tolist() == list(range(24))
    assert pue[7, 14] == pytest.approx(
        hourly["facility_power_mw"][chosen].sum() / hourly["it_power_mw"][chosen].sum()
    )


def test_a_map_is_of_the_last_year_with_load_in_all_months(result):
    hourly = {**result.hourly, "facility_power_mw": np.ones(result.calendar.n_hours)}
    always_on = dataclasses.replace(result, hourly=hourly)
    assert month_by_hour(always_on, "carbon_free_mw", "facility_power_mw")[2] == "2027"


def test_idle_power_is_that_of_the_summary(result):
    idle, energized = idle_power(result), result.hourly["energized_mw"]
    mean = idle[energized > 0].mean()
    assert mean == pytest.approx(result.summary["stranded_power_mw_mean"])


def test_the_title_of_stranded_names_the_days_of_the_summary(result):
    said = stranded(result).get_title(loc="left").replace("\n", " ")
    assert f"{result.summary['stranded_gpu_days']:,.0f} GPU-days" in said


def test_money_by_group_and_year_is_the_ledger(result):
    years, sums = by_group_and_year(result)
    worth = {"USD": 1.0, "KRW": 1e-3}
    total = sum(
        amount * worth[currency]
        for amount, currency in zip(result.ledger["amount"], result.ledger["currency"], strict=True)
    )
    assert sum(amount.sum() for amount in sums.values()) == pytest.approx(total)
    assert sums["Buildings, halls, grid"][0] == pytest.approx(-60e6)  # 10 mn of land and 50 mn
    assert years.tolist() == [2027, 2028]


def test_money_says_what_is_out_or_back(result):
    assert "mn USD net out by" in money_by_year(result).get_title(loc="left")


def test_the_works_that_set_the_date_of_a_promise_are_outlined(result):
    ax = gantt(result, milestone="all")
    bold = {t.get_text() for t in ax.get_yticklabels() if t.get_fontweight() == "bold"}
    assert bold == {"permit", "shell", "fit-out"}
    assert "Last work before “all”: fit-out" in ax.get_title(loc="left")


def test_a_promise_never_kept_waits_for_what_is_not_done(result):
    ax = gantt(result)  # the last promise is the second step of the connection
    assert "still waits for second-step" in ax.get_title(loc="left")
    dashed = [bar for bar in ax.patches if bar.get_linestyle() == "--"]
    assert len(dashed) == 1


def test_a_gantt_chart_of_an_unknown_promise_is_refused(result):
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


def test_notes_cover_neither_one_another_nor_their_points():
    ax = Figure(figsize=(12, 6.75)).add_subplot()
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 100)
    notes = [Note(50, 50 + 2 * i, f"promise {i}\nkept on the day") for i in range(4)]
    line = np.linspace(0, 100, 200)
    place_notes(ax, notes, [(line, np.full(200, 50.0))])
    renderer = FigureCanvasAgg(ax.figure).get_renderer()
    for text in ax.texts:
        text.update_positions(renderer)
    boxes = [Text.get_window_extent(text, renderer) for text in ax.texts]  # without their leaders
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert len(boxes) == 4
    assert not any(a.overlaps(b) for a, b in pairs)


def test_plain_text_is_one_short_line():
    assert plain("a\nb\tc") == "a b c"
    assert plain("x" * 100, most=10) == "x" * 9 + "…"
    assert plain("\x1b[31m\u202e") == "\\x1b[31m\\u202e"
