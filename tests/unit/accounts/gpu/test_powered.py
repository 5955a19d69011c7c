"""Load that nothing serves costs GPU-hours and rental: by hand, and through a scenario file."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.accounts.gpu.powered import powered_frac, working_gpus
from dcsim.cli.output.report import report_lines
from dcsim.pipeline import simulate
from dcsim.scenario.load import load

MONEY = (
    "money={currency: USD, price_year: 2027, discount_rate: 8 %, costs: {operator: x, "
    "rental_reference: 2.5, rental: {2027: 2 USD/GPU/h}}}"
)
SITE = [
    "end=2028-01-01",
    "grid.outages={rate: 100 1/year, repair: 10 h}",
    "products=[{name: server, power: 1.79 kW, server_size: 8 GPU, rack_size: 16 GPU, "
    "performance: 2.5 PFLOPS}]",
    MONEY,
]


@pytest.fixture(scope="module", params=["15 min", "1 h", "3 h"])
def runs(request):
    """The minimal site with a grid that is there always, and with one that fails."""
    step = f"step={request.param}"
    file = "scenarios/minimal.yaml"
    return [
        simulate(load(file, overrides=[*SITE, step, *more])) for more in (["grid.outages=null"], [])
    ]


def test_the_share_with_power_is_what_is_served_of_the_load(build):
    calendar = build.calendar("2030-01-01", "2030-01-02")
    asked = build.load(calendar, np.repeat([0.0, 8.0], 12), busy_gpus=np.full((2, 24), 50.0))
    flows = build.flows(calendar, unserved_mw=np.repeat([0.0, 2.0, 8.0], [12, 6, 6]))
    np.testing.assert_array_equal(powered_frac(asked, flows), np.repeat([1, 0.75, 0], [12, 6, 6]))
    np.testing.assert_array_equal(working_gpus(asked, flows)[1, 11::6], [50.0, 37.5, 0.0])


def test_load_that_is_not_served_costs_work_and_rental_and_improves_nothing(runs):
    sound, failing = (run.summary for run in runs)
    assert sound["unserved_mwh"] == sound["gpu_hours_unserved"] == sound["income_unserved_usd"] == 0
    assert failing["unserved_mwh"] > 1000
    assert failing["gpu_hours_online"] == sound["gpu_hours_online"]
    assert failing["income_usd"] < 0.95 * sound["income_usd"]
    assert failing["npv_usd"] < sound["npv_usd"]
    lost = failing["income_unserved_usd"]
    assert failing["income_usd"] + lost == pytest.approx(sound["income_usd"])
    lost_busy = sound["gpu_hours_busy"] - failing["gpu_hours_busy"]
    assert lost == pytest.approx(2.0 * lost_busy)
    assert failing["levelized_cost_usd_per_gpu_hour"] >= sound["levelized_cost_usd_per_gpu_hour"]


def test_summary_hours_and_ledger_agree_on_the_work_that_is_done(runs):
    for run in runs:
        summary, hourly, step_h = run.summary, run.hourly, run.calendar.step_h
        served = 1 - hourly["unserved_mw"] / np.maximum(hourly["facility_power_mw"], 1e-9)
        busy = hourly["gpus_busy_training"]
        assert summary["gpu_hours_busy"] == pytest.approx(busy.sum() * step_h)
        dark = (hourly["gpus_online_server"] * (1 - served)).sum() * step_h
        assert summary["gpu_hours_unserved"] == pytest.approx(dark)
        assert sum(run.ledger["quantity"]) == pytest.approx(summary["gpu_hours_busy"])
        assert summary["utilization_frac"] == pytest.approx(
            summary["gpu_hours_busy"] / summary["gpu_hours_online"]
        )
        assert sum(summary["yearly"]["gpu_hours_unserved"]) == pytest.approx(
            summary["gpu_hours_unserved"]
        )


def test_the_report_says_in_one_line_what_load_not_served_costs(runs):
    sound, failing = ("\n".join(report_lines(run, 120)) for run in runs)
    assert "Load not served costs" not in sound
    lost, money = failing.split("Load not served costs")[1].splitlines()[0].split(", ")
    hours = runs[1].figure("gpu_hours_unserved")
    assert lost.strip() == f"{hours:,.0f} GPU-hours without power"
    assert money == f"{runs[1].figure('income_unserved_usd') / 1e6:,.3f} mn USD of rental"
