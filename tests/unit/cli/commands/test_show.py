"""`dcsim show`: effective values, origins and sources."""

from __future__ import annotations

import json

import pytest

from dcsim.scenario.text.document import parse


def test_the_plain_form_is_the_scenario_as_a_file(cli, folder):
    shown = cli("show", "plan.yaml")
    assert shown.exit_code == 0
    (folder / "again.yaml").write_text(shown.stdout, encoding="utf-8")
    assert cli("show", "again.yaml").stdout == shown.stdout
    assert parse(shown.stdout, "x").plain["grid"] == {"carbon": "417 kg/MWh", "carbon_free": "39 %"}


def test_json_holds_the_same(cli):
    plain = parse(cli("show", "plan.yaml").stdout, "x").plain
    assert json.loads(cli("show", "plan.yaml", "--json").stdout) == plain


def test_layers_and_overrides_are_shown_as_they_take_effect(cli, folder):
    (folder / "top.yaml").write_text("extends: plan.yaml\nseed: 3\n", encoding="utf-8")
    shown = parse(cli("show", "top.yaml", "--set", "power.basis=it").stdout, "x").plain
    assert (shown["seed"], shown["power"]["basis"]) == (3, "it")
    assert "extends" not in shown


def test_a_key_shows_what_is_below_it(cli):
    assert cli("show", "plan.yaml", "grid").stdout.splitlines() == [
        "grid.carbon = 417 kg/MWh",
        "grid.carbon_free = 39 %",
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
    lines = cli("show", "plan.yaml", "grid", "--sources").stdout.splitlines()
    assert lines == [
        "grid.carbon = 417 kg/MWh  [reported: ef]",
        "grid.carbon_free = 39 %  [no source]",
        "",
        "1 no source, 1 reported",
        "ef: Emission factor, 2025, ministry",
        "without a source: grid.carbon_free",
    ]


def test_values_can_be_shown_as_json(cli):
    [carbon, _] = json.loads(cli("show", "plan.yaml", "grid", "--json").stdout)
    assert carbon == {
        "key": "grid.carbon",
        "text": "417 kg/MWh",
        "where": "plan.yaml:26",
        "source": None,
        "confidence": "assumption",
        "uncertain": False,
        "is_text": False,
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
