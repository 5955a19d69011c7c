"""Contracts of constant power: the class of one, and the record of the kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dcsim.scenario.schema.assets.asset import Asset, Capacity
from dcsim.scenario.schema.assets.kind import (
    CARBON_FREE,
    RENEWABLE,
    AssetKind,
    Cleanliness,
    EnergyPrice,
)
from dcsim.scenario.schema.quantity import KilogramsPerMwh, YearlyPricePerMwh


class Contract(Asset):
    """Energy of a constant power through the connection, such as that of hydro power."""

    capacity_mw: Capacity
    """Power delivered every hour, for which the site pays."""
    renewable: bool
    """True if it counts as renewable."""
    carbon_kg_per_mwh: Annotated[KilogramsPerMwh, Field(ge=0)] = 0.0
    """Emission factor, in the market-based account; a contract that is neither renewable nor has
    one is carbon-free."""
    price_per_mwh: YearlyPricePerMwh | None = None
    """Price of its energy by year."""


def _cleanliness(contract: Contract) -> Cleanliness:
    factor = contract.carbon_kg_per_mwh
    if contract.renewable:
        return RENEWABLE._replace(kg_per_mwh=factor)
    return Cleanliness("emitting", factor) if factor else CARBON_FREE


def _contract_price(contract: Contract) -> EnergyPrice | None:
    return EnergyPrice(by_year=contract.price_per_mwh) if contract.price_per_mwh else None


KIND = AssetKind(
    section="contracts",
    schema=Contract,
    about="Contracts of constant power.",
    also_called=(
        "baseload",
        "geothermal",
        "hydro",
        "power_purchase_agreements",
        "ppa",
        "ppas",
    ),
    sample_keys={"name": "a", "capacity": "2 MW", "renewable": False, "carbon": "40 kg/MWh"},
    label="contracts",
    color="#0072B2",
    dispatch_class="variable",
    rated_mw=lambda contract: float(contract.capacity_mw),
    figure="contracts",
    column_of_each=True,
    kept_column=True,
    cleanliness=_cleanliness,
    wheeled=lambda _contract: True,
    price=_contract_price,
    ledger_kind="ppa_energy",
    ledger_label="Solar, wind, contracts",
    ledger_color="#F0E442",
)
