from __future__ import annotations

import re

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.limits import one_of, path_from, positive_number, switch, whole_number

NO_WHOLE_NUMBERS = [
    -1,
    1.5,
    1.0,
    True,
    None,
    "1",
    float("nan"),
    np.float64(2),
    np.True_,
    [1],
    2j,
    np.timedelta64(3, "D"),
]


@pytest.mark.parametrize("value", NO_WHOLE_NUMBERS, ids=repr)
def test_what_is_no_whole_number_is_refused_and_shown(value):
    told = re.escape(f"n {value!r}: must be a whole number, 0 or more")
    with pytest.raises(ScenarioError, match=f"^{told}$"):
        whole_number(value, "n")


@pytest.mark.parametrize("value", [0, 7, np.int64(7), np.uint8(7)], ids=repr)
def test_integers_of_numpy_become_those_of_python(value):
    number = whole_number(value, "n")
    assert (number, type(number)) == (int(value), int)


@pytest.mark.parametrize(("value", "fits"), [(1, False), (2, True), (9, True), (10, False)])
def test_limits_belong_to_what_is_allowed(value, fits):
    if fits:
        assert whole_number(value, "n", least=2, most=9) == value
    else:
        with pytest.raises(ScenarioError, match=r"must be a whole number, from 2 to 9$"):
            whole_number(value, "n", least=2, most=9)


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), True, "3", None], ids=repr)
def test_what_is_not_above_zero_is_refused(value):
    with pytest.raises(ScenarioError, match=r"must be a number above 0$"):
        positive_number(value, "n")


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5)], ids=repr)
def test_numbers_above_zero_are_floats(value):
    assert positive_number(value, "n") == float(value)


@pytest.mark.parametrize("value", ["c", "", None, 1, ["a"]], ids=repr)
def test_a_word_must_be_one_of_those_allowed(value):
    assert one_of("a", "letter", ("a", "b")) == "a"
    with pytest.raises(ScenarioError, match=r"^letter .*: must be one of a, b$"):
        one_of(value, "letter", ("a", "b"))


def test_what_is_shown_of_a_value_is_short():
    with pytest.raises(ScenarioError) as caught:
        whole_number("9" * 5000, "n")
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("value", [None, True, 1, 1.5, b"x", [], {}, object()])
def test_what_is_no_path_is_a_type_error(value):
    with pytest.raises(TypeError, match=f"^store is a path, not {type(value).__name__}$"):
        path_from(value, "store")


@pytest.mark.parametrize("value", ["a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have_is_refused(value):
    with pytest.raises(ScenarioError, match=r"holds a null character|longer than a path may be"):
        path_from(value, "out")


@pytest.mark.parametrize("value", [None, 0, 1, "yes", "", np.True_, []])
def test_a_switch_is_true_or_false(value):
    with pytest.raises(ScenarioError, match="must be True or False"):
        switch(value, "meet")
