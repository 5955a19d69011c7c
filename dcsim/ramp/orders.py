"""Orders: placed, delivered in lots, and followed by others at the end of their life."""

from __future__ import annotations

import math

from simpy.events import ProcessGenerator

from dcsim.clock import minutes
from dcsim.ramp.rack_flow import deliver
from dcsim.ramp.record import Rack
from dcsim.ramp.state import RampState
from dcsim.ramp.works import risks_that_happen
from dcsim.scenario.plan import Plan
from dcsim.scenario.provision import design_it_kw
from dcsim.scenario.schema.fleet import Order, Product
from dcsim.types import RackRecord
from dcsim.units import HOURS_PER_YEAR, W_PER_KW


def add_order(ramp: RampState, order: Order) -> None:
    """Add an order that is placed on its day, or when a work is done.

    It keeps its dates whatever day the run starts on: of a lead time that began before the run only
    the rest remains.
    """
    if order.after is not None:
        work = order.after
        ramp.when(
            work,
            f"order {order.name}",
            lambda: _place(ramp, order, _finish_min(ramp, work)),
        )
        return
    assert order.placed is not None
    placed_min = ramp.calendar.minute_of(order.placed)

    def placed() -> ProcessGenerator:
        yield ramp.env.timeout(max(placed_min, 0))
        _place(ramp, order, placed_min)

    ramp.env.process(placed())


def _place(ramp: RampState, order: Order, placed_min: int) -> None:
    ramp.env.process(_order(ramp, order, placed_min))


def _finish_min(ramp: RampState, work: str) -> int:
    """Return when a work was done that is done now, or was before the run. [min]"""
    now = int(ramp.env.now)
    done = (task.finish_min for task in ramp.record.tasks if task.name == work)
    return min((at for at in done if at is not None), default=now) if now == 0 else now


def _order(ramp: RampState, order: Order, placed_min: int) -> ProcessGenerator:
    """Place an order and, at the end of its lead time, deliver it lot by lot."""
    product = ramp.products[order.product]
    racks = _make_racks(ramp, order, product)
    ramp.rack_flow.place_order(racks)
    text = f"{order.gpus:,} GPUs of {product.name} ordered"
    ramp.record.note(int(ramp.env.now), "order", order.name, text)
    at_once = "delivery" in ramp.lift
    due_min = int(ramp.env.now)
    if not at_once:
        due_min = placed_min + minutes(lead_time_h(order, ramp.plan))
        yield ramp.env.timeout(max(due_min - int(ramp.env.now), 0))
    ramp.record.note(int(ramp.env.now), "delivery", order.name, "first lot at the gate")
    lot_racks = -(-(order.lot or order.gpus) // product.rack_size)
    interval_min = 0 if at_once else minutes(order.interval_h)
    yield ramp.env.process(deliver(ramp.rack_flow, racks, lot_racks, interval_min, due_min=due_min))


def lead_time_h(order: Order, plan: Plan) -> float:
    """Return the lead time of an order in this plan, with the shared risks that happen. [h]."""
    happening = risks_that_happen(order.risks, plan)
    stretch = math.prod(risk.stretch for risk in happening)
    return order.lead_time_h * stretch + sum(risk.delay_h for risk in happening)


def _make_racks(ramp: RampState, order: Order, product: Product) -> list[Rack]:
    """Return the racks of an order just placed, and draw the failures of their servers.

    The last rack holds what is left of the order, and needs power and cooling for that alone.
    """
    place, record = len(ramp.orders), ramp.record
    ramp.orders.append(order)
    first, n_racks = len(record.racks), -(-order.gpus // product.rack_size)
    whole = _contents(ramp, order, product, product.rack_size)
    rest = _contents(ramp, order, product, order.gpus - (n_racks - 1) * product.rack_size)
    contents = [*[whole] * (n_racks - 1), rest]
    product_index = list(ramp.products).index(product.name)
    # By position: an order of a large site has thousands of racks.
    racks = [
        Rack(first + number, product_index, place, number, *content)
        for number, content in enumerate(contents)
    ]
    record.racks.extend(
        RackRecord(f"{order.name}/rack-{number}", order.name, product.name, order.paid_by)
        for number in range(1, n_racks + 1)
    )
    if ramp.repair_shop is not None:
        plan = ramp.plan
        ramp.repair_shop.expect(
            racks, order.gpus, product, lambda what, n: plan.uniforms(order.name, what, n)
        )
    return racks


def _contents(
    ramp: RampState, order: Order, product: Product, n_gpus: int
) -> tuple[int, int, int, int, int, tuple[str, ...], int, int | None]:
    """Return the fields of `Rack` from `n_gpus` on, for a rack of an order with so many GPUs."""
    rack_w = round(design_it_kw(product, ramp.plan.site.power) * W_PER_KW * n_gpus)
    liquid_w = round(rack_w * product.liquid_frac)
    life_min = minutes(product.life_years * HOURS_PER_YEAR)
    renewed_min = None
    if order.refresh is not None:
        renewed_min = max(life_min - minutes(order.refresh.lead_time_h), 0)
    nameplate_w = round(product.power_kw * W_PER_KW * n_gpus)
    return (
        *(n_gpus, rack_w, rack_w - liquid_w, liquid_w, nameplate_w),
        *(order.halls, life_min, renewed_min),
    )


def went_online(ramp: RampState, rack: Rack, now: int) -> None:
    """Start the failures of a rack that enters service, and schedule what replaces it.

    Parameters
    ----------
    ramp : RampState
        Repair shop and schedule.
    rack : Rack
        The rack.
    now : int
        The minute it is. [min]
    """
    if ramp.repair_shop is not None:
        ramp.repair_shop.went_online(rack, now)
    if rack.renewed_min is not None and now + rack.renewed_min < ramp.calendar.n_minutes:
        ramp.rack_flow.schedule.at(now + rack.renewed_min, ramp.will_retire, rack)


def will_retire(ramp: RampState, rack: Rack) -> None:
    """Count the power of a rack that will retire towards the next round of its order."""
    order = ramp.orders[rack.order]
    ramp.freed_w[order.name] = ramp.freed_w.get(order.name, 0) + rack.need_w
    if order.name not in ramp.rounds:
        ramp.rounds.add(order.name)
        ramp.env.process(_refresh(ramp, order))


def _refresh(ramp: RampState, order: Order) -> ProcessGenerator:
    """Order, after the interval of the order, what takes the power of the racks that retire."""
    name = order.name
    yield ramp.env.timeout(minutes(order.interval_h))
    ramp.rounds.remove(name)
    assert order.refresh is not None
    product = ramp.products[order.refresh.product]
    rack_w = design_it_kw(product, ramp.plan.site.power) * W_PER_KW * product.rack_size
    n_racks, ramp.freed_w[name] = divmod(ramp.freed_w[name], round(rack_w))
    if n_racks:
        # Counted by the order it goes back to: another order must not change its name,
        # by which its random numbers are drawn.
        first = name.split("+")[0]
        ramp.n_rounds[first] = ramp.n_rounds.get(first, 0) + 1
        new = refresh_order(order, product, n_racks, f"{first}+{ramp.n_rounds[first]}")
        _place(ramp, new, int(ramp.env.now))


def refresh_order(order: Order, product: Product, n_racks: int, name: str) -> Order:
    """Return the order that follows another one at the end of its life.

    Parameters
    ----------
    order : Order
        The one whose racks retire; halls and payer stay.
    product : Product
        What replaces it.
    n_racks : int
        How many racks the freed power carries.
    name : str
        Name of the new order.
    """
    assert order.refresh is not None
    return order.model_copy(
        update={
            "name": name,
            "product": product.name,
            "gpus": n_racks * product.rack_size,
            "lead_time_h": order.refresh.lead_time_h,
            "lot": None,
            "risks": (),  # it is ordered years later, in another market
        }
    )
