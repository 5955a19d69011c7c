from __future__ import annotations

import pytest

from dcsim.scenario.checks.sources import unknown_sources
from dcsim.scenario.draws.values import evaluate
from dcsim.scenario.text.document import parse


def problems(text: str) -> list[str]:
    node = parse(text, "plan.yaml")
    return [str(problem) for problem in unknown_sources(node, evaluate(node, lambda _: 0.5))]


def test_a_source_that_is_there_may_be_cited() -> None:
    text = "sources: {a: {title: A}, b: {title: B}}\nx: {value: 3, source: a b}\n"
    assert problems(text) == []


def test_a_source_that_is_missing_is_told_with_what_is_near() -> None:
    text = "sources: {report: {title: A}}\nx: {value: 3, source: repord}\n"
    near = "plan.yaml:2: x.source: repord is not in the sources block; did you mean report?"
    assert problems(text) == [near]
    assert problems("x: {value: 3, source: a}") == [
        "plan.yaml:1: x.source: a is not in the sources block"
    ]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("[]", "sources: must be a mapping of keys"),
        ("{a b: {title: A}}", "sources.a b: is not a name: use letters, digits, '.', '-' or '_'"),
        ("{a: text}", "sources.a: must be a mapping such as {title: "),
        ("{a: {title: [x]}}", "sources.a: title must be text or a number"),
    ],
)
def test_a_faulty_block_is_told(block: str, message: str) -> None:
    (told,) = problems(f"sources: {block}")
    assert told.startswith(f"plan.yaml:1: {message}")
