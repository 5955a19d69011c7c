"""How many GPUs of each product end up online behind the same 103 MW, and what holds the rest.

Run it from the project's root: ``python examples/which_product.py``.
"""

from pathlib import Path

import dcsim

SCENARIOS = Path(__file__).parent.parent / "scenarios"


def main() -> None:
    print(f"{'scenario':<16}{'fit':>9}{'most online':>13}{'peak MW':>9}  last cause")
    for name in ("ulsan-103mw", "ulsan-h200", "ulsan-gb300", "ulsan-rubin"):
        summary = dcsim.simulate(dcsim.load(SCENARIOS / f"{name}.yaml")).summary
        at_full_build = next(q for q in summary["binding"] if q["quarter"] == "2030 Q1")
        print(
            f"{name:<16}{summary['gpus_fit']['gpus']['server']:>9,}"
            f"{summary['gpus_online_max']:>13,.0f}{summary['peak_facility_mw']:>9.1f}"
            f"  {at_full_build['cause']}"
        )


if __name__ == "__main__":
    main()
