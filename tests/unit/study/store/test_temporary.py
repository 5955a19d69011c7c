"""Stores for the length of a call."""

from __future__ import annotations

import tempfile

import pytest

from dcsim.errors import OutputError
from dcsim.study.store.temporary import store_at


def test_a_named_folder_stays(tmp_path):
    with store_at(tmp_path / "st") as store:
        assert store.path == tmp_path / "st"
    assert (tmp_path / "st" / "cases").is_dir()


def test_without_a_folder_nothing_is_left_after_an_interrupt(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def interrupted():
        with store_at(None) as store:
            assert tmp_path in store.path.parents
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_no_place_for_temporary_files_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with (
        pytest.raises(OutputError, match="temporary files cannot be written: No such file"),
        store_at(None),
    ):
        pass
