"""Lines on how a batch of runs went: computed, stored already, failed, stages reused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dcsim.cli.output.counting import duration

if TYPE_CHECKING:
    from dcsim.study.run.runner import RunReport


def outcome_lines(outcome: RunReport) -> Iterator[str]:
    """Yield runs and time of a batch, and how many stages came from the cache instead."""
    from dcsim.supply.kernels.compiled import NOT_COMPILED  # noqa: PLC0415  (--help does without it)

    if outcome.uncompiled:
        yield NOT_COMPILED
    for damage in outcome.damaged:
        yield f"Damaged and computed again: {damage}"
    each = outcome.seconds / outcome.n_computed if outcome.n_computed else 0.0
    yield (
        f"{outcome.n_computed:,} runs computed in {duration(outcome.seconds)} "
        f"({each:.2f} s each), {outcome.n_stored:,} were stored already, "
        f"{outcome.n_failed:,} failed"
    )
    if outcome.n_computed:
        stages = dict.fromkeys([*outcome.computed_stages, *outcome.cached_stages])
        n = outcome.n_computed
        parts = [f"{name} {outcome.cached_stages[name]:,} of {n:,}" for name in stages]
        yield f"Read from the stage cache: {', '.join(parts)}; the rest is computed in every run"
