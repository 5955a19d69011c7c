"""Files of a commit: a repository and a tree in, its files in a folder out, as they are stored.

They are taken from the object database one by one. An archive of the commit would leave out and
rewrite what the attributes of the repository say (``export-ignore``, ``export-subst``), and a
checkout would convert line ends and encodings and run filters: a pull request can change all of
that. What stands in a file of Git LFS is the content that its pointer names, if that is on this
machine. A commit is untrusted input: nothing leads out of the folder, and the size of what is
written is bounded.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from dcsim.errors import ModelError, cut
from dcsim.scenario.text.named_files import MAX_DATA_BYTES
from dcsim.untrusted_files import FileRefusedError, read_untrusted_file

GIT_S = 120.0
"""Longest time that one git command may take. [s]"""
MOST_FILES = 100_000
"""Files of a commit that are written."""
MOST_BYTES_IN_ALL = 4 << 30
"""Size of all files of a commit that are written. [B]"""
MOST_ROUNDS = 8
"""Times that what links lead to is looked for."""
_POINTER_BYTES = 1024
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?"
    rb"oid sha256:([0-9a-f]{64})\nsize \d+\n"
)
_LINK, _SUBMODULE = "120000", "160000"
_OF_ANOTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
)
"""Variables that a hook of git sets; they would win over the folder that a command names."""


class TreeEntry(NamedTuple):
    """One entry of the tree of a commit."""

    mode: str
    """Kind of the entry, as git writes it."""
    object_id: str
    """Hash of the content, or of the commit of a submodule."""
    size: int
    """[B]"""
    path: str
    """Path relative to the root of the repository."""


def write_commit_files(top: Path, commit: str, paths: Sequence[str], folder: Path) -> None:
    """Write the files of a commit below some paths into a folder.

    Parameters
    ----------
    top : Path
        Root of the repository.
    commit : str
        Hash of the commit.
    paths : sequence of str
        Relative to the root; ``.`` for all of it. Those the commit does not have are left out, and
        what links among the files lead to inside the repository is added.
    folder : Path
        Folder that is there and empty.

    Raises
    ------
    ModelError
        If git fails, or the commit holds more than is written.
    """
    written: dict[str, TreeEntry] = {}
    wanted = list(paths)
    for _ in range(MOST_ROUNDS):
        new = [one for one in _tree_entries(top, commit, wanted) if one.path not in written]
        written |= {entry.path: entry for entry in new}
        _refuse_too_much(commit, list(written.values()))
        _write_entries(top, new, folder)
        wanted = [target for target in _link_targets(new, folder) if target not in written]
        if not wanted:
            break
    _remove_links_out(list(written.values()), folder)


def _tree_entries(top: Path, commit: str, paths: Sequence[str]) -> list[TreeEntry]:
    if not paths:
        return []
    listed = git_bytes(top, "ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *paths)
    entries = []
    for line in listed.split(b"\0")[:-1]:
        about, _, path = line.partition(b"\t")
        mode, _, object_id, size = about.decode().split()
        bytes_ = int(size) if size.isdigit() else 0
        entries.append(TreeEntry(mode, object_id, bytes_, os.fsdecode(path)))
    return entries


def _refuse_too_much(commit: str, entries: Sequence[TreeEntry]) -> None:
    size = sum(entry.size for entry in entries if entry.size <= MAX_DATA_BYTES)
    if len(entries) > MOST_FILES or size > MOST_BYTES_IN_ALL:
        raise ModelError(
            f"commit {commit[:10]} holds {len(entries):,} files of {size >> 20:,} MiB where the "
            "scenarios are; name a smaller folder, or a smaller root"
        )


def _write_entries(top: Path, entries: Sequence[TreeEntry], folder: Path) -> None:
    blobs = [e for e in entries if e.mode != _SUBMODULE and e.size <= MAX_DATA_BYTES]
    blobs = [e for e in blobs if _is_inside(e.path)]
    links = []
    for entry, content in _stored_contents(top, blobs):
        if entry.mode == _LINK:
            links.append((entry, content))
            continue
        path = folder / entry.path
        if path.parent.resolve().is_relative_to(folder.resolve()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_of_pointer(top, entry, content))
    # Links come last, so that no file is written through one.
    for entry, content in links:
        _write_link(folder, entry, os.fsdecode(content))
    for entry in entries:
        if entry.mode == _SUBMODULE:
            _write_submodule(top, entry, folder)


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path


def _write_link(folder: Path, entry: TreeEntry, target: str) -> None:
    """Write a link that leads to something inside the folder; any other is left out.

    With a link to ``/etc``, a scenario that names it would read this machine's files and print them
    in the summary of the pull request.
    """
    path = folder / entry.path
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if _target_of(entry.path, target) is not None and not path.is_symlink():
        path.symlink_to(target)


def _target_of(path: str, target: str) -> str | None:
    """Return where a link leads, relative to the root; None if that is outside of it."""
    if not target or "\0" in target or target.startswith("/"):
        return None
    found = os.path.normpath(PurePosixPath(path).parent / target)
    return None if found == ".." or found.startswith("../") else found


def _link_targets(entries: Sequence[TreeEntry], folder: Path) -> list[str]:
    """Return what links lead to that was not written."""
    targets = []
    for entry in entries:
        path = folder / entry.path
        if entry.mode == _LINK and path.is_symlink() and not path.exists():
            target = _target_of(entry.path, str(path.readlink()))
            targets += [target] if target is not None else []
    return targets


def _remove_links_out(entries: Sequence[TreeEntry], folder: Path) -> None:
    """Remove links that lead out of the folder by way of other links."""
    for path in (folder / entry.path for entry in entries if entry.mode == _LINK):
        try:
            is_inside = path.resolve().is_relative_to(folder.resolve())
        except (OSError, RuntimeError):  # links in a circle
            is_inside = False
        if path.is_symlink() and not is_inside:
            path.unlink()


def _stored_contents(top: Path, entries: Sequence[TreeEntry]) -> Iterator[tuple[TreeEntry, bytes]]:
    """Yield the content of each file as it is stored."""
    if not entries:
        return
    process = subprocess.Popen(
        ["git", "-C", str(top), "cat-file", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=git_environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for entry in entries:
            process.stdin.write(f"{entry.object_id}\n".encode())
            process.stdin.flush()
            yield entry, _answer(process.stdout, entry)
        process.stdin.close()


def _answer(stream: IO[bytes], entry: TreeEntry) -> bytes:
    head = stream.readline().split()
    if len(head) != 3 or head[1] != b"blob":
        raise ModelError(f"git has no content of {cut(entry.path, 200)}; fetch it first")
    content = stream.read(int(head[2]))
    stream.read(1)  # the line end after it
    return content


def _of_pointer(top: Path, entry: TreeEntry, content: bytes) -> bytes:
    """Return the content that a pointer of Git LFS names, if it is here; else what is stored."""
    match = _POINTER.fullmatch(content) if len(content) <= _POINTER_BYTES else None
    if match is None:
        return content
    name = match[1].decode()
    kept = git_text(top, "rev-parse", "--git-path", f"lfs/objects/{name[:2]}/{name[2:4]}/{name}")
    for path in (top / kept.strip(), top / entry.path):
        try:
            found = read_untrusted_file(path, MAX_DATA_BYTES)
        except FileRefusedError:
            continue
        if hashlib.sha256(found).hexdigest() == name:
            return found
    return content


def _write_submodule(top: Path, entry: TreeEntry, folder: Path) -> None:
    """Write the files of a submodule at its commit, if that is on this machine."""
    inner = top / entry.path
    if not _is_inside(entry.path) or not (inner / ".git").exists() or inner.is_symlink():
        return
    if git_text(inner, "rev-parse", "--verify", "--quiet", f"{entry.object_id}^{{commit}}").strip():
        target = folder / entry.path
        target.mkdir(parents=True, exist_ok=True)
        write_commit_files(inner, entry.object_id, ["."], target)


def git_text(folder: Path, *words: str) -> str:
    """Return what a git command prints in a folder, as text."""
    return os.fsdecode(git_bytes(folder, *words))


def git_bytes(folder: Path, *words: str) -> bytes:
    """Return what a git command prints in a folder.

    Raises
    ------
    ModelError
        If git cannot be run or fails. A `rev-parse` that finds nothing prints nothing.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            timeout=GIT_S,
            check=False,
            env=git_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"git cannot be run: {type(error).__name__}") from None
    if done.returncode and words[0] != "rev-parse":
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise ModelError(f"git {words[0]} failed: {cut(lines[-1], 200)}")
    if done.returncode and "--show-toplevel" in words:
        raise ModelError(f"{folder}: lies in no git repository, and the commit is one of it")
    return done.stdout


def git_environment() -> dict[str, str]:
    """Return the environment of git commands: they ask nothing and replace no objects."""
    kept = {key: text for key, text in os.environ.items() if key not in _OF_ANOTHER_REPOSITORY}
    return {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_LITERAL_PATHSPECS": "1",
    }
