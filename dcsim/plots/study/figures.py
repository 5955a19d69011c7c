"""Figures of many runs: results of `dcsim.replicate`, `sweep` and `compare` in, axes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dcsim.errors import ModelError
from dcsim.plots.study.sweeps import heat_map_figure
from dcsim.plots.study.uncertainty import (
    band_figure,
    indices_figure,
    s_curve_figure,
    tornado_figure,
)
from dcsim.plots.style import require_kind
from dcsim.study.run.replications import about_inputs
from dcsim.study.sensitivity.effects import reaching_rows
from dcsim.study.sensitivity.screening import design_indices, independent_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dcsim.study.run.compared import Comparison
    from dcsim.study.run.replicated import Replications
    from dcsim.study.run.swept import Sweep

LEAST_FOR_TORNADO = 30
"""Fewer runs have too few in the outer fifths of an input."""
SERIES_OF = {"gpus_online": "gpus_online", "energized_mw": "energized_mw"}
"""Monthly series by the metric of milestones that it shows."""


def bands(
    runs: Replications | Comparison, name: str = "gpus_online", *, ax: Axes | None = None
) -> Axes:
    """Draw P10 to P90 and the median of a monthly series, of a comparison one color a scenario.

    Parameters
    ----------
    runs : Replications or Comparison
        As `dcsim.replicate` or `dcsim.compare` returns it.
    name : str
        Of the series, such as ``gpus_online``, ``energized_mw`` or ``facility_power_mw``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no such series; the message names those there are.
    """
    from dcsim.study.run.compared import Comparison  # noqa: PLC0415  (many modules)

    if isinstance(runs, Comparison):
        for one in runs.replications.values():
            one.bands(name)
        tables = {label: one.rows for label, one in runs.replications.items()}
        return band_figure(tables, name, ax=ax)
    require_kind(runs, "Replications", "bands", "Replications or a Comparison")
    runs.bands(name)
    targets = milestone_targets(runs.summary["milestones"], name)
    return band_figure({runs.scenario.name: runs.rows}, name, targets=targets, ax=ax)


def milestones(replications: Replications, *, ax: Axes | None = None) -> Axes:
    """Draw the chance of having reached each milestone over time, with its 95 % interval.

    Parameters
    ----------
    replications : Replications
        As `dcsim.replicate` returns them.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
    """
    require_kind(replications, "Replications", "milestones", "Replications")
    return s_curve_figure(replications.rows, replications.summary, ax=ax)


def tornado(runs: Replications | Sweep, metric: str, *, ax: Axes | None = None) -> Axes:
    """Draw a metric in the lowest and the highest fifth of each input that it follows.

    For a milestone that some runs never reach it is the share that does, else the median of its
    days late; for a figure its median. Inputs whose effect may well be chance are left out, and
    those that the metric cannot depend on. Of the cases of a sweep, which
    share their random numbers, each draw counts once.

    Parameters
    ----------
    runs : Replications or Sweep
        As `dcsim.replicate` or `dcsim.sweep` returns it, 30 runs or more.
    metric : str
        ``milestone.NAME``, or a column of numbers such as ``npv_usd``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there are too few runs, or there is no such metric.
    """
    from dcsim.study.run.swept import Sweep  # noqa: PLC0415  (many modules)

    if isinstance(runs, Sweep):
        about = runs.about
    else:
        require_kind(runs, "Replications", "tornado", "Replications or a Sweep")
        about = about_inputs(runs.scenario)
    rows = reaching_rows(independent_rows(runs.rows, about), about, metric)
    if rows.n_rows < LEAST_FOR_TORNADO:
        raise ModelError(
            f"a tornado needs {LEAST_FOR_TORNADO} runs with inputs of their own, there are "
            f"{rows.n_rows}"
        )
    return tornado_figure(rows, metric, ax=ax)


def heat_map(sweep: Sweep, metric: str, *, ax: Axes | None = None) -> Axes:
    """Draw a metric over the two or three axes of a sweep, as numbers and colors.

    Parameters
    ----------
    sweep : Sweep
        As `dcsim.sweep` returns it. Of three axes the one with the fewest values has a panel for
        each.
    metric : str
        A column of numbers such as ``npv_usd``, whose median is drawn; or ``milestone.NAME``: the
        share of the runs that meet it in time, its days late where each case has a single run.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there are not two or three axes, or too many panels, or there is no such metric.
    """
    require_kind(sweep, "Sweep", "heat_map", "a Sweep")
    return heat_map_figure(sweep.rows, sweep.about["axes"], metric, ax=ax)


def indices(sweep: Sweep, metric: str, *, ax: Axes | None = None) -> Axes:
    """Draw Sobol or Morris indices of a sampled study, the largest on top, with 95 % intervals.

    Parameters
    ----------
    sweep : Sweep
        As `dcsim.sweep` returns it, of a study whose sample has the method ``sobol`` or ``morris``.
    metric : str
        ``milestone.NAME``, or a column of numbers such as ``npv_usd``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If the study has another design, or some of its points are not computed.
    """
    require_kind(sweep, "Sweep", "indices", "a Sweep")
    found = design_indices(sweep.rows, metric, sweep.about)
    if not found:
        raise ModelError("indices need a study whose sample has the method sobol or morris")
    return indices_figure(found, metric, ax=ax)


def milestone_targets(
    milestones: Iterable[Mapping[str, Any]], series: str
) -> list[tuple[str, str, float]]:
    """Return name, day and target of the milestones that a monthly series shows.

    Parameters
    ----------
    milestones : iterable of mapping
        As the summary of a run has them.
    series : str
    """
    return [
        (one["name"], one["by"], one["target"])
        for one in milestones
        if SERIES_OF.get(one["metric"]) == series
    ]
