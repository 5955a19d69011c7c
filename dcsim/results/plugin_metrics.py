"""Metrics of plug-ins: the outputs of a run in, accounts with their figures out."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from dcsim.accounts.key_figures import money_names, run_records
from dcsim.accounts.money.ledger import GRID_KINDS, INCOME_KINDS, RUNNING_KINDS
from dcsim.entry_points import ASSET_GROUP, METRIC_GROUP, blamed
from dcsim.errors import PluginError
from dcsim.results.summary_types import ReplicatedSummary
from dcsim.scenario.schema.conversion import CURRENCIES
from dcsim.scenario.schema.model_records import Metric
from dcsim.scenario.schema.site import Site
from dcsim.types import Accounts

NOT_OF_ENERGY = frozenset(("capital", "gpus", *RUNNING_KINDS, *GRID_KINDS, *INCOME_KINDS))
"""Kinds of ledger lines that energy of a plug-in's assets cannot stand under."""


def check_names(site: Site) -> None:
    """Refuse plug-ins whose figures or ledger lines would stand in the place of those of dcsim.

    Raises
    ------
    PluginError
        Before anything is run: names of figures are known to accounts, not to a scenario.
    """
    extension = site.extension
    taken = {*ReplicatedSummary.__annotations__, *run_records()}
    taken |= {name for code in CURRENCIES for name in money_names(code.lower())}
    for kind in extension.kinds:
        if kind.ledger_kind in NOT_OF_ENERGY:
            home = extension.home(ASSET_GROUP, kind.section)
            raise PluginError(f"{home}: ledger_kind {kind.ledger_kind} is one of dcsim")
        taken.add(f"{kind.figure}_mwh")
    for metric in extension.metrics:
        if metric.name in taken:
            home = extension.home(METRIC_GROUP, metric.name)
            raise PluginError(f"{home}: dcsim has a figure of that name")


def with_metrics(site: Site, run: Any) -> Accounts:
    """Return the accounts of a run with the figures of the plug-ins of its scenario.

    Parameters
    ----------
    site : Site
        Says which plug-ins there are.
    run : Run
        Outputs of all stages, see `dcsim.pipeline.Run`.

    Raises
    ------
    PluginError
        If a metric fails, or returns no number.
    """
    accounts: Accounts = run.accounts
    figures, yearly = dict(accounts.key_figures), dict(accounts.yearly)
    for metric in site.extension.metrics:
        home = site.extension.home(METRIC_GROUP, metric.name)
        with blamed(home):
            figures[metric.name] = _number(metric.value(run))
            if metric.by_year is not None:
                yearly[metric.name] = _by_year(metric, run, accounts.yearly["year"].size)
    return dataclasses.replace(accounts, key_figures=figures, yearly=yearly)


def _by_year(metric: Metric, run: Any, n_years: int) -> Any:
    assert metric.by_year is not None
    values = [_number(value) for value in metric.by_year(run)]
    if len(values) != n_years:
        raise TypeError(f"by_year returned {len(values)} numbers, must be {n_years}, one a year")
    return np.array([math.nan if value is None else value for value in values])


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise TypeError(f"returned {type(value).__name__}, must be a number or None")
    number = float(value)
    return number if math.isfinite(number) else None
