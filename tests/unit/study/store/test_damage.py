from __future__ import annotations

from pathlib import Path

import pytest

from dcsim.errors import OutputError
from dcsim.study.records.unit_file import NewerFormatError
from dcsim.study.store.damage import Damage, damage_named, damages_of
from dcsim.study.store.files import DamagedError

PATH = Path("/st/cases/a.unit")


def read(name):
    with damage_named(name, PATH):
        if name == "bad":
            raise ValueError("is cut short")
        if name == "new":
            raise NewerFormatError("is of format 2, this version reads 1")


def test_the_error_of_a_reader_gets_key_and_path():
    with pytest.raises(
        DamagedError, match=r"/st/cases/a\.unit: is damaged: is cut short"
    ) as caught:
        read("bad")
    assert (caught.value.key, caught.value.path) == ("bad", PATH)


def test_a_later_format_is_an_error_and_no_damage():
    with pytest.raises(OutputError, match=r"is of format 2, .*; use a later dcsim") as caught:
        list(damages_of(read, ["good", "new"]))
    assert not isinstance(caught.value, DamagedError)


def test_only_damaged_files_are_named():
    assert list(damages_of(read, ["good", "bad", "good"])) == [Damage("bad", PATH, "is cut short")]
