"""What a pull request is told, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dcsim.cli.output.verdicts import totals
from dcsim.errors import cut, printable
from dcsim.study.checks.check import CheckResult
from dcsim.study.checks.gates import Verdict

MARKS = {"pass": "✅ pass", "fail": "❌ fail", "inconclusive": "❔ inconclusive"}
_SPECIAL = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]#!|~$@"})


def inert(text: str, most: int = 300) -> str:
    r"""Return text of a stranger as Markdown that is nothing but text.

    >>> inert("a|b <img> `x` @all")
    'a\\|b &lt;img&gt; \\`x\\` \\@all'
    """
    plain = printable(cut(text, most)).translate(_SPECIAL)
    return plain.replace("<", "&lt;").replace(">", "&gt;").replace("://", "&#58;//")


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table, cells as they are."""
    yield row(*heads)
    yield row(*("---" for _ in heads))
    yield from (row(*cells) for cells in rows)


def markdown(checked: Sequence[CheckResult]) -> str:
    """Return what was found, the worst first."""
    lines = ["## dcsim check", "", inert(totals(checked)), ""]
    for one in sorted(checked, key=lambda one: not (one.problems or one.fails)):
        lines += [f"### {inert(one.name)}", "", *of_scenario(one), ""]
    return "\n".join(lines)


def of_scenario(one: CheckResult) -> Iterator[str]:
    """Yield the gates of a scenario as a table, and what was found before any run."""
    for problem in one.problems:
        yield f"- ❌ {inert(str(problem), 600)}"
    for lost in one.infeasible:
        yield (
            f"- ❌ **{inert(lost.milestone)} cannot be kept**, whatever happens: "
            f"{inert(lost.reason)} ({inert(lost.where)}, {inert(lost.key)})"
        )
    if one.verdicts:
        order = {"fail": 0, "inconclusive": 1, "pass": 2}
        ranked = sorted(one.verdicts, key=lambda verdict: order[verdict.outcome])
        yield ""
        yield from table(("", "gate", "expected", "found"), [_gate(v) for v in ranked])
    elif not (one.problems or one.infeasible):
        yield "Sound; it has no gates."


def _gate(verdict: Verdict) -> tuple[str, ...]:
    found = inert(verdict.found)
    if verdict.needed is not None:
        found += f"; {verdict.needed:,} replications would settle it"
    if verdict.because:
        found += f"; **because of {inert(verdict.because)}**"
    return MARKS[verdict.outcome], inert(verdict.gate), inert(verdict.expected), found
