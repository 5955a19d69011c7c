"""Both readers of YAML give the same nodes, or the same refusal, for whatever text there is.

Six thousand texts by default, two hundred thousand with ``--long-faults``. Texts are pieces strung
together, documents that are drawn key by key, and sections of shipped files, most of them with a
fault or two.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.text import document, events
from dcsim.scenario.text.document import Node, parse, read_text

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(
    path
    for folder in ("scenarios", "examples", "tests/data")
    for path in (ROOT / folder).rglob("*.yaml")
)
SECTIONS = sorted(
    {
        section
        for path in SHIPPED
        for section in re.split(r"\n(?=[\w#])", path.read_text("utf-8"))
        if len(section) < 800 and not section.startswith("#")
    }
)
"""Keys on the top of shipped files, each with all that is below it."""

PIECES = (
    "a", "b", "name", "1", "1e6", "-1.5 kW", "x y", "~", "null", "true", "no", ".5", "=", "<<",
    "<<: ", ": ", ": ", ": ", ":", ":\n", "- ", "- ", "-", "-\n", "? ", "?", ",", ", ", "[", "]",
    "{", "}", "{}", "[]", "{a: ", "[a, ", " #", " # c\n", "#", "\n", "\n", "\n  ", "\n    ", "\n ",
    " ", "  ", "\t", "'", '"', "''", '""', "'x'", '"y"', "'x: y'", '"x # y"', "|", ">", "|-\n",
    ">2\n", "|\n  ", ">\n    ", "&x ", "*x", "!", "! ", "!!int ", "!t ", "%", "%YAML 1.2\n---\n",
    "%T\n", "@", "`", "---", "---\n", "\n---\n", "...", "\n...\n", "\r", "\r\n", "\x85", "\u2028",
    "\u2029", "\ufeff", "\x00", "\x07", "\x7f", "\ud83d", "\\", "\\/", "\\n", "\\\n", "\\x41",
    "\\u00e9", "\\U0001F50B", "\\U00110000", "\\ud83d", "\\ ", "\\_", "\\N", "\\0", "\u202e", "é",
    "울산", "🔋", "\xa0", "https://a.b/c?d=e#f", "10:30", ":a", "a:", "-a", "?a", ",a", "a,b",
    "a#b", "a:b", "::", "--", "(", ")", "/", "+", "$", "^", "\n\n", "\n \n",
)  # fmt: skip
STARTS = (
    "", "", "a: ", "a:\n  ", "- ", "a: [", "a: {", "a: '", 'a: "', "a: |\n", "a: b\n", "---\n",
)  # fmt: skip
ENDS = ("", "", "\n", "]", "}", "]}\n", "'", '"')
SCALARS = (
    "a", "b c", "1", "1.5 kW", "2027-01-01", "10:30", "'q'", '"d"', "'it''s'", '"x\\ny"', '"\\/"',
    "a#b", "a:b", "-1", "true", "~", "1e3", "''", "울산", "https://a.b/c?d#e", "a/b (c)", "'x: y'",
    '"x # y"', "--",
)  # fmt: skip
ODD_SCALARS = (
    "a # c", "-", "---", "...", "..", "", "[x", "y}", "!t", "! a", "&a b", "*b", "@q", "`r", "%s",
    "'a", "? b", "?b", ":", ": b", "::", "a:", "a, b", "#", "=", "<<", "'<<'", "\\", "'a'b",
    "'x' y", '"\\x7f"', '"\\q"', '"a\\\n  b"', "'a\n\n  b'", "a\n  b", "a\n   # c\n  b", "a\nb",
    "9007199254740993", "1e999", ".inf", "x" * 1030, '"' + "\\x61" * 190 + '"',
    '"' + "\\x61" * 256 + '"', "[a]", "{a: b}",
)  # fmt: skip
BLOCK_STARTS = ("|", ">", "|-", ">+", "|2", ">2-")
ODD_BLOCK_STARTS = ("|-4", "|0", ">+-", "|12", ">x", "| ", "> # c", "|#c", "|\n", ">-\n ")
BLOCK_LINES = (
    "text", "  more", "", " ", "    ", "# c", "- x", "a: b", "'", "\\", "---", "...", "%x", "a  ",
    " a",
)  # fmt: skip


def rarely(rng: random.Random, usual: tuple[str, ...], odd: tuple[str, ...], n: int = 50) -> str:
    """Draw one that is usual, or once in `n` times an odd one: most of a text must be sound."""
    return rng.choice(odd if rng.randrange(n) == 0 else usual)


def of_pieces(rng: random.Random) -> str:
    middle = "".join(rng.choice(PIECES) for _ in range(rng.choice((2, 4, 7, 12, 20))))
    return rng.choice(STARTS) + middle + rng.choice(ENDS)


def scalar(rng: random.Random) -> str:
    return rarely(rng, SCALARS, ODD_SCALARS)


def key_of(rng: random.Random, number: int) -> str:
    return rarely(rng, (f"k{number}", f"k k{number}", f"'q{number}'", f'"d{number}"'), ODD_SCALARS)


def flow(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.4:
        return scalar(rng)

    def space() -> str:
        return rarely(rng, ("", " ", "  "), ("\n", "\n  ", " # c\n", "\t", "#"))

    n, comma = rng.randrange(4), rarely(rng, (",",), (",,", "", "\n,"))
    items = [space() + flow(rng, depth - 1) + space() for _ in range(n)]
    last = comma if n and rng.random() < 0.2 else ""
    if rng.random() < 0.5:
        return f"[{comma.join(items)}{last}{rarely(rng, (']',), ('', '}'))}"
    colon = rarely(rng, (": ",), (":", " : ", ""))
    pairs = [space() + key_of(rng, i) + colon + item for i, item in enumerate(items)]
    return f"{{{comma.join(pairs)}{last}{rarely(rng, ('}',), ('', ']'))}"


def text_block(rng: random.Random, indent: int) -> str:
    text = rarely(rng, BLOCK_STARTS, ODD_BLOCK_STARTS) + "\n"
    for _ in range(rng.randrange(5)):
        more = int(rarely(rng, ("2",), ("0", "1", "3", "4"), 8))
        text += " " * (indent + more) + rng.choice(BLOCK_LINES) + "\n"
    return text


def block(rng: random.Random, depth: int, indent: int) -> str:
    """Draw what stands after a colon or a dash, to the end of its last line."""
    if depth == 0:
        if rng.random() < 0.25:
            return text_block(rng, indent)
        return flow(rng, 3) + rarely(rng, ("", " # c"), ("  ", " #", "#x", "\t")) + "\n"
    text, step = rarely(rng, ("\n",), ("\n\n", " # c\n", " ", "\t\n")), rng.choice((1, 2, 2, 2, 4))
    dashes = rng.random() < (0.3 if indent >= 0 else 0.03)
    for i_item in range(rng.randrange(1, 4)):
        text += rarely(rng, ("",), ("\n", "# c\n", "   # c\n"), 10)
        text += " " * max(0, indent + step + int(rarely(rng, ("0",), ("1", "-1"), 50)))
        if dashes:
            text += rarely(rng, ("- ",), ("-  ", "-", "-\t", "-\n"))
        else:
            colon = rarely(rng, (": ",), (":", " : ", ":\n", "", "::", ": &a ", ": !t "))
            text += key_of(rng, i_item) + colon
        text += block(rng, rng.randrange(depth), indent + step)
    return text


def of_keys(rng: random.Random) -> str:
    start = rarely(rng, ("", "", "# c\n", "---\n"), ("--- ", "%YAML 1.2\n---\n", "%T x\n---\n"))
    return start + block(rng, rng.choice((1, 2, 3)), -4).lstrip("\n ")


def of_shipped(rng: random.Random) -> str:
    return rng.choice(SECTIONS) + "\n"


def edited(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        gone = rng.choice((0, 0, 1, 1, 2, 6))
        copied = rng.randrange(len(text) + 1)
        new = rng.choice((rng.choice(PIECES), "", text[copied : copied + rng.choice((1, 5, 30))]))
        text = text[:at] + new + text[at + gone :]
    return text


DRAWN: dict[str, Callable[[random.Random], str]] = {
    "pieces": of_pieces,
    "keys": of_keys,
    "keys with faults": lambda rng: edited(of_keys(rng), rng),
    "shipped with faults": lambda rng: edited(of_shipped(rng), rng),
}


def facts(node: Node) -> Any:
    """Return a node as plain data that tells types and places apart."""
    value: Any = node.value
    if isinstance(value, dict):
        value = [(key, facts(child)) for key, child in value.items()]
    elif isinstance(value, list):
        value = [facts(child) for child in value]
    return type(node.value).__name__, repr(value), node.where


def reading(text: str) -> Any:
    try:
        return facts(parse(text, "plan.yaml"))
    except ScenarioError as error:
        return str(error)


def by_both(text: str) -> tuple[Any, Any, bool]:
    """Return what is read where libyaml is, and where it is not, and whether libyaml read it."""
    asked = []

    def pure(given: str) -> Any:
        asked.append(given)
        return events.ruamel_events(given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "ruamel_events", pure)
        usual, fast = reading(text), not asked
        if not fast and not events.is_alike(text):
            return usual, usual, False  # the same reader again
        patch.setattr(events, "_LIBYAML", None)
        return usual, reading(text), fast


def smallest(text: str) -> str:
    """Return text that is still read in two ways, with all left out that is not needed for it."""
    size = len(text) // 2
    while size:
        for at in range(0, len(text), size):
            shorter = text[:at] + text[at + size :]
            usual, pure, _ = by_both(shorter)
            if usual != pure:
                text = shorter
                break
        else:
            size //= 2
    return text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_files_that_ship_are_read_alike(path):
    usual, pure, fast = by_both(read_text(path, path.name))
    assert usual == pure
    assert fast


def test_whatever_text_there_is_is_read_alike(long_faults):
    rng, n_texts = random.Random(1), 200_000 if long_faults else 6000
    counts: Counter[str] = Counter()
    for number in range(n_texts):
        kind = list(DRAWN)[number % len(DRAWN)]
        text = DRAWN[kind](rng)
        usual, pure, fast = by_both(text)
        assert usual == pure, f"text {number}, of {kind}; in short: {smallest(text)!a}"
        by = "libyaml" if fast else "ruamel.yaml"
        counts[f"read by {by}" if isinstance(usual, tuple) else "refused"] += 1
    print(f"\n{n_texts} texts: {dict(counts)}")
    # Text that is refused says little: enough of it must be sound, and some not for libyaml.
    assert counts["read by libyaml"] > n_texts / 5
    assert counts["read by ruamel.yaml"] > n_texts / 100
    assert counts["refused"] > n_texts / 4
