"""Files of a commit: as they are stored, whatever attributes say, and nothing outside."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from dcsim.errors import ModelError
from dcsim.study.checks import commit_files
from dcsim.study.checks.commit_files import write_commit_files

ENV = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}


def git(folder: Path, *words: str, text: bytes = b"") -> str:
    who = [
        "-c",
        "user.name=p",
        "-c",
        "user.email=p@example.org",
        "-c",
        "protocol.file.allow=always",
    ]
    command = ["git", "-C", str(folder), *who, *words]
    done = subprocess.run(command, check=True, capture_output=True, env=ENV, input=text)
    return done.stdout.decode().strip()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", ".")
    return folder


@pytest.fixture
def written(top: Path, tmp_path: Path):
    """Commit what stands in the repository and return the folder with the files of the commit."""

    def write(*paths: str) -> Path:
        git(top, "add", "--all")
        git(top, "commit", "--quiet", "-m", "x")
        folder = tmp_path / "out"
        folder.mkdir()
        write_commit_files(top, git(top, "rev-parse", "HEAD"), paths or ["."], folder)
        return folder

    return write


def test_attributes_neither_leave_out_nor_rewrite_a_file(top, written) -> None:
    text = "name: $Format:%H$ $Id$\nseed: 1\n"
    for name in ("a.yaml", "b.yaml", "c.yaml", "d.yaml"):
        (top / name).write_text(text)
    git(top, "config", "filter.upper.smudge", "tr a-z A-Z")
    git(top, "config", "filter.upper.clean", "cat")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "-m", "before")
    (top / ".gitattributes").write_text(
        "a.yaml export-subst ident\nb.yaml export-ignore\n"
        "c.yaml text eol=crlf\nd.yaml filter=upper\n"
    )
    folder = written()
    assert {(folder / f"{name}.yaml").read_bytes() for name in "abcd"} == {text.encode()}


def test_an_encoding_of_the_working_tree_is_not_that_of_the_commit(top, written) -> None:
    (top / ".gitattributes").write_text("*.csv working-tree-encoding=UTF-16\n")
    (top / "load.csv").write_bytes("mw\n1\n".encode("utf-16"))
    assert (written() / "load.csv").read_bytes() == b"mw\n1\n"


def test_a_name_that_is_no_utf_8_and_one_that_git_would_quote_are_written(top, written) -> None:
    (top / os.fsdecode(b"bad\xff.csv")).write_text("1")
    (top / 'a "b"\tc.csv').write_text("2")
    (top / "[x]*.csv").write_text("3")
    folder = written()
    assert sorted(os.fsencode(path.name) for path in folder.iterdir()) == [
        b"[x]*.csv",
        b'a "b"\tc.csv',
        b"bad\xff.csv",
    ]


def test_only_the_paths_that_are_named_are_written_and_what_links_lead_to(top, written) -> None:
    for name in ("plan", "shared", "other"):
        (top / name).mkdir()
        (top / name / "x.yaml").write_text(name)
    (top / "plan" / "link.yaml").symlink_to("../shared/x.yaml")
    folder = written("plan", "nowhere")
    assert (folder / "plan" / "link.yaml").read_text() == "shared"
    assert not (folder / "other").exists()


def test_no_link_leads_out_of_the_folder(top, written, tmp_path) -> None:
    (tmp_path / "secret").write_text("secret words")
    (top / "x").mkdir()
    (top / "x" / "up").symlink_to("..")
    for name, target in (
        ("absolute", "/etc/passwd"),
        ("above", "../secret"),
        ("by-way", "x/up/../secret"),
        ("round", "round"),
        ("fine", "x/up/a.yaml"),
    ):
        (top / name).symlink_to(target)
    (top / "a.yaml").write_text("here")
    folder = written()
    assert (folder / "fine").read_text() == "here"
    for path in folder.rglob("*"):
        assert path.resolve().is_relative_to(folder.resolve())


def test_a_pointer_stands_for_its_content_where_that_is_here(top, written) -> None:
    content = b"mw\n1\n2\n"
    name = hashlib.sha256(content).hexdigest()
    pointer = "version https://git-lfs.github.com/spec/v1\n"
    pointer += f"oid sha256:{name}\nsize {len(content)}\n"
    (top / "kept.csv").write_text(pointer)
    (top / "lost.csv").write_text(pointer.replace(name[:8], "0" * 8))
    kept = top / ".git" / "lfs" / "objects" / name[:2] / name[2:4]
    kept.mkdir(parents=True)
    (kept / name).write_bytes(content)
    folder = written()
    assert (folder / "kept.csv").read_bytes() == content
    assert (folder / "lost.csv").read_text().startswith("version https://git-lfs")


def test_a_submodule_has_its_files_at_the_commit_it_stood_at(top, written, tmp_path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet", ".")
    (inner / "pv.csv").write_text("old")
    git(inner, "add", "--all")
    git(inner, "commit", "--quiet", "-m", "x")
    git(top, "submodule", "--quiet", "add", str(inner), "data")
    folder = written()
    (top / "data" / "pv.csv").write_text("new")
    assert (folder / "data" / "pv.csv").read_text() == "old"


def test_a_hook_does_not_lead_to_another_repository(top, written, monkeypatch, tmp_path) -> None:
    (top / "a.yaml").write_text("1")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.delitem(ENV, "GIT_DIR", raising=False)
    assert (written() / "a.yaml").read_text() == "1"


def test_what_is_too_much_is_refused_or_left_out(top, written, monkeypatch) -> None:
    monkeypatch.setattr(commit_files, "MAX_DATA_BYTES", 10)
    (top / "large.csv").write_text("x" * 11)
    (top / "small.csv").write_text("x")
    folder = written()
    assert [file.name for file in folder.iterdir()] == ["small.csv"]
    monkeypatch.setattr(commit_files, "MOST_FILES", 1)
    with pytest.raises(ModelError, match="name a smaller folder"):
        write_commit_files(top, "HEAD", ["."], folder)
