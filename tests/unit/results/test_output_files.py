"""Files that a command writes: tried before the work, written whole after it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dcsim.errors import OutputError
from dcsim.results.output_files import (
    make_default_folder,
    refuse_path_without_text,
    refuse_unwritable_file,
    refuse_unwritable_place,
    write_output_file,
)

NO_TEXT = os.fsdecode(b"bad\xff")


def test_a_file_is_written_with_the_folders_it_lies_in(tmp_path):
    path = tmp_path / "reports" / "ci" / "x.xml"
    refuse_unwritable_file(path)
    assert not path.parent.exists()
    write_output_file(path, b"one")
    write_output_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert [file.name for file in path.parent.iterdir()] == ["x.xml"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("folder", "is a folder"), ("file/x.xml", "is not a folder"), ("x" * 300, "name too long")],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_made(tmp_path, name, reason):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=f"(?i){reason}"):
        refuse_unwritable_file(tmp_path / name)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder"]


def test_a_path_that_is_no_text_is_refused_wherever_it_stands(tmp_path, monkeypatch):
    (tmp_path / NO_TEXT).mkdir()
    (tmp_path / "link").symlink_to(NO_TEXT)
    for path in (tmp_path / NO_TEXT / "x", tmp_path / "link" / "x"):
        with pytest.raises(OutputError, match="the path is not UTF-8 text; name another one"):
            refuse_unwritable_place(path)
    monkeypatch.chdir(tmp_path / NO_TEXT)
    with pytest.raises(OutputError, match="is not UTF-8 text"):
        refuse_path_without_text(Path("x"))


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refuse_unwritable_file(tmp_path / "pipe")
    program = f"print(open({str(tmp_path / 'pipe')!r}).read())"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as reader:
        write_output_file(tmp_path / "pipe", b"text")
        assert reader.communicate(timeout=30)[0] == b"text\n"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_no_file_is_written_through_a_link_of_somebody_else(tmp_path):
    (tmp_path / "secret").write_text("as it was")
    (tmp_path / ".x.xml.part").symlink_to("secret")
    write_output_file(tmp_path / "x.xml", b"new")
    assert (tmp_path / "secret").read_text() == "as it was"


def test_results_in_the_default_folder_stay_out_of_commits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    make_default_folder(Path("runs/plan"))
    write_output_file(Path("runs/plan/summary.json"), b"{}")
    asked = ["git", "status", "--porcelain", "--untracked-files=all"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.parametrize("path", ["elsewhere/plan", "runs", "deep/runs/plan"])
def test_only_the_default_folder_is_made(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    make_default_folder(Path(path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_gets_no_ignore_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    make_default_folder(Path("runs/plan"))
    assert list(Path("runs").iterdir()) == []
