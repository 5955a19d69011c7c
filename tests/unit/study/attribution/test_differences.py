from __future__ import annotations

from dcsim.scenario.load import load
from dcsim.study.attribution.differences import Assumption, changed_assumptions


def test_values_that_differ_are_listed_in_the_order_of_the_first(scenarios) -> None:
    before = load(scenarios / "minimal.yaml")
    after = before.with_overrides(
        {
            "sources": {"meter": {"title": "Meter"}},
            "cooling.overhead": {"value": "20 %", "source": "meter"},
            "power.design_pue": 1.3,
            "power.network": "5 %",
        }
    )
    assert changed_assumptions(before, after) == [
        Assumption("power.design_pue", "1.2", "1.3", None),
        Assumption("cooling.overhead", "15 %", "20 %", "meter"),
        Assumption("power.network", None, "5 %", None),
    ]
    backwards = changed_assumptions(after, before)
    assert {change.key: (change.before, change.after) for change in backwards} == {
        "power.design_pue": ("1.3", "1.2"),
        "power.network": ("5 %", None),
        "cooling.overhead": ("20 %", "15 %"),
    }
    assert changed_assumptions(before, before) == []


def test_another_source_alone_is_no_difference(scenarios) -> None:
    before = load(scenarios / "minimal.yaml")
    about = {"value": "15 %", "source": "meter"}
    sources = {"sources": {"meter": {"title": "Meter"}}, "cooling.overhead": about}
    assert changed_assumptions(before, before.with_overrides(sources)) == []
