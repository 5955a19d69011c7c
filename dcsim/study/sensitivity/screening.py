"""Sobol and Morris indices of a study: rows and the study's manifest in, indices out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dcsim.errors import ModelError
from dcsim.study.records.rows import Rows
from dcsim.study.sensitivity.indices import MorrisIndex, SobolIndex, morris_indices, sobol_indices
from dcsim.study.statistics.outcomes import in_design_order, outcome_of


def design_indices(
    rows: Rows, metric: str, about: Mapping[str, Any]
) -> Sequence[SobolIndex | MorrisIndex]:
    """Return Sobol or Morris indices of a metric, none if the design does not provide them.

    Parameters
    ----------
    rows : Rows
        All cases of the study.
    metric : str
        As in `dcsim.study.statistics.outcomes.inputs_and_outcome`.
    about : mapping
        The study's entry in the manifest; its ``design`` has ``method``, SALib's ``problem``,
        ``cases`` in the order of the design and, for Morris, ``points`` and ``levels``.

    Returns
    -------
    sequence of SobolIndex or of MorrisIndex
        One an input or group, in the order of the problem.

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


def independent_rows(rows: Rows, about: Mapping[str, Any]) -> Rows:
    """Return the rows that are independent draws, of which correlations may be computed.

    Notes
    -----
    The cases of a sweep share their random numbers, so that each draw comes once a case: of equal
    draws the first is taken.

    The points of a Sobol design come in blocks ``A, AB_1, ..., AB_k, B`` [1]_: ``A`` and ``B`` are
    drawn, ``AB_i`` is ``A`` with the values of input or group ``i`` from ``B``. So only the first
    and the last of each block count. A trajectory of Morris is one drawn point and ``k`` steps from
    it, of which only the first counts.

    References
    ----------
    .. [1] A. Saltelli et al., "Variance based sensitivity analysis of model output", Computer
       Physics Communications 181 (2010) 259-270.
    """
    design = about.get("design") or {}
    if design.get("method") not in ("sobol", "morris"):
        return _first_of_equal_draws(rows)
    problem = design["problem"]
    n_moved = len(set(problem.get("groups") or problem["names"]))
    block, ends = n_moved + 1, {0}
    if design["method"] == "sobol":
        block = (2 * n_moved if design.get("second_order", False) else n_moved) + 2
        ends = {0, block - 1}
    cases = {case for i, case in enumerate(design["cases"]) if i % block in ends}
    return rows.where(np.isin(rows.columns["case"].astype(str), list(cases)))


def _first_of_equal_draws(rows: Rows) -> Rows:
    columns = [column.tolist() for column in rows.named("input.").values()]
    if not columns:
        return rows
    # NaN equals nothing, itself included; as text it does.
    draws = [str(draw) for draw in zip(*columns, strict=True)]
    _, first = np.unique(np.array(draws, dtype=object).astype(str), return_index=True)
    kept = np.zeros(rows.n_rows, dtype=bool)
    kept[first] = True
    return rows.where(kept)
