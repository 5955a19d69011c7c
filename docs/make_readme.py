"""Writes the outputs that stand in the README anew, so that they are always real ones.

Run it from the project's root: ``python docs/make_readme.py``; a test keeps the README in step.
With ``--figure`` it also draws the README's own figures again, with ``--sure`` it runs the 500
replications of the large plan and draws theirs, which takes minutes.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

import dcsim
from dcsim.cli import main as dcsim_command
from dcsim.cli.commands.explain import explanation_lines
from dcsim.cli.commands.relief import relief_lines
from dcsim.cli.commands.run_confidence import confidence_lines
from dcsim.cli.commands.show import source_lines
from dcsim.cli.output.report import report_lines
from dcsim.plots import figure_files
from dcsim.results.result import Result
from dcsim.study.attribution.explanation import Explanation
from dcsim.study.run.confidence import replicate_dates, with_confidence

ROOT = Path(__file__).parent.parent
PLAN = "scenarios/ulsan-103mw.yaml"
BEFORE, AFTER = "scenarios/ulsan.yaml", "scenarios/ulsan-gb300.yaml"
METRIC = "gpus_online_2030"
CHECKED = "scenarios/ulsan-rubin.yaml"
SURE = "dcsim run scenarios/ulsan.yaml --replications 500"
WRONG = """name: Wrong
extends: ulsan-103mw.yaml
power: {design_pue: 0.9}
products:
  - {name: server, power: 1.85 MW, rack_sise: 72 GPU}
orders:
  - {name: first, product: sever}
"""


def confident(result: Result) -> Result:
    """Return the run of the first site with the confidence of its milestones."""
    return with_confidence(result, replicate_dates(dcsim.load(ROOT / PLAN)))


def run_block(result: Result) -> str:
    """Return what `dcsim run` prints of the first site."""
    told = confident(result)
    lines = [*report_lines(told, 100), *confidence_lines(dcsim.load(ROOT / PLAN), told, 100)]
    return f"$ dcsim run {PLAN} --plots\n" + "\n".join(lines).rstrip()


def relief_block(_: Result) -> str:
    """Return what `dcsim relief` prints."""
    scenario = dcsim.load(ROOT / PLAN)
    return f"$ dcsim relief {PLAN}\n" + "\n".join(relief_lines(dcsim.relief(scenario), 90))


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


@functools.cache
def explained() -> Explanation:
    """Return what the GB300 plan changes, and because of what."""
    before, after = (dcsim.load(ROOT / name) for name in (BEFORE, AFTER))
    return dcsim.explain(before, after, METRIC)


def explain_block(_: Result) -> str:
    """Return what `dcsim explain` prints of two plans."""
    lines = explanation_lines(explained(), 90)
    return f"$ dcsim explain {BEFORE} {AFTER} --metric {METRIC}\n" + "\n".join(lines)


def check_block(_: Result) -> str:
    """Return what `dcsim check` prints of a plan with infeasible milestones."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["check", CHECKED, "--store", f"{folder}/store"]
        done = CliRunner().invoke(dcsim_command, words)
    assert done.exit_code == 1, done.output
    return f"$ dcsim check {CHECKED}\n" + done.stdout.rstrip()


BLOCKS: dict[str, Callable[[Result], str]] = {
    "run": run_block,
    "relief": relief_block,
    "show": show_block,
    "error": error_block,
    "explain": explain_block,
    "check": check_block,
}


def sure_block() -> str:
    """Run the large plan many times, draw its bands, and return what the command prints."""
    images = ROOT / "docs" / "images"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "dcsim", *SURE.split()[1:], "--plots"]
        command += ["--workers", str(os.cpu_count() or 1), "--out", f"{folder}/out"]
        command += ["--store", f"{folder}/store"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        for name in ("bands_gpus_online.png", "milestones.png"):
            (images / name).write_bytes(Path(folder, "out", name).read_bytes())
    return f"$ {SURE}\n" + done.stdout[: done.stdout.index("Replay the run")].rstrip()


def replaced(text: str, name: str, content: str) -> str:
    """Return the README with one of its outputs made anew."""
    pattern = rf"(<!-- {name} -->\n```text\n).*?(\n```\n)"
    text, n = re.subn(pattern, lambda m: m[1] + content + m[2], text, flags=re.DOTALL)
    assert n == 1, f"the README has no place for {name}"
    return text


def filled(text: str, result: Result) -> str:
    """Return the README with its outputs made anew."""
    for name, block in BLOCKS.items():
        text = replaced(text, name, block(result))
    return text


if __name__ == "__main__":
    outcome = dcsim.simulate(dcsim.load(ROOT / PLAN))
    page = ROOT / "README.md"
    content = filled(page.read_text(encoding="utf-8"), outcome)
    if "--sure" in sys.argv:
        content = replaced(content, "sure", sure_block())
    page.write_text(content, encoding="utf-8")
    if "--figure" in sys.argv:
        figures = dcsim.plots.save_figures(confident(outcome), formats=("png",))
        (ROOT / "docs" / "images" / "capacity_curve.png").write_bytes(figures["capacity_curve.png"])
        axes = dcsim.plots.waterfall(explained())
        (content_of_figure,) = figure_files("explain", axes, ("png",)).values()
        (ROOT / "docs" / "images" / "explain.png").write_bytes(content_of_figure)
