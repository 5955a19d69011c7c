"""Report of many replications: milestone confidence, losses, driving works, bands as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dcsim.cli.output.tables import right_table, text_table
from dcsim.study.records.labels import KEY_FIGURES

MAX_WORKS_SHOWN = 12


def replication_lines(summary: Mapping[str, Any], path: Path, width: int) -> Iterator[str]:
    """Yield the report of many replications.

    Parameters
    ----------
    summary : mapping
        Summary of the single run and of the replications.
    path : Path
        The scenario file, for the command that replays one of them.
    width : int
        Of the terminal. [characters]
    """
    n = summary["replications"]
    yield f"{summary['name']}  {summary['start']} to {summary['end']}, {n:,} replications"
    yield "=" * min(width, 78)
    for block in (_confidence_table, _loss_table, _work_table, _band_table):
        lines = list(block(summary))
        yield from (*lines, "") if lines else ()
    numbers = summary["nearest"]
    yield f"Replay the run nearest P50 whole: dcsim run {path} --replication {numbers['p50']}"
    yield f"  (P10: {numbers['p10']}, P90: {numbers['p90']}, of GPUs online)"
    yield ""


def _confidence_table(summary: Mapping[str, Any]) -> Iterator[str]:
    if not summary["milestones"]:
        return
    body = []
    for milestone in summary["milestones"]:
        low, high = milestone["probability_low"], milestone["probability_high"]
        confidence = f"{milestone['probability']:.0%} ({low:.0%} to {high:.0%})"
        days = [day or "never" for day in milestone["promised"].values()]
        body.append([milestone["name"], milestone["by"], confidence, *days])
    dates = [f"P{share.removesuffix(' %')} date" for share in summary["milestones"][0]["promised"]]
    yield "Milestone confidence (95 % interval), and P-dates: a P80 date holds in 80 % of the runs"
    yield from text_table(["milestone", "by", "confidence", *dates], body)


def _loss_table(summary: Mapping[str, Any]) -> Iterator[str]:
    body = [
        [cause, *(f"{band[level]:,.0f}" for level in ("p10", "p50", "p90"))]
        for cause, band in summary["lost_gpu_days"].items()
        if band["p90"]
    ]
    if body:
        yield "GPU-days not online, by cause"
        yield from right_table(["cause", "P10", "P50", "P90"], body)


def _work_table(summary: Mapping[str, Any]) -> Iterator[str]:
    milestones = summary["milestones"]
    shares: dict[str, dict[str, float]] = {}
    for milestone in milestones:
        for work, share in milestone["criticality"].items():
            shares.setdefault(work, {})[milestone["name"]] = share
    ranked = sorted(shares, key=lambda work: -max(shares[work].values()))
    names = [milestone["name"] for milestone in milestones if milestone["criticality"]]
    if not names:
        return
    body = [
        [work, *(f"{shares[work][n]:.0%}" if n in shares[work] else "" for n in names)]
        for work in ranked[:MAX_WORKS_SHOWN]
    ]
    yield "Works that drive each milestone, share of the runs"
    yield from right_table(["work", *names], body)
    if len(ranked) > MAX_WORKS_SHOWN:
        yield f"… and {len(ranked) - MAX_WORKS_SHOWN} more, see summary.json"


def _band_table(summary: Mapping[str, Any]) -> Iterator[str]:
    body = []
    for key, label in KEY_FIGURES.items():
        band = summary["bands"].get(key)
        if band is not None and band["p50"] is not None:
            body.append([label.text, *map(label.shown, band.values())])
    yield from right_table(["Figure of the whole run", "P10", "P50", "P90"], body)
