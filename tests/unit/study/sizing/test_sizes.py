"""Sizes as tables, as a scenario, and as a scenario file."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import dcsim
from dcsim.cli.commands.size import size_lines
from dcsim.cli.main import main
from dcsim.errors import OutputError
from dcsim.study.sizing.sizes import layer_of

DAILY = {"step": "1 day", "grid.carbon_free": "30 %"}
PLANTS = ["solar.solar-1", "batteries.battery"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory, scenarios) -> Path:
    """A copy of the first site beside which files may be written."""
    folder = tmp_path_factory.mktemp("plans")
    shutil.copy(scenarios / "ulsan-103mw.yaml", folder)
    shutil.copytree(scenarios / "parts", folder / "parts")
    return folder / "ulsan-103mw.yaml"


@pytest.fixture(scope="module")
def sizes(plan):
    scenario = dcsim.load(plan, overrides=DAILY)
    return dcsim.size(scenario, cfe="60 %", year=2028, plants=PLANTS)


def test_each_size_is_a_row_before_and_after(sizes):
    rows = sizes.to_pandas()
    assert rows.index.tolist() == [
        ("solar.solar-1", "power"),
        ("batteries.battery", "power"),
        ("batteries.battery", "energy"),
    ]
    assert rows["unit"].tolist() == ["MW", "MW", "MWh"]
    assert rows["before"].tolist() == [100, 50, 200]
    assert (rows["found"] >= 0).all()


def test_figures_are_those_of_program_and_simulation(sizes):
    figures = sizes.figures.to_pandas()
    assert figures.loc["cfe_frac", "program"] == pytest.approx(0.6, abs=1e-6)
    assert figures.loc["cost", "unit"] == sizes.currency == "USD"
    assert figures.loc["cfe_frac", "simulated"] == sizes.simulated.cfe_frac


def test_a_simulation_that_costs_more_than_allowed_is_not_met(sizes):
    cost = sizes.simulated.cost
    within = dataclasses.replace(sizes, cfe_frac=None, cost_limit=cost)
    over = dataclasses.replace(within, cost_limit=0.9 * cost)
    assert within.is_met
    assert not over.is_met
    assert repr(over).endswith("; the simulation misses the goal>")
    assert "misses" not in repr(within)
    assert any("The simulation costs more than" in line for line in size_lines(over))
    assert not any("The simulation" in line for line in size_lines(within))


def test_the_scenario_has_the_sizes(sizes):
    assert sizes.scenario.overrides == (*sizes.original.overrides, *sizes.overrides)
    found = sizes.to_pandas()["found"]["solar.solar-1", "power"]
    assert sizes.scenario.site.solar[0].capacity_mw == pytest.approx(found, rel=1e-5)


def test_the_saved_file_is_the_same_scenario(sizes, plan):
    path = sizes.save(plan.with_name("sized.yaml"))
    assert path.read_text().startswith("extends: ulsan-103mw.yaml\n")
    assert dcsim.load(path).resolved == sizes.scenario.resolved
    with pytest.raises(OutputError, match=r"sized\.yaml: is there already; name a new file"):
        sizes.save(path)
    assert sorted(one.name for one in plan.parent.iterdir()) == [
        *("parts", "sized.yaml", "ulsan-103mw.yaml"),
    ]


def test_what_was_set_below_a_list_is_saved_too(plan):
    more = {**DAILY, "works.grid-103mw.slip": "6 months", "batteries.battery.cost.life": "9 years"}
    sizes = dcsim.size(dcsim.load(plan, overrides=more), year=2028, plants=PLANTS)
    path = sizes.save(plan.with_name("late.yaml"))
    assert dcsim.load(path).resolved == sizes.scenario.resolved


def test_what_no_layer_can_say_is_saved_whole(plan, tmp_path):
    without = {**DAILY, "wind": None}
    sizes = dcsim.size(dcsim.load(plan, overrides=without), year=2028, plants=PLANTS)
    path = sizes.save(plan.with_name("whole.yaml"))
    assert "extends" not in path.read_text()
    assert dcsim.load(path).resolved == sizes.scenario.resolved


def test_a_scenario_from_plain_data_is_saved_whole(plan):
    data = dcsim.load(plan, overrides=DAILY).resolved
    sizes = dcsim.size(dcsim.load(data, base=plan.parent), year=2028, plants=PLANTS)
    path = sizes.save(plan.with_name("data.yaml"))
    assert dcsim.load(path).resolved == sizes.scenario.resolved


def test_a_folder_that_is_not_there_is_made_and_a_file_is_none(sizes, tmp_path):
    assert sizes.save(tmp_path / "new" / "x.yaml").is_file()
    with pytest.raises(OutputError, match="is not a folder"):
        sizes.save(tmp_path / "new" / "x.yaml" / "y.yaml")


def test_the_command_prints_the_same_numbers(plan, sizes):
    words = ["size", str(plan), "--cfe", "60%", "--year", "2028", "--json"]
    words += [word for key, value in DAILY.items() for word in ("--set", f"{key}={value}")]
    words += [word for key in PLANTS for word in ("--plant", key)]
    printed = json.loads(CliRunner().invoke(main, words).stdout)
    assert printed["overrides"] == list(sizes.overrides)
    assert printed["plants_mw"] == {"solar.solar-1": sizes.table["found"][0]}
    battery = printed["batteries"]["batteries.battery"]
    assert battery == {"power_mw": sizes.table["found"][1], "energy_mwh": sizes.table["found"][2]}
    assert printed["simulated"] == sizes.simulated._asdict()


def test_it_reads_well_in_a_notebook(sizes):
    assert repr(sizes).startswith("<Sizes Ulsan first site, 2028: ")
    assert "solar.solar-1" in repr(sizes)
    page = sizes._repr_html_()
    assert "Figures of the year" in page
    assert "found" in page


def test_overrides_become_sections_shaped_as_the_scenario_is():
    resolved = {"works": [{"name": "bay", "slip": "0 months"}], "money": {"tax": 1}}
    layer = layer_of(["works.bay.slip=6 months", "money.tax=2", "works.bay.float=1 day"], resolved)
    assert layer == {
        "works": [{"name": "bay", "slip": "6 months", "float": "1 day"}],
        "money": {"tax": 2},
    }
