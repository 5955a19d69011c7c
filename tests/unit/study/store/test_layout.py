from __future__ import annotations

import os
import stat

import pytest

from dcsim.errors import OutputError
from dcsim.study.store.store import ResultStore


def test_a_store_that_is_not_there_is_not_made_by_reading(tmp_path):
    with pytest.raises(OutputError, match="there is no store of this name"):
        ResultStore.open(tmp_path / "none", create=False)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path, create):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match=r"holds no store|is no store"):
        ResultStore.open(tmp_path, create=create)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_may_become_a_store_and_a_file_may_not(tmp_path):
    ResultStore.open(tmp_path, create=True).close()
    assert ResultStore.open(tmp_path, create=False).keys() == []
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file: is not a folder"):
        ResultStore.open(tmp_path / "file", create=True)


def test_the_folders_are_the_users_alone(store):
    for path in (store.path, *store.path.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_store_into_which_anyone_may_write_is_refused(full):
    (full.path / "cases").chmod(0o777)
    with pytest.raises(OutputError, match="cases: anyone may write"):
        ResultStore.open(full.path, create=False)
    (full.path / "cases").chmod(0o1777)
    assert ResultStore.open(full.path, create=False).keys() == full.keys()


def test_a_store_with_a_link_for_a_folder_is_refused(full, tmp_path):
    (full.path / "cases").rename(tmp_path / "elsewhere")
    (full.path / "cases").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="cases: is not a folder"):
        ResultStore.open(full.path, create=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_store_of_another_user_is_refused(full):
    os.chown(full.path, 12345, -1)
    with pytest.raises(OutputError, match="belongs to another user"):
        ResultStore.open(full.path, create=False)
