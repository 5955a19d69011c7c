"""Distributions: one record each, and what a scenario's distribution is at a quantile.

A distribution is a mapping with one key, its name. It is evaluated by inverse transform: one
uniform number in, one value out. Two scenarios that differ elsewhere therefore have common random
numbers, and a deterministic run is the quantile at one half.

A distribution is added by one `Distribution` in `DISTRIBUTIONS`. Checks, messages, the JSON Schema
and the contract test read the record. The test asks for arguments to try it with where it has no
fixed list of parameters, and another one for a line in the docs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dcsim.scenario.draws import quantiles
from dcsim.scenario.draws.discrete import MAX_OPTIONS, case_at, choose, middles, probability

Parse = Callable[[object], float]

MEDIAN = 0.5
TAIL = 0.001
"""Draws keep to the quantiles from `TAIL` to 1 - `TAIL`: what lies beyond is never drawn, so the
ends can be checked when a scenario is read."""

_SCALAR = {"type": ["number", "string"]}


def _both_ends(_: object) -> tuple[float, ...]:
    return (TAIL, 1 - TAIL)


@dataclass(frozen=True, slots=True)
class Distribution:
    """One kind of distribution that a scenario may give in the place of a value."""

    name: str
    """Key of the mapping in a scenario, such as ``triangular``."""
    quantile: Callable[[object, float, Parse], float]
    """From its arguments as written, a quantile and the reader of one value to a number."""
    edges: Callable[[object], tuple[float, ...]] = _both_ends
    """From its arguments to the quantiles at which it must be sound to be sound at all."""
    pick: Callable[[object, float], object] | None = None
    """Gives the value as written where that may be a text or a date, not only a number."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of its arguments."""
    parameters: tuple[str, ...] = ()
    """Names of its arguments in ascending size, where those are a fixed list of numbers."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A distribution at one quantile; the field that owns it knows the unit."""

    kind: str
    args: object
    u: float
    """Uniform number between 0 and 1. [1]"""

    def resolve(self, parse: Parse) -> float:
        """Return the value in the unit of `parse`; ValueError says what is wrong with it."""
        try:
            value = DISTRIBUTIONS[self.kind].quantile(self.args, self.u, parse)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise ValueError(f"{self.kind} is so wide that it holds no finite number")
        return value


def is_distribution(value: object) -> bool:
    """Tell whether a mapping from a scenario file is a distribution."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in DISTRIBUTIONS


def draw(value: Mapping[str, object], u: float) -> object:
    """Return the distribution `value` at quantile `u`.

    A discrete choice may hold anything, so it is settled here; the others wait for their unit.
    """
    kind, args = next(iter(value.items()))
    pick = DISTRIBUTIONS[kind].pick
    return Drawn(kind, args, u) if pick is None else pick(args, u)


def edges(value: Mapping[str, object]) -> tuple[float, ...]:
    """Return the quantiles at which a distribution must be sound to be sound at all.

    A choice is checked at each of its options; what happens by chance at both ends of either case;
    all others at their two ends.
    """
    kind, args = next(iter(value.items()))
    return DISTRIBUTIONS[kind].edges(args)


def _of_numbers(name: str, quantile: Callable[..., float], *parameters: str) -> Distribution:
    """Return the record of a distribution with a fixed list of parameters, ascending in size.

    Parameters
    ----------
    name : str
    quantile : callable
        Takes a uniform number and the parameters in order.
    *parameters : str
        Names by which a scenario may give them instead of a list.
    """
    names = ", ".join(parameters)

    def read(args: object, u: float, parse: Parse) -> float:
        if isinstance(args, Mapping) and set(args) == set(parameters):
            args = [args[parameter] for parameter in parameters]
        is_list = isinstance(args, Sequence) and not isinstance(args, str)
        if not isinstance(args, Sequence) or not is_list or len(args) != len(parameters):
            raise ValueError(f"{name} needs [{names}], each with its unit")
        numbers = [parse(arg) for arg in args]
        if sorted(numbers) != numbers:
            raise ValueError(f"{name} needs {names} in ascending order")
        return quantile(u, *numbers)

    n = len(parameters)
    as_list = {"type": "array", "items": _SCALAR, "minItems": n, "maxItems": n}
    by_name = {
        "type": "object",
        "properties": dict.fromkeys(parameters, _SCALAR),
        "required": list(parameters),
        "additionalProperties": False,
    }
    schema = {"anyOf": [as_list, by_name]}
    return Distribution(name, read, schema=schema, parameters=parameters)


def _discrete(args: object, u: float, parse: Parse) -> float:
    return parse(choose(args, u))


def _edges_of_discrete(args: object) -> tuple[float, ...]:
    return middles(args) or _both_ends(args)


def _empirical(args: object, u: float, parse: Parse) -> float:
    if isinstance(args, str) or not isinstance(args, Sequence) or not args:
        raise ValueError("empirical needs a list of observed values, each with its unit")
    return quantiles.empirical(u, [parse(arg) for arg in args])


def _chance(args: object, u: float, parse: Parse) -> float:
    value, u_inside = case_at(args, u)
    if value is None:
        return 0.0
    if isinstance(value, Mapping) and is_distribution(value):
        inner = draw(value, min(max(u_inside, TAIL), 1 - TAIL))
        return inner.resolve(parse) if isinstance(inner, Drawn) else parse(inner)
    return parse(value)


def _edges_of_chance(args: object) -> tuple[float, ...]:
    if not isinstance(args, Mapping) or "probability" not in args:
        return _both_ends(args)
    none = 1 - probability(args["probability"])
    ends = (none * TAIL, none * (1 - TAIL), none + (1 - none) * TAIL, 1 - TAIL)
    return tuple(min(max(u, TAIL), 1 - TAIL) for u in ends)


_RECORDS = (
    _of_numbers("triangular", quantiles.triangular, "low", "mode", "high"),
    _of_numbers("uniform", quantiles.uniform_between, "low", "high"),
    _of_numbers("normal", quantiles.normal, "mean", "p90"),
    _of_numbers("lognormal", quantiles.lognormal, "median", "p90"),
    _of_numbers("exponential", quantiles.exponential, "mean"),
    _of_numbers("beta-pert", quantiles.beta_pert, "low", "mode", "high"),
    Distribution(
        "discrete",
        _discrete,
        edges=_edges_of_discrete,
        pick=choose,
        schema={
            "anyOf": [
                {"type": "array", "minItems": 1, "maxItems": MAX_OPTIONS},
                {"type": "object", "minProperties": 1, "additionalProperties": _SCALAR},
            ]
        },
    ),
    Distribution(
        "empirical", _empirical, schema={"type": "array", "items": _SCALAR, "minItems": 1}
    ),
    Distribution(
        "chance",
        _chance,
        edges=_edges_of_chance,
        schema={
            "type": "object",
            "properties": {"probability": _SCALAR, "then": True, "otherwise": True},
            "required": ["probability", "then"],
            "additionalProperties": False,
        },
    ),
)
DISTRIBUTIONS: Mapping[str, Distribution] = {record.name: record for record in _RECORDS}
"""All kinds by name, in the order of the docs."""
