from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

import pytest

from dcsim.errors import OutputError
from dcsim.study.store.files import (
    DamagedError,
    create_file,
    names_in,
    read_file,
    remove,
    write_file,
)

sys.path.insert(0, str(Path(__file__).parent / "programs"))
from stored_units import TWENTY, fill, unit


def test_nothing_is_left_of_a_file_that_cannot_be_written(store, monkeypatch):
    for name, number in (("write", 28), ("fsync", 5)):

        def refuse(*_args, number=number):
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(f"dcsim.study.store.files.os.{name}", refuse)
            with pytest.raises(OutputError, match=os.strerror(number)) as caught:
                fill(store, [unit()])
        assert str(store.path / "cases") in str(caught.value)
        assert not any((store.path / "cases").iterdir())
    fill(store, [unit()])
    assert store.check() == []


def test_damage_keeps_its_data_when_it_crosses_a_process():
    error = DamagedError("k", Path("/st/k.unit"), "is empty")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "/st/k.unit: is damaged: is empty"


def test_what_the_system_cannot_read_now_is_not_damaged(full, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("dcsim.study.store.files.os.open", refuse)
    with pytest.raises(OutputError, match="Too many open files") as caught:
        full.get(TWENTY[0].key)
    assert not isinstance(caught.value, DamagedError)


def test_a_file_is_replaced_whole_and_leaves_no_part(tmp_path):
    path = tmp_path / "a.unit"
    for content in (b"first", b"", b"x" * 3_000_000):
        write_file(path, content, "0123456789ab-1-00000000")
        assert read_file(path) == content
    assert names_in(tmp_path) == ["a.unit"]


def test_the_content_is_synced_before_the_file_gets_its_name(tmp_path, monkeypatch):
    steps = []
    sync, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (steps.append("sync"), sync(descriptor)))
    monkeypatch.setattr(Path, "replace", lambda *a: (steps.append("rename"), rename(*a)))
    write_file(tmp_path / "a.unit", b"content", "0123456789ab-1-00000000")
    assert steps == ["sync", "rename", "sync"]  # content, name, folder


def test_an_advisory_file_is_created_once(tmp_path):
    assert create_file(tmp_path / "claim", b"one")
    assert not create_file(tmp_path / "claim", b"two")
    assert (tmp_path / "claim").read_bytes() == b"one"


def test_reading_is_bounded_and_follows_no_link(tmp_path):
    (tmp_path / "long").write_bytes(b"12345")
    assert read_file(tmp_path / "long", 5) == b"12345"
    with pytest.raises(ValueError, match="is larger than 4 bytes"):
        read_file(tmp_path / "long", 4)
    (tmp_path / "link").symlink_to(tmp_path / "long")
    with pytest.raises(ValueError, match="is a symbolic link"):
        read_file(tmp_path / "link")
    with pytest.raises(ValueError, match="is not there"):
        read_file(tmp_path / "none")


def test_removing_takes_the_link_and_leaves_its_target(tmp_path):
    (tmp_path / "target").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder", "none"):
        remove(tmp_path / name)
    assert names_in(tmp_path) == ["target"]
    assert names_in(tmp_path / "none") == []
