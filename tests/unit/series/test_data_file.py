from __future__ import annotations

import os

import numpy as np
import pytest

from dcsim.errors import ScenarioError
from dcsim.series.data_file import MAX_BYTES, Faults, column, read_lines


def test_column_with_one_hole_keeps_the_other_numbers():
    np.testing.assert_array_equal(column(["1", "x", " 3 ", "inf"]), [1, np.nan, 3, np.nan])


def test_digits_of_other_scripts_and_underscores_are_no_numbers():
    assert np.isnan(column(["1_0", "١٢"])).all()


def test_pipe_is_refused_before_it_blocks(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ScenarioError, match="is not a file"):
        read_lines(pipe, Faults("pipe", "key"))


def test_file_too_large_is_refused(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ScenarioError, match="64 MiB"):
        read_lines(path, Faults("large", "key"))
