"""Proof that the tests notice: operators are swapped one at a time, and tests must fail.

``python tests/swapped_operators.py --seed 1 --n 100`` picks operators of the five stages at random,
swaps each in a copy of the package (``+`` and ``-``, ``*`` and ``/``, ``<`` and ``<=``, ``>`` and
``>=``, ``==`` and ``!=``, ``and`` and ``or``), and runs the tests of the stage until one fails. It
prints what was not noticed, and fails where fewer than 95 of 100 were. A swap that changes nothing
a caller could see is named in ``tests/equivalent_swaps.txt`` with its reason, and left out.
``--only 'dcsim/supply/steering.py:41:12'`` repeats one. Takes about an hour on two cores.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENT = ROOT / "tests" / "equivalent_swaps.txt"
STAGES = ("ramp", "weather", "power", "supply", "accounts")
SHARE = 0.95
"""Least share of swaps that must be noticed."""
LIMIT_S = 900.0
"""A swap that makes a loop endless is noticed by this."""
SWAPS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}


@dataclass(frozen=True)
class Swap:
    """One operator of the package and what stands in its place."""

    path: str
    line: int
    column: int
    old: str
    new: str
    text: str
    """The line as it is."""

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def name(self) -> str:
        """What the swap is called in the list of equivalent ones: lines move, their text stays."""
        return f"{self.path} | {self.text.strip()} | {self.old} {self.new}"

    def made(self, source: str) -> str:
        """Return a text of the module with the operator swapped."""
        lines = source.splitlines(keepends=True)
        line = lines[self.line - 1].encode()
        assert line[self.column :].startswith(self.old.encode()), self
        swapped = line[: self.column] + self.new.encode() + line[self.column + len(self.old) :]
        lines[self.line - 1] = swapped.decode()
        return "".join(lines)


def swaps_of(path: Path) -> Iterator[Swap]:
    """Find the operators of a module, outside annotations and asserted messages."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    skipped = set(_annotations(tree))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        for operator, left, right in _operators(node):
            if type(operator) not in SWAPS:
                continue
            old, new = SWAPS[type(operator)]
            place = _between(lines, left, right, old)
            if place:
                yield Swap(
                    str(path.relative_to(ROOT)), *place, old, new, lines[place[0] - 1].rstrip()
                )


def _annotations(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            part = getattr(node, name, None)
            if part is not None:
                yield from (id(inner) for inner in ast.walk(part))


def _operators(node: ast.AST) -> Iterator[tuple[ast.AST, ast.expr, ast.expr]]:
    if isinstance(node, ast.BinOp):
        yield node.op, node.left, node.right
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        yield from zip(node.ops, sides, sides[1:], strict=False)
    elif isinstance(node, ast.BoolOp):
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield node.op, left, right


def _between(lines: list[str], left: ast.expr, right: ast.expr, old: str) -> tuple[int, int] | None:
    """Return line and column (in bytes) of an operator between its two sides."""
    assert left.end_lineno is not None
    assert left.end_col_offset is not None
    for number in range(left.end_lineno, right.lineno + 1):
        line = lines[number - 1].encode()
        first = left.end_col_offset if number == left.end_lineno else 0
        last = right.col_offset if number == right.lineno else len(line)
        found = line[first:last].split(b"#")[0].find(old.encode())
        if found >= 0:
            return number, first + found
    return None


def tests_of(swap: Swap, folder: Path) -> Iterator[list[str]]:
    """Return the tests that may notice a swap, the nearest first."""
    _, stage, *rooms, module = swap.path.split("/")
    near = folder / "tests" / "unit" / stage / Path(*rooms) / f"test_{module}"
    if near.exists():
        yield [str(near)]
    yield [f"tests/unit/{stage}", f"dcsim/{stage}"]
    yield ["tests/property", "tests/regression", "tests/validation", "tests/contract"]


def noticed(swap: Swap) -> bool:
    """Tell whether a test fails once an operator is swapped, in a copy of the package."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copytree(ROOT / "dcsim", folder / "dcsim", ignore=_compiled)
        for name in ("tests", "scenarios", "studies", "examples", "docs", "pyproject.toml"):
            (folder / name).symlink_to(ROOT / name)
        path = folder / swap.path
        path.write_text(swap.made(path.read_text(encoding="utf-8")), encoding="utf-8")
        env = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(folder / ".numba")}
        for tests in tests_of(swap, folder):
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", *tests]
            try:
                done = subprocess.run(
                    command, cwd=folder, env=env, capture_output=True, check=False, timeout=LIMIT_S
                )
            except subprocess.TimeoutExpired:
                return True
            if done.returncode not in (0, 5):  # 5: no test of that name
                return True
    return False


def _compiled(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__"]


def equivalent() -> set[str]:
    """Return the names of swaps that change nothing, from the list with their reasons."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    return {line.partition(" -- ")[0].strip() for line in lines if line and line[0] != "#"}


def main() -> int:
    """Swap, count and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", help="one swap, as FILE:LINE:COLUMN")
    asked = parser.parse_args()
    named = equivalent()
    every = [
        swap
        for stage in STAGES
        for path in sorted((ROOT / "dcsim" / stage).rglob("*.py"))
        for swap in swaps_of(path)
        if swap.name not in named
    ]
    chosen = random.Random(asked.seed).sample(every, min(asked.n, len(every)))
    if asked.only:
        chosen = [swap for swap in every if swap.place == asked.only]
    print(f"seed {asked.seed}: {len(chosen)} of {len(every)} operators", flush=True)
    began, missed = time.monotonic(), []
    with ThreadPoolExecutor(asked.workers) as pool:
        for number, (swap, seen) in enumerate(
            zip(chosen, pool.map(noticed, chosen), strict=True), 1
        ):
            if not seen:
                missed.append(swap)
                print(f"not noticed: {swap.place}: {swap.name}", flush=True)
            elif number % 10 == 0:
                print(f"{number} done in {time.monotonic() - began:.0f} s", flush=True)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} noticed")
    return int(not chosen or len(chosen) - len(missed) < SHARE * len(chosen))


if __name__ == "__main__":
    sys.exit(main())
