"""`dcsim run --replications`: chances, bands, and a run to replay."""

from __future__ import annotations

import json

import pytest


def test_replications_print_chances_bands_and_a_run_to_replay(cli, study):
    arguments = (
        "run",
        "site.yaml",
        "--replications",
        "20",
        "--store",
        "st",
        "--out",
        "o",
        "--plots",
    )
    result = cli(*arguments)
    assert result.exit_code == 0
    for piece in (
        "20 replications",
        "P50 date",
        "GPU-days not online, by cause",
        "Works that drive each milestone",
        "Figure of the whole run",
        "Replay the run nearest P50 whole: dcsim run site.yaml --replication ",
    ):
        assert piece in result.stdout
    summary = json.loads((study.with_name("o") / "summary.json").read_text())
    (milestone,) = summary["milestones"]
    assert milestone["probability_low"] < milestone["probability"] < milestone["probability_high"]
    number = summary["nearest"]["p50"]
    assert cli("run", "site.yaml", "--replication", str(number), "--out", "p").exit_code == 0
    names = {path.name for path in study.with_name("o").iterdir()}
    assert {"bands.csv", "replications.parquet", "milestones.png", "bands_gpus_online.png"} <= names


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ("soon", "write the half width"),
        ("none:pp=2", "there is no milestone none; there is gpus-1200"),
    ],
)
def test_a_wrong_precision_says_what_to_write(cli, study, until, message):
    result = cli("run", "site.yaml", "--replications", "9", "--until", until)
    assert result.exit_code == 2
    assert message in result.stderr
