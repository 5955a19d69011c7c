"""Provisioning: contracted power in, the GPUs that fit under it out."""

from __future__ import annotations

import math

from dcsim.scenario.schema.fleet import Product
from dcsim.scenario.schema.power import Power
from dcsim.units import KW_PER_MW


def design_it_kw(product: Product, power: Power) -> float:
    """Return the IT power provisioned for one GPU, network and storage included. [kW]

    Nameplate at its peak share, plus network, over the oversubscription: servers beyond the
    provisioned power are placed because they seldom peak together, and capping keeps the limit.
    """
    peak_kw = product.power_kw * product.peak_frac
    return peak_kw * (1 + power.network_frac) / (1 + power.oversubscription_frac)


def design_facility_kw(product: Product, power: Power) -> float:
    """Return the facility power provisioned for one GPU. [kW]."""
    return design_it_kw(product, power) * power.design_pue


def it_share_mw(contracted_mw: float, power: Power) -> float:
    """Return the IT power that a contracted power carries, by the basis it is measured on. [MW]."""
    return contracted_mw / power.design_pue if power.basis == "facility" else contracted_mw


def gpus_fit(contracted_mw: float, product: Product, power: Power) -> int:
    """Return how many GPUs of a product a contracted power carries.

    Parameters
    ----------
    contracted_mw : float
        Measured where `power.basis` says: at the meter or at the servers. [MW]
    product : Product
    power : Power

    Returns
    -------
    int

    Examples
    --------
    >>> from dcsim.scenario.schema.power import Power
    >>> power = Power.model_validate({
    ...     "basis": "facility", "design_pue": 1.2, "network": 0.08, "oversubscription": 0.15,
    ...     "steps": [{"name": "all", "adds": "103 MW"}]})
    >>> server = Product.model_validate({
    ...     "name": "b200", "power": "1.7875 kW", "server_size": "8 GPU", "rack_size": "16 GPU",
    ...     "peak": 0.82})
    >>> gpus_fit(103.0, server, power)
    62354
    """
    return math.floor(
        it_share_mw(contracted_mw, power) * KW_PER_MW / design_it_kw(product, power) + 1e-6
    )
