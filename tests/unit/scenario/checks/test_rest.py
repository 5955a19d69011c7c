"""All problems of a file are told in one round, whatever their kind."""

from __future__ import annotations

import pytest

import dcsim

BAD = """
gas: [{name: g, capacity: 5 MW}]
works: [{name: gone, duration: 5 MW}]
solar:
  - {name: a, capacity: 4 kWh, delivery: onsite}
  - {name: b, capacity: 4 MW, works: nowhere, profile: {file: none.csv, column: x}}
  - {name: c, capacity: 4 MW, works: gone, profile: {file: none2.csv, column: x}}
  - {name: c, capacity: 5 MW, delivery: onsite}
weather: {file: w.csv}
"""


def complaint_of(tmp_path, text):
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(dcsim.ScenarioError) as failed:
        dcsim.load(path)
    return str(failed.value)


@pytest.fixture
def told(tmp_path, minimal_text):
    text = minimal_text.replace("end: ", "end: 2020-01-01 #")
    text = text[: text.index("weather:")] + text[text.index("cooling:") :]
    return complaint_of(tmp_path, f"{text}time_zone: Mars/Base\n{BAD}")


@pytest.mark.parametrize(
    "problem",
    [
        "gas: not a key of a scenario",
        "solar.a.capacity = 4 kWh: is not a quantity in MW",
        "works.gone.duration = 5 MW: is not a quantity in h",
        "end: 2020-01-01 is not after start",
        "time_zone: Mars/Base is not a time zone",
        "solar.b.works: there is no work named nowhere",
        "solar.c: stands twice",
        "solar.b.profile.file: none.csv: no such file",
        "solar.c.profile.file: none2.csv: no such file",
        "weather.file: w.csv: no such file",
    ],
)
def test_problems_of_every_kind_are_told_in_one_round(told, problem):
    assert problem in told


def test_nothing_is_told_that_only_follows_from_another_fault(told):
    assert "there is no work named gone" not in told  # it stands there, with a faulty duration
    assert "outside the run" not in told


def test_a_file_that_is_missing_hides_no_name_that_nothing_has(tmp_path, minimal_text):
    plant = "{name: b, capacity: 4 MW, works: nowhere, profile: {file: none.csv, column: x}}"
    told = complaint_of(tmp_path, f"{minimal_text}solar: [{plant}]\n")
    assert "there is no work named nowhere" in told
    assert "none.csv: no such file" in told


def test_what_cannot_be_made_sound_is_told_as_far_as_it_goes(tmp_path, minimal_text):
    told = complaint_of(tmp_path, minimal_text.replace("latitude:", "latitud:"))
    assert "latitude: is missing" in told
    assert "latitud: not a key of a scenario; did you mean latitude?" in told
