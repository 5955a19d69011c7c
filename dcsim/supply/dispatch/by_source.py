"""Flows by source, from flows by asset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcsim.clock import Floats
from dcsim.scenario.schema.assets.registry import all_kinds, kind_of


def by_asset(*parts: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return what each asset makes, from mappings by asset key. [MW]

    An asset that changes its dispatch class stands in two of them: its parts are added.

    >>> made = by_asset({"a": np.array([1.0, 0.0])}, {"a": np.array([0.0, 2.0])})
    >>> made["a"]
    array([1., 2.])
    """
    assets: dict[str, Floats] = {}
    for part in parts:
        for key, made_mw in part.items():
            assets[key] = assets[key] + made_mw if key in assets else made_mw
    return assets


def by_source(assets: Mapping[str, Floats], n_steps: int) -> dict[str, Floats]:
    """Return what each source makes, shape ``(n_steps,)``, from what each asset makes. [MW]

    A kind is one source, by the stem of its figures, or each of its assets is one by its own name.
    A kind whose column is kept has its source also without assets. A source of one asset is that
    asset's array.
    """
    sources: dict[str, Floats] = {}
    for kind in all_kinds():
        if kind.column_of_each or kind.is_store:
            continue
        mine = [made for key, made in assets.items() if key.partition(".")[0] == kind.section]
        if mine or kind.kept_column:
            sources[kind.figure] = sum(mine[1:], mine[0]) if mine else np.zeros(n_steps)
    for key, made_mw in assets.items():
        kind_of_key = kind_of(key)
        if kind_of_key is None or kind_of_key.column_of_each:
            sources[key.partition(".")[2]] = made_mw
    return sources
