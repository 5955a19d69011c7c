"""The exact text of what a user reads: a change here is a change of the interface."""

from __future__ import annotations

import pytest

from dcsim.errors import Problem, ScenarioError, printable
from dcsim.scenario.checks.messages import in_order
from dcsim.scenario.schema.assets.registry import KINDS

TOP = (
    "name, description, plugins, start, end, step, seed, latitude, longitude, "
    "elevation, time_zone, works, risks, crews, power, halls, products, orders, deployment, fleet, "
    "demand, expansion, weather, cooling, electrical, grid, "
    + "".join(f"{kind.section}, " for kind in KINDS)
    + "dispatch, "
    "money, milestones, expect, correlations"
)
CASES = {
    # Keys
    "unknown key, near one": (
        "racks: 400", "rack: 400",
        "plan.yaml:9: halls.hall.racks: is missing (rack positions)\n"
        "plan.yaml:9: halls.hall.rack: not a key of halls.hall; did you mean racks?",
    ),
    "unknown key, near none": (
        "carbon_free: 39 %", "carbon_free: 39 %, zzz: 1",
        "plan.yaml:26: grid.zzz: not a key of grid; "
        "allowed are outages, carbon, carbon_profile, carbon_free, export_limit",
    ),
    "unknown key at the top": (
        "latitude:", "qqq: 1\nlatitude:",
        f"plan.yaml:6: qqq: not a key of a scenario; allowed are {TOP}",
    ),
    "unknown key of one of several models": (
        "cooling: {model: fixed,", "cooling: {model: hybrid, air_fann: 1 %,",
        "plan.yaml:25: cooling.air_fan: is missing "
        "(fans and pumps of the air path, over its heat)\n"
        "plan.yaml:25: cooling.air_supply: is missing (supply water temperature of the air path)\n"
        "plan.yaml:25: cooling.liquid_pump: is missing "
        "(pumps and dry-cooler fans of the liquid path, over its heat)\n"
        "plan.yaml:25: cooling.liquid_supply: is missing "
        "(supply water temperature of the liquid path)\n"
        "plan.yaml:25: cooling.water_rise: is missing (rise of the water over the load)\n"
        "plan.yaml:25: cooling.approach: is missing "
        "(tower and heat exchanger together: coldest water over wet bulb)\n"
        "plan.yaml:25: cooling.chiller_load: is missing (part load the chillers run at)\n"
        "plan.yaml:25: cooling.air_fann: not a key of cooling; did you mean air_fan?\n"
        "plan.yaml:25: cooling.overhead: not a key of cooling; allowed are model, air_fan, "
        "air_supply, liquid_pump, liquid_supply, water_rise, approach, chiller_load, water",
    ),
    "missing key": (
        "slots: 40, ", "",
        "plan.yaml:12: deployment.slots: is missing "
        "(racks that can be commissioned at the same time)",
    ),
    "missing section": (
        "deployment: {crews: 2, install: 8 h, slots: 40, commissioning: 21 days}\n", "",
        "plan.yaml:1: deployment: is missing (from the gate into service)",
    ),
    "missing model": (
        "{model: fixed, overhead: 15 %}", "{overhead: 15 %}",
        "plan.yaml:25: cooling: needs the key 'model'",
    ),
    "unknown model": (
        "model: fixed", "model: fixt",
        "plan.yaml:25: cooling: must be one of 'fixed', 'evaporative', 'hybrid', 'physical'",
    ),
    # Values
    "range with unit": (
        "lead_time: 26 weeks", "lead_time: -26 weeks",
        "plan.yaml:11: orders.first.lead_time = -26 weeks: "
        "must be at least 0 h (from order to the first lot at the gate)",
    ),
    "range with both ends": (
        "power: 1.79 kW", "power: 0.13 MW",
        "plan.yaml:10: products.server.power = 0.13 MW: must be above 0 and at most 100 kW "
        "(nameplate IT power a GPU, its share of the server included)",
    ),
    "range of a count": (
        "racks: 400", "racks: 0",
        "plan.yaml:9: halls.hall.racks = 0: "
        "must be at least 1 and at most 1,000,000 (rack positions)",
    ),
    "range of a large count": (
        "gpus: 4000 GPU, placed", "gpus: 1e9 GPU, placed",
        "plan.yaml:11: orders.first.gpus = 1e9 GPU: "
        "must be at least 1 and at most 100,000,000 GPU (GPUs ordered)",
    ),
    "range of an item": (
        "persistence: 0.6", "persistence: 1",
        "plan.yaml:23: weather.climate.persistence = 1: must be at least 0 and below 1 "
        "(correlation of that deviation from one day to the next)",
    ),
    "range in a list": (
        "temp_mean: [2 degC", "temp_mean: [-300 degC",
        "plan.yaml:16: weather.climate.temp_mean.0 = -300 degC: "
        "must be at least -90 and at most 60 degC (mean dry-bulb temperature)",
    ),
    "wrong unit": (
        "install: 8 h", "install: 8 kW",
        "plan.yaml:12: deployment.install = 8 kW: "
        "is not a quantity in h: 'kW' measures another thing",
    ),
    "unknown unit": (
        "install: 8 h", "install: 8 hrz",
        "plan.yaml:12: deployment.install = 8 hrz: "
        "has no known unit: 'hrz'; write for example '1 h'",
    ),
    "bare number": (
        "install: 8 h", "install: 8",
        "plan.yaml:12: deployment.install = 8: needs a unit, for example '8 h'",
    ),
    "broken number": (
        "gpus: 4000 GPU, placed", "gpus: '4,000 GPU', placed",
        "plan.yaml:11: orders.first.gpus = 4,000 GPU: "
        "is not a number and a unit: write '1234.5 GPU', digits unbroken",
    ),
    "whole number": (
        "crews: 2", "crews: 2.5",
        "plan.yaml:12: deployment.crews = 2.5: must be a whole number",
    ),
    "switch for a number": (
        "crews: 2", "crews: true",
        "plan.yaml:12: deployment.crews = true: must be a number",
    ),
    "nothing for a number": (
        "crews: 2", "crews: ",
        "plan.yaml:12: deployment.crews: must be a number",
    ),
    "share": (
        "overhead: 15 %", "overhead: some",
        "plan.yaml:25: cooling.overhead = some: must be a number or a percentage such as 15 %",
    ),
    "wrong date": (
        "placed: 2027-01-15", "placed: 15.1.2027",
        "plan.yaml:11: orders.first.placed = 15.1.2027: "
        "is not a date; write it as 2027-11-30",
    ),
    "no such day": (
        "placed: 2027-01-15", "placed: 2027-02-29",
        "plan.yaml:11: orders.first.placed = 2027-02-29: "
        "is not a date; write it as 2027-11-30",
    ),
    "one of": (
        "basis: facility", "basis: meter",
        "plan.yaml:8: power.basis = meter: must be one of 'facility', 'it'",
    ),
    "text": ("name: One hall", "name: 5", "plan.yaml:2: name = 5: must be text"),
    "empty text": ("name: One hall", "name: ''", "plan.yaml:2: name: is empty"),
    "long text": (
        "name: One hall", f"name: {'x' * 121}",
        f"plan.yaml:2: name = {'x' * 59}…: is longer than 120 characters",
    ),
    "two lines": (
        "name: One hall", 'name: "One\\nhall"',
        "plan.yaml:2: name = One\\nhall: must be one line, without tabs",
    ),
    "name": (
        "{name: hall,", "{name: Hall A,",
        "plan.yaml:9: halls.Hall A.name = Hall A: "
        "is not a name: use up to 64 letters, digits, '-' or '_', no spaces",
    ),
    "device name": (
        "{name: hall,", "{name: Con,",
        "plan.yaml:9: halls.Con.name = Con: is not a name: Windows reserves it for a device",
    ),
    "mapping": ("power: {basis", "power: 5\nx: {basis",
        "plan.yaml:8: power = 5: must be a mapping of keys\n"
        f"plan.yaml:9: x: not a key of a scenario; allowed are {TOP}"),
    "list": (
        "humidity: [41 %", "humidity: 41 %\n    x: [41 %",
        "plan.yaml:19: weather.climate.humidity = 41 %: must be a list\n"
        "plan.yaml:20: weather.climate.x: not a key of weather.climate; allowed are temp_mean, "
        "temp_max, temp_min, humidity, wind, ghi_kwh_m2_day, temp_deviation, persistence, "
        "cloud_persistence",
    ),
    "short list": (
        "humidity: [41 %, ", "humidity: [",
        "plan.yaml:19: weather.climate.humidity: needs 12 or more items",
    ),
    "long list": (
        "humidity: [", "humidity: [1, ",
        "plan.yaml:19: weather.climate.humidity: takes 12 items at most",
    ),
    "empty list": (
        "halls: [{name: hall, racks: 400, it_power: 8 MW}]", "halls: []",
        "plan.yaml:9: halls: needs 1 or more items",
    ),
    "distribution": (
        "lead_time: 26 weeks", "lead_time: {triangular: [2 weeks, 1 week, 3 weeks]}",
        "plan.yaml:11: orders.first.lead_time = {triangular: ['2 weeks', '1 week', '3 weeks']}: "
        "triangular needs low, mode, high in ascending order",
    ),
    "range of a distribution": (
        "lead_time: 26 weeks", "lead_time: {normal: [1 week, 3 weeks]}",
        "plan.yaml:11: orders.first.lead_time = {normal: ['1 week', '3 weeks']}: "
        "must be at least 0 h (from order to the first lot at the gate)",
    ),
    "one option of a choice": (
        "basis: facility", "basis: {discrete: [facility, it, it, meter, it]}",
        "plan.yaml:8: power.basis = meter: must be one of 'facility', 'it'",
    ),
    "price by year": (
        "carbon: 417 kg/MWh", "carbon: {2025: 400 kg/MWh, 2030: -1 kg/MWh}",
        "plan.yaml:26: grid.carbon: in 2030: -1 kg/MWh must be at least 0",
    ),
    # Rules between the keys of a section: the place is that of the key they begin with
    "end before start": (
        "end: 2030-01-01", "end: 2026-01-01",
        "plan.yaml:5: end 2026-01-01 is not after start 2027-01-01",
    ),
    "run too long": (
        "end: 2030-01-01", "end: 2127-01-01",
        "plan.yaml:5: end 2127-01-01 is more than 60 years after start 2027-01-01",
    ),
    "odd step": (
        "latitude:", "step: 7 min\nlatitude:",
        "plan.yaml:6: step must be a divisor or a multiple of an hour in whole minutes",
    ),
    "step over midnight": (
        "latitude:", "step: 5 h\nlatitude:", "plan.yaml:6: step must divide a day",
    ),
    "broken servers": (
        "rack_size: 16 GPU", "rack_size: 12 GPU",
        "plan.yaml:10: products.server: rack_size 12 GPU is not a whole number of servers of 8 GPU",
    ),
    "two triggers": (
        "placed: 2027-01-15, ", "",
        "plan.yaml:11: orders.first: needs either placed or after, not both",
    ),
    "no weather": (
        "weather:\n  climate:", "weather:\n  irradiance_factor: 1\nx:\n  climate:",
        "plan.yaml:14: weather: needs a file or a climate\n"
        f"plan.yaml:16: x: not a key of a scenario; allowed are {TOP}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_message_is(complaint, minimal_text, name):
    old, new, message = CASES[name]
    assert old in minimal_text
    assert complaint(minimal_text.replace(old, new, 1)) == message


def test_all_problems_are_told_at_once_in_the_order_of_the_file(complaint):
    text = (
        "extends: base.yaml\n"
        "halls: [{name: hall, rackz: 3}]\n"
        "power:\n"
        "  bassis: it\n"
        "  design_pue: 0.5\n"
        "confidence: sure\n"
        "products: [{name: server, power: 2}]\n"
    )
    assert complaint(text, "deployment.crews=0") == (
        "plan.yaml:2: halls.hall.rackz: not a key of halls.hall; did you mean racks?\n"
        "plan.yaml:4: power.bassis: not a key of power; did you mean basis?\n"
        "plan.yaml:5: power.design_pue = 0.5: must be at least 1 and at most 3 "
        "(facility over IT power that the provisioning counts with)\n"
        "plan.yaml:6: confidence = sure: must be one of stated, reported, derived, assumption\n"
        "plan.yaml:7: products.server.power = 2: needs a unit, for example '2 kW'\n"
        "override deployment.crews: deployment.crews = 0: "
        "must be at least 1 and at most 10,000 (crews that install racks, one rack at a time each)"
    )


def test_a_value_of_a_parent_is_told_with_the_file_it_stands_in(complaint, minimal_text):
    files = {"low.yaml": minimal_text.replace("crews: 2", "crews: -2")}
    told = complaint("extends: low.yaml\nseed: 3\n", files=files)
    assert told.startswith("low.yaml:12: deployment.crews = -2: must be at least 1")


def test_problems_are_ordered_by_line_not_by_text():
    found = [Problem(where, "", "") for where in ("b:10", "b:9", "a:1", "--set k", "b:100", "")]
    assert [problem.where for problem in in_order(found)] == [
        "b:9", "b:10", "b:100", "a:1", "--set k", "",
    ]  # fmt: skip


def test_a_message_is_one_line_of_bounded_length():
    text = str(Problem("f:1", "k" * 5000, "long\n" * 5000))
    assert "\n" not in text
    assert len(text) < 1500


def test_an_error_keeps_its_problems():
    error = ScenarioError([Problem("f:1", "k", "is wrong"), Problem("", "", "so is this")])
    assert str(error) == "f:1: k: is wrong\nso is this"
    assert type(error)(*error.args).problems == error.problems


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 울산 é", "plain 울산 é"),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("a\u202eb\u2028c", r"a\u202eb\u2028c"),
        ("::error::x", r":\:error:\:x"),
        ("  ::stop-commands::x", r"  :\:stop-commands:\:x"),
        ("f.yaml:3: ::error::", r"f.yaml:3: :\:error:\:"),
        ("x ##[error]y ##vso[task]z", r"x #\#[error]y #\#vso[task]z"),
    ],
)
def test_a_line_for_the_terminal_gives_no_commands(text, shown):
    assert printable(text) == shown
