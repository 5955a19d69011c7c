from __future__ import annotations

import numpy as np
import pytest

from dcsim.power.it import busy_fracs, it_power
from dcsim.scenario.schema.fleet import Product, Segment


def product_of(**changes: object) -> Product:
    raw = {"name": "p", "power": "2 kW", "server_size": "8 GPU", "rack_size": "72 GPU"}
    raw |= {"training": 0.8, "inference": 0.5, "idle": 0.2, "liquid": 0.75}
    return Product.model_validate(raw | changes)


def one(value: float) -> np.ndarray:
    return np.array([value])


def test_idle_gpus_draw_their_idle_share() -> None:
    power = it_power(np.array([[1000.0]]), {"training": one(0)}, [product_of()], network_frac=0)
    assert power.it_power_mw[0] == pytest.approx(0.4)


def test_busy_gpus_draw_what_their_use_takes() -> None:
    shares = {"training": one(0.5), "inference": one(0.25)}
    power = it_power(np.array([[1000.0]]), shares, [product_of()], network_frac=0)
    # 500 GPU x 1.6 kW + 250 x 1.0 + 250 x 0.4
    assert power.it_power_mw[0] == pytest.approx(1.15)


def test_network_comes_on_top_and_gives_its_heat_to_air() -> None:
    power = it_power(np.array([[1000.0]]), {"training": one(1)}, [product_of()], network_frac=0.1)
    assert power.it_power_mw[0] == pytest.approx(1.76)
    assert power.liquid_heat_mw[0] == pytest.approx(1.6 * 0.75)


@pytest.mark.parametrize(("busy", "draw_mw"), [(0.0, 0.4), (1.0, 1.6), (0.5, 1.0)])
def test_the_constant_part_of_the_network_is_the_same_idle_or_busy(busy, draw_mw) -> None:
    product, at = product_of(peak=0.9), np.array([[1000.0]])
    keys = {"network_frac": 0.1, "network_constant_frac": 0.75}
    power = it_power(at, {"training": one(busy)}, [product], **keys)
    # Of 0.1: three quarters of what servers at their peak of 1.8 MW have, one quarter of the draw.
    assert power.it_power_mw[0] == pytest.approx(draw_mw + 0.1 * (0.75 * 1.8 + 0.25 * draw_mw))
    servers = it_power(at, {"training": one(busy)}, [product], network_frac=0)
    assert power.liquid_heat_mw[0] == servers.liquid_heat_mw[0]


def test_products_share_work_in_proportion_to_their_gpus() -> None:
    fleet = [product_of(), product_of(name="q", power="3 kW", liquid=0)]
    power = it_power(np.array([[1000.0], [500.0]]), {"training": one(0.5)}, fleet, network_frac=0)
    # both are half busy: 1000 x 2 kW x 0.5 + 500 x 3 kW x 0.5
    assert power.it_power_mw[0] == pytest.approx(1.75)
    assert power.liquid_heat_mw[0] == pytest.approx(0.75)


def test_sixty_thousand_b200_draw_a_hundred_and_two_megawatts() -> None:
    b200 = product_of(power="1.79 kW", training=0.76)
    power = it_power(np.array([[60_000.0]]), {"training": one(1)}, [b200], network_frac=0)
    assert power.it_power_mw[0] * 1.25 == pytest.approx(102, rel=0.03)


def test_busy_share_adds_up_the_segments_of_a_use() -> None:
    segments = [
        Segment.model_validate({"name": name, "use": use, "gpus": "1 GPU", "at": "2030-01-01"})
        for name, use in (("a", "training"), ("b", "inference"), ("c", "inference"))
    ]
    busy = np.array([[10.0, 0.0], [20.0, 0.0], [30.0, 0.0]])
    shares = busy_fracs(segments, busy, np.array([100.0, 0.0]))
    np.testing.assert_allclose(shares["training"], [0.1, 0])
    np.testing.assert_allclose(shares["inference"], [0.5, 0])


def test_the_swing_is_peak_less_idle_of_what_works_in_step() -> None:
    from dcsim.power.it import swing_mw
    from dcsim.scenario.schema.fleet import Segment

    def segment(use: str, frac: float) -> Segment:
        return Segment.model_validate(
            {"name": use, "use": use, "gpus": "1 GPU", "at": "2030-01-01", "synchronous": frac}
        )

    machine = product_of(peak=0.9, idle=0.2)
    online, busy = np.array([[1000.0]]), np.array([[600.0], [300.0]])
    segments = [segment("training", 0.5), segment("inference", 0.0)]
    band = swing_mw(online, busy, [machine], segments, network_frac=0.1)
    assert band[0] == pytest.approx(300 * machine.power_kw * 0.7 / 1000 * 1.1)
    none = swing_mw(online, busy, [machine], segments[1:] * 2, network_frac=0.1)
    assert none[0] == 0.0
