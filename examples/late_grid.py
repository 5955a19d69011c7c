"""What a late grid step does to the date of 60,000 GPUs.

Run it from the project's root: ``python examples/late_grid.py``.
"""

from pathlib import Path

import dcsim

SCENARIO = Path(__file__).parent.parent / "scenarios" / "ulsan-103mw.yaml"


def main() -> None:
    print("Dates of one run at the medians; their confidence is not computed here")
    print(f"{'slip of the 103 MW step':<26}{'energized':<12}60,000 GPUs online")
    for months in (0, 6, 12):
        scenario = dcsim.load(SCENARIO, overrides=[f"works.grid-103mw.slip={months} months"])
        result = dcsim.simulate(scenario)
        dates = {(m["metric"], m["target"]): m["reached"] for m in result.milestones}
        energized = dates["energized_mw", 103.0]
        online = dates["gpus_online", 60000.0] or "never"
        print(f"{f'{months} months':<26}{energized:<12}{online}")


if __name__ == "__main__":
    main()
