"""Cooling, electrical chain, IT power."""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dcsim.clock import Floats
from dcsim.physics.wet_bulb import wet_bulb_c
from dcsim.power.cooling.chiller import chiller_cop
from dcsim.power.cooling.conditions import HeatLoad
from dcsim.power.cooling.physical import Ambient, plant_draw
from dcsim.power.it import it_power
from dcsim.scenario.schema.fleet import Product
from dcsim.scenario.schema.power import PhysicalCooling
from tests.validation.calibrate import share_up_to, two_states
from tests.validation.case import Case

LEI = "model of Lei and Masanet (Energy 201, 2020; RCR 182, 2022)"
ATMOSPHERE_PA = 101_325.0
COPS = {
    0.3: (9.96, 7.83, 6.14, 4.90, 4.09),
    0.5: (10.82, 8.78, 7.18, 6.02, 5.30),
    0.7: (11.01, 9.05, 7.53, 6.45, 5.82),
    0.9: (10.51, 8.63, 7.20, 6.21, 5.66),
}
TOWER_GRID = {
    (0, 50): 1.134,
    (15, 50): 1.135,
    (20, 80): 1.135,
    (25, 50): 1.135,
    (25, 80): 1.192,
    (30, 50): 1.182,
    (30, 80): 1.325,
    (35, 50): 1.294,
    (35, 80): 1.353,
}
SEA_GRID = {5: 1.156, 20: 1.156, 25: 1.165, 28: 1.237}
SEA_GRID_GOOD_UPS = {20: 1.127, 25: 1.135}
Losses = tuple[float, float, float]
MIDDLE: Losses = (0.945, 0.01, 0.001)
"""Efficiency of the UPS, loss of distribution, lighting: middle of the published ranges."""
MIDDLE_PLANT: dict[str, Any] = {
    "air_supply": 31.0,
    "air_rise": 16.65,
    "water_rise": 7.5,
    "exchanger_approach": 2.25,
    "coil": 0.8,
    "sensible": 0.97,
    "fans": (500.0, 0.775),
    "humidifier": (6.8e6, 0.7),
    "economizer_pumps": (143.5e3, 0.7),
    "chilled_pumps": (143.5e3, 0.7),
    "chiller_load": 0.5,
}
MIDDLE_TOWER = MIDDLE_PLANT | {
    "sink_rise": 5.0,
    "tower_approach": 4.75,
    "tower_fans": (250.0, 0.775),
    "sink_pumps": (208.5e3, 0.7),
    "liquid_to_gas": 2.0,
}
MIDDLE_SEA = MIDDLE_PLANT | {"sink": "seawater", "sink_rise": 7.5, "sink_pumps": (882e3, 0.7)}
WORKED_TOWER = {
    "air_supply": 27.3671875,
    "air_rise": 18.8856337,
    "water_rise": 7.50488281,
    "sink_rise": 4.13867188,
    "fans": (416.992188, 0.713720703),
    "tower_fans": (148.339844, 0.745947266),
    "humidifier": (6500976.56, 0.674023438),
    "economizer_pumps": (156284.191, 0.668945312),
    "chilled_pumps": (171884.552, 0.745117188),
    "sink_pumps": (210534.68, 0.709960938),
    "tower_approach": 6.50576172,
    "exchanger_approach": 2.29404297,
    "coil": 0.816601563,
    "sensible": 0.986289063,
    "chiller_load": 0.224023438,
    "cop_scatter": 0.105488281,
    "liquid_to_gas": 1.11914062,
}
WORKED_SEA = {
    "sink": "seawater",
    "air_supply": 34.2578125,
    "air_rise": 14.1438802,
    "water_rise": 9.49707031,
    "sink_rise": 7.50488281,
    "fans": (413.867188, 0.671240234),
    "humidifier": (6656835.94, 0.632226562),
    "economizer_pumps": (136980.148, 0.628710937),
    "chilled_pumps": (136194.518, 0.743945313),
    "sink_pumps": (699398.438, 0.798242188),
    "exchanger_approach": 2.49814453,
    "coil": 0.804492187,
    "sensible": 0.971992187,
    "chiller_load": 0.770117188,
    "cop_scatter": 0.00880859375,
}


def cases() -> Iterator[Case]:
    yield from _cops()
    yield from _worked()
    yield from _grids()
    yield from _it()


def _cops() -> Iterator[Case]:
    for load, row in COPS.items():
        for condenser_c, expected in zip((15, 20, 25, 30, 35), row, strict=True):
            found = functools.partial(_cop, condenser_c=condenser_c, load=load)
            name = f"Chiller COP, load {load:g}, {condenser_c} degC"
            yield Case("Cooling", name, f"{LEI}, fit", expected, "1", 0.005, found, False)


def _cop(_: Path, condenser_c: float, load: float) -> float:
    return float(chiller_cop(np.array([float(condenser_c)]), load)[0])


def _worked() -> Iterator[Case]:
    tower = (0.980302734, 0.00560546875, 0.00181445313)
    sea = (0.975556641, 0.0135351562, 0.000560546875)
    for sink, losses, plant, expected in (
        ("tower", tower, WORKED_TOWER, 1.08871681848904),
        ("seawater", sea, WORKED_SEA, 1.11407614654948),
    ):
        found = functools.partial(_pue, losses=losses, plant=plant, temp_c=20.0, humidity=0.4)
        name = f"PUE, worked example, {sink}"
        yield Case("Cooling", name, f"{LEI}, printed output", expected, "1", 1e-5, found, False)


def _grids() -> Iterator[Case]:
    source = f"{LEI}, middle of all inputs"
    for (temp_c, humidity), expected in TOWER_GRID.items():
        found = functools.partial(
            _pue, losses=MIDDLE, plant=MIDDLE_TOWER, temp_c=temp_c, humidity=humidity / 100
        )
        name = f"PUE, tower, {temp_c} degC, {humidity} %"
        yield Case("Cooling", name, source, expected, "1", 0.003, found, False)
    good_ups = (0.97, *MIDDLE[1:])
    for losses, grid, what in (
        (MIDDLE, SEA_GRID, "sea"),
        (good_ups, SEA_GRID_GOOD_UPS, "sea, UPS 0.97"),
    ):
        for temp_c, expected in grid.items():
            found = functools.partial(
                _pue, losses=losses, plant=MIDDLE_SEA, temp_c=temp_c, humidity=0.5
            )
            yield Case(
                "Cooling", f"PUE, {what} {temp_c} degC", source, expected, "1", 5.1e-4, found, False
            )


def _pue(_: Path, losses: Losses, plant: dict[str, Any], temp_c: float, humidity: float) -> float:
    """Return the PUE of a full hall, the sea as warm as the air."""
    ups, distribution, lighting = losses
    heat = np.array([1 / ups + 1 / (1 - distribution) - 1 + lighting])
    dry_c, pressure_pa = np.array([float(temp_c)]), np.array([ATMOSPHERE_PA])
    wet_c = wet_bulb_c(dry_c, np.array([humidity]), ATMOSPHERE_PA)
    ambient = Ambient(dry_c, wet_c, pressure_pa, sea_c=dry_c, cold_mw=np.zeros(1))
    drawn = plant_draw(HeatLoad(heat, np.zeros(1), heat), ambient, _plant(plant))
    return float((heat + drawn.power_mw)[0])


def _plant(numbers: dict[str, Any]) -> PhysicalCooling:
    parts: dict[str, Any] = {}
    for key, value in numbers.items():
        if isinstance(value, tuple):
            parts[key] = {"pressure": f"{value[0]!r} Pa", "efficiency": value[1]}
        elif key == "air_supply":
            parts[key] = f"{value!r} degC"
        elif key.endswith(("_rise", "_approach")):
            parts[key] = f"{value!r} delta_degC"
        else:
            parts[key] = value
    if parts.get("sink") == "seawater":
        parts["sea"] = ["15 degC"] * 12
    return PhysicalCooling.model_validate(parts)


def _it() -> Iterator[Case]:
    source = "60,000 B200 of 1.79 kW at a PUE of 1.25, draw 0.76 of nameplate (Newkirk 2025)"
    draw = functools.partial(_draw_mw, n_gpus=60_000, idle=0.22, training=0.76, busy=1.0)
    found = lambda data: 1.25 * draw(data)  # noqa: E731  (a case each)
    yield Case("IT power", "Facility draw of 60,000 GPUs", source, 102.0, "MW", 0.03, found)
    source = "mean wall power of A100 servers over nameplate (Hu et al., NSDI 2024)"
    server = functools.partial(_draw_mw, n_gpus=1, idle=0.24, training=0.76, busy=0.41)
    found = lambda data: server(data) * 1000 / 1.79  # noqa: E731  (a case each)
    name = "Server draw at the measured activity, idle 0.24"
    yield Case("IT power", name, source, 0.45, "1", 0.05, found)

    yield from _measured()


ACME = "measured distribution of two LLM clusters (Hu et al., NSDI 2024)"
MEASURED = {
    "gpu_power_W_kalos": (400.0, 75.0),
    "gpu_power_W_seren": (400.0, 75.0),
    "gpu_server_power_W_seren": (6500.0, 1700.0),
}
"""Nameplate, and power up to which a sample counts as idle. [W]"""


def _measured() -> Iterator[Case]:
    """Draw of the IT model once idle and busy are read off what was measured."""
    for quantity, name, expected in (
        ("gpu_power_W_kalos", "GPU draw over TDP, Kalos", 0.48),
        ("gpu_power_W_seren", "GPU draw over TDP, Seren", 0.42),
        ("gpu_server_power_W_seren", "Server draw over nameplate, Seren", 0.45),
    ):
        found = functools.partial(_calibrated, quantity=quantity)
        yield Case("IT power", name, ACME, expected, "1", 0.05, found, needs_data=True)
    for quantity, name, expected in (
        ("gpu_power_W_kalos", "GPU samples up to 75 W, Kalos", 0.33),
        ("gpu_power_W_seren", "GPU samples up to 75 W, Seren", 0.33),
    ):
        found = functools.partial(_idle_share, quantity=quantity)
        yield Case("IT power", name, ACME, expected, "1", 0.05, found, needs_data=True)


def _distribution(data: Path, quantity: str) -> tuple[Floats, Floats]:
    with (data / "series" / "acme_power_utilisation_cdf.csv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["quantity"] == quantity]
    value = np.array([float(row["value"]) for row in rows])
    return value, np.array([float(row["cdf"]) for row in rows])


def _calibrated(data: Path, quantity: str) -> float:
    nameplate_w, idle_up_to_w = MEASURED[quantity]
    states = two_states(*_distribution(data, quantity), idle_up_to_w)
    idle, busy = states.idle / nameplate_w, states.busy / nameplate_w
    return _draw_mw(data, 1, idle=idle, training=busy, busy=states.busy_frac) * 1000 / 1.79


def _idle_share(data: Path, quantity: str) -> float:
    return share_up_to(*_distribution(data, quantity), 75.0)


def _draw_mw(_: Path, n_gpus: int, idle: float, training: float, busy: float) -> float:
    product = Product.model_validate(
        {
            "name": "server",
            "power": "1.79 kW",
            "server_size": "8 GPU",
            "rack_size": "16 GPU",
            "idle": idle,
            "training": training,
        }
    )
    online = np.array([[float(n_gpus)]])
    power = it_power(online, {"training": np.array([busy])}, [product], network_frac=0.0)
    assert not math.isnan(power.it_power_mw[0])
    return float(power.it_power_mw[0])
