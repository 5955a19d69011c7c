"""Limits of parameters: what a caller hands over in, the checked value or one clear error out.

The option types of the command line say the same earlier and with the option's name; what a
function refuses holds for Python too.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable

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
