"""Metrics that dates decide: a name in, whether the stages of dates alone give its value out.

A gate or an explanation of such a metric needs no supply and no accounts, and mostly the ramp
alone: `dcsim.pipeline.replay_dates` runs what it reads, and `measure_dates` gives its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

DATED_METRICS = (
    r"milestone\..+",
    r"work\..+",
    r"gpu_days\..+",
    r"input\..+",
    r"gpus_online_end",
    r"gpus_online_max",
    r"gpus_in_service_max",
    r"stranded_gpu_days",
    # Monthly series, at the end of a month or of a year.
    r"gpus_online(\..+)?(@\d{4}-\d{2}|_\d{4})",
    r"energized_mw(@\d{4}-\d{2}|_\d{4})",
)
"""Patterns of the names of metrics that `dcsim.study.records.measure.measure_dates` gives."""

_PATTERN_OF_DATES = re.compile("|".join(DATED_METRICS), re.ASCII)


def decided_by_dates(names: Iterable[str]) -> bool:
    """Return whether the stages that decide the dates of a run give all of these metrics.

    >>> decided_by_dates(["milestone.all-gpus.reached", "gpus_online_2030"])
    True
    >>> decided_by_dates(["milestone.all-gpus.reached", "npv_usd"])
    False
    """
    return all(_PATTERN_OF_DATES.fullmatch(name) is not None for name in names)
