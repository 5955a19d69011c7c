"""Verdicts as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dcsim.errors import cut, printable

if TYPE_CHECKING:
    from dcsim.study.checks.check import CheckResult
    from dcsim.study.checks.gates import Verdict


MARKS = {
    "fail": "❌ fail",
    "known": "⚠️ failed before as well",
    "inconclusive": "❔ inconclusive",
    "pass": "✅ pass",
}
"""Mark of each outcome, in the order in which they are listed."""
_MARKDOWN_SPECIAL = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]#!|~$@"})


def inert(text: str, most: int = 300) -> str:
    r"""Return untrusted text as Markdown that is nothing but text.

    >>> inert("a|b <img> `x` @all")
    'a\\|b &lt;img&gt; \\`x\\` \\@all'
    """
    plain = printable(cut(text, most)).translate(_MARKDOWN_SPECIAL)
    return plain.replace("<", "&lt;").replace(">", "&gt;").replace("://", "&#58;//")


def markdown_row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table, cells as they are."""
    yield markdown_row(*heads)
    yield markdown_row(*("---" for _ in heads))
    yield from (markdown_row(*cells) for cells in rows)


def markdown_summary(checked: Sequence[CheckResult]) -> str:
    """Return all verdicts, the scenarios that fail first."""
    from dcsim.study.checks.gate_check import totals_line  # noqa: PLC0415  (--help does without)

    lines = ["## dcsim check", "", inert(totals_line(checked)), ""]
    for one in sorted(checked, key=lambda one: not (one.problems or one.fails)):
        lines += [f"### {inert(one.name)}", "", *scenario_section(one), ""]
    return "\n".join(lines)


def scenario_section(one: CheckResult) -> Iterator[str]:
    """Yield the gates of a scenario as a table, after its problems and infeasible milestones."""
    for problem in one.problems:
        yield f"- ❌ {inert(str(problem), 600)}"
    for lost in one.infeasible:
        mark, known = ("⚠️", ", as before") if lost.is_known else ("❌", "")
        yield (
            f"- {mark} **{inert(lost.milestone)} is infeasible{known}**: "
            f"{inert(lost.reason)} ({inert(lost.where)}, {inert(lost.key)})"
        )
    if one.verdicts:
        order = list(MARKS)
        ranked = sorted(one.verdicts, key=lambda verdict: order.index(_mark_of(verdict)))
        yield ""
        yield from markdown_table(
            ("", "gate", "expected", "found"), [_verdict_cells(v) for v in ranked]
        )
    if one.notes:
        yield ""
        yield from (f"- ℹ️ {inert(note)}" for note in one.notes)
    if one.unjudged:
        yield ""
        yield from (f"- ➖ {inert(milestone.text)}" for milestone in one.unjudged)
    if remark := one.nothing_judged:
        yield ""
        yield f"{inert(remark).capitalize()}."


def _mark_of(verdict: Verdict) -> str:
    return "known" if verdict.is_known else verdict.outcome


def _verdict_cells(verdict: Verdict) -> tuple[str, ...]:
    found = inert(verdict.found)
    if verdict.needed is not None:
        found += f"; {verdict.needed:,} replications would settle it"
    if verdict.because:
        found += f"; **because of {inert(verdict.because)}**"
    if verdict.is_known:
        found += f"; before {inert(verdict.before)}"
    return MARKS[_mark_of(verdict)], inert(verdict.gate), inert(verdict.expected), found
