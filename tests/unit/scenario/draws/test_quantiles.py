from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dcsim.scenario.draws import quantiles

Z90 = float(stats.norm.ppf(0.9))


@pytest.mark.parametrize("u", [0.001, 0.25, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(
    ("quantile", "parameters", "distribution"),
    [
        (quantiles.triangular, (2, 3, 7), stats.triang(c=0.2, loc=2, scale=5)),
        (quantiles.uniform_between, (-1, 3), stats.uniform(loc=-1, scale=4)),
        (quantiles.normal, (10, 12), stats.norm(loc=10, scale=2 / Z90)),
        (quantiles.lognormal, (6, 15), stats.lognorm(s=math.log(2.5) / Z90, scale=6)),
        (quantiles.exponential, (5,), stats.expon(scale=5)),
        (quantiles.beta_pert, (2, 3, 7), stats.beta(a=1.8, b=4.2, loc=2, scale=5)),
    ],
)
def test_a_quantile_is_that_of_scipy(quantile, parameters, distribution, u):
    assert quantile(u, *parameters) == pytest.approx(distribution.ppf(u), rel=1e-9)


def test_empirical_quantiles_are_those_of_numpy():
    observed = [30.0, 10.0, 20.0, 80.0]
    for u in (0.0, 0.1, 0.5, 0.77, 1.0):
        assert quantiles.empirical(u, observed) == pytest.approx(np.quantile(observed, u))
    assert quantiles.empirical(0.3, [5.0]) == 5.0


@pytest.mark.parametrize(
    ("quantile", "parameters", "message"),
    [
        (quantiles.lognormal, (0, 1), "lognormal needs a median above zero"),
        (quantiles.exponential, (-1,), "exponential needs a mean of zero or more"),
    ],
)
def test_a_parameter_out_of_range_is_refused(quantile, parameters, message):
    with pytest.raises(ValueError, match=message):
        quantile(0.5, *parameters)
