"""Laws of the accounts: GPU-minutes close, bands partition energy, money adds up."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcsim.accounts.gpu.days import binding, gpu_minutes, stocks
from dcsim.accounts.money import finance
from dcsim.accounts.money.ledger import Lines, ledger_from, ledger_kinds
from dcsim.accounts.money.tariff import band_codes, energy_by_code, grid_bill, monthly_peak_mw
from dcsim.accounts.months import Months
from dcsim.clock import Calendar
from dcsim.gpu_states import CAUSES, OUTSIDE, STATE, STATES
from dcsim.scenario.schema.money import MoneyPart, Tariff
from dcsim.types import Moves, RackRecord, Timeline

law = settings(max_examples=40, derandomize=True, deadline=None)
seeds = st.integers(0, 2**32 - 1)
DAY = 1440
pytestmark = pytest.mark.usefixtures("every_step")
STEP_H = 1.0
"""Length of a step; the fixture sets it. [h]"""


def calendar_of(start: str, end: str, zone: str = "Asia/Seoul", step_h: float = 1.0) -> Calendar:
    tz = zoneinfo.ZoneInfo(zone)
    first, last = (
        datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), tz)
        for day in (start, end)
    )
    return Calendar(first, last, tz, step_h)


TEN_DAYS = calendar_of("2030-03-25", "2030-04-04", "Europe/Berlin")


def weeks() -> Calendar:
    return calendar_of("2030-12-11", "2031-02-03", step_h=STEP_H)


# GPUs: random walks of racks through the states.


def walks(seed: int) -> Timeline:
    rng = np.random.default_rng(seed)
    rows = []
    for rack in range(rng.integers(1, 12)):
        n_gpus, now, state = int(rng.integers(1, 100)), int(rng.integers(-DAY, 9 * DAY)), OUTSIDE
        # Nothing goes back to being on order: that is where every walk may begin, or not.
        walk = rng.permutation(np.arange(1, len(STATES)))[: rng.integers(1, 9)].tolist()
        for target in [STATE["on_order"]] * int(rng.integers(0, 2)) + walk:
            rows.append((now, 0, rack, n_gpus, state, target))
            state = target
            now += int(rng.integers(0, 3 * DAY))
    table = np.array(sorted(rows, key=lambda row: row[0]), dtype=np.int64)
    types = (np.int64, np.int16, np.int32, np.int32, np.int8, np.int8)
    moves = Moves(*(table[:, i].astype(kind) for i, kind in enumerate(types)))
    racks = tuple(RackRecord(f"o/rack-{i}", "o", "p", None) for i in range(12))
    return Timeline(TEN_DAYS, ("p",), racks, moves, (), {}, (), ())


def by_brute_force(timeline: Timeline) -> np.ndarray:
    """GPUs by state in every minute, shape ``(n_states, n_minutes)``."""
    gpus = np.zeros((len(STATES), timeline.calendar.n_minutes), dtype=np.int64)
    moves = timeline.moves
    for time, n, origin, target in zip(
        moves.time_min, moves.n_gpus, moves.origin, moves.target, strict=True
    ):
        if origin != OUTSIDE:
            gpus[origin, max(time, 0) :] -= n
        gpus[target, max(time, 0) :] += n
    return gpus


@law
@given(seeds)
def test_gpu_minutes_by_state_are_those_counted_minute_by_minute(seed):
    timeline = walks(seed)
    minutes = gpu_minutes(timeline, stocks(timeline))
    assert list(minutes.values()) == by_brute_force(timeline).sum(axis=1).tolist()


@law
@given(seeds)
def test_stocks_add_up_to_the_gpus_ordered(seed):
    timeline = walks(seed)
    ends = np.array(
        [TEN_DAYS.minute_of(datetime.date(2030, 3, day), at_end=True) for day in range(25, 32)]
    )
    table = np.stack([stock.before(ends) for stock in stocks(timeline).values()])
    np.testing.assert_array_equal(table, by_brute_force(timeline)[:, ends - 1])
    assert table.min() >= 0
    assert (np.diff(table.sum(axis=0)) >= 0).all()


@law
@given(seeds)
def test_what_binds_is_never_less_than_any_other_cause(seed):
    timeline = walks(seed)
    lost = by_brute_force(timeline)[[STATE[name] for name in CAUSES]].sum(axis=1)
    held = binding(timeline)
    assert sum(gpu_days for *_, gpu_days in held) * DAY >= lost.max() - 1e-6
    assert all((state is None) == (gpu_days == 0) for _, state, gpu_days in held)


@law
@given(seeds)
def test_gpus_that_go_back_on_order_stop_the_run(seed):
    timeline = walks(seed)
    moves = timeline.moves
    moves.time_min[:] = 0
    moves.origin[:], moves.target[:] = OUTSIDE, STATE["crew"]
    moves.origin[-1], moves.target[-1] = STATE["crew"], STATE["on_order"]
    if moves.time_min.size > 1 and moves.n_gpus[:-1].sum() >= moves.n_gpus[-1]:
        with pytest.raises(AssertionError, match="lost by cause"):
            gpu_minutes(timeline, stocks(timeline))


# The tariff.


def tariff_of(rng: np.random.Generator) -> Tariff:
    def day() -> str:
        return "".join(rng.choice(list("LMP"), 24))

    cut = int(rng.integers(1, 12))
    return Tariff.model_validate({
        "seller": "x", "price_year": 2028, "escalation": 0.03, "levy": 0.027,
        "demand_charge": "9 USD/kW/month", "adders": "14 USD/MWh",
        "seasons": [{
            "name": name, "months": months, "weekday": day(), "saturday": day(), "sunday": day(),
            "light": "90 USD/MWh", "middle": "120 USD/MWh", "peak": "200 USD/MWh",
            "weekend_discount": 0.5, "weekend_discount_hours": [11, 12, 13],
        } for name, months in (("a", list(range(1, cut + 1))), ("b", list(range(cut + 1, 13))))],
    })  # fmt: skip


@law
@given(seeds, st.sampled_from(["Asia/Seoul", "America/New_York"]))
def test_bands_partition_the_energy_of_each_month(seed, zone):
    rng = np.random.default_rng(seed)
    calendar = calendar_of("2030-10-20", "2030-12-05", zone, STEP_H)
    months, mw = Months.of(calendar), rng.uniform(0, 9, calendar.n_hours)
    energy = energy_by_code(mw, months, band_codes(tariff_of(rng)))
    np.testing.assert_allclose(energy.sum(axis=1), months.total(mw), rtol=1e-12)


@law
@given(seeds, st.sampled_from([0.5, 2.0, 4.0]))
def test_a_bill_doubles_with_the_import_and_its_prices(seed, factor):
    rng = np.random.default_rng(seed)
    tariff, months = tariff_of(rng), Months.of(weeks())
    mw = rng.uniform(0, 9, weeks().n_hours)
    once = ledger_from(grid_bill(tariff, months, mw, "x"))
    scaled = ledger_from(grid_bill(tariff, months, mw * factor, "x"))
    assert scaled["amount"] == [amount * factor for amount in once["amount"]]


@law
@given(seeds)
def test_the_demand_charge_is_never_below_the_mean(seed):
    mw = np.random.default_rng(seed).uniform(0, 9, weeks().n_hours)
    assert (monthly_peak_mw(mw, weeks()) >= Months.of(weeks()).mean(mw)).all()


# Money.


MONEY = MoneyPart.model_validate(
    {"price_year": 2030, "discount_rate": 0.08, "rates": {"KRW": 1400, "EUR": 0.9}}
)


def ledger_of(seed: int) -> dict[str, list[Any]]:
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(rng.integers(1, 20)):
        n = int(rng.integers(1, 30))
        day = np.datetime64("2030-01-01") + np.sort(rng.integers(0, 4000, n)).astype(
            "timedelta64[D]"
        )
        block = Lines(day, str(rng.choice(["AWS", "SK"])), "x", str(rng.choice(ledger_kinds())))
        rate = rng.normal(0, 1e6, n)
        currency = str(rng.choice(["USD", "KRW", "EUR"]))
        lines.append(block.priced(rng.uniform(0, 100, n), "MWh", rate, currency))
    return ledger_from(lines)


def flow_of(seed: int) -> finance.Cash:
    return finance.cash(MONEY, ledger_of(seed), datetime.date(2030, 1, 1))


@law
@given(seeds)
def test_the_ledger_adds_up_the_same_in_every_grouping(seed):
    flow = flow_of(seed)
    finance.check_totals(flow)
    by_year = flow.by_year(flow.amount, np.arange(2030, 2042))
    tolerance = 1e-9 * np.abs(flow.amount).sum()
    for groups in (
        finance.totals(flow, "kind").values(),
        finance.totals(flow, "party").values(),
        by_year,
    ):
        assert abs(sum(groups) - flow.amount.sum()) <= tolerance


@law
@given(seeds)
def test_lines_are_sorted_finite_and_quantity_times_rate(seed):
    ledger = ledger_of(seed)
    assert ledger["date"] == sorted(ledger["date"])
    for quantity, rate, amount in zip(
        ledger["quantity"], ledger["rate"], ledger["amount"], strict=True
    ):
        assert amount == quantity * rate != 0
        assert np.isfinite(amount)


@law
@given(seeds, st.floats(-0.3, 0.9), st.floats(0.1, 9))
def test_present_value_is_linear_and_shifts_with_time(seed, discount, factor):
    flow = flow_of(seed)
    rng = np.random.default_rng(seed)
    other = rng.normal(0, 1e6, flow.amount.size)
    worth = finance.present_value(flow.amount, flow.years, discount)
    scale = finance.present_value(np.abs(flow.amount) + np.abs(other), flow.years, discount)
    mixed = finance.present_value(factor * flow.amount + other, flow.years, discount)
    parts = factor * worth + finance.present_value(other, flow.years, discount)
    assert abs(mixed - parts) <= 1e-9 * scale * max(factor, 1)
    later = finance.present_value(flow.amount, flow.years + 3, discount)
    assert abs(later - worth / (1 + discount) ** 3) <= 1e-9 * scale / (1 + discount) ** 3


@law
@given(seeds)
def test_without_discount_the_present_value_is_the_sum(seed):
    flow = flow_of(seed)
    worth = finance.present_value(flow.amount, flow.years, 0.0)
    assert abs(worth - flow.amount.sum()) <= 1e-9 * np.abs(flow.amount).sum()


@law
@given(seeds, st.floats(0.0, 0.5))
def test_selling_at_the_levelized_cost_is_worth_nothing(seed, discount):
    rng = np.random.default_rng(seed)
    cost, when = rng.uniform(0, 1e9, 40), rng.uniform(0, 12, 40)
    output, sold = rng.uniform(0, 1e6, 140), np.arange(140) / 12
    price = finance.levelized_cost(cost, when, output, sold, discount)
    worth = finance.present_value(
        np.concatenate((-cost, price * output)), np.concatenate((when, sold)), discount
    )
    assert abs(worth) <= 1e-9 * cost.sum()


@law
@given(seeds, st.floats(-0.5, 2.0))
def test_the_internal_return_makes_the_present_value_zero(seed, earned):
    rng = np.random.default_rng(seed)
    spent, years = rng.uniform(0, 100, 12), np.arange(12) / 12
    due = finance.present_value(spent, years - 10.0, earned)
    rate = finance.internal_return(np.append(-spent, due), np.append(years, 10.0))
    assert rate == pytest.approx(earned, abs=1e-8)


@law
@given(seeds)
def test_an_annuity_at_its_factor_returns_the_capital(seed):
    rng = np.random.default_rng(seed)
    discount, n = rng.uniform(1e-9, 0.3), int(rng.integers(1, 40))
    factor = -np.expm1(-n * np.log1p(discount)) / discount
    worth = finance.present_value(np.ones(n), np.arange(1.0, n + 1), discount)
    assert worth == pytest.approx(factor, rel=1e-6)


@law
@given(seeds)
def test_funds_are_either_drawn_or_left_and_the_gap_is_what_they_lack(seed):
    rng = np.random.default_rng(seed)
    funds = [{"name": p, "party": p, "amount": f"{rng.uniform(0, 1e9)} USD"} for p in ("AWS", "SK")]
    money = MONEY.model_copy(
        update={"funds": MoneyPart.model_validate(
            {"price_year": 2030, "discount_rate": 0.08, "funds": funds}).funds}
    )  # fmt: skip
    for fund in finance.funding(money, flow_of(seed)):
        assert fund.gap >= 0
        assert fund.drawn <= fund.committed + 1e-6
        assert fund.gap == 0 or fund.drawn == fund.committed
