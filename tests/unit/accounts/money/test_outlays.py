"""Lines of the ledger for works, GPUs, people and income, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.types import RackRecord, Steps, TaskRecord

DAY = 1440
COSTS = {"operator": "SK"}
PRODUCT = {
    "name": "server",
    "power": "1.79 kW",
    "server_size": "8 GPU",
    "rack_size": "16 GPU",
    "price": "1000 USD/GPU",
    "performance": "4 PFLOPS",
}


def _task(start, finish, planned=None):
    return TaskRecord("shell", "building", "Shell", start, finish, planned, None, ())


def _capital(**changes):
    cost = {"name": "hall", "amount": "310 USD", "works": "shell", "paid_by": "AWS"}
    return {"capital": [{k: v for k, v in (cost | changes).items() if v is not None}]}


def test_capital_follows_the_works_day_by_day(book):
    lines = book(_capital(), tasks=(_task(DAY * 21, DAY * 52),))
    assert [(date, amount) for date, *_, amount in lines] == [
        ("2030-01-01", pytest.approx(-100.0)),
        ("2030-02-01", pytest.approx(-210.0)),
    ]
    assert lines[0][1:4] == ("AWS", "capital.hall", "capital")


def test_capital_of_works_begun_before_the_run_falls_on_its_first_month(book):
    lines = book(_capital(), tasks=(_task(-DAY * 31, DAY * 31),))
    assert [line[-1] for line in lines] == [-310.0]


def test_works_without_length_are_paid_at_once(book):
    lines = book(_capital(), tasks=(_task(DAY * 45, DAY * 45),))
    assert [(line[0], line[-1]) for line in lines] == [("2030-02-01", -310.0)]


def test_works_that_are_not_finished_are_spread_to_their_planned_finish(book):
    planned = DAY * (334 + 62)
    lines = book(_capital(), tasks=(_task(DAY * 334, None, planned),))
    assert [(line[0], line[-1]) for line in lines] == [("2030-12-01", pytest.approx(-155.0))]


def test_works_overdue_at_the_end_are_spread_over_the_run(book):
    lines = book(_capital(), tasks=(_task(DAY * 334, None, DAY * 300),))
    assert sum(line[-1] for line in lines) == pytest.approx(-310.0)


@pytest.mark.parametrize("tasks", [(), (_task(None, None),)])
def test_works_that_never_begin_cost_nothing(book, tasks):
    assert book(_capital(), tasks=tasks) == []


@pytest.mark.parametrize(
    ("day", "booked"),
    [("2030-05-17", ["2030-05-17"]), ("2025-04-17", ["2030-01-01"]), ("2031-01-01", [])],
)
def test_a_lump_is_booked_on_its_day_or_on_the_first_of_the_run(book, day, booked):
    lines = book(_capital(works=None, on=day))
    assert [line[0] for line in lines] == booked


def test_capital_per_mw_counts_the_halls_it_names(book):
    halls = [{"name": n, "racks": 10, "it_power": "8 MW"} for n in ("a", "b", "c")]
    cost = _capital(
        amount=None, per_mw="2 mn EUR/MW", halls=["a", "c"], works=None, on="2030-02-03"
    )
    [line] = book(cost, site={"halls": halls})
    assert line[4:] == (16.0, "MW", -2e6, "EUR", -32e6)


def test_gpus_are_paid_for_on_delivery_by_who_ordered_them(book, build):
    moves = build.moves(
        (0, 16, None, "on_order", 0, 0),
        (0, 16, None, "on_order", 1, 0),
        (DAY * 40, 16, "on_order", "hall_space", 0, 0),
        (DAY * 41, 16, "on_order", "crew", 1, 0),
    )
    racks = (RackRecord("a/1", "a", "server", "AWS"), RackRecord("b/1", "b", "server", None))
    lines = book({"costs": COSTS}, moves=moves, racks=racks)
    assert [line[:4] for line in lines] == [
        ("2030-02-01", "AWS", "orders.a", "gpus"),
        ("2030-02-01", "SK", "orders.b", "gpus"),
    ]
    assert lines[0][4:] == (16.0, "GPU", -1000.0, "USD", -16_000.0)


def test_gpus_without_a_price_are_not_booked(book, build):
    moves = build.moves((0, 16, None, "on_order"), (9, 16, "on_order", "crew"))
    product = {key: value for key, value in PRODUCT.items() if key != "price"}
    assert book({"costs": COSTS}, moves=moves, site={"products": [product]}) == []


def test_staff_follows_the_energized_it_power(book):
    costs = COSTS | {"staff": 1.5, "salary": "12 mn KRW/year"}
    steps = {"energized": Steps.of([(0, 12.0), (DAY * 31, 12.0)])}
    lines = book({"costs": costs}, end="2030-03-01", capacity=steps)
    # 12 MW at the meter and a design PUE of 1.2 are 10 MW of IT: 15 people, a twelfth of a year.
    assert lines[0][1:6] == ("SK", "site", "staff", pytest.approx(1.25), "person-year")
    assert lines[0][6:] == (-12e6, "KRW", pytest.approx(-15e6))
    assert lines[1][-1] == pytest.approx(-30e6)


def test_a_month_cut_by_the_run_pays_its_part_of_a_salary(book):
    costs = COSTS | {"staff": 1, "salary": "12 mn KRW/year"}
    steps = {"energized": Steps.of([(0, 12.0)])}
    [line] = book({"costs": costs}, start="2030-01-17", end="2030-02-01", capacity=steps)
    assert line[0] == "2030-01-01"
    assert line[-1] == pytest.approx(-10e6 * 15 / 31)


def test_it_maintenance_is_on_the_price_of_gpus_in_service(book, build):
    moves = build.moves(
        (0, 16, None, "on_order"),
        (0, 16, "on_order", "online"),
        (DAY * 5, 8, "online", "failed"),
        (DAY * 31, 8, "online", "retired"),
    )
    lines = book({"costs": COSTS | {"it_maintenance": 0.06}}, end="2030-03-01", moves=moves)
    due = [line[-1] for line in lines if line[3] == "it_maintenance"]
    assert due == pytest.approx([-16 * 1000 * 0.06 / 12, -8 * 1000 * 0.06 / 12])


def test_facility_maintenance_is_on_what_works_have_cost_so_far(book):
    money = {"costs": COSTS | {"facility_maintenance": 0.12}, "capital": [
        {"name": "hall", "amount": "100 KRW", "works": "shell", "paid_by": "AWS"},
        {"name": "land", "amount": "900 KRW", "on": "2030-01-01", "paid_by": "AWS"},
    ]}  # fmt: skip
    lines = book(money, end="2030-04-01", tasks=(_task(0, DAY * 31),))
    due = [(line[0], line[-1]) for line in lines if line[3] == "facility_maintenance"]
    assert due == [("2030-02-01", pytest.approx(-1.0)), ("2030-03-01", pytest.approx(-1.0))]


def test_rental_is_paid_as_written_where_no_reference_is_given(book, build):
    costs = COSTS | {"rental": {"2025": "3 USD/GPU/h"}}
    calendar = build.calendar("2030-12-01", "2031-01-01")
    gpus = np.full((1, calendar.n_hours), 16.0)
    load = {"online_gpus": gpus, "busy_gpus": gpus}
    (line,) = book({"costs": costs}, start="2030-12-01", end="2031-01-01", load=load)
    assert line[4:] == (16 * 744.0, "GPU-h", 3.0, "USD", 16 * 744 * 3.0)


def test_rental_pays_busy_hours_by_year_and_performance(book, build):
    costs = COSTS | {
        "rental": {"2030": "2 USD/GPU/h", "2031": "1 USD/GPU/h"},
        "rental_reference": 1,
        "rental_growth_with_performance": 0.5,
    }
    calendar = build.calendar("2030-12-01", "2031-02-01")
    gpus = np.full((1, calendar.n_hours), 16.0)
    load = {"online_gpus": gpus, "busy_gpus": gpus / 4}
    lines = book({"costs": costs}, start="2030-12-01", end="2031-02-01", load=load)
    # 4 PFLOPS against 1, to the power of one half, earn twice the price.
    assert [line[4:] for line in lines] == [
        (4 * 744.0, "GPU-h", 4.0, "USD", 4 * 744 * 4.0),
        (4 * 744.0, "GPU-h", 2.0, "USD", 4 * 744 * 2.0),
    ]
