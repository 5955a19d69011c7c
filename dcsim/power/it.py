"""IT power: GPUs online and busy in, their power with network and storage out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.schema.fleet import Product, Segment
from dcsim.units import KW_PER_MW


class ItPower(NamedTuple):
    """IT power and the part of its heat that leaves by liquid, shape ``(n_hours,)``."""

    it_power_mw: Floats
    liquid_heat_mw: Floats


def it_power(
    online_gpus: Floats,
    busy_frac: Mapping[str, Floats],
    products: Sequence[Product],
    *,
    network_frac: float,
    network_constant_frac: float = 0.0,
) -> ItPower:
    """Return the IT power of a mixed fleet.

    A GPU draws its idle power and, while busy, what its use adds. Busy GPUs are spread over the
    products in proportion to the GPUs online, so all products have the same busy share.

    Parameters
    ----------
    online_gpus : ndarray, shape (n_products, n_hours)
        GPUs online. [GPU]
    busy_frac : mapping of use to ndarray, shape (n_hours,)
        Share of the GPUs online that is busy with ``training`` and ``inference``. [1]
    products : sequence of Product
        In the order of the rows of `online_gpus`.
    network_frac : float
        Network, storage and management over the power of the servers; their heat goes to air. [1]
    network_constant_frac : float
        Share of them that draws what it draws beside servers at their peak, idle or busy. [1]

    Returns
    -------
    ItPower
        IT power and its liquid heat. [MW]

    Notes
    -----
    With the shares of nameplate that a GPU draws idle and in each use, linear in the busy share::

        draw     = idle + sum over uses of (use - idle) * busy share
        IT power = sum over products of online * nameplate
                   * [draw * (1 + network * (1 - constant)) + peak * network * constant]

    Newkirk et al. [1]_ measure 0.76 of nameplate in training, linear in utilization as Fan et al.
    [2]_ found for servers.

    References
    ----------
    .. [1] A. Newkirk et al., "Empirically-calibrated H100 node power models for reducing
       uncertainty in AI training energy estimation", arXiv 2506.14551 (2025).
    .. [2] X. Fan, W.-D. Weber, L. A. Barroso, "Power provisioning for a warehouse-sized computer",
       ISCA (2007).

    Examples
    --------
    A thousand GPUs of 1 kW, half of them busy with training:

    >>> server = Product.model_validate({"name": "server", "power": "1 kW", "server_size": "8 GPU",
    ...                                  "rack_size": "16 GPU", "idle": 0.2, "training": 0.8})
    >>> power = it_power(np.array([[1000.0]]), {"training": np.array([0.5])}, [server],
    ...                  network_frac=0.1)
    >>> power.it_power_mw.round(6)  # 1000 kW x (0.2 + 0.6 x 0.5) x 1.1
    array([0.55])
    """
    servers_mw, liquid_mw, constant_mw = np.zeros((3, online_gpus.shape[1]))
    for online, product in zip(online_gpus, products, strict=True):
        draw_frac = np.full(online.shape, product.idle_frac)
        for use, share in busy_frac.items():
            draw_frac += (_busy_draw_frac(product, use) - product.idle_frac) * share
        product_mw = online * (product.power_kw / KW_PER_MW)
        if network_constant_frac:
            constant_mw += product_mw * (product.peak_frac * network_frac * network_constant_frac)
        product_mw *= draw_frac
        servers_mw += product_mw
        product_mw *= product.liquid_frac
        liquid_mw += product_mw
    servers_mw *= 1.0 + network_frac * (1.0 - network_constant_frac)
    servers_mw += constant_mw
    return ItPower(servers_mw, liquid_mw)


def busy_fracs(
    segments: Sequence[Segment], busy_gpus: Floats, online_gpus: Floats
) -> dict[str, Floats]:
    """Return the share of the GPUs online that each use keeps busy.

    Parameters
    ----------
    segments : sequence of Segment
        In the order of the rows of `busy_gpus`.
    busy_gpus : ndarray, shape (n_segments, n_hours)
        Demand served. [GPU]
    online_gpus : ndarray, shape (n_hours,)
        GPUs online; where there are none, the share is zero. [GPU]

    Returns
    -------
    dict of ndarray, shape (n_hours,)
        By use: ``busy / online`` of all its segments. [1]
    """
    busy: dict[str, Floats] = {}
    for segment, row in zip(segments, busy_gpus, strict=True):
        busy[segment.use] = busy[segment.use] + row if segment.use in busy else row
    return {
        use: np.divide(gpus, online_gpus, out=np.zeros_like(gpus), where=online_gpus > 0)
        for use, gpus in busy.items()
    }


def swing_mw(
    online_gpus: Floats,
    busy_gpus: Floats,
    products: Sequence[Product],
    segments: Sequence[Segment],
    *,
    network_frac: float,
    network_constant_frac: float = 0.0,
) -> Floats:
    """Return the band within which training in step may move IT power at any moment.

    All synchronous GPUs wait, as when they exchange gradients, or all draw their peak. How fast
    and how often is not modeled: within seconds, as [1]_ shows.

    Parameters
    ----------
    online_gpus : ndarray, shape (n_products, n_hours)
        GPUs online. [GPU]
    busy_gpus : ndarray, shape (n_segments, n_hours)
        Demand served. [GPU]
    products, segments
        In the order of the rows.
    network_frac, network_constant_frac : float
        As for `it_power`; the constant part does not swing. [1]

    Returns
    -------
    ndarray, shape (n_hours,)
        Peak less idle draw of all synchronous GPUs together. [MW]

    Notes
    -----
    ::

        band = (synchronous / online) * sum over products of online * nameplate * (peak - idle)
               * (1 + network * (1 - constant))

    Synchronous GPUs are spread over the products like all busy ones.

    References
    ----------
    .. [1] E. Choukse et al., "Power stabilization for AI training datacenters", arXiv 2508.14318
       (2025).
    """
    in_step = np.zeros(online_gpus.shape[1])
    for segment, row in zip(segments, busy_gpus, strict=True):
        if segment.synchronous_frac:
            in_step += segment.synchronous_frac * row
    if not in_step.any():
        return in_step
    all_online = online_gpus.sum(axis=0)
    share = np.divide(in_step, all_online, out=np.zeros_like(in_step), where=all_online > 0)
    band_mw = np.zeros_like(in_step)
    for online, product in zip(online_gpus, products, strict=True):
        span_kw = product.power_kw * (product.peak_frac - product.idle_frac)
        band_mw += online * (span_kw / KW_PER_MW)
    return np.asarray(band_mw * share * (1.0 + network_frac * (1.0 - network_constant_frac)))


def _busy_draw_frac(product: Product, use: str) -> float:
    return {"training": product.training_frac, "inference": product.inference_frac}[use]
