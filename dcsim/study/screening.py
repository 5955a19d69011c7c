"""Indices of a study whose design asked for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dcsim.errors import ModelError
from dcsim.study.indices import MorrisIndex, SobolIndex, morris_indices, sobol_indices
from dcsim.study.outcomes import in_design_order, outcome_of
from dcsim.study.rows import Rows


def design_indices(
    rows: Rows, metric: str, about: Mapping[str, Any]
) -> Sequence[SobolIndex | MorrisIndex]:
    """Return Sobol or Morris indices of a metric, none if the design is not made for them.

    Parameters
    ----------
    rows : Rows
        All cases of the study.
    metric : str
        As in `dcsim.study.outcomes.sample`.
    about : mapping
        What the manifest says of the study; its ``design`` has ``method``, SALib's ``problem``,
        ``cases`` in the order of the design and, for Morris, ``points`` and ``levels``.

    Raises
    ------
    ModelError
        If points of the design are not computed yet.
    """
    design = about.get("design") or {}
    if design.get("method") not in ("sobol", "morris"):
        return ()
    cases = design["cases"]
    there = set(rows.columns["case"].tolist())
    n_missing = sum(case not in there for case in dict.fromkeys(cases))
    if n_missing:
        raise ModelError(f"{n_missing} of {len(cases)} points of the design are not computed yet")
    outputs = in_design_order(rows, cases, metric)
    # A failed point stands at the median: it must not look like an effect.
    known = outcome_of(rows, metric).values
    replacement = float(np.nanmedian(known)) if np.isnan(outputs).any() else None
    if design["method"] == "sobol":
        return sobol_indices(
            design["problem"],
            outputs,
            second_order=design.get("second_order", False),
            replacement=replacement,
        )
    return morris_indices(
        design["problem"],
        design["points"],
        outputs,
        n_levels=design.get("levels", 4),
        replacement=replacement,
    )
