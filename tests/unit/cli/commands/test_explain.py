"""`dcsim explain`: parts of a change as a table, as JSON and as a figure."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def plans(study):
    late = "extends: site.yaml\ndeployment: {commissioning: 42 days, crews: 1}\n"
    study.with_name("late.yaml").write_text(late)
    return study.parent


def test_parts_add_up_to_the_change(cli, plans):
    words = ("explain", "site.yaml", "late.yaml", "--metric", "gpus_online_max")
    data = json.loads(cli(*words, "--by", "name", "--json").stdout)
    assert sum(part["share"] for part in data["parts"]) == pytest.approx(data["change"])
    assert data["change"] == data["after"] - data["before"]
    keys = [change["key"] for part in data["parts"] for change in part["assumptions"]]
    assert sorted(keys) == ["deployment.commissioning", "deployment.crews"]


def test_the_table_ends_with_the_assumptions_and_the_number_of_runs(cli, plans):
    result = cli("explain", "site.yaml", "late.yaml", "--metric", "gpus_online_max")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("GPUs online, most: 1,600 GPU in site, ")
    assert "  deployment.commissioning: 21 days -> 42 days" in lines
    assert lines[-1].startswith("Shapley values over all orders; ")


def test_a_figure_is_written_on_request(cli, plans):
    words = ("explain", "site.yaml", "late.yaml", "--metric", "gpus_online_max")
    assert cli(*words, "--out", "parts.svg").stdout.endswith("Written parts.svg\n")
    assert (plans / "parts.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--metric", "gpus_online_max", "--out", "x.gif"), 4, "x.gif: name a .png or .svg file"),
        (
            ("--metric", "gpus_online_max", "--out", "/dev/null/x.png"),
            4,
            "/dev/null/x.png: cannot be written: /dev/null is not a folder",
        ),
        (("--metric", "gpus_onlin"), 2, "gpus_onlin"),
        (("--metric", "gpus_online_max", "--orders", "3"), 2, "3 is not in the range"),
        ((), 2, "Missing option '--metric'"),
    ],
)
def test_a_wrong_metric_or_figure_file_is_refused(cli, plans, words, code, message):
    result = cli("explain", "site.yaml", "late.yaml", *words)
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""
