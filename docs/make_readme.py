"""Writes the outputs that stand in the README anew, so that they are always real ones.

Run it from the project's root: ``python docs/make_readme.py``; a test keeps the README in step.
With ``--figure`` it also draws the README's figure again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import dcsim
from dcsim.cli.relief import relief_lines
from dcsim.cli.report import report_lines
from dcsim.cli.show import source_lines
from dcsim.result import Result

ROOT = Path(__file__).parent.parent
PLAN = "scenarios/ulsan-103mw.yaml"
WRONG = """name: Wrong
extends: ulsan-103mw.yaml
power: {design_pue: 0.9}
products:
  - {name: server, power: 1.85 MW, rack_sise: 72 GPU}
orders:
  - {name: first, product: sever}
"""


def run_block(result: Result) -> str:
    """Return what `dcsim run` prints of the first site."""
    return f"$ dcsim run {PLAN} --plots\n" + "\n".join(report_lines(result, 100)).rstrip()


def relief_block(_: Result) -> str:
    """Return what `dcsim relief` prints."""
    scenario = dcsim.load(ROOT / PLAN)
    return f"$ dcsim relief {PLAN}\n" + "\n".join(relief_lines(scenario))


def show_block(_: Result) -> str:
    """Return what `dcsim show` prints of one product."""
    key = "products.server"
    scenario = dcsim.load(ROOT / PLAN)
    lines = source_lines(scenario, key, origin=False, sources=True)
    return f"$ dcsim show {PLAN} {key} --sources\n" + "\n".join(lines)


def error_block(_: Result) -> str:
    """Return the answer to a wrong file."""
    path = ROOT / "scenarios" / "wrong.yaml"
    path.write_text(WRONG, encoding="utf-8")
    try:
        dcsim.load(path)
    except dcsim.ScenarioError as error:
        return re.sub(r"\S*scenarios/", "scenarios/", str(error))
    finally:
        path.unlink()
    raise AssertionError("the wrong scenario was taken for a right one")


BLOCKS: dict[str, Callable[[Result], str]] = {
    "run": run_block,
    "relief": relief_block,
    "show": show_block,
    "error": error_block,
}


def filled(text: str, result: Result) -> str:
    """Return the README with its outputs made anew."""
    for name, block in BLOCKS.items():
        pattern = rf"(<!-- {name} -->\n```text\n).*?(\n```\n)"
        content = block(result)
        text, n = re.subn(pattern, lambda m, c=content: m[1] + c + m[2], text, flags=re.DOTALL)
        assert n == 1, f"the README has no place for {name}"
    return text


if __name__ == "__main__":
    outcome = dcsim.simulate(dcsim.load(ROOT / PLAN))
    page = ROOT / "README.md"
    page.write_text(filled(page.read_text(encoding="utf-8"), outcome), encoding="utf-8")
    if "--figure" in sys.argv:
        figures = dcsim.plots.save_figures(outcome, formats=("png",))
        (ROOT / "docs" / "images" / "capacity_curve.png").write_bytes(figures["capacity_curve.png"])
