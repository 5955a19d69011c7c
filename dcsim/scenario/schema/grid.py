"""The public grid behind the connection."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dcsim.scenario.schema.outages import Outages
from dcsim.scenario.schema.part import Part
from dcsim.scenario.schema.profile import Profile
from dcsim.scenario.schema.quantity import Megawatts, YearlyFraction, YearlyKilogramsPerMwh


class Grid(Part):
    """The public grid behind the connection; its limit is the energised power."""

    outages: Outages | None = None
    """Failures of the connection."""
    carbon_kg_per_mwh: YearlyKilogramsPerMwh
    """Mean emission factor at the consumer's end."""
    carbon_profile: Profile | None = None
    """Hours of that factor from a file; only its shape counts, the mean of a year stays as said."""
    carbon_free_frac: YearlyFraction
    """Carbon-free share of what the grid delivers."""
    export_limit_mw: Annotated[Megawatts, Field(ge=0)] = 0.0
    """Most that may be fed back."""
