"""Limits of parameters: what a caller hands over in, the checked value or one clear error out.

The option types of the command line say the same earlier and with the option's name; what a
function refuses holds for Python too.
"""

from __future__ import annotations

import errno
import math
import numbers
import os
from collections.abc import Iterable
from pathlib import Path

from dcsim.errors import Problem, ScenarioError, cut

MAX_WORKERS = 1024
"""Most processes on one machine."""
MAX_REPLICATIONS = 1_000_000
"""Most replications of one scenario."""
LEAST_PAIRS = 2
"""Fewest replications of scenarios that are compared pair by pair."""
LEAST_ORDERS = 4
"""Fewest orders of assumptions by which a change is explained."""

_MAX_SHOWN = 60


def whole_number(value: object, name: str, *, least: int = 0, most: int | None = None) -> int:
    """Return a whole number, such as a replication, or refuse what is none.

    Parameters
    ----------
    value : object
        Integers of Python and NumPy are accepted; booleans, floats and texts are not.
    name : str
        Name of the parameter in the message.
    least : int
        Smallest number that is accepted.
    most : int, optional
        Largest number that is accepted.

    Returns
    -------
    int

    Raises
    ------
    ScenarioError
        If it is no whole number, or lies outside the limits.

    Examples
    --------
    >>> whole_number(3, "replication")
    3
    >>> whole_number(1.5, "replication")
    Traceback (most recent call last):
    ...
    dcsim.errors.ScenarioError: replication 1.5: must be a whole number, 0 or more
    """
    # NumPy counts durations among its integers; it is not imported here, since the options of the
    # command line take their limits from this module and --help does without it.
    is_span = type(value).__name__ == "timedelta64"
    if isinstance(value, numbers.Integral) and not isinstance(value, bool) and not is_span:
        number = int(value)
        if least <= number and (most is None or number <= most):
            return number
    limits = f"{least} or more" if most is None else f"from {least} to {most:,}"
    raise _refusal(name, value, f"must be a whole number, {limits}")


def positive_number(value: object, name: str) -> float:
    """Return a finite number above 0, such as a time limit, or refuse what is none.

    >>> positive_number(0, "unit_timeout_s")
    Traceback (most recent call last):
    ...
    dcsim.errors.ScenarioError: unit_timeout_s 0: must be a number above 0
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        number = float(value)
        if 0 < number < math.inf:
            return number
    raise _refusal(name, value, "must be a number above 0")


def path_from(value: object, name: str) -> Path:
    """Return a path of a file or folder, which need not be there, or refuse what is none.

    Parameters
    ----------
    value : object
        Text or an object that stands for a path.
    name : str
        Name of the parameter in the message.

    Returns
    -------
    Path

    Raises
    ------
    TypeError
        If it is something else, such as a number.
    ScenarioError
        If no file can have that name.

    Examples
    --------
    >>> path_from(1, "store")
    Traceback (most recent call last):
    ...
    TypeError: store is a path, not int
    """
    spelled = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(spelled, str):
        raise TypeError(f"{name} is a path, not {type(value).__name__}")
    try:
        os.stat(spelled)  # noqa: PTH116  (tells apart what Path.exists takes together)
    except ValueError:
        raise _refusal(name, spelled, "holds a null character") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise _refusal(name, spelled, "is longer than a path may be") from None
    return Path(spelled)


def switch(value: object, name: str) -> bool:
    """Return True or False, or refuse what is neither, such as a text.

    >>> switch("no", "meet")
    Traceback (most recent call last):
    ...
    dcsim.errors.ScenarioError: meet 'no': must be True or False
    """
    if isinstance(value, bool):
        return value
    raise _refusal(name, value, "must be True or False")


def one_of(value: object, name: str, allowed: Iterable[str]) -> str:
    """Return a word that is one of those allowed, or refuse it.

    Parameters
    ----------
    value : object
    name : str
        Name of the parameter in the message.
    allowed : iterable of str

    Returns
    -------
    str

    Raises
    ------
    ScenarioError
        If it is none of them.

    Examples
    --------
    >>> one_of("jpg", "format", ("png", "svg"))
    Traceback (most recent call last):
    ...
    dcsim.errors.ScenarioError: format 'jpg': must be one of png, svg
    """
    words = tuple(allowed)
    if isinstance(value, str) and value in words:
        return value
    raise _refusal(name, value, f"must be one of {', '.join(words)}")


def _refusal(name: str, value: object, allowed: str) -> ScenarioError:
    return ScenarioError([Problem("", f"{name} {cut(repr(value), _MAX_SHOWN)}", allowed)])
