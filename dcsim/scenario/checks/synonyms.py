"""Words that people write in the place of keys: section and word in, the key that is meant out.

Likeness of letters does not find them: nothing in ``tariff`` leads to ``money``. Kinds of assets
say by themselves what else they are called, see `AssetKind.also_called`.
"""

from __future__ import annotations

from collections.abc import Mapping

from dcsim.scenario.schema.assets.registry import all_kinds
from dcsim.scenario.schema.part import key_of

SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "": {
        "benchmark": "expect",
        "buildings": "halls",
        "capex": "money.capital",
        "checks": "expect",
        "climate": "weather.climate",
        "connection": "power.steps",
        "costs": "money.costs",
        "currency": "money.currency",
        "data_halls": "halls",
        "deliveries": "orders",
        "discount_rate": "money.discount_rate",
        "dispatch_policy": "dispatch.policy",
        "failures": "fleet",
        "finance": "money",
        "gates": "expect",
        "gpu": "products",
        "gpus": "orders",
        "grid_steps": "power.steps",
        "interconnection": "power.steps",
        "lat": "latitude",
        "load": "demand",
        "location": "latitude and longitude",
        "lon": "longitude",
        "maintenance": "fleet",
        "opex": "money.costs",
        "phases": "expansion",
        "policy": "dispatch.policy",
        "price": "money.tariff",
        "prices": "money.tariff",
        "projects": "works",
        "promises": "milestones",
        "pue": "power.design_pue",
        "racks": "halls",
        "random_seed": "seed",
        "rent": "money.costs.rental",
        "revenue": "money.costs.rental",
        "schedule": "works",
        "servers": "products",
        "site": "name",
        "staff": "money.costs",
        "steps": "power.steps",
        "substation": "power.steps",
        "targets": "milestones",
        "tariff": "money.tariff",
        "tasks": "works",
        "temperature": "weather",
        "timestep": "step",
        "timezone": "time_zone",
        "tz": "time_zone",
        "ups": "electrical",
        "utilization": "demand",
        "workload": "demand",
    },
    "deployment": {"technicians": "crews", "testing": "commissioning"},
    "demand": {"date": "at", "timezone": "time_zone", "tz": "time_zone"},
    "fleet": {"mtbf": "failure_rate", "mttr": "repair", "staff": "technicians"},
    "grid": {
        "co2": "carbon",
        "emissions": "carbon",
        "export": "export_limit",
        "feed_in": "export_limit",
        "intensity": "carbon",
    },
    "halls": {"capacity": "it_power", "density": "rack_limit", "power": "it_power"},
    "milestones": {"date": "by", "deadline": "by", "due": "by", "target": "gpus or power"},
    "orders": {"count": "gpus", "date": "placed", "delivery": "lead_time", "quantity": "gpus"},
    "power": {"connection": "steps", "limit": "steps", "pue": "design_pue"},
    "products": {"lifetime": "life", "tdp": "power", "watts": "power"},
    "works": {
        "delay": "slip",
        "depends_on": "after",
        "due": "finish",
        "end": "finish",
        "lag": "slip",
        "predecessors": "after",
        "requires": "after",
    },
}
"""Keys by section and word; the section of the top level has no name."""
IN_ASSETS: Mapping[str, str] = {
    "co2": "carbon",
    "emissions": "carbon",
    "lifetime": "life",
    "mw": "capacity",
    "nameplate": "capacity",
    "power": "capacity",
    "project": "works",
    "rating": "capacity",
    "size": "capacity",
}
"""The same for the items of every kind of asset, where it has that key."""


def meant(section: str, word: str) -> str | None:
    """Return the key that is meant by a word that is none, or None if that is not known.

    >>> meant("", "gas"), meant("", "Tariff"), meant("works", "depends-on"), meant("", "zzz")
    ('chp', 'money.tariff', 'after', None)
    """
    plain = word.casefold().replace("-", "_")
    if key := SYNONYMS.get(section, {}).get(plain):
        return key
    kinds = {kind.section: kind for kind in all_kinds()}
    if not section:
        return next((name for name, kind in kinds.items() if plain in kind.also_called), None)
    if section not in kinds:
        return None
    kind = kinds[section]
    key = kind.key_synonyms.get(plain) or IN_ASSETS.get(plain)
    return key if key in {key_of(name) for name in kind.schema.model_fields} else None
