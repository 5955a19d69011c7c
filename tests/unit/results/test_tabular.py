"""What every result hands on, by one that is as small as can be."""

from __future__ import annotations

import numpy as np
import pytest

from dcsim.results.table import Table
from dcsim.results.tabular import Tabular


class Small(Tabular):
    @property
    def table(self):
        return Table({"x": np.arange(2.0)})

    def _headline(self):
        return "two <numbers>"


def test_frames_streams_and_texts_follow_from_table_and_headline():
    small = Small()
    assert repr(small) == "<Small two <numbers>>"
    assert small.to_pandas()["x"].tolist() == [0.0, 1.0]
    assert 'object "arrow_array_stream"' in repr(small.__arrow_c_stream__())
    assert small._repr_html_().startswith("<p>two &lt;numbers&gt;</p>")
    pytest.importorskip("xarray")
    assert small.to_xarray()["x"].sum() == 1.0


def test_a_result_without_table_or_headline_is_none():
    with pytest.raises(TypeError, match="abstract"):
        type("Empty", (Tabular,), {})()
