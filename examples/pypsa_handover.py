"""Hand a year of a site to PyPSA and compare its optimum with what dcsim dispatched.

python examples/pypsa_handover.py [DAYS after 1 August 2027, when work begins]
Needs PyPSA: pip install 'dcsim[pypsa]'. Import and curtailment agree: without charge from the grid
self-consumption needs the least import there can be.
"""

import datetime
import logging
import sys
import tempfile
import warnings
from pathlib import Path

import dcsim

SITE = Path(__file__).parents[1] / "scenarios" / "minimal.yaml"
PLANTS = (
    "solar=[{name: field, capacity: 9 MW, delivery: onsite}]",
    "batteries=[{name: store, power: 3 MW, energy: 12 MWh, round_trip: 90 %}]",
)


def main(days: int = 365) -> tuple[dict[str, float], dict[str, float]]:
    import pypsa  # noqa: PLC0415  (the example can be read without it)

    end = datetime.date(2027, 8, 1) + datetime.timedelta(days=days)
    span = ("start=2027-01-01", f"end={end}")
    result = dcsim.simulate(dcsim.load(SITE, overrides=(*PLANTS, *span)))
    ours = {
        "import": float(result.hourly["grid_import_mw"].sum()),
        "curtailed": float(result.hourly["curtailed_mw"].sum()),
    }
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        dcsim.export(result, f"{folder}/site", format="pypsa")
        network = pypsa.Network()
        network.import_from_csv_folder(f"{folder}/site")
        network.optimize(solver_name="highs", log_to_console=False)
        made = network.generators_t.p
        able = network.generators_t.p_max_pu["solar"] * network.generators.p_nom["solar"]
        theirs = {
            "import": float(made["grid"].sum()),
            "curtailed": float((able - made["solar"]).sum()),
        }
        logging.disable(logging.NOTSET)
    print(f"{'MWh':<12}{'dcsim':>14}{'PyPSA':>14}")
    for key, value in ours.items():
        print(f"{key:<12}{value:>14,.1f}{theirs[key]:>14,.1f}")
    return ours, theirs


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
