"""Dispatch: the policy by which supply meets load, and its keys."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dcsim.scenario.schema.part import Part
from dcsim.scenario.schema.quantity import Count, Hours, Megawatts, PricePerMwh


class Dispatch(Part):
    """Policy by which supply meets load."""

    policy: Literal[
        "self-consumption", "cfe-first", "arbitrage", "peak-shaving", "reserve", "optimal"
    ] = "self-consumption"
    """``self-consumption``: renewables, then CHP, then the battery above its reserve, then the
    grid, then gensets. ``cfe-first``: the battery, charged from clean surplus only, and the grid
    before CHP above its minimum. ``arbitrage``: the battery makes the bill of the tariff small,
    price of energy and demand charge. ``peak-shaving``: the same; without a tariff, or with a
    target, it gives what import would be above the target. ``reserve``: it is kept for hours in
    which the connection is expected to fall short. ``optimal``: what `objective` asks for, with the
    future known: a yardstick, not a way to run a site."""
    n_forecast_days: Annotated[Count, Field(ge=1, le=60)] = 7
    """Days before, whose same hours ``reserve``, ``peak-shaving`` and ``arbitrage`` expect to come
    again."""
    import_target_mw: Annotated[Megawatts, Field(ge=0)] | None = None
    """Import to which ``peak-shaving`` keeps, by default what the days before could have been kept
    to, and up to which ``arbitrage`` charges, by default the connection."""
    objective: Literal["import", "cost", "carbon"] = "import"
    """Quantity ``optimal`` makes small once as much load as can be is served: energy from the grid,
    what the site pays for energy, or emissions."""
    horizon_h: Annotated[Hours, Field(ge=1, le=600_000)] = 672.0
    """Time that ``optimal`` solves at once."""
    overlap_h: Annotated[Hours, Field(ge=0, le=600_000)] = 168.0
    """Time at the end of it that is solved again with what follows."""
    lost_load_per_mwh: PricePerMwh | None = None
    """Cost of a MWh of unserved load where `objective` is ``cost``; without it, serving load
    comes before all cost."""

    @model_validator(mode="after")
    def _keeps_some(self) -> Dispatch:
        if self.overlap_h >= self.horizon_h:
            raise ValueError(
                f"overlap {self.overlap_h:g} h must be shorter than horizon {self.horizon_h:g} h"
            )
        return self
