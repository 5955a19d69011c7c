from __future__ import annotations

import pytest

from dcsim.study.definition.spelling import case_id, short_keys, slug, unique

HEAD = "scenario: ../plan.yaml\n"


def ids(study):
    return [case.id for case in study.cases()]


def test_ids_are_unique_short_and_safe(study_of):
    study = study_of(
        HEAD
        + "grid:\n  name: ['Ä ö', 'A/o', 'a per o', '" + "x" * 100 + "', 'con: \\*?']\n"
        + "  description: [" + ", ".join(f"'{c * 90}'" for c in "abc") + "]\n"
        + "  orders.first.label: ['" + "y" * 90 + "', z]\n"
        + "  demand.training.label: ['" + "y" * 90 + "', z]\n"
    )  # fmt: skip
    names = ids(study)
    assert len({name.casefold() for name in names}) == len(names) == 60
    assert max(map(len, names)) <= 200
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._=,+~-")
    assert set().union(*names) <= allowed


@pytest.mark.parametrize(
    ("text", "slugged"),
    [
        ("6 months", "6-months"), ("-24 months", "-24-months"), ("0.5", "0.5"),
        ("150 KRW/kWh", "150-KRW-per-kWh"), ("10 %", "10-pct"), ("[a, b]", "a-b"),
        ("{uniform: [1 h, 2 h]}", "uniform-1-h-2-h"), ("", "x"), ("…", "x"), ("../a", "a"),
        ("-.5 h", "-.5-h"),
    ],
)  # fmt: skip
def test_values_are_spelled_in_plain_letters(text, slugged):
    assert slug(text) == slugged


def test_keys_are_shortened_to_what_tells_them_apart():
    keys = ["works.a.slip", "risks.a.slip", "works.b.slip", "seed", "solar.s.price.2030"]
    assert list(short_keys(keys).values()) == [
        "works.a.slip", "risks.a.slip", "b.slip", "seed", "price.2030",
    ]  # fmt: skip


def test_names_that_come_twice_are_numbered():
    assert list(unique(["a", "A", "a", "b"])) == ["a", "A~2", "a~3", "b"]
    assert case_id([]) == "base"
