from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from dcsim.pipeline import replay
from dcsim.scenario.load import load
from dcsim.study.records.measure import measure

HERE = Path(__file__).parent
SCENARIOS = HERE.parents[1] / "scenarios"
SHIPPED = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
KEPT = ("milestones", "gpus_fit", "gpu_days", "binding", "yearly")


def kept(summary):
    figures = {key: value for key, value in summary.items() if isinstance(value, float)}
    return {"figures": figures, **{key: summary[key] for key in KEPT}}


def differences(saved, found, path=""):
    """Yield where two results differ, so that NaN and a missing value never count as equal."""
    if isinstance(saved, dict) and isinstance(found, dict):
        for key in sorted(saved.keys() | found.keys()):
            yield from differences(saved.get(key), found.get(key), f"{path}.{key}")
    elif isinstance(saved, list) and isinstance(found, list) and len(saved) == len(found):
        for index, (a, b) in enumerate(zip(saved, found, strict=True)):
            yield from differences(a, b, f"{path}[{index}]")
    elif isinstance(saved, float) and isinstance(found, float):
        if not abs(saved - found) <= 1e-9 * max(1.0, abs(saved)):
            yield f"{path}: {saved!r} -> {found!r}"
    elif saved != found:
        yield f"{path}: {saved!r} -> {found!r}"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_result_is_the_saved_one(runs, name, request):
    found = json.loads(json.dumps(kept(runs(name).summary)))
    path = HERE / f"{name}.json"
    if request.config.getoption("--update-regression"):
        path.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert list(differences(saved, found)) == []


@pytest.mark.parametrize(
    "found",
    [math.nan, None, 1.0 + 1e-6, -1.0, "1.0"],
)
def test_the_comparison_finds_a_planted_difference(found):
    assert list(differences({"a": 1.0}, {"a": found}))


def test_the_first_site_keeps_its_announced_dates(runs):
    reached = {m["name"]: m["reached"] for m in runs("ulsan-103mw").milestones}
    assert reached["phase-1-power"].startswith("2027-11")
    assert reached["phase-2-power"].startswith("2029-02")
    assert reached["all-gpus"].startswith("2029")


def test_what_fits_of_gb300_is_fewer_and_power_is_what_binds(runs):
    summary = runs("ulsan-gb300").summary
    assert summary["gpus_online_max"] < 55_000
    causes = {q["quarter"]: q["cause"] for q in summary["binding"]}
    assert causes["2030 Q1"] == causes["2031 Q1"] == "power"


def test_rubin_fits_about_thirty_five_thousand(runs):
    assert runs("ulsan-rubin").summary["gpus_fit"]["gpus"]["server"] == pytest.approx(
        35_000, rel=0.01
    )


def test_the_other_reading_of_the_power_carries_more(runs):
    facility, it = runs("ulsan-103mw").summary, runs("ulsan-it-basis").summary
    assert it["gpus_fit"]["gpus"]["server"] == pytest.approx(
        1.2 * facility["gpus_fit"]["gpus"]["server"], rel=1e-4
    )
    assert it["gpus_online_max"] > facility["gpus_online_max"]


def drawn(replication):
    """What a study keeps of a run, texts and dates as text."""
    values = measure(replay(load(SCENARIOS / "ulsan-103mw.yaml"), replication)).values
    return {
        name: value if isinstance(value, float) and math.isfinite(value) else str(value)
        for name, value in values.items()
    }


def test_drawn_runs_are_the_saved_ones(request):
    found = {str(number): drawn(number) for number in (1, 2, 3)}
    path = HERE / "drawn" / "ulsan-103mw.json"
    if request.config.getoption("--update-regression"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert list(differences(saved, found)) == []
