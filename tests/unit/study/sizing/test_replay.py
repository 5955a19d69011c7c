"""The figures of a replayed year, added up by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.study.sizing.replay import year_figures
from dcsim.study.sizing.year import sizing_year

STEPS = slice(0, 365 * 4)
STEP_H = 6.0


def import_cost(run) -> float:
    """100 USD for each MWh, and 5 USD a month for each kW of the highest import."""
    import_mw = run.flows.grid_import_mw[STEPS]
    month = run.timeline.calendar.month_index[STEPS]
    peaks_mw = [import_mw[month == one].max() for one in np.unique(month)]
    return float(100 * STEP_H * import_mw.sum() + 5000 * np.sum(peaks_mw))


def test_a_year_costs_its_import_and_its_peaks(priced_run):
    run = priced_run()
    figures = year_figures(run, sizing_year(run, 2030), {}, {})
    assert figures.cost == pytest.approx(import_cost(run))
    assert figures.unserved_mwh == 0.0


def test_sizes_are_paid_by_the_megawatt_and_the_megawatt_hour(priced_run):
    run = priced_run()
    sizing = sizing_year(run, 2030)
    sizes = {"solar.roof": 2.0}, {"batteries.box": (1.0, 4.0)}
    roof, box = sizing.plants["solar.roof"], sizing.stores["batteries.box"]
    paid = 2 * roof.cost_per_mw + box.cost_per_mw + 4 * box.cost_per_mwh
    assert year_figures(run, sizing, *sizes).cost == pytest.approx(import_cost(run) + paid)


def test_the_share_is_that_of_the_grid_and_of_the_sun(priced_run):
    run = priced_run()
    figures = year_figures(run, sizing_year(run, 2030), {}, {})
    load_mwh = STEP_H * run.load.facility_power_mw[STEPS].sum()
    import_mwh = STEP_H * run.flows.grid_import_mw[STEPS].sum()
    # All that is not imported is sun or comes out of a battery that the sun has filled.
    clean_mwh = 0.39 * import_mwh + (load_mwh - import_mwh)
    assert figures.cfe_frac == pytest.approx(clean_mwh / load_mwh, abs=0.01)
