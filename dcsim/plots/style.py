"""Style of all figures: sizes, colors, axes of dates, and untrusted text made inert."""

from __future__ import annotations

import datetime
import functools
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import Calendar, Floats
from dcsim.errors import cut, printable
from dcsim.units import DAYS_PER_YEAR, MINUTES_PER_DAY

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Colors of Okabe and Ito (2008), told apart with any kind of color vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GRAY, LIGHT_GRAY, DARK_GRAY = "#8C8C8C", "#D9D9D9", "#4D4D4D"
SERIES_COLORS = (SKY, ORANGE, GREEN, PURPLE, BLUE, VERMILION, YELLOW, GRAY)
"""Colors of things that have none of their own, in order."""

FIGURE_IN = (12.0, 6.75)
"""Size of a slide of 16:9. [in]"""
DPI = 150
LEGEND_WIDTH = 26
"""Characters of a label that fit right of the axes."""
SMALL, TEXT, TITLE = 9.5, 11.0, 16.0
"""Sizes of type: labels at data, axes and legends, the finding. [pt]"""
BOLD_GLYPH = 0.60
"""Mean width of a bold letter over the size of type, measured on titles of figures."""
LEFT, RIGHT, BOTTOM, TOP = 0.085, 0.79, 0.085, 0.86
"""Where axes lie on a slide: the title above, the legend to the right."""
_YEAR_PT = 38.0
"""Room that the label of a year needs. [pt]"""
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Written out, because `strftime` follows the locale of the machine."""
_KOREAN_FONTS = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic", "AppleGothic")
_MPL_SETTINGS: Any = {
    "text.parse_math": False,
    "text.usetex": False,
    "font.size": TEXT,
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "dcsim",
}


@functools.cache
def _font_families() -> list[str]:
    from matplotlib.font_manager import fontManager  # noqa: PLC0415  (matplotlib only to draw)

    there = {font.name for font in fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in _KOREAN_FONTS if name in there)]


@contextmanager
def settings() -> Iterator[None]:
    """Set what figures need of matplotlib's settings, and put all back afterwards."""
    import matplotlib as mpl  # noqa: PLC0415  (matplotlib only to draw)

    with mpl.rc_context(_MPL_SETTINGS | {"font.family": _font_families()}):
        yield


def new_axes(left: float = LEFT, right: float = RIGHT) -> Axes:
    """Return the axes of a new figure of the size of a slide, between two shares of its width."""
    from matplotlib.figure import Figure  # noqa: PLC0415  (matplotlib only to draw)

    with settings():
        figure = Figure(figsize=FIGURE_IN, dpi=DPI, facecolor="white")
        return figure.add_axes((left, BOTTOM, right - left, TOP - BOTTOM))


@contextmanager
def canvas(ax: Axes | None, left: float = LEFT, right: float = RIGHT) -> Iterator[Axes]:
    """Draw on `ax`, or on new axes; afterwards no text on them is read as mathematics.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        None for the axes of a new figure.
    left, right : float
        Ends of new axes, over the width of the figure. [1]

    Yields
    ------
    matplotlib.axes.Axes
    """
    with settings():
        ax = new_axes(left, right) if ax is None else ax
        yield ax
        _make_inert(ax)


def panels_below(ax: Axes, *heights: tuple[float, float]) -> list[Axes]:
    """Divide the room of axes: they keep the top, panels that share their time go below.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    heights : tuple of (float, float)
        For each panel, from the top down, the gap above it and its height, over the height that
        the axes keep.

    Returns
    -------
    list of matplotlib.axes.Axes
    """
    box = ax.get_position()
    kept = box.height / (1.0 + sum(map(sum, heights)))
    ax.set_position((box.x0, box.y1 - kept, box.width, kept))
    panels, bottom = [], 0.0
    for gap, height in heights:
        bottom -= gap + height
        panels.append(ax.inset_axes((0.0, bottom, 1.0, height), sharex=ax))
    for panel in (ax, *panels[:-1]):
        panel.tick_params(labelbottom=False)
    return panels


def size_pt(ax: Axes) -> tuple[float, float, float]:
    """Return width and height of axes, and what is right of their left edge. [pt]"""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_window_extent()
    scale = 72 / figure.dpi
    return box.width * scale, box.height * scale, (figure.bbox.x1 - box.x0) * scale


def _make_inert(ax: Axes) -> None:
    """Switch off mathtext in every text: the axes may have been made under other settings."""
    from matplotlib.text import Text  # noqa: PLC0415  (matplotlib only to draw)

    for text in ax.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)


def plain(text: str, most: int = 60) -> str:
    r"""Return text from a scenario as one line without control characters, at most `most` long.

    What does not fit is left out at the end, a figure with its unit as a whole.

    >>> plain("Hall\x1b[2J one", most=12)
    'Hall\\x1b[2J…'
    """
    line = printable(text.replace("\n", " ").replace("\t", " "))
    return cut(line, most)


def frame(ax: Axes, *, ylabel: str = "", grid: bool = True) -> None:
    """Give axes their quiet look: no box, light lines behind the data.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    ylabel : str
        With the unit in brackets; empty writes none.
    grid : bool
        Whether lines mark the values of the y axis.
    """
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(DARK_GRAY)
    ax.tick_params(labelsize=TEXT, colors=DARK_GRAY, labelcolor=BLACK)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis="y", color=LIGHT_GRAY, linewidth=0.8)
    if ylabel:
        ax.set_ylabel(ylabel, fontsize=TEXT)


def title(ax: Axes, finding: str, detail: str = "", *, shift: float = 0.0) -> None:
    """Write the finding in words above the axes, and below it in gray what is drawn.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    finding : str
        Cut to two lines.
    detail : str
        Cut to 140 characters; empty writes none.
    shift : float
        How far left of the axes both begin, over the width of the axes. [1]
    """
    wide_pt, _, room_pt = size_pt(ax)
    width = max(24, int((room_pt + shift * wide_pt) / (TITLE * BOLD_GLYPH)))
    lines = textwrap.wrap(plain(finding, 2 * width), width)
    pad = 24 if detail else 8
    ax.set_title("\n".join(lines), loc="left", fontsize=TITLE, fontweight="bold", pad=pad, x=-shift)
    if detail:
        ax.annotate(
            plain(detail, 140),
            (-shift, 1),
            xycoords="axes fraction",
            xytext=(0, 8),
            textcoords="offset points",
            fontsize=TEXT,
            color=DARK_GRAY,
        ).set_in_layout(False)


def legend(
    ax: Axes, handles: Sequence[Artist], *, heading: str = "", at_foot: bool = False
) -> None:
    """Put a legend to the right of the axes, outside of the data; one at each end of the side.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    handles : sequence of matplotlib.artist.Artist
        Each with its label.
    heading : str
    at_foot : bool
        Whether it stands at the lower end of the side, not at the upper one.
    """
    from matplotlib.legend import Legend  # noqa: PLC0415  (matplotlib only to draw)

    side = Legend(
        ax,
        list(handles),
        [textwrap.fill(str(handle.get_label()), LEGEND_WIDTH) for handle in handles],
        loc="lower left" if at_foot else "upper left",
        bbox_to_anchor=(1.01, 0.0 if at_foot else 1.0),
        frameon=False,
        fontsize=SMALL,
        title=heading or None,
        title_fontsize=SMALL,
        alignment="left",
        borderaxespad=0.0,
        labelspacing=0.45,
    )
    ax.add_artist(side)
    side.set_clip_on(False)  # else a layout engine of the caller leaves no room for it


def nothing(ax: Axes, message: str) -> None:
    """Write on empty axes why there is nothing to see."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, message, ha="center", va="center", fontsize=TITLE, color=DARK_GRAY)


def _mpl_dates() -> Any:
    """Return matplotlib's module of dates, which has no types."""
    from matplotlib import dates  # noqa: PLC0415  (matplotlib only to draw)

    return dates


def date_number(time: NDArray[np.datetime64] | datetime.date) -> Any:
    """Return dates as the numbers that time axes count in."""
    return _mpl_dates().date2num(time)


def wall_time(calendar: Calendar, minutes: Any) -> Floats:
    """Return minutes of the event clock as numbers of a time axis.

    Daylight saving is left out: an hour is thinner than the pen. Labels use `Calendar.moment`.
    """
    first = date_number(calendar.start.replace(tzinfo=None))
    return np.asarray(first + np.asarray(minutes, dtype=np.float64) / MINUTES_PER_DAY)


def date_axis(ax: Axes, first: float, last: float) -> None:
    """Make the x axis one of dates, with labels that do not touch.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    first, last : float
        Ends as numbers of the time axis, see `date_number`. [d]
    """
    ax.xaxis.axis_date()
    ax.set_xlim(first, last)
    years = (last - first) / DAYS_PER_YEAR
    if years > 4:
        ax.xaxis.set_major_locator(
            _mpl_dates().YearLocator(base=int(np.ceil(years * _YEAR_PT / size_pt(ax)[0])))
        )
        ax.xaxis.set_major_formatter(lambda x, _: str(_mpl_dates().num2date(x).year))
        return
    ax.xaxis.set_major_locator(
        _mpl_dates().MonthLocator(bymonth=range(1, 13, 3 if years > 1 else 1))
    )

    def month(x: float, _: object) -> str:
        day = _mpl_dates().num2date(x)
        return MONTH_NAMES[day.month - 1] + (f"\n{day.year}" if day.month == 1 else "")

    ax.xaxis.set_major_formatter(month)


def day_axis(ax: Axes, first: float, last: float) -> None:
    """Make the x axis one of single days, each with its name.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    first, last : float
        Ends as numbers of the time axis, see `date_number`. [d]
    """

    def day(x: float, _: object) -> str:
        at = _mpl_dates().num2date(x)
        name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[at.weekday()]
        return f"{name} {at.day} {MONTH_NAMES[at.month - 1]}"

    ax.xaxis.axis_date()
    ax.set_xlim(first, last)
    ax.xaxis.set_major_locator(_mpl_dates().DayLocator())
    ax.xaxis.set_major_formatter(day)


def counts_axis(ax: Axes) -> None:
    """Write the numbers of the y axis with separators of thousands."""
    ax.yaxis.set_major_formatter(
        lambda y, _: (f"{y:,.0f}" if y == round(y) else f"{y:,.6g}").replace("-", "−")
    )


def day_text(day: datetime.date) -> str:
    """Return a day as people write it.

    >>> day_text(datetime.date(2029, 11, 2))
    '2 Nov 2029'
    """
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def require_kind(given: object, wanted: str, function: str, text: str = "") -> None:
    """Refuse what is no result of the kind that a figure is of.

    Parameters
    ----------
    given : object
    wanted : str
        Name of the class: figures do not import what they draw, so that they load fast.
    function : str
        Name of the figure, for the message.
    text : str, optional
        What it takes in words, if that is more than the class.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if wanted not in [one.__name__ for one in type(given).__mro__]:
        kind = type(given).__name__
        raise TypeError(f"plots.{function}() takes {text or f'a {wanted}'}, not {kind}")
