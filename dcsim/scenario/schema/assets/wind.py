"""Wind farms: the class of one farm, and the record of the kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from dcsim.scenario.schema.assets.asset import Asset, Capacity, PlantCost
from dcsim.scenario.schema.assets.kind import RENEWABLE, AssetKind, EnergyPrice
from dcsim.scenario.schema.part import Derived
from dcsim.scenario.schema.profile import Profile
from dcsim.scenario.schema.quantity import Meters, MetersPerSecond, Share, YearlyPricePerMwh

HUB_HEIGHTS_M = {
    "atb-15mw-240": 150.0,  # NREL, Annual Technology Baseline 2020
    "dtu-10mw-178": 119.0,  # Bak et al. 2013, DTU Wind Energy Report-I-0092
    "iea-10mw-198": 119.0,  # Bortolotti et al. 2019, NREL/TP-5000-73492
    "iea-15mw-240": 150.0,  # Gaertner et al. 2020, NREL/TP-5000-75698
    "leanwind-8mw-164": 110.0,  # Desmond et al. 2016, J. Phys. Conf. Ser. 753, 092013
}
"""Height of the hub of each turbine whose power curve comes with dcsim. [m]"""


class Wind(Asset):
    """A wind farm under contract."""

    capacity_mw: Capacity
    """Rated power contracted."""
    delivery: Literal["onsite", "grid"] = "grid"
    """Through the connection, or behind it."""
    turbine: str
    """Name of a power curve: a file of dcsim's own, or a CSV beside the scenario."""
    cut_out_m_s: Annotated[MetersPerSecond, Field(gt=0, le=60)] | None = None
    """Speed above which the turbine stands; without it, the last speed of its power curve, which
    must then end at zero power or at 20 m/s or more."""
    hub_height_m: Annotated[
        Annotated[Meters, Field(gt=0, le=300)] | None,
        Derived(lambda farm, _: farm.hub_m, "that of the turbine"),
    ] = None
    """Height of the hub; without it, that of the turbine, where `turbine` is one of dcsim's own."""
    wake_frac: Share = 0.0
    """Loss in the wakes of other turbines."""
    availability_frac: Share = 1.0
    """Share of the turbines that can run."""
    electrical_loss_frac: Share = 0.0
    """Loss in cables and transformers up to the delivery point."""
    other_loss_frac: Share = 0.0
    """Other losses."""
    degradation_frac: Share = 0.0
    """Loss of output a year."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy, network and extras included, by year of delivery."""
    cost: PlantCost | None = None
    """Cost of more or less of it, for `dcsim size`."""
    profile: Profile | None = None
    """Output over `capacity` from a file, in the place of wind and power curve, losses in it."""

    @property
    def hub_m(self) -> float | None:
        """Height of the hub, as given or that of the turbine; None if neither is known. [m]"""
        given = self.hub_height_m
        return HUB_HEIGHTS_M.get(self.turbine) if given is None else given


def _faults(site: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    weather = site.weather
    if site.assets("wind") and weather.wind is None and weather.measured_wind is None:
        yield ("weather", "wind"), "is missing: wind farms need the wind at their turbines"
    for farm in site.assets("wind"):
        if farm.hub_m is None and farm.profile is None and farm.turbine.endswith(".csv"):
            message = (
                f"is missing: {farm.turbine} does not say how high its hub is; write for example "
                "'hub_height: 120 m'"
            )
            yield ("wind", farm.name, "hub_height"), message


KIND = AssetKind(
    section="wind",
    schema=Wind,
    about="Wind farms.",
    also_called=(
        "wind_farms",
        "windfarms",
        "wind_turbines",
    ),
    sample_keys={"name": "a", "capacity": "4 MW", "delivery": "onsite", "turbine": "iea-15mw-240"},
    label="wind",
    color="#56B4E9",
    dispatch_class="variable",
    rated_mw=lambda farm: float(farm.capacity_mw),
    figure="wind",
    kept_column=True,
    cleanliness=RENEWABLE,
    wheeled=lambda farm: bool(farm.delivery == "grid"),
    price=lambda farm: EnergyPrice(by_year=farm.price_per_mwh) if farm.price_per_mwh else None,
    ledger_kind="ppa_energy",
    ledger_label="Solar, wind, contracts",
    ledger_color="#F0E442",
    sized_fields=("capacity_mw",),
    file_fields=("turbine",),
    faults=_faults,
)
