"""How much is tried."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def n_mutants(request) -> int:
    """Scenarios that are tried: a few by default, 2,000 with ``--long-faults``."""
    return 2000 if request.config.getoption("--long-faults") else 160
