"""Figures: a result or the rows of a study in, axes and files out.

Modules of figures are light; matplotlib is imported when the first figure is drawn.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from dcsim.limits import one_of
from dcsim.plots.run.capacity import capacity_curve
from dcsim.plots.run.gantt import gantt
from dcsim.plots.run.maps import cfe_map, pue_map
from dcsim.plots.run.money import has_money, money_by_year
from dcsim.plots.run.power import power_by_source_week, power_by_source_years
from dcsim.plots.run.stranded import stranded
from dcsim.plots.study.figures import bands, heat_map, indices, milestones, tornado
from dcsim.plots.study.relief_bars import relief_bars
from dcsim.plots.study.waterfall import waterfall
from dcsim.plots.style import require_kind, settings
from dcsim.results.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "FIGURES",
    "bands",
    "capacity_curve",
    "cfe_map",
    "gantt",
    "heat_map",
    "indices",
    "milestones",
    "money_by_year",
    "power_by_source_week",
    "power_by_source_years",
    "pue_map",
    "relief_bars",
    "save_figures",
    "stranded",
    "tornado",
    "waterfall",
]

FIGURES: dict[str, Callable[..., Axes]] = {
    "capacity_curve": capacity_curve,
    "power_by_source_years": power_by_source_years,
    "power_by_source_week": power_by_source_week,
    "pue_map": pue_map,
    "cfe_map": cfe_map,
    "stranded": stranded,
    "gantt": gantt,
    "money_by_year": money_by_year,
}
"""Every figure by its name: functions of a result that return the axes they drew on."""
_NO_DATES: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "dcsim"},
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": "dcsim"},
}
"""Metadata by format, without what differs between two runs of the same scenario."""


def shown_figures(result: Result) -> list[str]:
    """Return the names of the figures that show anything for a run."""
    has = {
        "gantt": bool(result.timeline.tasks),
        "money_by_year": has_money(result),
        "pue_map": bool((result.hourly["it_power_mw"] > 0).any()),
        "cfe_map": bool((result.hourly["facility_power_mw"] > 0).any()),
    }
    return [name for name in FIGURES if has.get(name, True)]


def save_figures(result: Result, formats: Sequence[str] = ("png",)) -> dict[str, bytes]:
    """Draw every figure that has something to show.

    Parameters
    ----------
    result : Result
    formats : sequence of str
        Any of ``png``, ``svg`` and ``pdf``; one may stand alone.

    Returns
    -------
    dict of bytes
        Content by file name such as ``capacity_curve.png``; the same result gives the same bytes.

    Raises
    ------
    ScenarioError
        If a format is unknown.
    """
    require_kind(result, "Result", "save_figures")
    known_formats(formats)
    files: dict[str, bytes] = {}
    for name in shown_figures(result):
        files |= figure_files(name, FIGURES[name](result), formats)
    return files


def known_formats(formats: Sequence[str]) -> list[str]:
    """Return the formats of figures; what is none is refused before anything is drawn.

    >>> known_formats(["png", "gif"])
    Traceback (most recent call last):
    ...
    dcsim.errors.ScenarioError: formats 'gif': must be one of png, svg, pdf
    """
    # The letters of one text would be refused one by one.
    given = [formats] if isinstance(formats, str) else formats
    return [one_of(form, "formats", _NO_DATES) for form in given]


def figure_files(name: str, axes: Axes, formats: Sequence[str]) -> dict[str, bytes]:
    """Return a figure as files by name; the same figure gives the same bytes.

    Parameters
    ----------
    name : str
        Of the files, without their endings.
    axes : matplotlib.axes.Axes
        Any axes of the figure.
    formats : sequence of str
        Any of ``png``, ``svg`` and ``pdf``; one may stand alone.

    Returns
    -------
    dict of bytes
        Content by file name.

    Raises
    ------
    ScenarioError
        If a format is unknown.
    """
    files: dict[str, bytes] = {}
    for form in known_formats(formats):
        buffer = io.BytesIO()
        with settings(), warnings.catch_warnings():
            # A letter no installed font has is drawn as a box; the figure is still whole.
            warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
            axes.figure.savefig(buffer, format=form, metadata=_NO_DATES[form])  # type: ignore[union-attr]
        files[f"{name}.{form}"] = buffer.getvalue()
    return files
