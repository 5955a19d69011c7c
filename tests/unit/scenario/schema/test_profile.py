"""Series from files."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.profile import LoadProfile, Profile

KEYS = {"file": "load.csv", "column": "load_mw"}


def test_values_stand_as_they_are_unless_scaled():
    assert Profile.model_validate(KEYS).scale == 1.0
    assert Profile.model_validate({**KEYS, "scale": 1e-3}).scale == 0.001


@pytest.mark.parametrize("scale", [0, -1, 1e7])
def test_a_scale_is_positive(scale):
    with pytest.raises(ValidationError, match="scale"):
        Profile.model_validate({**KEYS, "scale": scale})


def test_a_load_is_that_of_the_servers_or_of_all():
    assert LoadProfile.model_validate(KEYS).of == "it"
    with pytest.raises(ValidationError, match="'it' or 'facility'"):
        LoadProfile.model_validate({**KEYS, "of": "cooling"})
