"""The models of all kinds, found by the name of their section.

`KINDS` says which sections there are; the function ``available`` of the module of that name, beside
this one, says what an asset of the section can give.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from dcsim.scenario.schema.assets.registry import KINDS
from dcsim.supply.assets.conditions import AssetModel

MODELS: Mapping[str, AssetModel] = {
    kind.section: import_module(f"{__package__}.{kind.section}").available for kind in KINDS
}
