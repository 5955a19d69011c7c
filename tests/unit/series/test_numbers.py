"""Numbers as other programs write them."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.series.numbers import (
    AmbiguousNumbersError,
    column_numbers,
    decimal_mark_of,
    is_number,
)


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["0.5", "1e3", " -2 "], [0.5, 1000, -2]),
        (["0,5", "1,25"], [0.5, 1.25]),
        (["1.234,5", "0,5", "2.000"], [1234.5, 0.5, 2000]),
        (["1,234.5", "0.5", "12,000"], [1234.5, 0.5, 12000]),
        (["1,234,567", "1,234"], [1234567, 1234]),
        (["0,123", "1,234"], [0.123, 1.234]),
        (["1 234,5", "0,5"], [1234.5, 0.5]),
        (["1'234.5", "0.5"], [1234.5, 0.5]),
        (["1.234", "5.678"], [1.234, 5.678]),
        (["0,5", "0.5"], [0.5, np.nan]),
        (["0,5", "", "n/a"], [0.5, np.nan, np.nan]),
        (["1,5E-3", "-0,5"], [1.5e-3, -0.5]),
    ],
)
def test_a_column_shows_its_decimal_mark(texts: list[str], values: list[float]) -> None:
    np.testing.assert_allclose(column_numbers(texts), values)


def test_what_may_be_thousands_or_thousandths_is_not_guessed() -> None:
    with pytest.raises(AmbiguousNumbersError):
        column_numbers(["1,234", "5,678"])
    np.testing.assert_allclose(column_numbers(["1,234"], "comma"), [1.234])
    np.testing.assert_allclose(column_numbers(["1,234"], "point"), [1234.0])
    np.testing.assert_allclose(column_numbers(["1,234"], table_mark="comma"), [1.234])
    with pytest.raises(AmbiguousNumbersError):
        column_numbers(["1.234"], table_mark="comma")


def test_the_mark_of_a_column() -> None:
    assert decimal_mark_of(["1", "2"]) is None
    assert decimal_mark_of(["0,5"]) == "comma"
    assert decimal_mark_of(["0.5"]) == "point"
    assert [is_number(text) for text in ("0,5", "1e5", ",", "kW", "", "nan")] == [
        *(True, True, False, False, False, False)
    ]
