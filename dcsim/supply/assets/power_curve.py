"""Power curves: the turbine a farm names in, its power over the wind at the hub out.

A curve comes from a file beside the scenario, in the form manufacturers give them, or from dcsim's
own. Whatever had to be assumed of a file is a note of the run.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcsim.clock import Floats
from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.assets.wind import Wind
from dcsim.scenario.schema.conversion import convert
from dcsim.series.data_file import Faults, read_lines, refuse_long_lines
from dcsim.series.dialect import split_cells
from dcsim.series.numbers import AmbiguousNumbersError, column_numbers

FASTEST_M_S = 60.0
"""Highest speed a power curve may name. [m/s]"""
LARGEST_KW = 1e6
"""Highest power a power curve may name. [kW]"""
LEAST_CUT_OUT_M_S = 20.0
"""Assumption: a curve that ends with power below this speed was not listed up to its cut-out;
turbines of today stop at 20 to 34 m/s. [m/s]"""
STANDBY_FRAC = 0.05
"""Assumption: a turbine at rest draws less than this share of its rating. [1]"""
HIGH_START_FRAC = 0.05
"""Share of the rating in the first row above which rows below it may be missing. [1]"""
MAX_PREAMBLE = 40
"""Lines above the titles that are looked through."""

_SPEED_TITLE = re.compile(
    r"(?:hub height )?(?:wind ?speed|wind|speed|ws|v|u)(?: at hub(?: height)?)?\b"
)
_POWER_TITLE = re.compile(
    r"(?:electric(?:al)? |active |net |rated )?(?:power|output|p)(?: output)?\b"
)
_SPEED_UNITS = {
    **dict.fromkeys(("m/s", "m s", "ms", "mps", "m.s-1", "ms-1", "m s-1", "m s^-1"), "m/s"),
    **dict.fromkeys(("km/h", "kmh", "kph", "km h"), "km/h"),
    **dict.fromkeys(("kn", "kt", "kts", "knot", "knots"), "knot"),
    **dict.fromkeys(("mph", "mi/h"), "mi/h"),
}
_POWER_UNITS = {"w": 1e-3, "kw": 1.0, "mw": 1e3, "pu": 1.0, "p.u.": 1.0, "%": 1.0, "": 1.0}


class PowerCurve(NamedTuple):
    """Power of a turbine over the wind at its hub; zero outside the speeds it names."""

    speed_m_s: tuple[float, ...]
    """Ascending, from cut-in to cut-out; twice the same where the power steps."""
    power_pu: tuple[float, ...]
    """Per unit of the highest power."""


class _Curve(NamedTuple):
    """A curve as its file has it, and what had to be assumed of it."""

    curve: PowerCurve
    last_line: int
    """Line of the last row."""
    notes: tuple[str, ...]


class _Titles(NamedTuple):
    """Places of the two columns, what messages call them, and factors to m/s and kW."""

    line: int
    speed: int
    power: int
    n: int
    speed_factor: float | None
    """None where no unit is stated."""
    power_factor: float


def power_curve(part: Wind, plan: Plan) -> PowerCurve:
    """Return the power curve a farm names: of a file beside the scenario, or of dcsim's own.

    Raises
    ------
    ScenarioError
        If there is none of that name, the file is unfit, or it ends above zero power below 20 m/s
        and the farm does not name its cut-out speed.
    """
    return _curve_of(part, plan).curve


def curve_notes(part: Wind, plan: Plan) -> tuple[str, ...]:
    """Return what was assumed of the power curve of a farm, for the notes of the run."""
    return tuple(f"wind.{part.name}.turbine: {note}" for note in _curve_of(part, plan).notes)


@functools.cache
def turbines() -> tuple[str, ...]:
    """Return the names of the power curves that come with dcsim, in order."""
    folder = files("dcsim.supply") / "turbines"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in names if name.endswith(".csv")))


def _curve_of(part: Wind, plan: Plan) -> _Curve:
    key = f"wind.{part.name}.turbine"
    path = plan.files.get(part.turbine)
    if path is None:
        known = turbines()
        if part.turbine not in known:
            message = f"is no power curve; known are {', '.join(known)}, or a CSV file"
            raise ScenarioError([Problem("", key, message)])
        path = Path(str(files("dcsim.supply") / "turbines" / f"{part.turbine}.csv"))
        found = _read_curve(path, part.turbine, key, (0, 0))._replace(notes=())
    else:
        try:
            status = path.stat()
            version = (status.st_size, status.st_mtime_ns)
        except OSError:
            version = (0, 0)  # reading it will say what is wrong
        found = _read_curve(path, part.turbine, key, version)
    return _with_cut_out(found, part, Faults(part.turbine, key))


def _with_cut_out(found: _Curve, part: Wind, faults: Faults) -> _Curve:
    """Return a curve that ends at the cut-out speed of the farm, or at its last row."""
    curve, cut_out_m_s = found.curve, part.cut_out_m_s
    last_m_s = curve.speed_m_s[-1]
    if cut_out_m_s is None:
        if curve.power_pu[-1] > 0 and last_m_s < LEAST_CUT_OUT_M_S:
            raise faults.stop(
                found.last_line,
                f"ends above zero power at {last_m_s:g} m/s: name the cut-out speed, such as "
                f"'cut_out: 25 m/s' in wind.{part.name}, or list the curve up to it",
            )
        return found
    if cut_out_m_s <= curve.speed_m_s[0]:
        raise faults.stop(None, f"begins at {curve.speed_m_s[0]:g} m/s, above the cut-out speed")
    end_pu = float(np.interp(cut_out_m_s, curve.speed_m_s, curve.power_pu))
    below = [at for at, speed in enumerate(curve.speed_m_s) if speed < cut_out_m_s]
    speeds = (*(curve.speed_m_s[at] for at in below), cut_out_m_s)
    powers = (*(curve.power_pu[at] for at in below), end_pu)
    notes = tuple(note for note in found.notes if "cut-out" not in note)
    return found._replace(curve=PowerCurve(speeds, powers), notes=notes)


@functools.lru_cache(maxsize=16)
def _read_curve(path: Path, shown: str, key: str, _version: tuple[int, int]) -> _Curve:
    """Read a power curve: titles, then ascending speeds with their power."""
    faults = Faults(shown, key)
    lines = read_lines(path, faults)
    refuse_long_lines(lines, faults)
    titles, separator = _find_titles(lines, faults)
    rows, numbers = _rows_below(lines, titles.line, separator)
    if rows and (stated := _unit_row(rows[0], titles)) is not None:
        titles, rows, numbers = stated, rows[1:], numbers[1:]
    for row, line in zip(rows, numbers, strict=True):
        if len(row) <= max(titles.speed, titles.power) or any(row[titles.n :]):
            faults.add(line, f"row has {len(row)} columns, not {titles.n}")
    faults.stop_if_any()
    if len(rows) < 2:
        raise faults.stop(len(lines), "needs at least two rows below its titles")
    speed, power = (
        _numbers([row[place] for row in rows], titles.line, faults)
        for place in (titles.speed, titles.power)
    )
    speed *= 1.0 if titles.speed_factor is None else titles.speed_factor
    power *= titles.power_factor
    standby_kw = _judge(speed, power, numbers, faults)
    curve = _trimmed(speed, np.maximum(power, 0.0))
    return _Curve(curve, numbers[-1], _notes(curve, titles, standby_kw))


def _find_titles(lines: list[str], faults: Faults) -> tuple[_Titles, str]:
    """Return the titles of the two columns; lines above them are left alone."""
    several: int | None = None
    for at, line in enumerate(lines[:MAX_PREAMBLE]):
        if line.startswith("#"):
            continue
        separator = next((mark for mark in (";", "\t") if mark in line), ",")
        cells = split_cells(line, separator)
        speeds = [
            (place, unit)
            for place, unit in _units(cells, _SPEED_TITLE)
            if unit in _SPEED_UNITS or not unit
        ]
        powers = [
            (place, unit) for place, unit in _units(cells, _POWER_TITLE) if unit in _POWER_UNITS
        ]
        if len(speeds) == 1 and len(powers) == 1:
            (speed, unit), (power, power_unit) = speeds[0], powers[0]
            factor = convert(f"1 {_SPEED_UNITS[unit]}", "m/s") if unit else None
            return (
                _Titles(at + 1, speed, power, len(cells), factor, _POWER_UNITS[power_unit]),
                separator,
            )
        if speeds and powers and several is None:
            several = at + 1
    if several is not None:
        raise faults.stop(
            several, "has several columns of wind speed or of power: keep one of each"
        )
    first = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    raise faults.stop(
        first + 1,
        "needs a column of wind speed and one of power, titled such as 'Wind Speed [m/s]' and "
        "'Power [kW]', or wind_speed_m_s and power_kw, and rows below them",
    )


def _units(cells: Sequence[str], quantity: re.Pattern[str]) -> list[tuple[int, str]]:
    """Return the places of a quantity among titles, and the texts of their units."""
    found = []
    for place, cell in enumerate(cells):
        text = re.sub(r"[\[\](),_\s]+", " ", cell.lower()).strip()
        match = quantity.match(text)
        if match:
            found.append((place, text[match.end() :].strip().removeprefix("in ").strip()))
    return found


def _rows_below(
    lines: list[str], titles_line: int, separator: str
) -> tuple[list[list[str]], list[int]]:
    """Return the rows that hold anything, and the line of each."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    for at, line in enumerate(lines[titles_line:], titles_line + 1):
        cells = split_cells(line, separator)
        if cells and not line.startswith("#"):
            rows.append(cells)
            numbers.append(at)
    return rows, numbers


def _unit_row(row: list[str], titles: _Titles) -> _Titles | None:
    """Return titles with the units of a row below them, or None for a row of numbers."""
    if len(row) <= max(titles.speed, titles.power):
        return None
    speed, power = (
        re.sub(r"[\[\]()\s]+", " ", row[place].lower()).strip()
        for place in (titles.speed, titles.power)
    )
    if speed not in _SPEED_UNITS or power not in _POWER_UNITS:
        return None
    factor = convert(f"1 {_SPEED_UNITS[speed]}", "m/s")
    return titles._replace(speed_factor=factor, power_factor=_POWER_UNITS[power])


def _numbers(texts: Sequence[str], titles_line: int, faults: Faults) -> Floats:
    """Return the numbers of a column, with a decimal comma where it shows one."""
    try:
        return column_numbers(texts)
    except AmbiguousNumbersError:
        message = "has numbers such as 1,234, which may be 1.234 or 1234: write them without commas"
        raise faults.stop(titles_line, message) from None


def _judge(speed_m_s: Floats, power_kw: Floats, numbers: list[int], faults: Faults) -> float:
    """Return the largest draw at rest, after noting every fault. [kW]"""
    limits = (("wind speed", speed_m_s, FASTEST_M_S, "m/s"), ("power", power_kw, LARGEST_KW, "kW"))
    for title, values, limit, unit in limits:
        for at in np.flatnonzero(np.isnan(values)).tolist():
            faults.add(numbers[at], f"column of {title} holds no number")
        for at in np.flatnonzero(values > limit).tolist():
            faults.add(numbers[at], f"column of {title} is above {limit:,.0f} {unit}")
    for at in np.flatnonzero(speed_m_s < 0).tolist():
        faults.add(numbers[at], "column of wind speed is below zero")
    _judge_order(speed_m_s, power_kw, numbers, faults)
    faults.stop_if_any()
    return max(0.0, -float(power_kw.min()))


def _judge_order(speed_m_s: Floats, power_kw: Floats, numbers: list[int], faults: Faults) -> None:
    rating_kw = float(np.nanmax(power_kw, initial=0.0))
    for at in np.flatnonzero(power_kw < -STANDBY_FRAC * rating_kw).tolist():
        faults.add(
            numbers[at],
            f"column of power is below -{STANDBY_FRAC:.0%} of the rating: a turbine at rest draws "
            "less; write 0",
        )
    gap = np.diff(speed_m_s)
    for at in np.flatnonzero(gap < 0).tolist():
        faults.add(numbers[at + 1], "column of wind speed falls")
    for at in np.flatnonzero((gap[1:] == 0) & (gap[:-1] == 0)).tolist():
        faults.add(numbers[at + 2], "wind speed stands more than twice: a step has two rows")
    if not rating_kw > 0:
        faults.add(None, "needs a power above zero")


def _trimmed(speed_m_s: Floats, power_kw: Floats) -> PowerCurve:
    """Return a curve without rows of no power above its cut-out.

    A last step to zero ends the curve at full power: the turbine judges cut-out by the speed it
    meets, and thin or dense air must not move it.
    """
    end = speed_m_s.size
    while end > 2 and power_kw[end - 2 : end].max() == 0:
        end -= 1
    if end > 2 and power_kw[end - 1] == 0 and speed_m_s[end - 1] == speed_m_s[end - 2]:
        end -= 1
    power_pu = power_kw[:end] / power_kw.max()
    return PowerCurve(tuple(speed_m_s[:end].tolist()), tuple(power_pu.tolist()))


def _notes(curve: PowerCurve, titles: _Titles, standby_kw: float) -> tuple[str, ...]:
    notes = []
    if titles.speed_factor is None:
        notes.append("its wind speed states no unit and is read as m/s.")
    if standby_kw > 0:
        notes.append(f"standby power, up to {standby_kw:,.4g} kW in its file, counts as zero.")
    if curve.power_pu[0] > HIGH_START_FRAC:
        notes.append(
            f"the curve begins at {curve.speed_m_s[0]:g} m/s with {curve.power_pu[0]:.0%} of its "
            "rating; below that speed it gives nothing."
        )
    if curve.power_pu[-1] > 0:
        notes.append(f"cut-out speed {curve.speed_m_s[-1]:.4g} m/s, the last row with power.")
    return tuple(notes)
