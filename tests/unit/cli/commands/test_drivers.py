"""`dcsim drivers`: tornado, indices and misses of a study."""

from __future__ import annotations

import json

import pytest


def test_drivers_name_what_moves_a_milestone(cli, study):
    assert cli("run", "site.yaml", "--replications", "30", "--store", "st").exit_code == 0
    result = cli("drivers", "st", "--plots")
    assert result.exit_code == 0
    assert result.stdout.startswith("gpus-1200: if it comes, when? median ")
    assert "inputs whose effect may be chance." in result.stdout
    assert "orders.first.lead_time" in result.stdout
    assert "Ranges that miss gpus-1200" in result.stdout
    assert (study.with_name("st") / "tornado_milestone.gpus-1200.png").is_file()
    assert cli("drivers", "st", "--milestone", "none").exit_code == 2


@pytest.mark.parametrize(("method", "n"), [("sobol", 16), ("morris", 8)])
def test_drivers_print_the_indices_that_a_study_asked_for(cli, study, method, n):
    pytest.importorskip("SALib")
    text = (study.with_name("site.yaml")).read_text()
    study.with_name("site.yaml").write_text(
        text.replace(
            "commissioning: 21 days", "commissioning: {triangular: [1 day, 21 days, 60 days]}"
        )
    )
    study.write_text(
        f"name: s\nscenario: site.yaml\nreplications: 1\n"
        f"sample: {{method: {method}, n: {n}, seed: 1, uncertain: all}}\n"
    )
    assert cli("sweep", "study.yaml", "--store", "st", "--plots").exit_code == 0
    result = cli("drivers", "st")
    assert result.exit_code == 0
    head = "Sobol indices" if method == "sobol" else "Morris: mean absolute effect"
    lines = result.stdout.splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith(head))
    names = [line.split()[0] for line in lines[begin + 2 : begin + 4]]
    assert sorted(names) == ["deployment.commissioning", "orders.first.lead_time"]
    assert (study.with_name("st") / "indices.png").is_file()
    said = json.loads(cli("drivers", "st", "--json").stdout)
    assert len(said["indices"]) == 2


def test_a_milestone_that_is_not_there_is_named_with_those_that_are(cli, swept):
    result = cli("drivers", "st", "--milestone", "moon")
    assert result.exit_code == 2
    assert result.stderr == "there is no milestone 'moon'; there is gpus-1200\n"
