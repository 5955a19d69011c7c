"""The texts of `dcsim survive`: machines, batteries and survival in, lines and plain data out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from dcsim.cli.output.fitting import lines_within, terminal_width
from dcsim.cli.output.tables import text_table
from dcsim.units import MINUTES_PER_HOUR

if TYPE_CHECKING:
    from dcsim.scenario.schema.site import Site
    from dcsim.supply.backup.machines import GensetGroup
    from dcsim.supply.backup.stores import OutageStore
    from dcsim.supply.backup.survival import Survival

MARKS_H = (1, 2, 4, 8, 24, 48, 72, 168, 336, 720, 2160, 8760)
"""Hours that are printed, as far as the outage lasts."""
NORMAL_95 = 1.96
"""Standard errors of a 95 % interval."""


class SurvivalFound(NamedTuple):
    """Survival of one outage by both ways."""

    exact: Survival | None
    """By formula; None where batteries make it too long."""
    replay: Survival
    n_replications: int
    """Outages that were replayed."""


def backups_of(site: Site) -> list[Any]:
    """Return the groups of backup machines of a site."""
    from dcsim.scenario.schema.assets.registry import assets_of, kinds_of

    return [asset for _, asset in assets_of(site, kinds_of("backup"))]


def machine_lines(site: Site, load_mw: float) -> Iterator[str]:
    """Yield the generators of a site, their redundancy, and whether the UPS bridges the start."""
    from dcsim.supply.backup.machines import needed_units

    backups = backups_of(site)
    for part in backups:
        needed = needed_units(load_mw, part.unit_power_mw)
        lives = "never fail once running" if part.mttf_h is None else f"MTTF {part.mttf_h:,.0f} h"
        yield (
            f"{part.name}: {part.n_units} x {part.unit_power_mw:g} MW, {needed} needed alone "
            f"({redundancy(part.n_units, needed)}), {part.start_failure_frac:.2%} fail to start, "
            f"{lives}"
        )
        ups, start = part.ride_through_h * MINUTES_PER_HOUR, part.start_time_h * MINUTES_PER_HOUR
        verdict = "bridges" if ups >= start else "does not bridge"
        yield f"  UPS of {ups:g} min {verdict} the start of {start:g} min"
    if len(backups) > 1:
        all_mw = sum(part.n_units * part.unit_power_mw for part in backups)
        yield f"together {all_mw:g} MW for {load_mw:.1f} MW"


def redundancy(n_units: int, needed: int) -> str:
    """Return the usual name of what is spare.

    >>> redundancy(9, 8), redundancy(8, 8), redundancy(16, 8), redundancy(6, 8)
    ('N+1', 'N', '2N', '2 short of N')
    """
    if n_units < needed:
        return f"{needed - n_units} short of N"
    if n_units >= 2 * needed:
        return "2N" if n_units == 2 * needed else f"2N+{n_units - 2 * needed}"
    return "N" if n_units == needed else f"N+{n_units - needed}"


def battery_lines(stores: Mapping[str, OutageStore]) -> Iterator[str]:
    """Yield what each battery holds when the outage begins, and what it can give of it."""
    for key, store in stores.items():
        given_mwh = max(store.stored_mwh - store.minimum_mwh, 0.0) * store.discharge_frac
        if store.discharge_mw == 0:
            yield f"{key}: not in service when the outage begins"
        else:
            yield (
                f"{key}: holds {store.stored_mwh:,.4g} MWh and gives {given_mwh:,.4g} MWh of it, "
                f"{store.discharge_mw:,.4g} MW at most"
            )


def survival_lines(found: SurvivalFound, width: int | None = None) -> Iterator[str]:
    """Yield survival and expected unserved energy at the hours that are printed.

    Parameters
    ----------
    found : SurvivalFound
    width : int, optional
        Columns of the terminal; those it has by default.
    """
    from dcsim.study.statistics.samples import wilson

    exact, replay = found.exact, found.replay
    step_h, n_hours = float(replay.hours[1]), float(replay.hours[-1])
    marks = [mark for mark in MARKS_H if mark < n_hours] + [n_hours]
    body = []
    assert replay.unserved_sem is not None
    for mark in marks:
        at = round(mark / step_h)
        low, high = wilson(
            round(replay.carried_frac[at] * found.n_replications), found.n_replications
        )
        carried = f"{low:.1%} to {high:.1%}"
        energy = f"{replay.unserved_mwh[at]:,.1f} ± {NORMAL_95 * replay.unserved_sem[at]:,.1f}"
        chance = "–" if exact is None else f"{exact.carried_frac[at]:.2%}"
        mean = "–" if exact is None else f"{exact.unserved_mwh[at]:,.1f}"
        body.append([f"{mark:g} h", chance, carried, mean, energy])
    whats = ("all carried", "MWh unserved")
    heads = [f"{what}: {by}" for what in whats for by in ("formula", "replay")]
    yield from text_table(["after", *heads], body, width=width, to_right=range(5))
    if exact is None:
        remark = (
            "The batteries can be left in too many ways for the formula; the replay stands alone."
        )
        yield from lines_within([remark], width or terminal_width(100))


def yearly_lines(site: Site, groups: Sequence[GensetGroup], load_mw: float) -> Iterator[str]:
    """Yield the energy that grid outages leave unserved in a mean year, if the scenario has any.

    Parameters
    ----------
    site : Site
    groups : sequence of GensetGroup
        Its emergency generators.
    load_mw : float
        Load to carry. [MW]
    """
    from dcsim.supply.backup.survival import yearly_unserved_mwh

    outages = site.grid.outages
    if outages is None or outages.rate_per_year == 0:
        return
    lost = yearly_unserved_mwh(groups, load_mw, outages.rate_per_year, outages.repair_h)
    yield (
        f"Grid: {outages.rate_per_year:g} outages a year of {outages.repair_h:g} h in the mean: "
        f"{lost:,.3f} MWh a year unserved"
    )


def survival_data(
    site: Site,
    loads_mw: Sequence[float],
    groups: Sequence[GensetGroup],
    stores: Mapping[str, OutageStore],
    found: SurvivalFound,
) -> dict[str, object]:
    """Return load, generators and survival as plain data.

    Parameters
    ----------
    site : Site
    loads_mw : sequence of float
        Load of each step. [MW]
    groups : sequence of GensetGroup
        Its emergency generators.
    stores : mapping of asset key to OutageStore
        Its batteries, as far as they count.
    found : SurvivalFound
    """
    from dcsim.scenario.schema.assets.registry import kinds_of
    from dcsim.supply.backup.machines import needed_units

    exact, replay = found.exact, found.replay
    assert replay.carried_sem is not None
    assert replay.unserved_sem is not None
    highest_mw = max(loads_mw)
    return {
        "load_mw": highest_mw,
        "loads_mw": list(loads_mw),
        kinds_of("backup")[0].section: [
            group._asdict() | {"mttf_h": _finite_or_none(group.mttf_h)} for group in groups
        ],
        kinds_of("storage")[0].section: {key: unit._asdict() for key, unit in stores.items()},
        "needed_units": {
            part.name: needed_units(highest_mw, part.unit_power_mw) for part in backups_of(site)
        },
        "hours": replay.hours.tolist(),
        "carried_frac": None if exact is None else exact.carried_frac.tolist(),
        "unserved_mwh": None if exact is None else exact.unserved_mwh.tolist(),
        "replayed_carried_frac": replay.carried_frac.tolist(),
        "replayed_carried_sem": replay.carried_sem.tolist(),
        "replayed_unserved_mwh": replay.unserved_mwh.tolist(),
        "replayed_unserved_sem": replay.unserved_sem.tolist(),
    }


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
