"""One small site with random numbers, milestones and no money, and its replications."""

from __future__ import annotations

import pytest

import dcsim


@pytest.fixture(scope="session")
def small_site(tmp_path_factory, scenarios):
    text = (scenarios.parent / "tests" / "faults" / "data" / "kill-site.yaml").read_text()
    place = tmp_path_factory.mktemp("small") / "site.yaml"
    place.write_text(text)
    return dcsim.load(place)


@pytest.fixture(scope="session")
def small_replications(small_site):
    return dcsim.replicate(small_site, 12)
