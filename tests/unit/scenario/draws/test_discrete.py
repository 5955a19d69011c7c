from __future__ import annotations

import pytest

from dcsim.scenario.draws.discrete import ChanceCase, case_at, choose, middles, probability


@pytest.mark.parametrize(("text", "share"), [("36 %", 0.36), (0.36, 0.36), ("0", 0), (1, 1)])
def test_a_probability_is_a_share_or_percent(text, share):
    assert probability(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["often", "", None, "%", -0.1, "101 %", "nan"])
def test_what_is_no_probability_is_refused(text):
    with pytest.raises(ValueError, match="probability"):
        probability(text)


def test_an_option_is_chosen_up_to_the_sum_of_its_share():
    weighted = {"a": 0.25, "b": "50 %", "c": 0.25}
    chosen = [choose(weighted, u) for u in (0.0, 0.25, 0.26, 0.75, 0.76, 1.0)]
    assert chosen == ["a", "a", "b", "b", "c", "c"]
    assert [choose([1, 2], u) for u in (0.0, 0.49, 0.5, 1.0)] == [1, 1, 2, 2]


def test_middles_choose_each_option_once():
    for args in ({"a": 0.1, "b": 0.2, "c": 0.7}, ["a", "b", "c"]):
        assert [choose(args, u) for u in middles(args)] == ["a", "b", "c"]
    assert middles({}) == middles(5) == ()


def test_a_case_has_a_quantile_of_its_own():
    args = {"probability": 0.25, "then": "late", "otherwise": "early"}
    assert case_at(args, 0.75) == ChanceCase("early", 1.0)
    assert case_at(args, 0.375) == ChanceCase("early", 0.5)
    assert case_at(args, 0.875) == ChanceCase("late", 0.5)
    assert case_at(args, 1.0) == ChanceCase("late", 1.0)
    assert case_at({"probability": 0.25, "then": "late"}, 0.1).value is None


@pytest.mark.parametrize("probability_frac", [0, 1])
def test_a_sure_case_is_the_only_one(probability_frac):
    args = {"probability": probability_frac, "then": "late", "otherwise": "early"}
    values = {case_at(args, u).value for u in (0.001, 0.5, 0.999)}
    assert values == {"late" if probability_frac else "early"}
