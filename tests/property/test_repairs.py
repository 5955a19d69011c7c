"""What is worked out for all repairs or racks at once is what happens one event after another."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from simpy import Environment

from dcsim.ramp.failures.repair_shop import Calls, Stock, work_out
from dcsim.ramp.record import in_order
from dcsim.ramp.schedule import Agenda
from dcsim.scenario.schema.fleet import Fleet

FEW = settings(derandomize=True, max_examples=50, deadline=None)
END_MIN = 90


@st.composite
def shops(draw: Any) -> tuple[Calls, Fleet, list[Stock], list[Stock]]:
    """Failures of a few servers, some of them retired early, in a shop that is short of all."""
    n_servers = draw(st.integers(1, 5))
    gone = [draw(st.integers(20, END_MIN)) for _ in range(n_servers)]
    rows = draw(
        st.lists(st.tuples(st.integers(0, END_MIN - 1), st.integers(0, n_servers - 1)), max_size=25)
    )
    rows = sorted((time, server) for time, server in rows if time < gone[server])
    scale = [draw(st.sampled_from([0.1, 1.0, 2.5])) for _ in rows]
    hands_on = draw(st.integers(1, 12))
    fleet = Fleet.model_validate(
        {
            "failure_rate": "1 1/GPU/year",
            "hands": 1.0,
            "recovery": "1 h",
            "technicians": 1,
            "hands_on": f"{hands_on} min",
            "repair": f"{hands_on + draw(st.integers(0, 9))} min",
            "spares": 0,
            "spare_lead_time": f"{draw(st.integers(0, 40))} min",
        }
    )
    stocks = st.lists(st.builds(Stock, st.integers(0, 70), st.integers(0, 2)), max_size=3)
    times, servers = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1))
    calls = Calls(times, servers, np.array(gone, dtype=np.int64)[servers], np.array(scale))
    return calls, fleet, draw(stocks), draw(stocks)


def minute_by_minute(calls, fleet, technicians, spares):
    """The same shop as a queue that is looked at in every minute."""
    free, stock, queue, back, found = [], [], [], {}, {}
    for now in range(END_MIN):
        free += [now for man in technicians for _ in range(man.n) if man.from_min == now]
        stock += [now for part in spares for _ in range(part.n) if part.from_min == now]
        for call in np.flatnonzero(calls.time_min == now).tolist():
            server = int(calls.server[call])
            if back.get(server, 0) <= now:
                queue.append(call)
                back[server] = END_MIN
        queue = [call for call in queue if calls.gone_min[call] > now]
        while queue and any(t <= now for t in free) and any(t <= now for t in stock):
            call = queue.pop(0)
            hands = max(round(fleet.hands_on_h * 60 * calls.scale[call]), 1)
            repair = max(round(fleet.repair_h * 60 * calls.scale[call]), hands)
            free.remove(min(free))
            free.append(now + hands)
            stock.remove(min(stock))
            stock.append(now + max(round(fleet.spare_lead_time_h * 60), 1))
            back[int(calls.server[call])] = now + repair
            found[call] = (now, now + repair)
    return found


@FEW
@given(shops())
def test_repairs_worked_out_at_once_are_those_of_a_queue_looked_at_in_every_minute(shop):
    calls, fleet, technicians, spares = shop
    repairs = work_out(calls, fleet, technicians, spares)
    rows = zip(repairs.call, repairs.start_min, repairs.end_min, repairs.done, strict=True)
    done = {int(call): (int(start), int(end)) for call, start, end, was in rows if was}
    assert done == minute_by_minute(calls, fleet, technicians, spares)
    in_vain = ~repairs.done
    assert (repairs.end_min[in_vain] == calls.gone_min[repairs.call[in_vain]]).all()


@FEW
@given(shops())
def test_a_server_is_never_down_twice_at_once(shop):
    calls, *rest = shop
    repairs = work_out(calls, *rest)
    server, since = calls.server[repairs.call], calls.time_min[repairs.call]
    for number in np.unique(server):
        mine = server == number
        assert (since[mine][1:] >= repairs.end_min[mine][:-1]).all()


class OneEach(Agenda):
    """An agenda that spends an event on every step of every rack."""

    def at(self, due_min, step, rack):
        self.last.clear()
        super().at(due_min, step, rack)


PLANS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.lists(st.integers(0, 11), max_size=3)),
    min_size=12,
    max_size=12,
)
"""For each of twelve jobs: its delay, its step, and the jobs that it puts down in its turn."""


@FEW
@given(PLANS, st.lists(st.integers(0, 11), max_size=8))
def test_an_agenda_keeps_the_order_that_an_event_each_would_have(plans, begin):
    def story(kind):
        env, told = Environment(), []
        agenda = kind(env)

        def put(job):
            delay, step, _ = plans[job]
            agenda.at(agenda.now + delay, steps[step], job)

        def step_of(number):
            def step(job, now):
                told.append((now, number, job))
                for following in plans[job][2] if len(told) < 200 else ():
                    put(following)

            return step

        steps = [step_of(number) for number in range(3)]
        for job in begin:
            put(job)
        env.run(until=50)
        return told

    assert story(Agenda) == story(OneEach)


@FEW
@given(st.lists(st.integers(0, 2**40) | st.integers(0, 9), max_size=60))
def test_in_order_sorts_and_keeps_equal_values_as_they_were(values):
    array = np.array(values, dtype=np.int64)
    np.testing.assert_array_equal(in_order(array), np.argsort(array, kind="stable"))
