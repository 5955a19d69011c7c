"""Writes the page that shows the notebook-like example with what it prints and draws.

`docs/plan-a-site.md` is made from `examples/plan_a_site.py`: its texts, its code, the output of
each cell and, below it, the figures that the cell saves. Run it from the project's root:
``python docs/make_example.py``; a test keeps the page in step. With ``--figures`` it also draws
the figures again.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "plan_a_site.py"
PAGE = ROOT / "docs" / "plan-a-site.md"
IMAGES = ROOT / "docs" / "images" / "plan_a_site"
CELL = re.compile(r"^# %%(?: \[(\w+)\])?\n", re.MULTILINE)
SAVED = re.compile(r"savefig\(figures / \"(\w+)\.png\"\)")
FROM = """Made from [examples/plan_a_site.py](../examples/plan_a_site.py), whose cells run in an
editor, in Jupyter, or as a script: `python examples/plan_a_site.py [FOLDER of figures]`."""


class Cell(NamedTuple):
    """A cell of a notebook-like program."""

    is_text: bool
    content: str
    """Markdown without its comment signs, or code."""


def cells(program: str) -> list[Cell]:
    """Return the cells of a program in order."""
    parts = CELL.split(program)[1:]
    found = []
    for kind, content in zip(parts[::2], parts[1::2], strict=True):
        is_text = kind == "markdown"
        text = re.sub(r"^# ?", "", content, flags=re.MULTILINE) if is_text else content
        found.append(Cell(is_text, text.strip()))
    return found


def outputs(program: str, folder: Path) -> Iterator[str]:
    """Run the code of a program cell by cell, and yield what each cell prints.

    Parameters
    ----------
    program : str
    folder : Path
        Folder for its figures.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    with mock.patch.object(sys, "argv", [str(EXAMPLE), str(folder)]):
        for cell in cells(program):
            printed = io.StringIO()
            if not cell.is_text:
                with contextlib.redirect_stdout(printed):
                    exec(compile(cell.content, str(EXAMPLE), "exec"), names)
            lines = printed.getvalue().rstrip().splitlines()
            yield "\n".join(line.rstrip() for line in lines)


def page(folder: Path) -> str:
    """Return the text of the page; the figures go to `folder`."""
    program = EXAMPLE.read_text(encoding="utf-8")
    parts = []
    for cell, printed in zip(cells(program), outputs(program, folder), strict=True):
        parts.append(cell.content if cell.is_text else f"```py\n{cell.content}\n```")
        if printed:
            parts.append(f"```text\n{printed}\n```")
        parts += [
            f"![{name.replace('_', ' ')}](images/{IMAGES.name}/{name}.png)"
            for name in SAVED.findall(cell.content)
        ]
    return "\n\n".join([parts[0], FROM, *parts[1:]]) + "\n"


def main() -> None:
    """Write the page, and with ``--figures`` the figures."""
    with tempfile.TemporaryDirectory() as folder:
        draws = "--figures" in sys.argv
        if draws:
            IMAGES.mkdir(exist_ok=True)
        PAGE.write_text(page(IMAGES if draws else Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
