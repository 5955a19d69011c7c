"""The types of a summary: the content of `summary.json`, key by key, with meanings.

At run time a summary is a plain dict, in the order of the file. To a type checker it is a
`Summary`: ``summary["gpus_fit"]["gpus"]`` is checked down to its last key. Names of figures that
depend on the scenario (``npv_krw``, ``solar_mwh``) are read with `Result.figure`; see
`dcsim.accounts.key_figures`. The documentation of a key is made from the metadata of its
annotation.
"""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from dcsim.accounts.key_figures import KeyFigures, KeyRecord


class MilestoneSummary(TypedDict):
    """A milestone and when it was reached; replications add its chances."""

    name: str
    metric: str
    target: float
    by: str
    reached: str | None
    met: bool
    margin_days: float | None
    probability: NotRequired[float]
    probability_low: NotRequired[float]
    probability_high: NotRequired[float]
    probability_runs: NotRequired[int]
    promised: NotRequired[dict[str, str | None]]
    criticality: NotRequired[dict[str, float]]
    nearest: NotRequired[dict[str, int]]


class FitSummary(TypedDict):
    """GPUs of each product that the power energized in the end would carry."""

    energized_mw: float
    gpus: dict[str, int]
    facility_kw_per_gpu: dict[str, float]


class QuarterSummary(TypedDict):
    """Cause that held back most GPU-days in a quarter; None where nothing was held back."""

    quarter: str
    cause: str | None
    state: str | None
    gpu_days: float


class WorkSummary(TypedDict):
    """A work as it went; times are local, with offset."""

    name: str
    kind: str
    label: str
    start: str | None
    finish: str | None
    announced: str | None
    driver: str | None
    unlocks: list[str]


class LevelSummary(TypedDict):
    """A level of capacity from a time on."""

    time: str
    level: float


class OutageSummary(TypedDict):
    """A time in which an asset gives less, or nothing."""

    asset: str
    start: str
    end: str
    lost_frac: float
    cause: str


class WeatherSummary(TypedDict):
    """Source of the weather, and cautions for readers."""

    source: str
    notes: list[str]


class Provenance(TypedDict):
    """All that the numbers of a run depend on."""

    scenario: str
    scenario_digest: str
    files: dict[str, str]
    overrides: list[str]
    changes: list[str]
    seed: int
    versions: dict[str, str]
    plugins: NotRequired[dict[str, str]]


class RunSummary(TypedDict):
    """The keys of a summary besides its key figures, which stand after the milestones."""

    schema_version: Annotated[int, KeyRecord("", "version of this layout")]
    name: Annotated[str, KeyRecord("", "name of the site")]
    start: Annotated[str, KeyRecord("", "first day of the run")]
    end: Annotated[str, KeyRecord("", "first day after the run")]
    time_zone: Annotated[str, KeyRecord("", "time zone of the site")]
    replication: Annotated[
        int, KeyRecord("", "number that keys the random numbers; 0 is the single run")
    ]
    milestones: Annotated[
        list[MilestoneSummary],
        KeyRecord(
            "",
            "list of `name`, `metric`, `target`, `by`, `reached` (day or null), `met`, "
            "`margin_days` (positive is early); with replications, `dcsim run` adds those of the "
            "dates, also `probability` to be met, its Wilson interval at 95 % "
            "(`probability_low`, `probability_high`), `probability_runs`, and `promised`: the day "
            "by which it is reached in a share of the runs",
        ),
    ]
    gpus_fit: Annotated[
        FitSummary,
        KeyRecord(
            "",
            "`energized_mw` in the end; by product `gpus` it would carry and `facility_kw_per_gpu`",
        ),
    ]
    gpu_days: Annotated[
        dict[str, float],
        KeyRecord("GPU-day", "by state; [Ramp](models/ramp.md#states-of-a-gpu)"),
    ]
    binding: Annotated[
        list[QuarterSummary],
        KeyRecord(
            "",
            "by `quarter`: `cause`, `state` and `gpu_days` that it held back; null where nothing "
            "was",
        ),
    ]
    yearly: Annotated[dict[str, list[float | None]], KeyRecord("", "by calendar year; see below")]
    products: Annotated[list[str], KeyRecord("", "names, in the order of the columns")]
    works: Annotated[
        list[WorkSummary],
        KeyRecord(
            "",
            "`name`, `kind`, `label`, `start`, `finish` (null if never, or not within the run), "
            "`announced`, `driver` (predecessor that set the date), `unlocks`",
        ),
    ]
    capacity_mw: Annotated[
        dict[str, list[LevelSummary]],
        KeyRecord(
            "MW",
            "by key (`energized`, `halls`, and each asset as `SECTION.NAME`): list of `time` and "
            "`level` from then on",
        ),
    ]
    outages: Annotated[
        list[OutageSummary],
        KeyRecord("", "`asset`, `start`, `end`, `lost_frac`, `cause` (forced, maintenance)"),
    ]
    weather: Annotated[WeatherSummary, KeyRecord("", "`source` and `notes`: repairs and cautions")]
    notes: Annotated[
        list[str],
        KeyRecord(
            "",
            "what the scenario leaves open of its place; what was repaired, assumed or looks odd "
            "in all files of the run, the weather's too",
        ),
    ]
    provenance: Annotated[
        Provenance,
        KeyRecord(
            "",
            "`scenario` file, `scenario_digest`, `files` (digest of each data file), `overrides`, "
            "`changes` (values replaced by later layers), `seed`, `versions`; with plug-ins "
            "`plugins` (version and hash of the code of each)",
        ),
    ]


class Summary(RunSummary, KeyFigures):
    """All that `summary.json` of a run holds; figures of money in US dollars."""


class ReplicatedSummary(Summary):
    """The summary of a run that stands for its replications too: the single run, and these keys."""

    replications: int
    replications_failed: int
    bands: dict[str, dict[str, float | None]]
    lost_gpu_days: dict[str, dict[str, float | None]]
    work_dates: dict[str, dict[str, str | None]]
    nearest: dict[str, int]
