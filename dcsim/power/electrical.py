"""Electrical losses between meter and servers: IT power and open halls in, losses out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import ModelError


def electrical_loss_mw(  # noqa: PLR0913  (one parameter for each field of `Electrical`)
    it_power_mw: Floats,
    hall_mw: Floats,
    *,
    ups_load: Sequence[float],
    ups_efficiency: Sequence[float],
    ups_redundancy: float,
    transformer_no_load_frac: float,
    transformer_load_frac: float,
    distribution_frac: float,
    house_frac: float,
) -> Floats:
    """Return losses of UPS, transformers and distribution, and the load of the house.

    Power flows from the transformers through the UPS and the busways to the servers. UPS and
    transformers are rated alike, for the IT power of the halls that are open, times redundancy, and
    for no less than the UPS carries.

    Parameters
    ----------
    it_power_mw : ndarray, shape (n_hours,)
        IT power; NaN gives NaN. [MW]
    hall_mw : ndarray, shape (n_hours,)
        IT power of the open halls. [MW]
    ups_load, ups_efficiency : sequence of float
        Efficiency of the UPS by load over its rating, linear between the points and level beyond
        them. [1]
    ups_redundancy : float
        Installed over needed rating. [1]
    transformer_no_load_frac, transformer_load_frac : float
        Loss over the rating: always, and at full load, where it grows with the square. [1]
    distribution_frac : float
        Loss in busways and cables over what enters them. [1]
    house_frac : float
        Lighting and offices over the IT power of the open halls. [1]

    Returns
    -------
    ndarray, shape (n_hours,)
        All of it, which turns into heat. [MW]

    Raises
    ------
    ModelError
        If nothing leaves the busways because `distribution_frac` is 1.

    Notes
    -----
    ::

        UPS out     = IT / (1 - distribution)
        rating      = max(halls * redundancy, UPS out)
        UPS in      = UPS out / efficiency(UPS out / rating)
        transformer = rating * (no load + load * (UPS in / rating)^2)
        loss        = UPS in - IT + transformer + halls * house

    Iron losses of a transformer are constant and copper losses grow with the square of the current
    [1]_; the efficiency of a UPS by load is a curve of its data sheet.

    References
    ----------
    .. [1] IEC 60076-1:2011, "Power transformers - Part 1: General".

    Examples
    --------
    >>> loss = electrical_loss_mw(
    ...     np.array([50.0]), np.array([100.0]), ups_load=(0, 1), ups_efficiency=(0.95, 0.95),
    ...     ups_redundancy=1, transformer_no_load_frac=0.001, transformer_load_frac=0.008,
    ...     distribution_frac=0, house_frac=0.002)
    >>> loss.round(6)  # 2.631579 + 0.1 + 0.221607 + 0.2
    array([3.153186])
    """
    if distribution_frac >= 1:
        raise ModelError(f"need distribution_frac below 1, got {distribution_frac}")
    ups_out_mw = it_power_mw / (1.0 - distribution_frac)
    rating_mw = np.maximum(hall_mw * ups_redundancy, ups_out_mw)
    efficiency = np.interp(_over(ups_out_mw, rating_mw), ups_load, ups_efficiency)
    ups_in_mw = ups_out_mw / efficiency
    transformer_load = _over(ups_in_mw, rating_mw)
    transformer_frac = transformer_no_load_frac + transformer_load_frac * transformer_load**2
    losses_mw = ups_in_mw - it_power_mw
    losses_mw += transformer_frac * rating_mw
    losses_mw += house_frac * hall_mw
    return np.asarray(losses_mw)


def _over(power_mw: Floats, rating_mw: Floats) -> Floats:
    """Return the load over the rating; 0 where nothing is installed."""
    return np.divide(power_mw, rating_mw, out=np.zeros_like(power_mw), where=rating_mw > 0)
