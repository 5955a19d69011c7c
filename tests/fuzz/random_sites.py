"""Random valid sites: a seed in, a scenario as plain data out, with what a test must know of it."""

from __future__ import annotations

import random
from typing import Any

POLICIES = ("self-consumption", "cfe-first", "arbitrage", "peak-shaving", "reserve", "optimal")
STEPS = {"1 h": 1.0, "15 min": 0.25, "3 h": 3.0}
ASSETS = ("solar", "wind", "reactors", "chp", "contracts", "batteries", "gensets")
# Clocks change within the weeks of the run, by an hour or by half of one.
CHANGING = ("Europe/Berlin", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe")
STEADY = ("UTC", "Asia/Seoul", "Asia/Kolkata", "Asia/Kathmandu")
CLIMATE = {
    "temp_mean": [f"{t} degC" for t in (2, 4, 8, 13, 18, 21, 25, 26, 22, 16, 10, 4)],
    "temp_max": [f"{t} degC" for t in (6, 9, 13, 19, 23, 26, 28, 30, 26, 21, 16, 10)],
    "temp_min": [f"{t} degC" for t in (-2, -1, 3, 8, 12, 17, 21, 23, 18, 11, 5, 0)],
    "humidity": ["60 %"] * 12,
    "wind": ["4 m/s"] * 12,
    "ghi_kwh_m2_day": [2.2] * 12,
    "temp_deviation": "2.5 delta_degC",
    "persistence": 0.7,
    "cloud_persistence": 0.3,
}
SITE_WIND = {
    "mean": "7.5 m/s", "height": "100 m", "weibull_shape": 2, "shear": 0.1, "memory": "10 h",
    "monthly_factor": [1.2, 1.1, 1.1, 1, 0.9, 0.8, 0.8, 0.8, 0.9, 1, 1.2, 1.2],
}  # fmt: skip
TARIFF = {
    "seller": "utility",
    "price_year": 2027,
    "demand_charge": "10 USD/kW/month",
    "seasons": [
        {
            "name": "year",
            "months": list(range(1, 13)),
            "light": "50 USD/MWh",
            "middle": "100 USD/MWh",
            "peak": "200 USD/MWh",
            "weekday": "LLLLLLLLLMMMPPPPPMMMMMLL",
            "saturday": "L" * 24,
            "sunday": "L" * 24,
        }
    ],
}


def random_site(seed: int) -> dict[str, Any]:
    """Return a scenario; policy and step go round, all else is drawn."""
    rng = random.Random(seed)
    policy = POLICIES[seed % len(POLICIES)]
    step = list(STEPS)[seed // len(POLICIES) % len(STEPS)]
    days = rng.choice((7, 12) if policy == "optimal" and step == "15 min" else (12, 25, 40))
    first = rng.choice((25, 28, 31))
    end = f"2027-04-{days - 4:02}" if days > 7 else "2027-04-05"
    connection = rng.choice((1.0, 2.0, 4.0, 8.0))
    site: dict[str, Any] = {
        "format": 1,
        "name": f"Site {seed}",
        "start": f"2027-03-{first if days < 20 else 10}",
        "end": end if days < 30 else "2027-04-20",
        "step": step,
        "seed": seed,
        "time_zone": rng.choice(_zones(step) if rng.random() < 0.5 else STEADY),
        "latitude": f"{rng.choice((35.5, -34.0, 20.0))} degree",
        "longitude": f"{rng.choice((129.3, 13.4, -74.0))} degree",
        "power": {
            "basis": rng.choice(("facility", "facility", "it")),
            "design_pue": 1.2,
            "steps": [{"name": "connection", "adds": f"{connection} MW"}],
        },
        "halls": [{"name": "hall", "racks": 400, "it_power": "8 MW"}],
        "products": [
            {
                "name": "server", "power": "1.79 kW", "server_size": "8 GPU",
                "rack_size": "16 GPU", "performance": "2.5 PFLOPS", "price": "30000 USD/GPU",
            }
        ],
        "orders": [
            {
                "name": "first", "product": "server", "gpus": f"{rng.choice((320, 800, 1600))} GPU",
                "placed": "2027-01-15", "lead_time": "1 h",
            }
        ],
        "deployment": {"crews": 20, "install": "2 h", "slots": 200, "commissioning": "1 day"},
        "demand": [
            {"name": "training", "use": "training", "gpus": "700 GPU", "at": "2027-01-01"},
            {"name": "inference", "use": "inference", "gpus": "500 GPU", "at": "2027-01-01"},
        ],
        "weather": {"climate": CLIMATE, "wind": SITE_WIND},
        "cooling": {"model": "fixed", "overhead": "15 %"},
        "grid": {"carbon": "417 kg/MWh", "carbon_free": "39 %"},
        "money": {
            "currency": "USD", "price_year": 2027, "discount_rate": "8 %", "tariff": TARIFF,
            "carbon_price": {"2027": "20 USD/t"}, "carbon_paid": "50 %",
            "costs": {
                "operator": "operator", "rental": {"2027": "2 USD/GPU/h"}, "rental_reference": 2.5,
            },
        },
        "dispatch": {"policy": policy},
    }  # fmt: skip
    if policy == "optimal":
        site["dispatch"] |= {"objective": rng.choice(("import", "cost", "carbon"))}
        site["dispatch"] |= {"horizon": "6 days", "overlap": "2 days"}
    if rng.random() < 0.5:
        site["grid"]["outages"] = {"rate": "80 1/year", "repair": f"{rng.choice((3, 12))} h"}
    if rng.random() < 0.4:
        site["grid"]["export_limit"] = "1 MW"
    for section in ASSETS:
        if rng.random() < 0.45:
            site[section] = _ASSETS[section](rng)
    return site


def _zones(step: str) -> tuple[str, ...]:
    """Return the zones whose change of clocks, of an hour or of half of one, fits the step."""
    return {"15 min": CHANGING, "1 h": CHANGING[:-1], "3 h": STEADY}[step]


def _solar(rng: random.Random) -> list[dict[str, Any]]:
    plant = {"name": "sun", "capacity": f"{rng.choice((1, 4, 9))} MW"}
    plant |= {"delivery": rng.choice(("onsite", "grid")), "price": {"2027": "60 USD/MWh"}}
    return [plant]


def _wind(rng: random.Random) -> list[dict[str, Any]]:
    plant = {"name": "hill", "capacity": "3 MW", "turbine": "leanwind-8mw-164"}
    return [plant | {"hub_height": "110 m", "delivery": rng.choice(("onsite", "grid"))}]


def _following(rng: random.Random) -> dict[str, Any]:
    plant: dict[str, Any] = {"capacity": f"{rng.choice((0.5, 1.5, 3))} MW"}
    if rng.random() < 0.7:
        plant["minimum"] = rng.choice(("30 %", "50 %", "100 %"))
    if rng.random() < 0.6:
        plant["ramp"] = rng.choice(("0.05 1/h", "0.2 1/h", "1 1/h"))
    if rng.random() < 0.7:
        plant["outages"] = {"rate": "60 1/year", "repair": f"{rng.choice((5, 20))} h"}
    return plant


def _reactors(rng: random.Random) -> list[dict[str, Any]]:
    return [_following(rng) | {"name": "core", "price": {"2027": "70 USD/MWh"}}]


def _chp(rng: random.Random) -> list[dict[str, Any]]:
    return [_following(rng) | {"name": "gas", "efficiency": "50 %", "carbon": "370 kg/MWh"}]


def _contracts(rng: random.Random) -> list[dict[str, Any]]:
    contract: dict[str, Any] = {"name": "firm", "capacity": f"{rng.choice((0.2, 1))} MW"}
    contract |= {"renewable": rng.random() < 0.5}
    return [contract | ({"carbon": "40 kg/MWh"} if rng.random() < 0.7 else {})]


def _batteries(rng: random.Random) -> list[dict[str, Any]]:
    return [_battery(rng, name) for name in ("one", "two")[: rng.choice((1, 2, 2))]]


def _battery(rng: random.Random, name: str) -> dict[str, Any]:
    battery: dict[str, Any] = {
        "name": name,
        "power": f"{rng.choice((0.3, 1, 3))} MW",
        "energy": f"{rng.choice((1, 4, 12))} MWh",
        "round_trip": rng.choice(("100 %", "85 %")),
        "initial": "60 %",
    }
    if rng.random() < 0.5:
        battery["reserve"] = rng.choice(("20 %", "50 %"))
    if rng.random() < 0.3:
        battery["minimum"] = "20 %"
    if rng.random() < 0.4:
        battery["self_discharge"] = "5 %/month"
    if rng.random() < 0.3:
        battery |= {"fade_per_cycle": "0.5 %", "fade_per_year": "2 %", "replace_below": "80 %"}
    if rng.random() < 0.3:
        del battery["round_trip"]
        battery |= {"charge_efficiency": "95 %", "discharge_efficiency": "90 %"}
    if rng.random() < 0.3:
        battery["discharge_power"] = "0.2 MW"
    return battery


def _gensets(rng: random.Random) -> list[dict[str, Any]]:
    group: dict[str, Any] = {
        "name": "diesel", "units": 3, "unit_power": f"{rng.choice((0.2, 1))} MW",
        "carbon": "700 kg/MWh", "fuel_price": "250 USD/MWh",
    }  # fmt: skip
    if rng.random() < 0.5:
        group |= {"start_failure": "20 %", "mttf": "50 h", "start_time": "10 min"}
    return [group]


_ASSETS = {
    "solar": _solar,
    "wind": _wind,
    "reactors": _reactors,
    "chp": _chp,
    "contracts": _contracts,
    "batteries": _batteries,
    "gensets": _gensets,
}


def traits(site: dict[str, Any]) -> set[str]:
    """Return what a site has of the things of which each must be tried often."""
    found = {site["dispatch"]["policy"], site["step"], *(key for key in ASSETS if key in site)}
    plants = [*site.get("chp", ()), *site.get("reactors", ())]
    if "outages" in site["grid"] or any("outages" in plant for plant in plants):
        found.add("outage")
    if any("minimum" in plant for plant in plants):
        found.add("minimum load")
    if len(site.get("batteries", ())) == 2:
        found.add("two batteries")
    if site["time_zone"] in CHANGING:
        found.add("clock changes")
    return found


ALL_TRAITS = {
    *POLICIES, *STEPS, *ASSETS, "outage", "minimum load", "two batteries", "clock changes",
}  # fmt: skip
