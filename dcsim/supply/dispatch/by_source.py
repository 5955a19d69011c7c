"""Flows by source, from flows by asset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcsim.clock import Floats

SECTIONS = {"solar": "solar", "wind": "wind", "chp": "chp", "gensets": "genset"}
"""Name of a source in the flows, by the section of the scenario its assets stand in; contracts go
by their own names."""


def by_source(assets: Mapping[str, Floats], n_steps: int) -> dict[str, Floats]:
    """Return what each source makes, shape ``(n_steps,)``, from what each asset makes. [MW]

    Every section has its source, also without assets. A source of one asset is that asset's array.

    >>> made = {"wind.a": np.ones(1), "wind.b": np.ones(1), "contracts.c": np.ones(1)}
    >>> [(name, float(made_mw[0])) for name, made_mw in by_source(made, 1).items()]
    [('solar', 0.0), ('wind', 2.0), ('chp', 0.0), ('genset', 0.0), ('c', 1.0)]
    """
    sources: dict[str, Floats] = {}
    for section, source in SECTIONS.items():
        mine = [made for key, made in assets.items() if key.partition(".")[0] == section]
        sources[source] = mine[0] if mine else np.zeros(n_steps)
        for made_mw in mine[1:]:
            sources[source] = sources[source] + made_mw
    for key, made_mw in assets.items():
        section, _, name = key.partition(".")
        if section not in SECTIONS:
            sources[name] = made_mw
    return sources
