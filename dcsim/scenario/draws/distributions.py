"""Distributions that may stand wherever a scenario takes a scalar.

A distribution is a mapping with one key, its kind. It is evaluated by inverse transform: one
uniform number in, one value out, so two scenarios that differ elsewhere meet the same luck, and a
deterministic run is the quantile at one half.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

Parse = Callable[[object], float]

MEDIAN = 0.5
TAIL = 0.001
"""Draws keep to the quantiles from `TAIL` to 1 - `TAIL`: what lies beyond is never drawn, so the
ends can be checked when a scenario is read."""

MAX_OPTIONS = 100

_Z90 = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A distribution met at one quantile; the field that owns it knows the unit."""

    kind: str
    args: object
    u: float
    """Uniform number between 0 and 1. [1]"""

    def resolve(self, parse: Parse) -> float:
        """Return the value in the unit of `parse`; ValueError says what is wrong with it."""
        try:
            value = _QUANTILE[self.kind](self.args, self.u, parse)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise ValueError(f"{self.kind} is so wide that it holds no finite number")
        return value


def is_distribution(value: object) -> bool:
    """Tell whether a mapping from a scenario file is a distribution."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _QUANTILE


def draw(value: Mapping[str, object], u: float) -> object:
    """Return the distribution `value` at quantile `u`.

    A discrete choice may hold anything, so it is settled here; the others wait for their unit.
    """
    kind, args = next(iter(value.items()))
    if kind == "discrete":
        return choose(args, u)
    return Drawn(kind, args, u)


def choose(args: object, u: float) -> object:
    """Pick from ``{value: probability}`` (ascending as written) or an evenly likely list."""
    if isinstance(args, Mapping) and args:
        _few(args)
        shares = [share(chance) for chance in args.values()]
        if not math.isclose(sum(shares), 1, abs_tol=1e-6):
            raise ValueError(f"the probabilities add up to {sum(shares):g}, not to 1")
        total = 0.0
        for option, part in zip(args, shares, strict=True):
            total += part
            if u <= total:
                return option
        return list(args)[-1]
    if isinstance(args, Sequence) and not isinstance(args, str) and args:
        _few(args)
        return args[min(int(u * len(args)), len(args) - 1)]
    raise ValueError("discrete needs a list of values, or values with their probabilities")


def _few(args: Sequence[object] | Mapping[str, object]) -> None:
    if len(args) > MAX_OPTIONS:
        raise ValueError(f"discrete has more than {MAX_OPTIONS} options")


def share(value: object) -> float:
    """Read a probability written as ``0.36`` or ``36 %``."""
    text = str(value).strip()
    try:
        number = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a probability such as 0.36 or 36 %") from None
    if not 0 <= number <= 1:
        raise ValueError(f"the probability {text} is not between 0 and 1")
    return number


def edges(value: Mapping[str, object]) -> tuple[float, ...]:
    """Return the quantiles at which a distribution must be sound to be sound at all.

    A choice is checked at each of its options; what happens by chance at both ends of either case;
    all others at their two ends.
    """
    kind, args = next(iter(value.items()))
    if kind == "discrete" and isinstance(args, Mapping | Sequence) and args:
        shares = [share(part) for part in args.values()] if isinstance(args, Mapping) else None
        return _middles(shares or [1 / len(args)] * len(args))
    if kind == "chance" and isinstance(args, Mapping) and "probability" in args:
        none = 1 - share(args["probability"])
        ends = (none * TAIL, none * (1 - TAIL), none + (1 - none) * TAIL, 1 - TAIL)
        return tuple(min(max(u, TAIL), 1 - TAIL) for u in ends)
    return (TAIL, 1 - TAIL)


def _middles(shares: Sequence[float]) -> tuple[float, ...]:
    ends = [0.0]
    for part in shares:
        ends.append(ends[-1] + part)
    return tuple((low + high) / 2 for low, high in itertools.pairwise(ends))


def _numbers(args: object, kind: str, names: str, parse: Parse) -> list[float]:
    wanted = names.split(", ")
    if isinstance(args, Mapping) and set(args) == set(wanted):
        args = [args[name] for name in wanted]
    if isinstance(args, str) or not isinstance(args, Sequence) or len(args) != len(wanted):
        raise ValueError(f"{kind} needs [{names}], each with its unit")
    return [parse(arg) for arg in args]


def _ascending(numbers: list[float], kind: str, names: str) -> None:
    if sorted(numbers) != numbers:
        raise ValueError(f"{kind} needs {names} in ascending order")


def _triangular(args: object, u: float, parse: Parse) -> float:
    low, mode, high = numbers = _numbers(args, "triangular", "low, mode, high", parse)
    _ascending(numbers, "triangular", "low, mode, high")
    if low == high:
        return low
    if u * (high - low) < mode - low:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1 - u) * (high - low) * (high - mode))


def _uniform(args: object, u: float, parse: Parse) -> float:
    low, high = numbers = _numbers(args, "uniform", "low, high", parse)
    _ascending(numbers, "uniform", "low, high")
    return low + u * (high - low)


def _normal(args: object, u: float, parse: Parse) -> float:
    mean, p90 = numbers = _numbers(args, "normal", "mean, p90", parse)
    _ascending(numbers, "normal", "mean, p90")
    return mean + (p90 - mean) * NormalDist().inv_cdf(u) / _Z90


def _lognormal(args: object, u: float, parse: Parse) -> float:
    median, p90 = numbers = _numbers(args, "lognormal", "median, p90", parse)
    _ascending(numbers, "lognormal", "median, p90")
    if median <= 0:
        raise ValueError("lognormal needs a median above zero")
    return median * math.exp(math.log(p90 / median) * NormalDist().inv_cdf(u) / _Z90)


def _exponential(args: object, u: float, parse: Parse) -> float:
    (mean,) = _numbers(args, "exponential", "mean", parse)
    if mean < 0:
        raise ValueError("exponential needs a mean of zero or more")
    return -mean * math.log1p(-u)


def _beta_pert(args: object, u: float, parse: Parse) -> float:
    low, mode, high = numbers = _numbers(args, "beta-pert", "low, mode, high", parse)
    _ascending(numbers, "beta-pert", "low, mode, high")
    if low == high:
        return low
    from scipy.special import betaincinv  # noqa: PLC0415  (scipy only when the kind is used)

    # Vose, Risk Analysis (2008): shape 4, so the mean is (low + 4 mode + high) / 6.
    a = 1 + 4 * (mode - low) / (high - low)
    b = 1 + 4 * (high - mode) / (high - low)
    return low + (high - low) * float(betaincinv(a, b, u))


def _empirical(args: object, u: float, parse: Parse) -> float:
    if isinstance(args, str) or not isinstance(args, Sequence) or not args:
        raise ValueError("empirical needs a list of observed values, each with its unit")
    values = sorted(parse(arg) for arg in args)
    place = u * (len(values) - 1)
    below = min(int(place), max(len(values) - 2, 0))
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def _chance(args: object, u: float, parse: Parse) -> float:
    """With `probability` the value `then`, else `otherwise`; large quantiles are the event."""
    if (
        not isinstance(args, Mapping)
        or not {"probability", "then"}
        <= set(args)
        <= {
            "probability",
            "then",
            "otherwise",
        }
        or args["then"] is None
    ):
        raise ValueError("chance needs probability, then and, if not zero, otherwise")
    probability = share(args["probability"])
    if u <= 1 - probability:
        return _settle(args.get("otherwise"), u / max(1 - probability, 1e-12), parse)
    return _settle(args["then"], (u - 1 + probability) / probability, parse)


def _settle(value: object, u: float, parse: Parse) -> float:
    if value is None:
        return 0.0
    if isinstance(value, Mapping) and is_distribution(value):
        inner = draw(value, min(max(u, TAIL), 1 - TAIL))
        return inner.resolve(parse) if isinstance(inner, Drawn) else parse(inner)
    return parse(value)


def _discrete(args: object, u: float, parse: Parse) -> float:
    return parse(choose(args, u))


_QUANTILE: dict[str, Callable[[object, float, Parse], float]] = {
    "triangular": _triangular,
    "uniform": _uniform,
    "normal": _normal,
    "lognormal": _lognormal,
    "exponential": _exponential,
    "beta-pert": _beta_pert,
    "discrete": _discrete,
    "empirical": _empirical,
    "chance": _chance,
}

KINDS = tuple(_QUANTILE)
