"""The hourly columns of a result: outputs of the stages in, named arrays with units out.

Each column is one record of `COLUMNS`: its name, its unit, its meaning, and the function that
gives its values. All else that names columns (their order in `hourly.parquet`, the units in
exports, the tables of the documentation) is made from the records, so that a new column is one
record and nothing else.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dcsim.accounts.gpu.powered import working_gpus
from dcsim.clock import Floats
from dcsim.types import Accounts, Flows, Load, Timeline, Weather

Aggregation = Literal["mean", "sum", "level", "ratio"]
"""Relation of a value to its step, and so the way it is carried to longer steps.

``mean``: mean over the step, so a power times hours is an energy. ``sum``: total of the step.
``level``: the level at the end of the step. ``ratio``: of the means of two other columns; over
longer times those are averaged first.
"""
_FIELD = re.compile(r"\{(\w+)\}")


class StageOutputs(NamedTuple):
    """The outputs of the stages of one run, from which columns take their values."""

    timeline: Timeline
    weather: Weather
    load: Load
    flows: Flows
    accounts: Accounts


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One hourly column, or one for each name of a list, such as ``gpus_online_{product}``."""

    name: str
    """Name in the result; a field in braces stands for each product, segment or source."""
    unit: str
    aggregation: Aggregation
    term: str
    """Name in words, for figures and exports."""
    meaning: str
    """Definition, for a reader who knows the term."""
    values: Callable[[StageOutputs], Floats | Mapping[str, Floats]]
    """Values, shape ``(n_hours,)``; by name of the field's list where the name has a field."""

    @property
    def field(self) -> str:
        """Field of the name, such as ``product``; empty where the name has none."""
        found = _FIELD.search(self.name)
        return found[1] if found else ""

    @property
    def placeholder_name(self) -> str:
        """Name as the documentation writes it: ``gpus_online_PRODUCT``."""
        return _FIELD.sub(lambda found: found[1].upper(), self.name)

    def matches(self, name: str) -> bool:
        """Return True if a column of that name is of this record."""
        before, _, after = self.name.partition(f"{{{self.field}}}")
        shape = f"{re.escape(before)}.+{re.escape(after)}" if self.field else re.escape(self.name)
        return re.fullmatch(shape, name) is not None

    def term_of(self, name: str) -> str:
        """Return the column's name in words, its field filled from `name`."""
        before, _, after = self.name.partition(f"{{{self.field}}}")
        inner = name.removeprefix(before).removesuffix(after) if self.field else ""
        return _FIELD.sub(inner.replace("_", " "), self.term)


COLUMNS = (
    ResultColumn(
        "it_power_mw",
        "MW",
        "mean",
        "IT power",
        "servers, network, storage, management",
        lambda run: run.load.it_power_mw,
    ),
    ResultColumn(
        "cooling_power_mw",
        "MW",
        "mean",
        "cooling power",
        "fans, pumps, chillers, towers",
        lambda run: run.load.cooling_power_mw,
    ),
    ResultColumn(
        "electrical_loss_mw",
        "MW",
        "mean",
        "electrical loss",
        "UPS, transformers, distribution, lighting",
        lambda run: run.load.electrical_loss_mw,
    ),
    ResultColumn(
        "facility_power_mw",
        "MW",
        "mean",
        "facility power",
        "IT, cooling and electrical loss: the load at the meter",
        lambda run: run.load.facility_power_mw,
    ),
    ResultColumn(
        "{source}_generation_mw",
        "MW",
        "mean",
        "generation of {source}",
        "generation of one kind of plant, or of the contract of that name, curtailed or not",
        lambda run: run.flows.generation_mw,
    ),
    ResultColumn(
        "grid_import_mw",
        "MW",
        "mean",
        "import",
        "energy from the grid; contracts apart",
        lambda run: run.flows.grid_import_mw,
    ),
    ResultColumn(
        "grid_export_mw",
        "MW",
        "mean",
        "export",
        "energy to the grid; contracts apart",
        lambda run: run.flows.grid_export_mw,
    ),
    ResultColumn(
        "battery_charge_mw",
        "MW",
        "mean",
        "battery charge",
        "into all batteries, losses included",
        lambda run: run.flows.battery_charge_mw,
    ),
    ResultColumn(
        "battery_discharge_mw",
        "MW",
        "mean",
        "battery discharge",
        "out of all batteries",
        lambda run: run.flows.battery_discharge_mw,
    ),
    ResultColumn(
        "battery_stored_mwh",
        "MWh",
        "level",
        "stored energy",
        "energy in all batteries",
        # Levels stand on the edges of steps; a row shows the one at the end of its step.
        lambda run: run.flows.battery_stored_mwh[1:],
    ),
    ResultColumn(
        "curtailed_mw",
        "MW",
        "mean",
        "curtailment",
        "generation that was neither used, stored nor exported",
        lambda run: run.flows.curtailed_mw,
    ),
    ResultColumn(
        "unserved_mw",
        "MW",
        "mean",
        "unserved load",
        "load that no source met",
        lambda run: run.flows.unserved_mw,
    ),
    ResultColumn(
        "throttled_mw",
        "MW",
        "mean",
        "throttled power",
        "IT power cut by capping",
        lambda run: run.load.throttled_mw,
    ),
    ResultColumn(
        "renewable_mw",
        "MW",
        "mean",
        "renewable load",
        "load met in the same hour by own or contracted renewables, stored ones included",
        lambda run: run.accounts.renewable_mw,
    ),
    ResultColumn(
        "carbon_free_mw",
        "MW",
        "mean",
        "carbon-free load",
        "load met in the same hour by carbon-free power, the grid's share included",
        lambda run: run.accounts.carbon_free_mw,
    ),
    ResultColumn(
        "energized_mw",
        "MW",
        "mean",
        "energized power",
        "contracted power that the connection carries, measured as `power.basis` says",
        lambda run: run.timeline.capacity["energized"].hourly(run.timeline.calendar),
    ),
    ResultColumn(
        "pue",
        "1",
        "ratio",
        "power usage effectiveness",
        "facility over IT power, ISO/IEC 30134-2 by the hour; null where nothing is on",
        lambda run: run.load.pue,
    ),
    ResultColumn(
        "water_m3",
        "m3",
        "sum",
        "water",
        "water used by cooling",
        lambda run: run.load.water_m3,
    ),
    ResultColumn(
        "temp_dry_bulb_c",
        "°C",
        "mean",
        "dry-bulb temperature",
        "outdoors",
        lambda run: run.weather.temp_dry_bulb_c,
    ),
    ResultColumn(
        "temp_wet_bulb_c",
        "°C",
        "mean",
        "wet-bulb temperature",
        "outdoors",
        lambda run: run.weather.temp_wet_bulb_c,
    ),
    ResultColumn(
        "gpus_online_{product}",
        "GPU",
        "mean",
        "GPUs online, {product}",
        "GPUs of a product that are online",
        lambda run: dict(zip(run.timeline.products, run.load.online_gpus, strict=True)),
    ),
    ResultColumn(
        "gpus_wanted_{segment}",
        "GPU",
        "mean",
        "GPUs wanted, {segment}",
        "demand of a segment",
        lambda run: dict(zip(run.load.segments, run.load.wanted_gpus, strict=True)),
    ),
    ResultColumn(
        "gpus_busy_{segment}",
        "GPU",
        "mean",
        "GPUs busy, {segment}",
        "demand of a segment that is served, by GPUs that have power",
        lambda run: dict(zip(run.load.segments, working_gpus(run.load, run.flows), strict=True)),
    ),
)
"""All hourly columns, in their order.

Neighbors with the same field take turns: wanted and busy of the first segment, then of the second.
"""


def column_part(name: str) -> str:
    """Return a name as part of a column's name: ``baseload-ppa`` becomes ``baseload_ppa``."""
    return name.replace("-", "_").replace(".", "_")


def column_record(name: str) -> ResultColumn | None:
    """Return the record of the column of that name; None if the table has none.

    Examples
    --------
    >>> column_record("battery_stored_mwh").unit
    'MWh'
    >>> column_record("gpus_busy_inference").placeholder_name
    'gpus_busy_SEGMENT'
    """
    # A full name goes before a pattern that it happens to match.
    ordered = sorted(COLUMNS, key=lambda record: bool(record.field))
    return next((record for record in ordered if record.matches(name)), None)


def hourly_columns(run: StageOutputs) -> dict[str, Floats]:
    """Return the columns of `hourly.parquet` besides its time, shape ``(n_hours,)`` each."""
    return dict(_named_columns(run))


def _named_columns(run: StageOutputs) -> Iterator[tuple[str, Floats]]:
    for field, records in itertools.groupby(COLUMNS, key=lambda record: record.field):
        values = [(record.name, record.values(run)) for record in records]
        by_name = [(name, found) for name, found in values if isinstance(found, Mapping)]
        yield from ((name, found) for name, found in values if not isinstance(found, Mapping))
        for part in by_name[0][1] if by_name else ():
            for name, found in by_name:
                yield name.replace(f"{{{field}}}", column_part(part)), found[part]
