"""Laws hold for steps of every length: a module that asks for it runs with each of three."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", params=[0.25, 1.0, 3.0], ids=["15 min", "1 h", "3 h"])
def every_step(request):
    """Run the tests of a module with its `STEP_H` at each length."""
    usual, request.module.STEP_H = request.module.STEP_H, request.param
    yield
    request.module.STEP_H = usual
