"""The tree of a commit: a reference in, its files and the figures of its own program out.

The program of a commit runs in a process of its own, with the commit's `dcsim` first on its path,
so that a comparison covers changes of the code as well as of scenarios. Scenarios of other people's
branches are untrusted input: nothing is extracted that could lead out of the folder.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dcsim.errors import ModelError, cut
from dcsim.study.checks.commit_files import git_bytes, git_text, write_commit_files
from dcsim.study.records.rows import Rows, from_bytes

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

    def file(self, path: Path) -> Path | None:
        """Return the file of that commit for one of the present tree; None outside of the tree.

        It need not be there. A link of the commit is followed within the commit.
        """
        for inside in (_as_written(path), path.resolve()):
            if inside.is_relative_to(self.top):
                found = self.folder / inside.relative_to(self.top)
                if found.exists():
                    return found
        return found if inside.is_relative_to(self.top) else None

    def holds(self, path: Path) -> bool:
        """Return whether git takes a file of the present tree for the one of the commit.

        In the present tree it may have other line ends, another encoding or the content of a
        pointer, as the attributes of the repository say; then its bytes differ and its content
        does not.
        """
        real = path.resolve()
        if not real.is_relative_to(self.top):
            return False
        inside = str(real.relative_to(self.top))
        listed = git_text(self.top, "ls-tree", self.commit, "--", inside).split()
        if len(listed) < 3:
            return False
        hashed = git_text(self.top, "hash-object", f"--path={inside}", "--", str(real))
        return hashed.strip() == listed[2]

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
        file = self.file(path)
        if file is None:
            return None
        code = self.folder / PACKAGE.parent.relative_to(self.top)
        words = [sys.executable, "-c", _MEASURE_PROGRAM, str(file), str(self.folder)]
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
    if not ref.strip():
        message = "--against: names no commit; is the variable empty that should hold its name?"
        raise ModelError(message)
    # Git would take it for an option, such as --output=FILE.
    if ref.startswith("-"):
        raise ModelError(f"--against {cut(ref, 40)}: is no commit")
    here = paths[0] if paths[0].is_dir() else paths[0].parent
    top = Path(git_text(here, "rev-parse", "--show-toplevel").removesuffix("\n")).resolve()
    commit = git_text(top, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").strip()
    if not commit:
        raise ModelError(f"--against {cut(ref, 60)}: is no commit of {top}")
    with tempfile.TemporaryDirectory(prefix="dcsim-base-") as name:
        folder = Path(name)
        write_commit_files(top, commit, _paths_inside(top, [*paths, PACKAGE]), folder)
        yield CommitTree(ref, commit, folder, top, _code_changed(top, commit))


def _paths_inside(top: Path, paths: Sequence[Path]) -> list[str]:
    """Return paths relative to the top, without those inside others and those outside of it.

    A path counts as it is written and with its links followed: either may be a file of the commit.
    """
    real = {path.resolve() for path in paths} | {_as_written(path) for path in paths}
    kept = [path for path in real if path.is_relative_to(top) and not real & {*path.parents}]
    return sorted(str(path.relative_to(top)) for path in kept)


def _as_written(path: Path) -> Path:
    """Return a path with the links of its folder followed and its own left as it is."""
    whole = path.absolute()
    return whole.resolve() if whole.name == ".." else whole.parent.resolve() / whole.name


def _code_changed(top: Path, commit: str) -> bool:
    """Return whether the program that runs lies in the repository and differs from the commit's."""
    if not PACKAGE.is_relative_to(top):
        return False
    inside = str(PACKAGE.relative_to(top))
    return bool(git_bytes(top, "diff", "--name-only", commit, "--", inside).strip())
