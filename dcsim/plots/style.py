"""How figures look, and how text of strangers is kept from doing anything in them."""

from __future__ import annotations

import datetime
import functools
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dcsim.clock import MINUTES_PER_DAY, Calendar, Floats
from dcsim.errors import printable

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Colors of Okabe and Ito (2008), told apart with any kind of color vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GRAY, LIGHT_GRAY, DARK_GRAY = "#8C8C8C", "#D9D9D9", "#4D4D4D"
SERIES = (SKY, ORANGE, GREEN, PURPLE, BLUE, VERMILION, YELLOW, GRAY)
"""Colors of things that have none of their own, in order."""

FIGURE_IN = (12.0, 6.75)
"""Size of a slide of 16:9. [in]"""
DPI = 150
SMALL, TEXT, TITLE = 9.5, 11.0, 16.0
"""Sizes of type: labels at data, axes and legends, the finding. [pt]"""
TITLE_WIDTH = 80
"""Characters of a title that fit beside one another on a slide."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Written out, because `strftime` follows the locale of the machine."""
_KOREAN_FONTS = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic", "AppleGothic")
_SETTINGS: dict[str, Any] = {
    "text.parse_math": False,
    "text.usetex": False,
    "font.size": TEXT,
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "dcsim",
}


@functools.cache
def _families() -> list[str]:
    from matplotlib.font_manager import fontManager  # noqa: PLC0415  (matplotlib only to draw)

    there = {font.name for font in fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in _KOREAN_FONTS if name in there)]


@contextmanager
def settings() -> Iterator[None]:
    """Set what figures need of matplotlib's settings, and put all back afterwards."""
    import matplotlib as mpl  # noqa: PLC0415  (matplotlib only to draw)

    with mpl.rc_context({**_SETTINGS, "font.family": _families()}):
        yield


def new_axes() -> Axes:
    """Return the axes of a new figure of the size of a slide, laid out so that nothing overlaps."""
    from matplotlib.figure import Figure  # noqa: PLC0415  (matplotlib only to draw)

    with settings():
        figure = Figure(figsize=FIGURE_IN, dpi=DPI, layout="constrained", facecolor="white")
        figure.get_layout_engine().set(w_pad=0.15, h_pad=0.12)  # type: ignore[union-attr]
        return figure.add_subplot()


@contextmanager
def canvas(ax: Axes | None) -> Iterator[Axes]:
    """Draw on `ax`, or on new axes; afterwards no text on them is read as mathematics."""
    with settings():
        ax = new_axes() if ax is None else ax
        yield ax
        _make_inert(ax)


def _make_inert(ax: Axes) -> None:
    """Switch off mathtext in every text: the axes may have been made under other settings."""
    from matplotlib.text import Text  # noqa: PLC0415  (matplotlib only to draw)

    for text in ax.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)


def plain(text: str, most: int = 60) -> str:
    """Return text from a scenario as one line without control characters, cut at `most`.

    >>> plain("Hall\\x1b[2J one", most=12)
    'Hall\\\\x1b[2J…'
    """
    line = printable(text.replace("\n", " ").replace("\t", " "))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def frame(ax: Axes, *, ylabel: str = "", grid: bool = True) -> None:
    """Give axes their quiet look: no box, light lines behind the data."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(DARK_GRAY)
    ax.tick_params(labelsize=TEXT, colors=DARK_GRAY, labelcolor=BLACK)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis="y", color=LIGHT_GRAY, linewidth=0.8)
    if ylabel:
        ax.set_ylabel(ylabel, fontsize=TEXT)


def title(ax: Axes, finding: str, detail: str = "") -> None:
    """Write the finding in words above the axes, and below it in gray what is drawn."""
    lines = textwrap.wrap(plain(finding, 2 * TITLE_WIDTH), TITLE_WIDTH)
    pad = 24 if detail else 8
    ax.set_title("\n".join(lines), loc="left", fontsize=TITLE, fontweight="bold", pad=pad)
    if detail:
        ax.annotate(
            plain(detail, 140),
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 8),
            textcoords="offset points",
            fontsize=TEXT,
            color=DARK_GRAY,
        ).set_in_layout(False)


def legend(ax: Axes, handles: Sequence[Artist], *, heading: str = "", at_foot: bool = False) -> None:
    """Put a legend to the right of the axes, outside of the data; one at each end of the side."""
    from matplotlib.legend import Legend  # noqa: PLC0415  (matplotlib only to draw)

    side = Legend(
        ax,
        list(handles),
        [str(handle.get_label()) for handle in handles],
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


def nothing(ax: Axes, message: str) -> None:
    """Say on empty axes why there is nothing to see."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, message, ha="center", va="center", fontsize=TITLE, color=DARK_GRAY)


def date_number(time: NDArray[np.datetime64] | datetime.date) -> Any:
    """Return dates as the numbers that time axes count in."""
    from matplotlib.dates import date2num  # noqa: PLC0415  (matplotlib only to draw)

    return date2num(time)


def wall_time(calendar: Calendar, minutes: Any) -> Floats:
    """Return minutes of the event clock as numbers of a time axis.

    Daylight saving is left out: an hour is thinner than the pen. Labels use `Calendar.moment`.
    """
    first = date_number(calendar.start.replace(tzinfo=None))
    return np.asarray(first + np.asarray(minutes, dtype=np.float64) / MINUTES_PER_DAY)


def date_axis(ax: Axes, first: float, last: float) -> None:
    """Make the x axis one of dates from `first` to `last`, with labels that do not touch."""
    from matplotlib.dates import MonthLocator, YearLocator, num2date  # noqa: PLC0415

    ax.xaxis.axis_date()
    ax.set_xlim(first, last)
    years = (last - first) / 365.25
    if years > 4:
        ax.xaxis.set_major_locator(YearLocator(base=int(np.ceil(years / 16))))
        ax.xaxis.set_major_formatter(lambda x, _: str(num2date(x).year))
        return
    ax.xaxis.set_major_locator(MonthLocator(bymonth=range(1, 13, 3 if years > 1 else 1)))

    def month(x: float, _: object) -> str:
        day = num2date(x)
        return MONTHS[day.month - 1] + (f"\n{day.year}" if day.month == 1 else "")

    ax.xaxis.set_major_formatter(month)


def day_axis(ax: Axes, first: float, last: float) -> None:
    """Make the x axis one of single days, each with its name."""
    from matplotlib.dates import DayLocator, num2date  # noqa: PLC0415  (matplotlib only to draw)

    def day(x: float, _: object) -> str:
        at = num2date(x)
        name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[at.weekday()]
        return f"{name} {at.day} {MONTHS[at.month - 1]}"

    ax.xaxis.axis_date()
    ax.set_xlim(first, last)
    ax.xaxis.set_major_locator(DayLocator())
    ax.xaxis.set_major_formatter(day)


def counts_axis(ax: Axes) -> None:
    """Write the numbers of the y axis with separators of thousands, from zero up."""
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:,.0f}")


def day_text(day: datetime.date) -> str:
    """Return a day as people write it.

    >>> day_text(datetime.date(2029, 11, 2))
    '2 Nov 2029'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
