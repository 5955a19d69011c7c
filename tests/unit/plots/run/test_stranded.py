"""Stranded GPUs and power are those of the summary."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.plots import stranded
from dcsim.plots.run.stranded import idle_power


def test_idle_power_is_that_of_the_summary(result):
    idle, energized = idle_power(result), result.hourly["energized_mw"]
    online = [v for name, v in result.hourly.items() if name.startswith("gpus_online_")]
    fleet = np.flatnonzero(sum(online) > 0)
    during = slice(fleet[0], fleet[-1] + 1)
    mean = idle[during][energized[during] > 0].mean()
    assert mean == pytest.approx(result.summary["stranded_power_mw_mean"])


def test_the_title_of_stranded_names_the_days_of_the_summary(result):
    said = stranded(result).get_title(loc="left").replace("\n", " ")
    assert f"{result.summary['stranded_gpu_days']:,.0f} GPU-days" in said
