"""What every registered distribution keeps, whatever its arguments."""

from __future__ import annotations

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcsim.scenario.draws.distributions import (
    DISTRIBUTIONS,
    MEDIAN,
    TAIL,
    Drawn,
    draw,
    edges,
    is_distribution,
)
from dcsim.scenario.json_schema import json_schema
from dcsim.scenario.schema.quantity import Number

SCHEMA = json_schema()["$defs"]["drawn"]
numbers = st.floats(0.001, 1e6)
uniforms = st.floats(TAIL, 1 - TAIL)


def ascending(n: int) -> st.SearchStrategy[list[float]]:
    return st.lists(numbers, min_size=n, max_size=n).map(sorted)


@st.composite
def chances(draw_from: st.DrawFn) -> dict[str, object]:
    otherwise, then = draw_from(ascending(2))
    return {"probability": draw_from(st.floats(0, 1)), "then": then, "otherwise": otherwise}


ARGUMENTS: dict[str, st.SearchStrategy[object]] = {
    **{kind: ascending(len(record.parameters)) for kind, record in DISTRIBUTIONS.items()},
    "discrete": st.lists(numbers, min_size=1, max_size=9).map(sorted),
    "empirical": st.lists(numbers, min_size=1, max_size=9),
    "chance": chances(),
}
"""Arguments to try each with; options and cases in ascending order, so that quantiles ascend."""


def value_at(kind: str, args: object, u: float) -> float:
    drawn = draw({kind: args}, u)
    return drawn.resolve(Number().parse) if isinstance(drawn, Drawn) else float(drawn)


def test_every_distribution_has_arguments_to_try_it_with() -> None:
    without = {kind for kind, record in DISTRIBUTIONS.items() if not record.parameters}
    assert without == {"discrete", "empirical", "chance"}
    assert list(ARGUMENTS) == list(DISTRIBUTIONS)


law = settings(max_examples=100, derandomize=True, deadline=None)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
@law
@given(data=st.data())
def test_a_larger_quantile_is_no_smaller_value(kind: str, data: st.DataObject) -> None:
    args = data.draw(ARGUMENTS[kind])
    low, high = sorted((data.draw(uniforms), data.draw(uniforms)))
    one, other = value_at(kind, args, low), value_at(kind, args, high)
    assert one <= other + 1e-9 * abs(other)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
@law
@given(data=st.data())
def test_nothing_that_is_drawn_lies_beyond_the_edges(kind: str, data: st.DataObject) -> None:
    args = data.draw(ARGUMENTS[kind])
    ends = [value_at(kind, args, u) for u in edges({kind: args})]
    assert all(0 <= u <= 1 for u in edges({kind: args}))
    found = value_at(kind, args, data.draw(uniforms))
    slack = 1e-9 * max(map(abs, ends))
    assert min(ends) - slack <= found <= max(ends) + slack


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
@law
@given(data=st.data())
def test_the_edges_include_the_ends_of_what_is_drawn(kind: str, data: st.DataObject) -> None:
    args = data.draw(ARGUMENTS[kind])
    ends = [value_at(kind, args, u) for u in edges({kind: args})]
    drawn = [value_at(kind, args, u) for u in (TAIL, 1 - TAIL)]
    # A case of `chance` that is rarer than the tail stands in the edges all the same.
    if kind == "chance":
        assert min(ends) <= drawn[0]
        assert max(ends) >= drawn[1]
    else:
        np.testing.assert_allclose([min(ends), max(ends)], drawn, rtol=1e-9)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
@law
@given(data=st.data())
def test_half_of_what_is_drawn_is_at_most_the_median(kind: str, data: st.DataObject) -> None:
    args = data.draw(ARGUMENTS[kind])
    median = value_at(kind, args, MEDIAN)
    slack = 1e-9 * abs(median)
    below, above = np.linspace(TAIL, 0.499, 30), np.linspace(0.501, 1 - TAIL, 30)
    assert max(value_at(kind, args, u) for u in below) <= median + slack
    assert min(value_at(kind, args, u) for u in above) >= median - slack


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
@law
@given(data=st.data())
def test_its_schema_takes_what_it_takes_and_no_word(kind: str, data: st.DataObject) -> None:
    record = DISTRIBUTIONS[kind]
    assert record.name == kind
    schema = jsonschema.Draft202012Validator(dict(record.schema))
    args = data.draw(ARGUMENTS[kind])
    assert is_distribution({kind: args})
    assert schema.is_valid(args)
    assert not schema.is_valid("a word")
    assert SCHEMA["properties"][kind] == record.schema
