"""Sphinx settings: MyST Markdown that reads as well in a repository browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

project = "dcsim"
author = "The dcsim developers"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "Capacity planning for AI data centers",
    "page_width": "1100px",
}
myst_heading_anchors = 3
# Links that leave the folder, to scenarios and examples, are files of the repository.
suppress_warnings = ["myst.xref_missing"]


def fill_tables(_app: Any, _page: str, source: list[str]) -> None:
    """Fill the tables of a page that are made from the code."""
    from make_reference import with_tables  # noqa: PLC0415  (dcsim is needed to build, not to read)

    source[0] = with_tables(source[0])


def setup(app: Any) -> None:
    """Have each page filled when it is read."""
    app.connect("source-read", fill_tables)
