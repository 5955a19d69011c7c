"""`dcsim show`: effective values, origins and sources."""

from __future__ import annotations

import json

import pytest

import dcsim
from dcsim.scenario.text.document import parse


def test_the_plain_form_is_the_scenario_as_a_file(cli, folder):
    shown = cli("show", "plan.yaml")
    assert shown.exit_code == 0
    (folder / "again.yaml").write_text(shown.stdout, encoding="utf-8")
    again = cli("show", "again.yaml").stdout
    assert "# default" not in again
    assert parse(again, "x").plain == parse(shown.stdout, "x").plain
    grid = parse(shown.stdout, "x").plain["grid"]
    assert (grid["carbon"], grid["carbon_free"]) == ("417 kg/MWh", "39 %")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_is_shown_runs_to_the_same_numbers(cli, folder, form):
    shown = cli("show", "plan.yaml", *form).stdout
    (folder / "again.yaml").write_text(shown, encoding="utf-8")
    first, second = (
        dcsim.simulate(dcsim.load(folder / name)) for name in ("plan.yaml", "again.yaml")
    )
    assert first.digest() == second.digest()


def test_defaults_are_marked_with_what_they_follow_from(cli):
    lines = cli("show", "plan.yaml").stdout.splitlines()
    assert "time_zone: Asia/Seoul  # default: the zone at its coordinates" in lines
    assert "seed: 1  # default" in lines
    assert "fleet: null  # default: without it nothing fails" in lines
    assert '    air_cooling: "8 MW"  # default: the same as it_power' in lines
    assert 'start: "2027-01-01"' in lines


def test_defaults_can_be_left_out(cli):
    shown = cli("show", "plan.yaml", "--no-defaults").stdout
    assert "default" not in shown
    assert "time_zone" not in shown
    plain = parse(shown, "x").plain
    assert json.loads(cli("show", "plan.yaml", "--json", "--no-defaults").stdout) == plain


def test_json_holds_the_same_and_marks_defaults(cli):
    def unwrapped(value):
        if isinstance(value, dict):
            if value.keys() == {"value", "note"}:
                return value["value"]
            return {key: unwrapped(item) for key, item in value.items()}
        return [unwrapped(item) for item in value] if isinstance(value, list) else value

    shown = json.loads(cli("show", "plan.yaml", "--json").stdout)
    assert shown["seed"] == {"value": 1, "note": "default"}
    assert unwrapped(shown) == parse(cli("show", "plan.yaml").stdout, "x").plain


def test_lines_mark_defaults_whatever_is_asked(cli):
    assert cli("show", "plan.yaml", "time_zone").stdout == (
        "time_zone = Asia/Seoul  [default: the zone at its coordinates]\n"
    )
    lines = cli("show", "plan.yaml", "--origin").stdout.splitlines()
    assert "default: the zone at its coordinates: time_zone = Asia/Seoul" in lines
    sources = cli("show", "plan.yaml", "electrical", "--sources").stdout.splitlines()
    assert "electrical.house = 0 %  [default]" in sources
    assert sources[-1] == "defaults: 7"
    (leaf,) = json.loads(cli("show", "plan.yaml", "time_zone", "--json").stdout)
    assert leaf["default"] == "default: the zone at its coordinates"


def test_layers_and_overrides_are_shown_as_they_take_effect(cli, folder):
    (folder / "top.yaml").write_text("extends: plan.yaml\nseed: 3\n", encoding="utf-8")
    shown = parse(cli("show", "top.yaml", "--set", "power.basis=it").stdout, "x").plain
    assert (shown["seed"], shown["power"]["basis"]) == (3, "it")
    assert "extends" not in shown


def test_a_key_shows_what_is_below_it(cli):
    assert cli("show", "plan.yaml", "grid").stdout.splitlines() == [
        "grid.carbon = 417 kg/MWh",
        "grid.carbon_free = 39 %",
        "grid.outages = null  [default]",
        "grid.carbon_profile = null  [default]",
        "grid.export_limit = 0 MW  [default]",
    ]
    assert cli("show", "plan.yaml", "halls.hall.racks").stdout == "halls.hall.racks = 400\n"


@pytest.mark.parametrize("key", ["grip", "gri", "grid.carbonara", "halls.other"])
def test_a_key_that_is_not_there_is_bad_input(cli, key):
    result = cli("show", "plan.yaml", key)
    assert result.exit_code == 2
    expected = f"plan.yaml: {key}: no such key; 'dcsim show' prints all of them\n"
    assert result.stderr == expected


def test_origin_is_file_and_line(cli, folder):
    (folder / "top.yaml").write_text("extends: plan.yaml\nseed: 3\n", encoding="utf-8")
    lines = cli("show", "top.yaml", "--origin", "--set", "power.basis=it").stdout.splitlines()
    assert "plan.yaml:2: name = One hall" in lines
    assert "top.yaml:2: seed = 3" in lines
    assert "--set power.basis: power.basis = it" in lines


def test_sources_are_counted_and_listed(cli, folder):
    text = (folder / "plan.yaml").read_text(encoding="utf-8")
    text = text.replace("417 kg/MWh", "{value: 417 kg/MWh, source: ef, confidence: reported}")
    text = text.replace("confidence: assumption\n", "")
    text += "sources: {ef: {title: Emission factor, year: 2025, where: ministry}}\n"
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    lines = cli("show", "plan.yaml", "grid", "--sources", "--no-defaults").stdout.splitlines()
    assert lines == [
        "grid.carbon = 417 kg/MWh  [reported: ef]",
        "grid.carbon_free = 39 %  [no source]",
        "",
        "1 no source, 1 reported",
        "ef: Emission factor, 2025, ministry",
        "without a source: grid.carbon_free",
    ]


def test_values_can_be_shown_as_json(cli):
    [carbon, *_] = json.loads(cli("show", "plan.yaml", "grid", "--json").stdout)
    assert carbon == {
        "key": "grid.carbon",
        "text": "417 kg/MWh",
        "where": "plan.yaml:26",
        "source": None,
        "confidence": "assumption",
        "uncertain": False,
        "is_text": False,
        "default": None,
    }


def test_a_wrong_scenario_is_told_on_the_error_stream_alone(cli):
    result = cli("show", "plan.yaml", "--set", "deployment.crews=0")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(
        "--set deployment.crews: deployment.crews = 0: must be at least"
    )


def test_many_problems_are_cut_at_twenty_lines(cli, folder):
    keys = "".join(f"zz{n}: 1\n" for n in range(50))
    (folder / "top.yaml").write_text(f"extends: plan.yaml\n{keys}", encoding="utf-8")
    lines = cli("show", "top.yaml").stderr.splitlines()
    assert len(lines) == 20
    assert lines[0].startswith("top.yaml:2: zz0: not a key")
    assert lines[-1] == "… and 31 more; 'dcsim --verbose …' prints all"
    every = cli("--verbose", "show", "top.yaml").stderr.splitlines()
    assert sum("not a key" in line for line in every) == 50


def test_what_a_run_would_say_of_its_files_follows_as_comments(cli, folder):
    wind = (
        "wind: [{name: w, capacity: 1 MW, delivery: onsite, turbine: t.csv, hub_height: 99 m}]\n"
        "weather: {wind: {mean: 8 m/s, height: 99 m, weibull_shape: 2, shear: 0.1, memory: 9 h, "
        "monthly_factor: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}\n"
    )
    (folder / "w.yaml").write_text(f"extends: plan.yaml\n{wind}", encoding="utf-8")
    curve = folder / "t.csv"
    curve.write_text("Wind Speed [m/s],Power [kW]\n3,-9\n12,900\n25,900\n", encoding="utf-8")
    shown = cli("show", "w.yaml").stdout
    assert "# Note: wind.w.turbine: standby power, up to 9 kW in its file" in shown
    assert parse(shown, "x").plain["wind"][0]["turbine"] == "t.csv"
    curve.write_text("nothing\n", encoding="utf-8")
    assert "'dcsim check' says why" in cli("show", "w.yaml").stdout
