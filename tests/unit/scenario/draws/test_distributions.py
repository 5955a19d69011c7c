from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dcsim.scenario.draws.distributions import (
    DISTRIBUTIONS,
    TAIL,
    Drawn,
    draw,
    edges,
    is_distribution,
)
from dcsim.scenario.schema.quantity import Number, Price, PricePer, Quantity, Whole

HOURS = Quantity("h")
NUMBER = Number()
QUANTILES = (TAIL, 0.05, 0.25, 0.5, 0.75, 0.9, 1 - TAIL)
Z90 = stats.norm.ppf(0.9)

CHANCE = "chance needs probability, then and, if not zero, otherwise"
TRIANGULAR = "triangular needs [low, mode, high], each with its unit"


def at(value, u=0.5, read=NUMBER):
    drawn = draw(value, u)
    return drawn.resolve(read.parse) if isinstance(drawn, Drawn) else read.parse(drawn)


def refused(value, u=0.5, read=NUMBER):
    with pytest.raises(ValueError, match=r".") as caught:
        at(value, u, read)
    return str(caught.value)


@pytest.mark.parametrize("u", QUANTILES)
@pytest.mark.parametrize(
    ("value", "distribution"),
    [
        ({"triangular": [2, 3, 7]}, stats.triang(c=0.2, loc=2, scale=5)),
        ({"triangular": [2, 2, 7]}, stats.triang(c=0.0, loc=2, scale=5)),
        ({"triangular": [2, 7, 7]}, stats.triang(c=1.0, loc=2, scale=5)),
        ({"uniform": [-1, 3]}, stats.uniform(loc=-1, scale=4)),
        ({"normal": [10, 12]}, stats.norm(loc=10, scale=2 / Z90)),
        ({"lognormal": [6, 15]}, stats.lognorm(s=math.log(2.5) / Z90, scale=6)),
        ({"exponential": [5]}, stats.expon(scale=5)),
        ({"exponential": {"mean": 5}}, stats.expon(scale=5)),
        ({"beta-pert": [2, 3, 7]}, stats.beta(a=1.8, b=4.2, loc=2, scale=5)),
        ({"beta-pert": [2, 2, 7]}, stats.beta(a=1.0, b=5.0, loc=2, scale=5)),
    ],
    ids=lambda part: str(part) if isinstance(part, dict) else "",
)
def test_a_quantile_is_that_of_the_distribution(value, distribution, u):
    assert at(value, u) == pytest.approx(distribution.ppf(u), rel=1e-9)


@pytest.mark.parametrize(
    ("value", "median"),
    [
        ({"uniform": [2, 4]}, 3.0),
        ({"normal": [10, 12]}, 10.0),
        ({"lognormal": [6, 15]}, 6.0),
        ({"exponential": [10]}, 10 * math.log(2)),
        ({"triangular": [0, 1, 2]}, 1.0),
        ({"beta-pert": [0, 1, 2]}, 1.0),
        ({"empirical": [4, 1, 2]}, 2.0),
        ({"empirical": [1, 2, 4, 8]}, 3.0),
        ({"empirical": [5]}, 5.0),
        ({"discrete": [1, 2, 3]}, 2.0),
        ({"discrete": {"1": 0.3, "2": 0.7}}, 2.0),
        ({"discrete": {"1": "60 %", "2": "40 %"}}, 1.0),
        ({"chance": {"probability": 0.36, "then": 6}}, 0.0),
        ({"chance": {"probability": 0.36, "then": 6, "otherwise": 2}}, 2.0),
        ({"chance": {"probability": 0.64, "then": 6}}, 6.0),
        ({"chance": {"probability": "50 %", "then": 6}}, 0.0),
        ({"chance": {"probability": 1, "then": 6}}, 6.0),
        ({"chance": {"probability": 0, "then": 6}}, 0.0),
    ],
    ids=str,
)
def test_the_median_is_what_a_single_run_takes(value, median):
    assert at(value) == pytest.approx(median, rel=1e-12)


@pytest.mark.parametrize("u", [TAIL, 0.3, 0.5, 1 - TAIL])
@pytest.mark.parametrize("kind", ["triangular", "beta-pert", "uniform", "empirical"])
def test_a_distribution_without_width_is_its_value(kind, u):
    n = {"uniform": 2}.get(kind, 3)
    assert at({kind: [5] * n}, u) == 5.0


@pytest.mark.parametrize("kind", ["triangular", "uniform", "normal", "lognormal", "beta-pert"])
def test_arguments_may_be_named(kind):
    names = {
        "triangular": ("low", "mode", "high"),
        "beta-pert": ("low", "mode", "high"),
        "uniform": ("low", "high"),
        "normal": ("mean", "p90"),
        "lognormal": ("median", "p90"),
    }[kind]
    numbers = [1.0, 2.0, 4.0][: len(names)]
    named = dict(reversed(list(zip(names, numbers, strict=True))))
    assert at({kind: named}, 0.8) == at({kind: numbers}, 0.8)


def test_arguments_carry_their_units():
    assert at({"uniform": ["1 day", "3 days"]}, 0.5, HOURS) == 48.0
    assert at({"triangular": ["60 min", "2 h", "0.125 day"]}, 0.5, HOURS) == 2.0


def test_the_p90_of_an_announced_delay_is_met():
    assert at({"lognormal": [6, 15]}, 0.9) == pytest.approx(15, rel=1e-12)
    assert at({"normal": [6, 15]}, 0.9) == pytest.approx(15, rel=1e-12)


def test_empirical_values_are_joined_by_straight_lines():
    found = [at({"empirical": [30, 10, 20, 80]}, u) for u in (0, 1 / 6, 1 / 3, 2 / 3, 5 / 6, 1)]
    np.testing.assert_allclose(found, [10, 15, 20, 30, 55, 80])


def test_a_choice_has_its_shares():
    u = (np.arange(1000) + 0.5) / 1000
    found = [at({"discrete": {"1": 0.2, "2": "30 %", "3": 0.5}}, value) for value in u]
    assert [found.count(option) for option in (1, 2, 3)] == [200, 300, 500]
    even = [at({"discrete": [7, 8, 9, 10]}, value) for value in u]
    assert [even.count(option) for option in (7, 8, 9, 10)] == [250] * 4


def test_a_choice_may_be_of_text_and_dates():
    assert draw({"discrete": ["facility", "it"]}, 0.9) == "it"
    assert draw({"discrete": {"2027-01-01": 0.9, "2028-01-01": 0.1}}, 0.5) == "2027-01-01"


def test_a_chance_happens_as_often_as_it_says():
    u = (np.arange(1000) + 0.5) / 1000
    value = {"chance": {"probability": 0.36, "then": {"lognormal": [6, 15]}}}
    late = [delay for delay in (at(value, x) for x in u) if delay > 0]
    assert len(late) == 360
    assert np.median(late) == pytest.approx(6, rel=0.01)
    assert late == sorted(late)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"triangular": [1, 2]}, TRIANGULAR),
        ({"triangular": 5}, TRIANGULAR),
        ({"triangular": None}, TRIANGULAR),
        ({"exponential": [1, 2]}, "exponential needs [mean], each with its unit"),
        ({"exponential": {"mean": -1}}, "exponential needs a mean of zero or more"),
        ({"triangular": [3, 2, 1]}, "triangular needs low, mode, high in ascending order"),
        ({"triangular": {"low": 1, "top": 2}}, TRIANGULAR),
        ({"beta-pert": [3, 2, 1]}, "beta-pert needs low, mode, high in ascending order"),
        ({"beta-pert": "1 2 3"}, "beta-pert needs [low, mode, high], each with its unit"),
        ({"uniform": [1]}, "uniform needs [low, high], each with its unit"),
        ({"uniform": [2, 1]}, "uniform needs low, high in ascending order"),
        ({"normal": [1, 2, 3]}, "normal needs [mean, p90], each with its unit"),
        ({"normal": [2, 1]}, "normal needs mean, p90 in ascending order"),
        ({"lognormal": [2, 1]}, "lognormal needs median, p90 in ascending order"),
        ({"lognormal": [0, 1]}, "lognormal needs a median above zero"),
        ({"lognormal": [-2, -1]}, "lognormal needs a median above zero"),
        ({"empirical": []}, "empirical needs a list of observed values, each with its unit"),
        ({"empirical": "1"}, "empirical needs a list of observed values, each with its unit"),
        ({"empirical": {"a": 1}}, "empirical needs a list of observed values, each with its unit"),
        ({"discrete": []}, "discrete needs a list of values, or values with their probabilities"),
        ({"discrete": {}}, "discrete needs a list of values, or values with their probabilities"),
        ({"discrete": "x"}, "discrete needs a list of values, or values with their probabilities"),
        ({"discrete": {"1": 0.5, "2": 0.4}}, "the probabilities add up to 0.9, not to 1"),
        ({"discrete": {"1": "often"}}, "'often' is not a probability such as 0.36 or 36 %"),
        ({"discrete": {"1": 1.2}}, "the probability 1.2 is not between 0 and 1"),
        ({"discrete": {"1": "nan"}}, "the probability nan is not between 0 and 1"),
        ({"discrete": {"1": None}}, "'None' is not a probability such as 0.36 or 36 %"),
        ({"discrete": [1] * 101}, "discrete has more than 100 options"),
        ({"chance": {"then": 1}}, CHANCE),
        ({"chance": {"probability": 0.5}}, CHANCE),
        ({"chance": [0.5, 1]}, CHANCE),
        (
            {"chance": {"probability": 0.5, "then": None}},
            CHANCE,
        ),
        (
            {"chance": {"probability": 0.5, "then": 1, "else": 2}},
            CHANCE,
        ),
        ({"chance": {"probability": 2, "then": 1}}, "the probability 2 is not between 0 and 1"),
    ],
    ids=str,
)
def test_a_broken_distribution_says_what_it_needs(value, message):
    assert refused(value) == message


def test_an_argument_without_its_unit_is_refused():
    assert refused({"uniform": [1, 2]}, read=HOURS) == "needs a unit, for example '1 h'"
    assert "measures another thing" in refused({"uniform": ["1 h", "2 kW"]}, read=HOURS)


@pytest.mark.parametrize("value", [{"lognormal": [1, 1e300]}, {"lognormal": [1e-300, 1e300]}])
def test_a_distribution_without_finite_ends_is_refused(value):
    assert refused(value, 1 - TAIL) == "lognormal is so wide that it holds no finite number"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"uniform": [1, 2]}, True),
        ({"chance": None}, True),
        ({"uniform": [1, 2], "note": "x"}, False),
        ({"unifrom": [1, 2]}, False),
        ({}, False),
        (["uniform"], False),
        ("uniform", False),
    ],
)
def test_a_distribution_is_a_mapping_with_one_known_key(value, expected):
    assert is_distribution(value) is expected


def test_counts_are_rounded_and_prices_keep_their_currency():
    assert Whole("GPU")(draw({"uniform": ["10 GPU", "11.2 GPU"]}, 0.5)) == 11
    price = PricePer("GPU")(draw({"uniform": ["10 USD/GPU", "20 USD/GPU"]}, 0.5))
    assert price == Price(15.0, "USD")


def test_two_currencies_in_one_distribution_are_refused():
    with pytest.raises(ValueError, match="needs one currency"):
        PricePer("GPU")(draw({"uniform": ["10 USD/GPU", "20 KRW/GPU"]}, 0.5))


def test_every_option_of_a_choice_is_among_its_edges():
    value = {"discrete": {"1": 0.1, "2": 0.2, "3": 0.7}}
    assert [at(value, u) for u in edges(value)] == [1, 2, 3]
    even = {"discrete": [4, 5, 6, 7, 8]}
    assert [at(even, u) for u in edges(even)] == [4, 5, 6, 7, 8]


def test_both_ends_of_both_cases_of_a_chance_are_among_its_edges():
    cases = {"probability": 0.4, "then": {"uniform": [10, 20]}, "otherwise": {"uniform": [1, 2]}}
    found = [at({"chance": cases}, u) for u in edges({"chance": cases})]
    np.testing.assert_allclose(found, [1, 2, 10, 20], rtol=0.005)


@pytest.mark.parametrize("kind", [k for k in DISTRIBUTIONS if k not in ("discrete", "chance")])
def test_the_edges_of_other_kinds_are_their_ends(kind):
    assert edges({kind: [1, 2, 3]}) == (TAIL, 1 - TAIL)
