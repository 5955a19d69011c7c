"""The tree of a commit: a reference in, its files and the figures of its own program out.

The program of a commit runs in a process of its own, with the commit's `dcsim` first on its path,
so that a comparison covers changes of the code as well as of scenarios. Scenarios of other people's
branches are untrusted input: nothing is extracted that could lead out of the folder.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dcsim.errors import ModelError, cut
from dcsim.study.records.rows import Rows, from_bytes

GIT_S = 120.0
"""Longest time that one git command may take. [s]"""
PACKAGE = Path(__file__).resolve().parents[2]
"""The folder of the program that runs."""
_MEASURE_PROGRAM = """
import sys
from pathlib import Path
from dcsim import load
from dcsim.pipeline import replay
from dcsim.study.records.measure import measure, rows_of
from dcsim.study.records.rows import to_bytes
path, root, first, last = sys.argv[1:]
scenario = load(Path(path), root=Path(root))
numbers = range(int(first), int(last) + 1)
sys.stdout.buffer.write(to_bytes(rows_of([measure(replay(scenario, n)) for n in numbers])))
"""
"""The program that the earlier code runs: figures of some replications, as bytes on its output.

It imports by the names of the earlier code: where those were others, it fails and the scenario
alone is compared.
"""


class CommitTree(NamedTuple):
    """The files of a commit, extracted into a folder of their own."""

    ref: str
    """The reference as the user wrote it."""
    commit: str
    """The hash it stands for."""
    folder: Path
    """The folder with its files."""
    top: Path
    """Root of the present working tree."""
    code_changed: bool
    """True if the program itself differs between the two trees."""

    def file(self, path: Path) -> Path:
        """Return the file of that commit for one of the present tree."""
        return self.folder / path.resolve().relative_to(self.top)

    def rows(self, path: Path, replications: tuple[int, int]) -> Rows | None:
        """Return replications of a scenario of the commit, run by the commit's own program.

        Parameters
        ----------
        path : Path
            The scenario file in the present tree.
        replications : tuple of int
            First and last replication; both 0 for the single run.

        Returns
        -------
        Rows or None
            None if that program cannot run it, or writes rows that this one cannot read.
        """
        code = self.folder / PACKAGE.parent.relative_to(self.top)
        words = [sys.executable, "-c", _MEASURE_PROGRAM, str(self.file(path)), str(self.folder)]
        done = subprocess.run(
            [*words, *map(str, replications)],
            capture_output=True,
            check=False,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(code)},
        )
        if done.returncode:
            return None
        try:
            return from_bytes(done.stdout)
        except (ValueError, KeyError):
            return None


@contextlib.contextmanager
def tree_of_commit(ref: str, paths: Sequence[Path]) -> Iterator[CommitTree]:
    """Extract some paths of a commit, and the program if the repository holds it.

    Parameters
    ----------
    ref : str
        A branch, tag or hash, as git reads it.
    paths : sequence of Path
        Files and folders of the present tree; those the commit does not have are left out.

    Yields
    ------
    CommitTree
        Its folder is removed at the end of the ``with`` block.

    Raises
    ------
    ModelError
        If there is no repository, no such commit, or no git.
    """
    # Git would take it for an option, such as --output=FILE.
    if ref.startswith("-"):
        raise ModelError(f"--against {cut(ref, 40)}: is no commit")
    here = paths[0] if paths[0].is_dir() else paths[0].parent
    top = Path(_git(here, "rev-parse", "--show-toplevel").strip()).resolve()
    commit = _git(top, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").strip()
    if not commit:
        raise ModelError(f"--against {cut(ref, 60)}: is no commit of {top}")
    with tempfile.TemporaryDirectory(prefix="dcsim-base-") as name:
        folder = Path(name)
        for inside in _paths_inside(top, [*paths, PACKAGE]):
            if _commit_has(top, commit, inside):
                _extract(top, commit, inside, folder)
        yield CommitTree(ref, commit, folder, top, _code_changed(top, commit))


def _paths_inside(top: Path, paths: Sequence[Path]) -> list[str]:
    """Return paths relative to the top, without those inside others and those outside of it."""
    real = {path.resolve() for path in paths}
    kept = [path for path in real if path.is_relative_to(top) and not real & {*path.parents}]
    return sorted(str(path.relative_to(top)) for path in kept)


def _commit_has(top: Path, commit: str, inside: str) -> bool:
    return inside == "." or bool(_git(top, "ls-tree", commit, "--", inside).strip())


def _extract(top: Path, commit: str, inside: str, folder: Path) -> None:
    archive = _git_bytes(top, "archive", "--format=tar", commit, "--", inside)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        # Python before 3.11.4 has no filters and does not read this; 3.12 warns without one.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        for member in tar:
            if _is_harmless(member):
                tar.extract(member, folder, set_attrs=False)


def _is_harmless(member: tarfile.TarInfo) -> bool:
    """Return whether a member of an archive is a file or folder inside it, and no link out of it.

    A commit is untrusted input: with a link to ``/etc`` extracted, a scenario that names it would
    read this machine's files and print them in the summary of the pull request.
    """
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        return False
    if member.issym():
        target = os.path.normpath(path.parent / member.linkname)
        return not (target.startswith(("/", "../")) or target == "..")
    return member.isreg() or member.isdir()


def _code_changed(top: Path, commit: str) -> bool:
    """Return whether the program that runs lies in the repository and differs from the commit's."""
    if not PACKAGE.is_relative_to(top):
        return False
    inside = str(PACKAGE.relative_to(top))
    changed = _git(top, "diff", "--name-only", commit, "--", inside).strip()
    return bool(changed)


def _git(folder: Path, *words: str) -> str:
    return _git_bytes(folder, *words).decode(errors="replace")


def _git_bytes(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            timeout=GIT_S,
            check=False,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"git cannot be run: {type(error).__name__}") from None
    if done.returncode and words[0] != "rev-parse":
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise ModelError(f"git {words[0]} failed: {cut(lines[-1], 200)}")
    if done.returncode and "--show-toplevel" in words:
        raise ModelError(f"{folder}: lies in no git repository; --against needs one")
    return done.stdout
