"""Discrete distributions: options, their probabilities and a uniform number in, one option out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

MAX_OPTIONS = 100


class ChanceCase(NamedTuple):
    """One of the two outcomes of what happens by chance."""

    value: object
    """As written: a value or a distribution; None counts as zero."""
    u: float
    """Quantile inside this outcome, from 0 to 1. [1]"""


def probability(value: object) -> float:
    """Return a probability written as ``0.36`` or ``36 %``.

    >>> probability("36 %"), probability(0.36)
    (0.36, 0.36)
    """
    text = str(value).strip()
    try:
        number = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a probability such as 0.36 or 36 %") from None
    if not 0 <= number <= 1:
        raise ValueError(f"the probability {text} is not between 0 and 1")
    return number


def choose(args: object, u: float) -> object:
    """Return one of ``{value: probability}`` in the order written, or of an evenly likely list.

    >>> choose({"26 weeks": "70 %", "52 weeks": "30 %"}, 0.69), choose(["it", "facility"], 0.5)
    ('26 weeks', 'facility')
    """
    if isinstance(args, Mapping) and args:
        _refuse_many_options(args)
        shares = [probability(chance) for chance in args.values()]
        if not math.isclose(sum(shares), 1, abs_tol=1e-6):
            raise ValueError(f"the probabilities add up to {sum(shares):g}, not to 1")
        total = 0.0
        for option, part in zip(args, shares, strict=True):
            total += part
            if u <= total:
                return option
        # Rounding may leave the sum a little below the largest quantile.
        return list(args)[-1]
    if isinstance(args, Sequence) and not isinstance(args, str) and args:
        _refuse_many_options(args)
        return args[min(int(u * len(args)), len(args) - 1)]
    raise ValueError("discrete needs a list of values, or values with their probabilities")


def _refuse_many_options(args: Sequence[object] | Mapping[str, object]) -> None:
    if len(args) > MAX_OPTIONS:
        raise ValueError(f"discrete has more than {MAX_OPTIONS} options")


def middles(args: object) -> tuple[float, ...]:
    """Return the quantile in the middle of each option of a choice; none for what is no choice.

    >>> middles(["a", "b"]), middles({"a": 0.5, "b": "50 %"})
    ((0.25, 0.75), (0.25, 0.75))
    """
    if not isinstance(args, Mapping | Sequence) or not args:
        return ()
    even = [1 / len(args)] * len(args)
    shares = map(probability, args.values()) if isinstance(args, Mapping) else even
    ends = [0.0]
    for part in shares:
        ends.append(ends[-1] + part)
    return tuple((low + high) / 2 for low, high in itertools.pairwise(ends))


def case_at(args: object, u: float) -> ChanceCase:
    """Return the outcome of what happens by chance; large quantiles are the event.

    >>> case_at({"probability": "50 %", "then": "6 months"}, 0.75)
    ChanceCase(value='6 months', u=0.5)
    """
    allowed = {"probability", "then", "otherwise"}
    is_whole = isinstance(args, Mapping) and {"probability", "then"} <= set(args) <= allowed
    if not isinstance(args, Mapping) or not is_whole or args["then"] is None:
        raise ValueError("chance needs probability, then and, if not zero, otherwise")
    event = probability(args["probability"])
    if u <= 1 - event:
        return ChanceCase(args.get("otherwise"), u / max(1 - event, 1e-12))
    return ChanceCase(args["then"], (u - 1 + event) / event)
