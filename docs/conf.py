"""Sphinx settings: MyST Markdown that reads as well in a repository browser."""

from __future__ import annotations

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
myst_heading_anchors = 4
# Links that leave the folder, to scenarios and examples, are files of the repository.
suppress_warnings = ["myst.xref_missing"]
