"""Keys of the dispatch."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dcsim.scenario.schema.dispatch import Dispatch


def test_windows_of_four_weeks_overlap_by_one():
    dispatch = Dispatch()
    assert (dispatch.horizon_h, dispatch.overlap_h) == (4 * 7 * 24, 7 * 24)


def test_keys_are_read_with_their_units():
    dispatch = Dispatch.model_validate(
        {"policy": "optimal", "horizon": "3 days", "overlap": "1 day", "import_target": "500 kW"}
    )
    assert (dispatch.horizon_h, dispatch.overlap_h, dispatch.import_target_mw) == (72, 24, 0.5)


@pytest.mark.parametrize("overlap", ["2 days", "49 h"])
def test_a_window_goes_on_beyond_its_overlap(overlap):
    with pytest.raises(ValidationError, match="must be shorter than horizon 48 h"):
        Dispatch.model_validate({"horizon": "48 h", "overlap": overlap})
