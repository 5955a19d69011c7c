from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

SHIPPED = sorted(path.stem for path in (Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_hour_of_every_shipped_scenario_balances(runs, name):
    hourly = runs(name).hourly
    generation_mw = sum(v for k, v in hourly.items() if k.endswith("_generation_mw"))
    supply_mw = (
        generation_mw
        + hourly["grid_import_mw"]
        + hourly["battery_discharge_mw"]
        + hourly["unserved_mw"]
    )
    demand_mw = (
        hourly["facility_power_mw"]
        + hourly["battery_charge_mw"]
        + hourly["grid_export_mw"]
        + hourly["curtailed_mw"]
    )
    np.testing.assert_allclose(supply_mw, demand_mw, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_flow_is_negative_and_the_limit_holds(runs, name):
    result = runs(name)
    for key, values in result.hourly.items():
        if key.endswith("_mw"):
            assert np.all(values >= 0), key
    limit_mw = result.hourly["energized_mw"]
    drawn = "facility_power_mw" if result.site.power.basis == "facility" else "it_power_mw"
    assert np.all(result.hourly[drawn] <= limit_mw + 1e-6)


@pytest.mark.parametrize("name", SHIPPED)
def test_gpu_days_close_to_the_gpu(runs, name):
    result = runs(name)
    calendar, moves = result.calendar, result.timeline.moves
    days = result.summary["gpu_days"]
    ordered = (calendar.n_minutes - moves.time_min) * moves.n_gpus * (moves.origin == -1)
    delivered = (calendar.n_minutes - moves.time_min) * moves.n_gpus * (moves.origin == 0)
    total = round(sum(days.values()) * 1440)
    lost = round(
        sum(v for k, v in days.items() if k not in ("online", "retired", "on_order")) * 1440
    )
    assert total == int(ordered.sum())
    assert round((days["online"] + days["retired"]) * 1440) == int(delivered.sum()) - lost


def test_the_same_scenario_gives_the_same_numbers_twice(runs):
    from dcsim.pipeline import simulate
    from dcsim.scenario.load import load

    path = Path(__file__).parents[2] / "scenarios" / "ulsan-103mw.yaml"
    assert simulate(load(path)).digest() == runs("ulsan-103mw").digest()


def test_another_replication_meets_other_random_numbers(runs):
    from dcsim.pipeline import simulate
    from dcsim.scenario.load import load

    path = Path(__file__).parents[2] / "scenarios" / "ulsan-103mw.yaml"
    scenario = load(path)
    one, again = simulate(scenario, 1), simulate(scenario, 1)
    assert one.digest() == again.digest()
    assert one.digest() != runs("ulsan-103mw").digest()
