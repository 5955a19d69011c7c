"""Writes the outputs that stand in the pages anew, so that they are always real ones.

A fence that follows another one after the line ``<!-- output -->`` holds what the first prints: a
command, Python code, or the answer to a scenario file that is wrong. What stands between
``<!-- summary of PROGRAM -->`` and ``<!-- end -->`` is what that program of `examples/` writes for
people to read. Run it from the project's root: ``python docs/make_outputs.py``; a test keeps the
pages in step.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

import dcsim
from dcsim.cli import main as dcsim_command

ROOT = Path(__file__).parent.parent
PAGES = (
    *("ci.md", "explain.md", "getting-started.md", "scenarios.md", "studies.md"),
    *("models/optimum.md", "models/outages.md"),
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
SUMMARY = re.compile(r"(<!-- summary of (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
MARK = "<!-- output -->"
WIDTH = "90"


class Fence(NamedTuple):
    """A block of a page, without what it is indented by."""

    language: str
    text: str
    start: int
    """Where its text begins in the page."""
    end: int
    is_output: bool
    """Whether it holds what the block before it prints."""


def fences(page: str) -> list[Fence]:
    """Return the blocks of a page in order."""
    found, before = [], 0
    for match in FENCE.finditer(page):
        indent, language, text = match[1], match[2], match[3]
        is_output = page[before : match.start()].strip() == MARK
        plain = re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        found.append(Fence(language, plain, match.start(3), match.end(3), is_output))
        before = match.end()
    return found


def command_output(line: str) -> str:
    """Return what a command prints, without the list of files it wrote."""
    program, *words = [word for word in shlex.split(line) if word != "--plots"]
    if program == "python":
        return program_output(words[0])[0]
    with tempfile.TemporaryDirectory() as folder:
        if words[0] == "run":
            words += ["--out", str(Path(folder) / "run")]
        if words[0] == "check":
            words += ["--store", str(Path(folder) / "store")]
        done = CliRunner().invoke(dcsim_command, words, env={"COLUMNS": WIDTH})
    # A check that fails is what some pages show.
    assert done.exit_code in ((0, 1) if words[0] == "check" else (0,)), done.output
    return done.stdout.partition("Written\n")[0].rstrip() + "\n"


@functools.cache
def program_output(path: str) -> tuple[str, str]:
    """Return what a program prints, and the summary it writes, its headings two levels lower."""
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.md"
        plain = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
        done = subprocess.run(
            [sys.executable, path, str(summary)],
            capture_output=True,
            text=True,
            check=False,
            env={**plain, "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 1, done.stderr
        text = summary.read_text(encoding="utf-8")
    return done.stdout.rstrip() + "\n", re.sub(r"^##", "####", text, flags=re.MULTILINE)


def python_output(text: str, names: dict[str, Any]) -> str:
    """Return what Python code prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, "<page>", "exec"), names)
    return out.getvalue().rstrip() + "\n"


def load_as_file(text: str) -> dcsim.Scenario:
    """Read a block whose first line names a file of `scenarios/`, as if it stood there."""
    name = text.partition("\n")[0].removeprefix("# scenarios/")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "scenarios"
        shutil.copytree(ROOT / "scenarios", place)
        (place / name).write_text(text, encoding="utf-8")
        return dcsim.load(place / name)


def answer(text: str) -> str:
    """Return what dcsim says of a wrong scenario file."""
    try:
        load_as_file(text)
    except dcsim.ScenarioError as error:
        return re.sub(r"\S*/scenarios/", "scenarios/", str(error)) + "\n"
    raise AssertionError(f"the file is sound:\n{text}")


def with_outputs(page: str) -> str:
    """Return a page with its outputs made anew."""
    parts, done = [], 0
    names: dict[str, Any] = {"__name__": "page"}
    blocks = fences(page)
    for block, output in itertools.pairwise(blocks):
        if not output.is_output:
            continue
        if block.language == "python":
            text = python_output(block.text, names)
        else:
            text = answer(block.text) if block.language == "yaml" else command_output(block.text)
        parts += [page[done : output.start], text]
        done = output.end
    text = "".join([*parts, page[done:]])
    return SUMMARY.sub(lambda match: match[1] + program_output(match[2])[1] + match[3], text)


def main() -> None:
    """Write all pages that hold outputs."""
    os.chdir(ROOT)
    for name in PAGES:
        path = ROOT / "docs" / name
        path.write_text(with_outputs(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
