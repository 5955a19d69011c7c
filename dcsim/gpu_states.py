"""The states of a GPU in one table: name, cause, waiting, in service, color, lifted constraint.

Everything that speaks of states reads it: the ramp by index, the accounts by cause, the figures by
color, `dcsim relief` by the constraint that it lifts. A run folder stores states by their index,
so a state keeps its place.

>>> STATES[STATE["crew"]], CAUSES["crew"], CAUSE_COLORS["crew"]
('crew', 'installation crews', '#CC79A7')
"""

from __future__ import annotations

from typing import NamedTuple


class GpuState(NamedTuple):
    """One state of a GPU."""

    name: str
    cause: str | None = None
    """Cause that holds back a GPU in this state, for reports; None if nothing does."""
    color: str | None = None
    """Color of the cause in every figure, as ``#RRGGBB``; None without a cause."""
    waiting: bool = False
    """Delivered, and something other than its own installation or repair holds it back."""
    in_service: bool = False
    """Commissioned and not retired."""
    lifted_by: str | None = None
    """Constraint, a key of `LIFTABLE`, without which no GPU would be in this state."""


# Colors: what is built is strong, what is worked on is light, failures are gray. The strong ones
# are those of Okabe and Ito, which the color-blind tell apart.
GPU_STATES = (
    # Ordered and not yet delivered.
    GpuState("on_order", "delivery", "#56B4E9", lifted_by="delivery"),
    # A hall that could take the rack is still being built, or all of them are open and full.
    GpuState("hall_works", "hall works", "#D55E00", waiting=True, lifted_by="hall"),
    GpuState("hall_space", "hall space", "#F2B48C", waiting=True, lifted_by="hall"),
    GpuState("crew", "installation crews", "#CC79A7", waiting=True, lifted_by="crews"),
    GpuState("installing", "installation", "#EBCFDD"),
    # A step of the connection is still to come, or all that is planned so far is used.
    GpuState("grid_works", "grid connection", "#0072B2", waiting=True, lifted_by="power"),
    GpuState("power", "power", "#08306B", waiting=True, lifted_by="power"),
    # For heat of its kind, to air or to liquid, in its hall.
    GpuState("cooling", "cooling", "#009E73", waiting=True, lifted_by="cooling"),
    GpuState("slot", "commissioning slots", "#E69F00", waiting=True, lifted_by="commissioning"),
    GpuState("commissioning", "commissioning", "#F0E442"),
    GpuState("online", in_service=True),
    # Comes back by itself; waits for a technician or a spare; is in the technician's hands.
    GpuState(
        "recovering",
        "failures (self-healing)",
        "#C4C4C4",
        in_service=True,
        lifted_by="failures",
    ),
    GpuState("failed", "technicians and spares", "#4D4D4D", in_service=True, lifted_by="failures"),
    GpuState("in_repair", "repair", "#8C8C8C", in_service=True, lifted_by="failures"),
    GpuState("retired"),
)
"""All states, in the order a GPU meets them."""

STATES = tuple(state.name for state in GPU_STATES)
"""Names of the states; columns of moves hold the index in it."""
STATE = {name: index for index, name in enumerate(STATES)}
"""Index of each state by its name."""
OUTSIDE = -1
"""Origin of a GPU that is being ordered."""
WAITING = tuple(state.name for state in GPU_STATES if state.waiting)
"""Waits of a delivered GPU that something holds back."""
IN_SERVICE = tuple(state.name for state in GPU_STATES if state.in_service)
"""States of a GPU that was commissioned and is not retired."""
CAUSES = {state.name: state.cause for state in GPU_STATES if state.cause is not None}
"""What holds a GPU back in each state that is neither online nor retired."""
CAUSE_COLORS = {state.name: state.color for state in GPU_STATES if state.color is not None}
"""Color of each cause, by the state."""

LIFTABLE = {
    "hall": "hall space and hall works",
    "power": "power and grid steps",
    "cooling": "cooling",
    "crews": "installation crews",
    "commissioning": "commissioning slots",
    "delivery": "lead times of orders",
    "failures": "failures and repair",
}
"""Constraints that `dcsim relief` lifts one at a time, in its order, with their labels."""
