"""The key figures of a run, one line each: name, type, unit and meaning.

The classes below are types and tables at once. ``KeyFigures`` types the figures of a summary, so
that ``summary["facility_mwh"]`` is a float to a type checker; `run_records` and `year_records` give
the same lines as records, from which the documentation is made. A new figure is one line here and
one value in `dcsim.accounts.figures` or `dcsim.accounts.money.budget`.

Two groups of names depend on the scenario:

- Figures of money end in the currency of the totals. They are declared in US dollars, the default,
  and not required: a run in won has ``npv_krw`` (see `in_currency`) in place of ``npv_usd``.
- Generation by source has a name for each source (`SOURCE_FIGURES`).

Code that only learns a name when it runs reads it with `Result.figure`.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Annotated, NamedTuple, NotRequired, TypedDict


class KeyRecord(NamedTuple):
    """Unit and meaning of a key of the summary."""

    unit: str
    """Unit; ``share`` is from 0 to 1, ``currency`` that of the totals, empty without a unit."""
    meaning: str
    in_years: bool = False
    """Given by calendar year too, as the sum, or for a peak the highest, of the year."""


class CapacityFigures(TypedDict):
    """GPUs, power and the shares that follow from the sums."""

    gpus_online_end: Annotated[float, KeyRecord("GPU", "online at the end")]
    gpus_online_max: Annotated[float, KeyRecord("GPU", "most online for at least a minute")]
    gpus_in_service_max: Annotated[float, KeyRecord("GPU", "most online or under repair")]
    stranded_gpu_days: Annotated[
        float,
        KeyRecord("GPU-day", "delivered and waiting for hall, crew, power, cooling or slot"),
    ]
    stranded_power_mw_mean: Annotated[
        float | None,
        KeyRecord(
            "MW",
            "energized less drawn where the connection is measured; mean while there are GPUs",
        ),
    ]
    peak_facility_mw: Annotated[float, KeyRecord("MW", "highest step at the meter", in_years=True)]
    peak_import_mw: Annotated[float, KeyRecord("MW", "highest step from the grid", in_years=True)]
    mean_facility_mw: Annotated[
        float | None,
        KeyRecord("MW", "at the meter, mean over steps with load while there are GPUs"),
    ]
    swing_mw_max: Annotated[
        float,
        KeyRecord(
            "MW",
            "largest band within which training in step may move IT power; by year only where "
            "there is such training",
            in_years=True,
        ),
    ]
    renewable_hourly_frac: Annotated[
        float | None,
        KeyRecord("share", "load met by renewables in the same hour", in_years=True),
    ]
    renewable_annual_frac: Annotated[
        float | None,
        KeyRecord("share", "renewable generation over load, at most 1", in_years=True),
    ]
    carbon_free_hourly_frac: Annotated[
        float | None,
        KeyRecord(
            "share",
            "load met by carbon-free power in the same hour, the grid's share included",
            in_years=True,
        ),
    ]
    utilization_frac: Annotated[
        float | None, KeyRecord("share", "busy over online GPU-hours", in_years=True)
    ]
    pue_mean: Annotated[float | None, KeyRecord("1", "facility over IT energy")]


class SumFigures(TypedDict):
    """Sums over time: of the run, and by calendar year."""

    facility_mwh: Annotated[float, KeyRecord("MWh", "drawn at the meter", in_years=True)]
    it_mwh: Annotated[float, KeyRecord("MWh", "drawn by IT", in_years=True)]
    cooling_mwh: Annotated[float, KeyRecord("MWh", "drawn by cooling", in_years=True)]
    electrical_loss_mwh: Annotated[
        float, KeyRecord("MWh", "lost in UPS, transformers and distribution", in_years=True)
    ]
    throttled_mwh: Annotated[float, KeyRecord("MWh", "IT energy cut by capping", in_years=True)]
    fuel_mwh: Annotated[
        float,
        KeyRecord("MWh", "fuel of plants that state an efficiency, lower heating value", True),
    ]
    import_mwh: Annotated[float, KeyRecord("MWh", "grid energy, contracts apart", in_years=True)]
    export_mwh: Annotated[
        float, KeyRecord("MWh", "energy to the grid, contracts apart", in_years=True)
    ]
    charge_mwh: Annotated[float, KeyRecord("MWh", "into batteries", in_years=True)]
    discharge_mwh: Annotated[float, KeyRecord("MWh", "out of batteries", in_years=True)]
    curtailed_mwh: Annotated[
        float, KeyRecord("MWh", "neither used, stored nor exported", in_years=True)
    ]
    unserved_mwh: Annotated[float, KeyRecord("MWh", "load that no source met", in_years=True)]
    renewable_generation_mwh: Annotated[
        float,
        KeyRecord("MWh", "generation of plants and contracts that are renewable", in_years=True),
    ]
    renewable_mwh: Annotated[
        float, KeyRecord("MWh", "load met by renewables in the same hour", in_years=True)
    ]
    carbon_free_mwh: Annotated[
        float, KeyRecord("MWh", "load met by carbon-free power in the same hour", in_years=True)
    ]
    gpu_hours_online: Annotated[float, KeyRecord("GPU-h", "online", in_years=True)]
    gpu_hours_wanted: Annotated[float, KeyRecord("GPU-h", "demand", in_years=True)]
    gpu_hours_busy: Annotated[
        float,
        KeyRecord("GPU-h", "demand that is served, by GPUs that have power", in_years=True),
    ]
    gpu_hours_throttled: Annotated[
        float,
        KeyRecord(
            "GPU-h",
            "work of busy GPUs lost by capping, in proportion to their power",
            in_years=True,
        ),
    ]
    gpu_hours_unserved: Annotated[
        float,
        KeyRecord(
            "GPU-h",
            "online without power, in proportion to the load that no source met",
            in_years=True,
        ),
    ]
    water_m3: Annotated[float, KeyRecord("m3", "water used by cooling", in_years=True)]
    carbon_location_t: Annotated[
        float, KeyRecord("t CO2", "emissions, location-based", in_years=True)
    ]
    carbon_market_t: Annotated[float, KeyRecord("t CO2", "emissions, market-based", in_years=True)]


class MoneyFigures(TypedDict):
    """Figures of money; None without ``money`` in the scenario. Costs are positive."""

    energy_cost_usd: NotRequired[
        Annotated[float | None, KeyRecord("currency", "cost of energy", in_years=True)]
    ]
    operating_cost_usd: NotRequired[
        Annotated[
            float | None,
            KeyRecord("currency", "cost of energy, carbon, staff, maintenance", in_years=True),
        ]
    ]
    capex_usd: NotRequired[
        Annotated[float | None, KeyRecord("currency", "capital and GPUs", in_years=True)]
    ]
    capex_gpus_usd: NotRequired[
        Annotated[float | None, KeyRecord("currency", "GPUs alone", in_years=True)]
    ]
    income_usd: NotRequired[Annotated[float | None, KeyRecord("currency", "rental", in_years=True)]]
    cash_flow_usd: NotRequired[
        Annotated[
            float | None,
            KeyRecord("currency", "sum of all lines of the ledger", in_years=True),
        ]
    ]
    income_unserved_usd: NotRequired[
        Annotated[
            float | None,
            KeyRecord(
                "currency",
                "rental that was not earned because load was not served; in no line of the ledger",
                in_years=True,
            ),
        ]
    ]
    npv_usd: NotRequired[
        Annotated[float | None, KeyRecord("currency", "net present value of all lines")]
    ]
    irr_frac: Annotated[
        float | None,
        KeyRecord(
            "share a year", "internal rate of return; null where more goes out than comes in"
        ),
    ]
    levelized_cost_usd_per_gpu_hour: NotRequired[
        Annotated[float | None, KeyRecord("currency/GPU-h", "all cost over GPU-hours with power")]
    ]
    levelized_cost_usd_per_mwh: NotRequired[
        Annotated[float | None, KeyRecord("currency/MWh", "all cost over energy served")]
    ]
    levelized_energy_cost_usd_per_mwh: NotRequired[
        Annotated[float | None, KeyRecord("currency/MWh", "energy cost over energy served")]
    ]
    payback_year: Annotated[
        float | None, KeyRecord("year", "first year at whose end the money is back")
    ]
    funds_promised_usd: NotRequired[
        Annotated[float | None, KeyRecord("currency", "funds that parties committed")]
    ]
    funds_drawn_usd: NotRequired[
        Annotated[float | None, KeyRecord("currency", "capital spent within committed funds")]
    ]
    funds_gap_usd: NotRequired[
        Annotated[float | None, KeyRecord("currency", "capital spent beyond committed funds")]
    ]


class KeyFigures(CapacityFigures, SumFigures, MoneyFigures):
    """Figures of the whole run; None where one has no meaning, as a PUE without load."""


SOURCE_FIGURES = {
    "{source}_mwh": KeyRecord(
        "MWh", "generation of one kind of plant, or of all contracts, curtailed or not", True
    )
}
"""Figures whose number depends on the kinds of sources; the field stands for each of them."""

YEAR_FIGURES = {
    "year": KeyRecord("", "calendar year at the site"),
    "pue": KeyRecord("1", "facility over IT energy of the year; null without load"),
    "gpus_online_end": KeyRecord("GPU", "online at the end of the year"),
    "gpus_in_service_end": KeyRecord("GPU", "online or under repair at the end of the year"),
    "gpus_on_order_end": KeyRecord("GPU", "ordered and not delivered at the end of the year"),
    "gpus_retired_end": KeyRecord("GPU", "retired by the end of the year"),
}
"""Figures that are given by calendar year in another sense than that of the run, or only so."""


def records_of(*tables: type) -> dict[str, KeyRecord]:
    """Return the records in the annotations of typed dictionaries, by name in their order.

    Examples
    --------
    >>> records_of(SumFigures)["water_m3"]
    KeyRecord(unit='m3', meaning='water used by cooling', in_years=True)
    """
    found = {}
    for table in tables:
        for name, hint in typing.get_type_hints(table, include_extras=True).items():
            inner = typing.get_args(hint)[0] if typing.get_origin(hint) is NotRequired else hint
            for extra in getattr(inner, "__metadata__", ()):
                if isinstance(extra, KeyRecord):
                    found[name] = extra
    return found


def run_records() -> dict[str, KeyRecord]:
    """Return the records of the figures of the whole run, money in US dollars."""
    return records_of(CapacityFigures, SumFigures) | SOURCE_FIGURES | records_of(MoneyFigures)


def year_records() -> dict[str, KeyRecord]:
    """Return the records of the figures by calendar year, money in US dollars."""
    both = {name: record for name, record in run_records().items() if record.in_years}
    return YEAR_FIGURES | both


def money_names(currency: str) -> list[str]:
    """Return the names of the figures of money in a currency such as ``krw``.

    Examples
    --------
    >>> money_names("krw")[-3:]
    ['funds_promised_krw', 'funds_drawn_krw', 'funds_gap_krw']
    """
    return [in_currency(name, currency) for name in MoneyFigures.__annotations__]


def in_currency(name: str, currency: str) -> str:
    """Return the name that a figure of money in US dollars has in another currency.

    Examples
    --------
    >>> in_currency("levelized_cost_usd_per_mwh", "eur")
    'levelized_cost_eur_per_mwh'
    """
    return "_".join(currency if part == "usd" else part for part in name.split("_"))


def figure_of(summary: Mapping[str, object], name: str) -> float | None:
    """Return a figure by a name that is only known at run time, such as ``npv_krw``.

    Parameters
    ----------
    summary : mapping
        A summary, or the key figures of it.
    name : str
        Name of a figure: one of `KeyFigures`, in any currency, or of a source.

    Returns
    -------
    float or None
        None where the figure has no meaning in this run.

    Raises
    ------
    KeyError
        If the run has no figure of that name.
    """
    value = summary[name]
    if value is not None and not isinstance(value, float | int):
        raise KeyError(name)
    return value
