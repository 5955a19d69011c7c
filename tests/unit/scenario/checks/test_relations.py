from __future__ import annotations

import re

import pytest

WORKS = "works: [{name: permit, finish: 2027-03-01}, {name: grid, duration: 3 weeks}]\n"
TASK = "known are permit, grid"
DEMAND = "demand: [{name: training, use: training, gpus: 8 GPU, at: 2027-08-01, "
ORDER = "placed: 2027-01-15"
ASSETS = {
    "chp": "efficiency: 50 %, carbon: 1 kg/MWh, capacity: 1 MW",
    "solar": "capacity: 1 MW",
    "contracts": "capacity: 1 MW, renewable: true",
    "batteries": "power: 1 MW, energy: 1 MWh",
    "gensets": "units: 1, unit_power: 1 MW, carbon: 1 kg/MWh",
}
BLOCK = (
    "expansion:\n  - name: block\n    release: {not_before: 2028-01-01}\n"
    "    works: [{name: shell, duration: 3 weeks}]\n"
)
MONEY = "money:\n  price_year: 2026\n  discount_rate: 5 %\n"


def said(told, minimal_text, block):
    """Return a message without its line, which must be one of the added block or the order's."""
    place, _, rest = told.partition(": ")
    line = int(place.removeprefix("plan.yaml:"))
    n_lines = minimal_text.count("\n")
    assert n_lines < line <= n_lines + block.count("\n") or line <= n_lines
    return rest


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            "works: [{name: a, after: [b], duration: 3 weeks}]\n",
            "works.a.after: there is no work named b; known are a",
        ),
        (
            WORKS.replace("duration", "after: [permits], duration"),
            "works.grid.after: there is no work named permits; did you mean permit?",
        ),
        (
            WORKS.replace("duration", "risks: [storm], duration"),
            "works.grid.risks: there is no risk named storm",
        ),
        (
            WORKS.replace("duration", "risks: [stom], duration")
            + "risks: [{name: storm, probability: 10 %, delay: 1 week}]\n",
            "works.grid.risks: there is no risk named stom; did you mean storm?",
        ),
        (
            WORKS.replace("duration", "crew: x, duration") + "crews: [{name: riggers, crews: 2}]\n",
            "works.grid.crew: there is no crew named x; known are riggers",
        ),
        *(
            (
                f"{WORKS}{section}: [{{name: one, works: qqq, {rest}}}]\n",
                f"{section}.one.works: there is no work named qqq; {TASK}",
            )
            for section, rest in ASSETS.items()
        ),
        (
            f"{WORKS}{BLOCK}    halls: [{{name: h, works: shall, racks: 1, it_power: 1 MW}}]\n",
            "expansion.block.halls.h.works: there is no work named shall; did you mean shell?",
        ),
        (
            f"{WORKS}{BLOCK}    power: [{{name: p, works: qqq, adds: 1 MW}}]\n",
            f"expansion.block.power.p.works: there is no work named qqq; {TASK}, shell",
        ),
        (
            f"{BLOCK}    orders: [{{name: o, product: serve, gpus: 8 GPU, after: shell, "
            "lead_time: 1 week}]\n",
            "expansion.block.orders.o.product: there is no product named serve; "
            "did you mean server?",
        ),
        (
            f"{BLOCK}    orders: [{{name: o, product: server, gpus: 8 GPU, after: shell, "
            "lead_time: 1 week, halls: [hal]}]\n",
            "expansion.block.orders.o.halls: there is no hall named hal; did you mean hall?",
        ),
        (
            BLOCK.replace("duration: 3 weeks", "after: [shell], duration: 3 weeks"),
            "expansion.block.works.shell.after: works wait for one another in a circle: "
            "shell -> shell",
        ),
        (
            BLOCK.replace("duration: 3 weeks", "finish: 2028-03-01"),
            "expansion.block: works.shell: a block has no dates of its own; give duration",
        ),
        (
            f"{BLOCK}    orders: [{{name: o, product: server, gpus: 8 GPU, placed: 2028-01-01, "
            "lead_time: 1 week}]\n",
            "expansion.block: orders.o: a block has no dates of its own; give after",
        ),
        (
            f"{WORKS}{MONEY}  capital: [{{name: c, amount: 1 USD, works: gird, paid_by: x}}]\n",
            "money.capital.c.works: there is no work named gird; did you mean grid?",
        ),
        (
            f"{MONEY}  capital: [{{name: c, per_mw: 1 USD/MW, halls: [hal], on: 2027-01-01, "
            "paid_by: x}]\n",
            "money.capital.c.halls: there is no hall named hal; did you mean hall?",
        ),
        (
            f"{BLOCK.replace('    release', '    repeat: 2' + chr(10) + '    release')}{MONEY}"
            "  capital: [{name: c, amount: 1 USD, works: block-3.shell, paid_by: x}]\n",
            "money.capital.c.works: there is no work named block-3.shell; "
            "did you mean block-2.shell?",
        ),
        (
            "works: [{name: a, duration: 1 week}, {name: A, duration: 1 week}]\n",
            "works.A: stands twice; a name is unique, whatever its case",
        ),
        (
            "contracts: [{name: solar, capacity: 1 MW, renewable: true}]\n",
            "contracts.solar: solar is the name of a kind of source",
        ),
        (
            "time_zone: Mars/Base\n",
            "time_zone: Mars/Base is not a time zone such as America/Chicago or Europe/Berlin",
        ),
        (
            "time_zone: ../../etc/passwd\n",
            "time_zone: ../../etc/passwd is not a time zone such as America/Chicago or "
            "Europe/Berlin",
        ),
        (
            "milestones: [{name: m, metric: gpus_online, gpus: 8 GPU, by: 2031-01-01}]\n",
            "milestones.m.by: 2031-01-01 is outside the run from 2027-01-01 to 2030-01-01",
        ),
        (
            "milestones: [{name: m, metric: gpus_online, gpus: 8 GPU, by: 2026-12-31}]\n",
            "milestones.m.by: 2026-12-31 is outside the run from 2027-01-01 to 2030-01-01",
        ),
        (
            "works: [{name: a, finish: 2027-03-01}, {name: b, after: [a], finish: 2027-02-01}]\n",
            "works.b.finish: 2027-02-01 is before the finish of a, "
            "which it comes after (2027-03-01)",
        ),
        (
            "works: [{name: a, start: 2027-03-01, finish: 2027-02-01}]\n",
            "works.a: finish 2027-02-01 is before start 2027-03-01",
        ),
        (
            "works: [{name: a, after: [c], duration: 1 h}, {name: b, after: [a], duration: 1 h}, "
            "{name: c, after: [b], duration: 1 h}]\n",
            "works.a.after: works wait for one another in a circle: a -> c -> b -> a",
        ),
        (
            "wind: [{name: farm, capacity: 1 MW, turbine: iea-15mw-240}]\n",
            "weather.wind: is missing: wind farms need the wind at their turbines",
        ),
        (
            "works: [{name: a, duration: -3 weeks}]\n",
            "works.a.duration = -3 weeks: must be at least 0 h "
            "(time it takes once it can start; with `finish`, the least time after its "
            "predecessors)",
        ),
    ],
)
def test_a_broken_relation_is_told(complaint, minimal_text, block, message):
    assert said(complaint(minimal_text + block), minimal_text, block) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "adds: 10 MW}",
            "adds: 10 MW, works: grit}",
            "plan.yaml:8: power.steps.connection.works: there is no work named grit; "
            "did you mean grid?",
        ),
        (
            "it_power: 8 MW",
            "it_power: 8 MW, works: qqq",
            f"plan.yaml:9: halls.hall.works: there is no work named qqq; {TASK}",
        ),
        (
            "it_power: 8 MW",
            "it_power: 8 MW, cooling_works: qqq",
            f"plan.yaml:9: halls.hall.cooling_works: there is no work named qqq; {TASK}",
        ),
        (
            "product: server",
            "product: servant",
            "plan.yaml:11: orders.first.product: there is no product named servant; "
            "did you mean server?",
        ),
        (
            ORDER,
            "after: qqq",
            f"plan.yaml:11: orders.first.after: there is no work named qqq; {TASK}",
        ),
        (
            ORDER,
            f"{ORDER}, refresh: {{product: x, lead_time: 1 week}}",
            "plan.yaml:11: orders.first.refresh.product: there is no product named x; "
            "known are server",
        ),
        (
            ORDER,
            f"{ORDER}, halls: [hall, hal]",
            "plan.yaml:11: orders.first.halls: there is no hall named hal; did you mean hall?",
        ),
        (
            "gpus: 4000 GPU",
            "gpus: 4001 GPU",
            "plan.yaml:11: orders.first.gpus: 4001 GPU is not a whole number of servers of 8 GPU",
        ),
        (
            ORDER,
            "placed: 2030-01-01",
            "plan.yaml:11: orders.first.placed: 2030-01-01 is not before the end 2030-01-01",
        ),
        (
            "at: 2027-08-01",
            "at: 2027-08-01, begins: 2030-01-02",
            "plan.yaml:13: demand.training.begins: 2030-01-02 is after the end 2030-01-01",
        ),
        (
            "at: 2027-08-01",
            "at: 2027-08-01, time_zone: Nowhere",
            "plan.yaml:13: demand.training.time_zone: "
            "Nowhere is not a time zone such as America/Chicago or Europe/Berlin",
        ),
    ],
)
def test_a_broken_relation_of_the_least_scenario_is_told(
    complaint, minimal_text, old, new, message
):
    assert old in minimal_text
    assert complaint(minimal_text.replace(old, new) + WORKS) == message


def test_all_broken_relations_are_told_at_once(complaint, minimal_text):
    text = minimal_text.replace("product: server", "product: x").replace("8 MW", "8 MW, works: y")
    assert [line.split(": ")[1] for line in complaint(text).splitlines()] == [
        "halls.hall.works",
        "orders.first.product",
    ]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("metric: gpus_online", "needs either gpus or power as its target"),
        ("metric: gpus_online, power: 1 MW", "gpus_online needs gpus as its target"),
        ("metric: energized_mw, gpus: 8 GPU", "energized_mw needs power as its target"),
    ],
)
def test_a_milestone_has_the_target_of_its_metric(complaint, minimal_text, keys, message):
    told = complaint(minimal_text + f"milestones: [{{name: m, by: 2028-01-01, {keys}}}]\n")
    assert re.fullmatch(rf"plan.yaml:\d+: milestones.m: {re.escape(message)}", told)


def test_a_product_in_an_order_needs_the_performance_that_rental_is_compared_by(read, complaint):
    text = (
        "extends: base.yaml\n"
        "money: {price_year: 2026, discount_rate: 5 %, costs: {operator: op, "
        "rental: 2 USD/GPU/h, rental_reference: 0.989}}\n"
    )
    assert complaint(text) == (
        "base.yaml:10: products.server.performance: is missing: money.costs.rental_reference "
        "compares it; write for example 'performance: 2.5 PFLOPS', or leave rental_reference out"
    )
    products = "products: [{name: server, performance: 1 PFLOPS}, "
    products += "{name: other, power: 1 kW, server_size: 8 GPU, rack_size: 8 GPU}]\n"
    assert read(text + products).site.products[1].performance_pflops is None
