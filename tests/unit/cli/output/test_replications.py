"""Report of many replications, from a summary written by hand."""

from __future__ import annotations

from pathlib import Path

from dcsim.cli.output import replications
from dcsim.cli.output.replications import replication_lines

SUMMARY = {
    "name": "Site",
    "start": "2027-01-01",
    "end": "2028-01-01",
    "replications": 1200,
    "milestones": [
        {
            "name": "all",
            "by": "2027-07-01",
            "probability": 0.4,
            "probability_low": 0.37,
            "probability_high": 0.43,
            "promised": {"50 %": "2027-07-09", "90 %": None},
            "criticality": {"hall": 0.25, "grid": 0.75},
        }
    ],
    "lost_gpu_days": {
        "delivery": {"p10": 10.0, "p50": 1500.0, "p90": 2000.0},
        "crew": {"p10": 0.0, "p50": 0.0, "p90": 0.0},
    },
    "bands": {"gpus_online_max": {"p10": 1.0, "p50": 2.0, "p90": 3.0}},
    "nearest": {"p10": 4, "p50": 5, "p90": 6},
}


def test_chances_losses_works_and_bands_are_tables():
    lines = list(replication_lines(SUMMARY, Path("site.yaml"), 20))
    assert lines[:2] == ["Site  2027-01-01 to 2028-01-01, 1,200 replications", "=" * 20]
    assert lines[5].split() == [
        "all",
        "2027-07-01",
        "40%",
        "(37%",
        "to",
        "43%)",
        "2027-07-09",
        "never",
    ]
    assert "delivery   10  1,500  2,000" in lines
    assert not any(line.startswith("crew") for line in lines)
    at = lines.index("Works that drive each milestone, share of the runs")
    assert [line.split() for line in lines[at + 2 : at + 4]] == [["grid", "75%"], ["hall", "25%"]]
    assert "Replay the run nearest P50 whole: dcsim run site.yaml --replication 5" in lines


def test_money_is_reported_in_the_currency_of_the_run():
    bands = {"npv_eur": {"p10": -6.0e8, "p50": -5.4e8, "p90": -5.0e8}}
    lines = list(replication_lines({**SUMMARY, "bands": bands}, Path("site.yaml"), 80))
    assert "Net present value [bn EUR]  -0.60  -0.54  -0.50" in lines


def test_without_milestones_there_is_no_table_of_chances():
    lines = list(replication_lines({**SUMMARY, "milestones": []}, Path("site.yaml"), 80))
    assert not any("Chance" in line or "Works" in line for line in lines)


def test_many_works_are_cut(monkeypatch):
    monkeypatch.setattr(replications, "MAX_WORKS_SHOWN", 1)
    lines = list(replication_lines(SUMMARY, Path("site.yaml"), 80))
    assert "… and 1 more, see summary.json" in lines
    assert not any(line.startswith("hall") for line in lines)
