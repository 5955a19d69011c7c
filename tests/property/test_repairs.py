"""What is worked out for all repairs or racks at once is what happens one event after another."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from simpy import Environment

from dcsim.ramp.failures.repair_shop import RepairRequests, Stock, schedule_repairs
from dcsim.ramp.record import stable_order
from dcsim.ramp.schedule import EventSchedule
from dcsim.scenario.schema.fleet import Fleet

FEW = settings(derandomize=True, max_examples=50, deadline=None)
END_MIN = 90


@st.composite
def shops(draw: Any) -> tuple[RepairRequests, Fleet, list[Stock], list[Stock]]:
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
    requests = RepairRequests(
        times, servers, np.array(gone, dtype=np.int64)[servers], np.array(scale)
    )
    return requests, fleet, draw(stocks), draw(stocks)


def minute_by_minute(requests, fleet, technicians, spares):
    """The same shop as a queue that is looked at in every minute."""
    free, stock, queue, back, found = [], [], [], {}, {}
    for now in range(END_MIN):
        free += [now for man in technicians for _ in range(man.n) if man.from_min == now]
        stock += [now for part in spares for _ in range(part.n) if part.from_min == now]
        for request in np.flatnonzero(requests.time_min == now).tolist():
            server = int(requests.server[request])
            if back.get(server, 0) <= now:
                queue.append(request)
                back[server] = END_MIN
        queue = [request for request in queue if requests.service_end_min[request] > now]
        while queue and any(t <= now for t in free) and any(t <= now for t in stock):
            request = queue.pop(0)
            hands = max(round(fleet.hands_on_h * 60 * requests.scale[request]), 1)
            repair = max(round(fleet.repair_h * 60 * requests.scale[request]), hands)
            free.remove(min(free))
            free.append(now + hands)
            stock.remove(min(stock))
            stock.append(now + max(round(fleet.spare_lead_time_h * 60), 1))
            back[int(requests.server[request])] = now + repair
            found[request] = (now, now + repair)
    return found


@FEW
@given(shops())
def test_repairs_worked_out_at_once_are_those_of_a_queue_looked_at_in_every_minute(shop):
    requests, fleet, technicians, spares = shop
    repairs = schedule_repairs(requests, fleet, technicians, spares)
    rows = zip(repairs.request, repairs.start_min, repairs.end_min, repairs.done, strict=True)
    done = {int(request): (int(start), int(end)) for request, start, end, was in rows if was}
    assert done == minute_by_minute(requests, fleet, technicians, spares)
    in_vain = ~repairs.done
    assert (repairs.end_min[in_vain] == requests.service_end_min[repairs.request[in_vain]]).all()


@FEW
@given(shops())
def test_a_server_is_never_down_twice_at_once(shop):
    requests, *rest = shop
    repairs = schedule_repairs(requests, *rest)
    server, since = requests.server[repairs.request], requests.time_min[repairs.request]
    for number in np.unique(server):
        mine = server == number
        assert (since[mine][1:] >= repairs.end_min[mine][:-1]).all()


class OneEach(EventSchedule):
    """A schedule that spends an event on every step of every rack."""

    def at(self, due_min, step, rack):
        self.open_batches.clear()
        super().at(due_min, step, rack)


PLANS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.lists(st.integers(0, 11), max_size=3)),
    min_size=12,
    max_size=12,
)
"""For each of twelve jobs: its delay, its step, and the jobs that it puts down in its turn."""


@FEW
@given(PLANS, st.lists(st.integers(0, 11), max_size=8))
def test_a_schedule_keeps_the_order_that_an_event_each_would_have(plans, begin):
    def story(kind):
        env, told = Environment(), []
        schedule = kind(env)

        def put(job):
            delay, step, _ = plans[job]
            schedule.at(schedule.now + delay, steps[step], job)

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

    assert story(EventSchedule) == story(OneEach)


@FEW
@given(st.lists(st.integers(0, 2**40) | st.integers(0, 9), max_size=60))
def test_in_order_sorts_and_keeps_equal_values_as_they_were(values):
    array = np.array(values, dtype=np.int64)
    np.testing.assert_array_equal(stable_order(array), np.argsort(array, kind="stable"))
