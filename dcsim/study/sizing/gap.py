"""The gap between the shares of program and simulation: a sized run in, its causes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dcsim.pipeline import Run, replay
from dcsim.scenario.scenario import Scenario
from dcsim.study.sizing.replay import YearFigures, year_figures
from dcsim.study.sizing.year import SizingYear
from dcsim.supply.optimum.sizing_year import LeastCostSizes

CLEAN_FIRST = "cfe-first"
"""The policy that comes closest to the program where a share is to be reached."""
TOLD_FRAC = 0.01
"""Difference of the shares beyond which its cause is told. [1]"""
TOLD_MWH_FRAC = 0.005
"""Least difference of a source that is told, over the load of the year. [1]"""


class SourceGap(NamedTuple):
    """Energy of one source in the year, by the program and by the simulation."""

    source: str
    """``import``, or the key of a dispatchable plant."""
    program_mwh: float
    """Energy by the program. [MWh]"""
    simulated_mwh: float
    """Energy in the simulation of the same sizes. [MWh]"""


class ShareGap(NamedTuple):
    """A difference between the shares of program and simulation, and where it comes from."""

    share_frac: float
    """Simulated less program. [1]"""
    policy: str
    """The policy of the scenario."""
    clean_first_frac: float | None
    """Share of the simulation under `cfe-first`; None where that is the policy."""
    sources: tuple[SourceGap, ...]
    """Sources that differ, the largest difference first."""


def share_gap(
    sized: Scenario, sizing: SizingYear, sizes: LeastCostSizes, run: Run, figures: YearFigures
) -> ShareGap | None:
    """Return why the simulation gives another share than the program; None where it does not.

    Parameters
    ----------
    sized : Scenario
        The scenario with the sizes.
    sizing : SizingYear
    sizes : LeastCostSizes
        By the program.
    run : Run
        Of the sized scenario.
    figures : YearFigures
        Of that run.
    """
    gap_frac = figures.cfe_frac - sizes.cfe_frac
    if abs(gap_frac) <= TOLD_FRAC:
        return None
    flows, steps, step_h = run.flows, sizing.steps, sizing.year.step_h
    least_mwh = TOLD_MWH_FRAC * float(sizing.year.load_mw.sum()) * step_h
    sources = []
    for key, program_mwh in sizes.energy_mwh.items():
        power_mw = flows.grid_import_mw if key == "import" else flows.asset_generation_mw[key]
        simulated_mwh = float(power_mw[steps].sum()) * step_h
        if abs(simulated_mwh - program_mwh) > least_mwh:
            sources.append(SourceGap(key, program_mwh, simulated_mwh))
    policy, clean_first = sized.site.dispatch.policy, None
    if policy != CLEAN_FIRST:
        other = replay(sized.with_overrides({"dispatch.policy": CLEAN_FIRST}), 0)
        clean_first = year_figures(other, sizing, sizes.plants_mw, sizes.stores).cfe_frac
    sources.sort(key=lambda one: -abs(one.simulated_mwh - one.program_mwh))
    return ShareGap(gap_frac, policy, clean_first, tuple(sources))


def gap_lines(gap: ShareGap) -> Iterator[str]:
    """Yield the difference and its causes in words."""
    yield f"The simulation differs by {100 * gap.share_frac:+.1f} pp from the program:"
    for one in gap.sources:
        yield (
            f"  {one.source} {one.simulated_mwh / 1e3:,.1f} GWh where the program has "
            f"{one.program_mwh / 1e3:,.1f} GWh"
        )
    if gap.clean_first_frac is None:
        yield (
            f"  {CLEAN_FIRST} decides hour by hour, the program knows the whole year and begins it "
            "with full or empty batteries as it likes"
        )
    else:
        yield (
            f"  its policy {gap.policy} has an order of its own, whatever is clean; under "
            f"dispatch.policy={CLEAN_FIRST} the same sizes give {gap.clean_first_frac:.1%}"
        )
