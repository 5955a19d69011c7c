"""The models of all kinds, found by their section."""

from __future__ import annotations

import inspect

import pytest

from dcsim.scenario.schema.assets.registry import KINDS
from dcsim.supply.assets.models import MODELS


def test_models_stand_in_the_order_of_their_kinds():
    assert list(MODELS) == [kind.section for kind in KINDS]


@pytest.mark.parametrize("section", MODELS)
def test_a_model_takes_an_asset_and_its_conditions(section):
    model = MODELS[section]
    assert model.__module__ == f"dcsim.supply.assets.{section}"
    assert len(inspect.signature(model).parameters) == 2
