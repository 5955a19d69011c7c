from __future__ import annotations

import datetime
import json
import zoneinfo
from pathlib import Path

import pytest

from dcsim.errors import ScenarioError
from dcsim.scenario.load import from_plain, load
from dcsim.scenario.text.data import ALLOWED

SCENARIOS = Path(__file__).parents[3] / "scenarios"
FILES = sorted(SCENARIOS.glob("*.yaml"))


def sent(scenario):
    """What arrives on another machine."""
    return json.loads(json.dumps(scenario.resolved))


def refused(resolved, **how):
    with pytest.raises(ScenarioError) as caught:
        from_plain(resolved, name="case 3", **how)
    return str(caught.value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("check", [True, False])
def test_a_scenario_arrives_as_it_was_sent(path, check):
    scenario = load(path)
    arrived = from_plain(sent(scenario), files=scenario.files, check=check)
    assert arrived.digest == scenario.digest
    assert arrived.resolved == scenario.resolved
    assert arrived.uncertain == scenario.uncertain
    assert arrived.correlations == scenario.correlations
    for replication in (0, 1, 2, 17):
        assert arrived.plan(replication) == scenario.plan(replication)


def test_files_fixed_quantiles_and_correlations_arrive_too(read, minimal_text):
    text = minimal_text.replace("26 weeks", "{uniform: [0 h, 1000 h]}")
    text = text.replace("install: 8 h", "install: {uniform: [0 h, 10 h]}").replace(
        "weather:\n", "weather:\n  file: year.csv\n"
    )
    text += "correlations: [{between: [deployment.install, orders.first.lead_time], rank: 0.4}]\n"
    scenario = read(text, files={"year.csv": "x"}).fixed({"orders.first.lead_time": 0.2})
    arrived = from_plain(sent(scenario), files=scenario.files).fixed(scenario.quantiles)
    assert arrived.digest == scenario.digest
    assert arrived.plan(5) == scenario.plan(5)


def test_every_file_that_is_named_must_be_given(read, minimal_text):
    text = minimal_text.replace("weather:\n", "weather:\n  file: year.csv\n")
    scenario = read(text, files={"year.csv": "x"})
    told = "case 3: weather.file: year.csv: no "
    assert refused(sent(scenario)) == told + "path was given for this file"
    gone = {"year.csv": Path("gone.csv")}
    assert refused(sent(scenario), files=gone) == told + "such file"
    assert from_plain(sent(scenario), files={"year.csv": "plan.yaml"}).files  # type: ignore[dict-item]


def test_files_of_every_option_are_found(read, complaint, minimal_text):
    text = minimal_text.replace("weather:\n", "weather:\n  file: {discrete: [a.csv, b.csv]}\n")
    scenario = read(text, files={"a.csv": "x", "b.csv": "y"})
    assert sorted(scenario.files) == ["a.csv", "b.csv"]
    Path("a.csv").unlink()
    assert "a.csv: no such file" in complaint(text)
    only = {"b.csv": Path("b.csv")}
    assert "a.csv: no path was given" in refused(sent(scenario), files=only)


def test_problems_tell_the_key_and_the_name_in_place_of_a_line(read, minimal_text):
    plain = sent(read(minimal_text))
    plain["power"]["basis"] = "meter"
    plain["deployment"]["slotz"] = 3
    assert refused(plain) == (
        "case 3: power.basis = meter: must be one of 'facility', 'it'\n"
        "case 3: deployment.slotz: not a key of deployment; did you mean slots?"
    )


def test_what_the_sender_checks_need_not_be_checked_again(read, minimal_text):
    plain = sent(read(minimal_text))
    plain["deployment"]["install"] = {"normal": ["8 h", "30 h"]}
    assert refused(plain).startswith("case 3: deployment.install")
    assert from_plain(plain, check=False).uncertain == ("deployment.install",)


def deep(levels):
    return {"name": deep(levels - 1)} if levels else "x"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "description: is not a finite number"),
        (2**60, "description: is a whole number beyond ±2^53"),
        ("a\x1b[0m", "description: holds the control character U+001B; leave it out"),
        ({"a\x07": 1}, "description: holds the control character U+0007; leave it out"),
        ({3: 1}, "description: a key must be plain text, not 3; write '3'"),
        ({1, 2}, f"description: set is not plain data; allowed are {ALLOWED}"),
        ([b"x"], f"description.0: bytes is not plain data; allowed are {ALLOWED}"),
    ],
    ids=repr,
)
def test_what_no_file_can_say_is_refused(read, minimal_text, value, message):
    plain = sent(read(minimal_text))
    assert refused({**plain, "description": value}) == f"case 3: {message}"


def test_data_nested_too_deep_are_refused(read, minimal_text):
    assert refused({**sent(read(minimal_text)), "name": deep(100)}).endswith("32 levels")


@pytest.mark.parametrize("value", [[], "text", None, 5])
def test_a_scenario_is_a_mapping(value):
    assert refused(value).startswith("case 3: needs keys at its top level")


def test_a_parent_cannot_be_named_from_afar(read, minimal_text):
    plain = {**sent(read(minimal_text)), "extends": "/etc/passwd"}
    assert refused(plain).startswith("case 3: extends = /etc/passwd: not a key of a scenario") or (
        refused(plain).startswith("case 3: extends: not a key of a scenario")
    )


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (35.5, 129.3, "Asia/Seoul"),
        (52.5, 13.4, "Europe/Berlin"),
        (32.45, -99.73, "America/Chicago"),
        (22.57, 88.36, "Asia/Kolkata"),
        (-33.9, 151.2, "Australia/Sydney"),
        (-31.55, 159.08, "Australia/Lord_Howe"),
        (55.0, 2.5, "Etc/GMT"),  # at sea
    ],
)
def test_a_site_without_a_zone_has_that_of_its_coordinates(latitude, longitude, zone):
    given = {"latitude": f"{latitude} degree", "longitude": f"{longitude} degree"}
    site = load(SCENARIOS / "minimal.yaml", overrides=given).site
    assert site.time_zone == site.zone.key == zone
    assert (
        site.start_time.utcoffset()
        == datetime.datetime.combine(
            site.start, datetime.time(), zoneinfo.ZoneInfo(zone)
        ).utcoffset()
    )


def test_a_variant_elsewhere_has_the_zone_of_its_own_coordinates():
    scenario = load(SCENARIOS / "minimal.yaml")
    moved = scenario.with_overrides({"latitude": "52.5 degree", "longitude": "13.4 degree"})
    assert (scenario.site.time_zone, moved.site.time_zone) == ("Asia/Seoul", "Europe/Berlin")


def test_a_place_without_a_known_zone_is_told_what_to_write(monkeypatch):
    monkeypatch.setattr("dcsim.scenario.schema.site.zone_at", lambda *_: None)
    with pytest.raises(ScenarioError) as caught:
        load(SCENARIOS / "minimal.yaml")
    assert str(caught.value).endswith(
        "minimal.yaml:1: time_zone: is missing: no zone is known at 35.5, 129.3; write the site's, "
        "for example 'time_zone: Europe/Berlin'"
    )


def test_a_time_zone_that_is_given_is_taken_as_it_is():
    given = {"longitude": "-6.4 degree", "time_zone": "Asia/Seoul"}
    assert load(SCENARIOS / "minimal.yaml", overrides=given).site.longitude_deg == -6.4
