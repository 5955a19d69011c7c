"""Changed assumptions as lines."""

from __future__ import annotations

import re

import pytest

from dcsim.cli.output.assumptions import assumption_line, shortened_value
from dcsim.study.attribution.differences import Assumption


def test_a_value_on_one_side_alone_is_nothing_on_the_other():
    added = Assumption("orders.second.gpus", None, "100 GPU", None)
    assert assumption_line(added) == "orders.second.gpus: nothing -> 100 GPU"


def test_long_values_are_shortened_and_sources_left_out_on_request():
    change = Assumption("note", "halls of the second phase " * 4, "y", "plan")
    line = assumption_line(change, most=20, with_source=False)
    assert line == "note: halls of the second… -> y"
    assert assumption_line(change).endswith("-> y  [plan]")


SERIES = "{" + ", ".join(f"{2025 + i}: {3 - i / 10:.2f} USD/GPU/h" for i in range(9)) + "}"


@pytest.mark.parametrize("most", range(8, 80, 3))
@pytest.mark.parametrize(
    "text", [SERIES, f"[{SERIES}, {SERIES}, {SERIES}]", "from 1,234,567 GPU to 12.5 GWh a day " * 3]
)
def test_no_value_is_cut_within_a_number_or_a_unit(text, most):
    shown = shortened_value(text, most)
    figures = re.findall(r"[\d,.]*\d(?: [A-Z][A-Za-z/]*)?", text)
    assert set(re.findall(r"[\d,.]*\d(?: [A-Z][A-Za-z/]*)?", shown)) <= set(figures)


def test_a_series_is_its_first_and_last_value_and_a_distribution_stays_whole():
    assert shortened_value(SERIES, 60) == "{2025: 3.00 USD/GPU/h … 2033: 2.20 USD/GPU/h}"
    spread = "{triangular: [1,200.5 days, 2,400.25 days, 3,600.125 days]}"
    assert shortened_value(spread, 20) == spread
