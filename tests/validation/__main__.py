"""Prints the table of validation; with ``--write`` puts it into the documentation.

Run it from the project's root: ``python -m tests.validation [DATA] [--write]``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.validation.table import judged, markdown, sources

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "validation.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"


def main(arguments: list[str]) -> int:
    """Measure all cases; return 1 if one fails."""
    places = [argument for argument in arguments if argument != "--write"]
    usual = os.environ.get("DCSIM_SHARED_DATA", str(ROOT.parent / "shared" / "data"))
    found = judged(Path(places[0] if places else usual))
    passed = sum(case.passes(value) for case, value in found)
    lines = [f"{passed} of {len(found)} figures are met.", *markdown(found)]
    lines += ["", "## Where they come from", "", *sources(found)]
    text = "\n".join(lines) + "\n"
    if "--write" in arguments:
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        tail = rest.partition(END)[2]
        PAGE.write_text(f"{head}{BEGIN}{text}{END}{tail}", encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0 if passed == len(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
