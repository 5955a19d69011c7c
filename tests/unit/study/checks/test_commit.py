"""The tree of a commit: only its files, nothing that leads out of them, and its own program."""

from __future__ import annotations

import pytest

from dcsim.errors import ModelError
from dcsim.pipeline import simulate
from dcsim.scenario.load import load
from dcsim.study.checks import commit
from dcsim.study.checks.commit import tree_of_commit


def test_the_tree_holds_the_files_of_the_commit(repository) -> None:
    before = repository.path.read_text()
    repository.change("overhead: 15 %", "overhead: 16 %")
    with tree_of_commit("HEAD", [repository.path]) as tree:
        earlier = tree.file(repository.path)
        assert earlier.read_text() == before
        assert not earlier.is_relative_to(repository.path.parent)
        assert tree.code_changed is False
        assert len(tree.commit) == 40
    assert not earlier.exists()


def test_a_path_that_the_commit_does_not_have_is_left_out(repository) -> None:
    new = repository.path.with_name("new.yaml")
    new.write_text("name: New\n")
    with tree_of_commit("HEAD", [repository.path, new]) as tree:
        assert not tree.file(new).exists()
        assert tree.file(repository.path).exists()


@pytest.mark.parametrize("ref", ["nothing", "--output=x", "HEAD~9"])
def test_a_reference_to_no_commit_is_refused(repository, ref) -> None:
    with pytest.raises(ModelError, match="is no commit"), tree_of_commit(ref, [repository.path]):
        pass


def test_a_folder_outside_of_a_repository_is_refused(plan) -> None:
    with pytest.raises(ModelError, match="git repository"), tree_of_commit("HEAD", [plan().path]):
        pass


@pytest.mark.parametrize("ref", ["", "  "])
def test_an_empty_reference_is_refused(repository, ref) -> None:
    with pytest.raises(ModelError, match="names no commit"), tree_of_commit(ref, [repository.path]):
        pass


def test_what_lies_outside_of_the_repository_has_no_file_then(repository, tmp_path) -> None:
    with tree_of_commit("HEAD", [repository.path]) as tree:
        assert tree.file(tmp_path.parent / "base.json") is None
        assert not tree.holds(tmp_path.parent / "base.json")


def test_a_link_that_was_a_file_is_read_as_the_file(repository) -> None:
    before = repository.path.read_text()
    other = repository.path.with_name("other.yaml")
    other.write_text(before.replace("overhead: 15 %", "overhead: 16 %"))
    repository.path.unlink()
    repository.path.symlink_to("other.yaml")
    with tree_of_commit("HEAD", [repository.path]) as tree:
        assert tree.file(repository.path).read_text() == before


def test_the_program_of_the_commit_writes_rows_that_this_one_reads(repository, monkeypatch) -> None:
    # As if the program lay in the repository: the commit's copy is a link to the one that runs.
    package = commit.PACKAGE
    monkeypatch.setattr(commit, "PACKAGE", repository.path.parent / "dcsim")
    with tree_of_commit("HEAD", [repository.path]) as tree:
        (tree.folder / "dcsim").symlink_to(package)
        rows = tree.rows(repository.path, (0, 0))
    assert rows is not None
    assert rows.columns["pue_mean"] == simulate(load(repository.path)).summary["pue_mean"]


def test_a_program_that_fails_has_no_rows(repository, monkeypatch) -> None:
    monkeypatch.setattr(commit, "PACKAGE", repository.path.parent / "dcsim")
    with tree_of_commit("HEAD", [repository.path]) as tree:
        (tree.folder / "dcsim").mkdir()
        (tree.folder / "dcsim" / "__init__.py").write_text("raise SystemExit(3)\n")
        assert tree.rows(repository.path, (0, 0)) is None
