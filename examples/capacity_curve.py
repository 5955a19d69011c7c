"""The capacity curve of the first Ulsan site, from Python.

Run it from the project's root: ``python examples/capacity_curve.py``; the figure goes to ``runs/``.
"""

from pathlib import Path

import dcsim
from dcsim.plots import capacity_curve

ROOT = Path(__file__).parent.parent


def main() -> None:
    scenario = dcsim.load(ROOT / "scenarios" / "ulsan-103mw.yaml")
    result = dcsim.simulate(scenario)
    print("Dates of one run at the medians; their confidence is not computed here:")
    for milestone in result.milestones:
        reached = milestone["reached"] or "never"
        print(f"{milestone['name']}: by {milestone['by']}, reached {reached}")
    axes = capacity_curve(result)
    out = ROOT / "runs"
    out.mkdir(exist_ok=True)
    axes.figure.savefig(out / "capacity_curve.png")


if __name__ == "__main__":
    main()
