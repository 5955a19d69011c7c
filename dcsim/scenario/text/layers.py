"""Files of a scenario: a path in, one tree of nodes out, what it extends below its own values."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dcsim.errors import MAX_KEY, Problem, ScenarioError, cut
from dcsim.log import logger_of, timed
from dcsim.scenario.text.document import Node, read_node
from dcsim.scenario.text.file_format import content
from dcsim.scenario.text.merge import Change, Sibling, join, merge
from dcsim.scenario.text.overrides import Override, put_all

_LOG = logger_of(__name__)

MAX_CHAIN = 8
MAX_FILES = 32


class Layered(NamedTuple):
    """A scenario after all its layers."""

    node: Node
    changes: tuple[Change, ...] = ()
    """Values that later layers put in place of earlier ones, in order."""
    files: tuple[Path, ...] = ()
    """Files that were read."""


def inside(path: Path, root: Path) -> bool:
    """Tell whether `path`, with its links followed, lies in the folder `root`."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # links in a circle, a name too long
        return False


def is_file(path: Path) -> bool:
    """Tell whether `path` is a regular file; a name that cannot be one is not."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def outside_root(where: str, key: str, root: Path) -> ScenarioError:
    """Return the error for a file that lies where a scenario may not read.

    Parameters
    ----------
    where : str
        File and line that name it.
    key : str
        Key path that names it.
    root : Path
        Folder that all files must lie in.
    """
    widen = "give --root (root= in Python) to widen that"
    message = f"lies outside {root}, where the scenario may read; {widen}"
    return ScenarioError([Problem(where, key, message)])


def shown_path(path: Path) -> str:
    """Return `path` as the user would type it: relative to the current folder if it is below."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def layered(path: Path, root: Path, overrides: Sequence[Override] = ()) -> Layered:
    """Read a scenario file, all it extends, and overrides on top.

    Parameters
    ----------
    path : Path
    root : Path
        Folder that every file must lie in.
    overrides : sequence of Override

    Raises
    ------
    ScenarioError
        At the first file or override that is faulty.
    """
    reader = Reader(root)
    return reader.on_top(reader.layered(path).node, overrides)


def layered_data(node: Node, path: Path, root: Path, overrides: Sequence[Override] = ()) -> Layered:
    """Read all files that a scenario extends which was given as data, and overrides on top.

    Parameters
    ----------
    node : Node
        Values of the scenario, and its key ``extends`` if it has one.
    path : Path
        What messages call it, in the folder whose files it extends.
    root : Path
        Folder that every file must lie in.
    overrides : sequence of Override

    Raises
    ------
    ScenarioError
        At the first file or override that is faulty.
    """
    reader = Reader(root)
    return reader.on_top(reader.extended(node, path, path.name, ()).node, overrides)


class Reader:
    """Reader that reads each file once, however many others extend it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.changes: list[Change] = []
        self.read_files: dict[Path, Sibling] = {}
        self.n_files = 0

    def layered(self, path: Path, beside: Sequence[Path] = ()) -> Layered:
        """Read a file as if a scenario extended it and those beside it."""
        joined = self.read(path, ())
        for other in beside:
            joined = join(joined, self.read(other, ()))
        return Layered(joined.node, tuple(self.changes), tuple(self.read_files))

    def on_top(self, node: Node, overrides: Sequence[Override]) -> Layered:
        """Put overrides on all that was read."""
        node = put_all(node, overrides, self.changes)
        return Layered(node, tuple(self.changes), tuple(self.read_files))

    def read(self, path: Path, chain: tuple[Path, ...]) -> Sibling:
        """Read a file and all it extends; `chain` are those that led to it."""
        real = path.resolve()
        if real not in self.read_files:
            self.n_files += 1
            if self.n_files > MAX_FILES:
                message = f"reads more than {MAX_FILES} files"
                raise ScenarioError([Problem(shown_path(path), "extends", message)])
            self.read_files[real] = self._read(path, (*chain, real))
        return self.read_files[real]

    def _read(self, path: Path, chain: tuple[Path, ...]) -> Sibling:
        shown = shown_path(path)
        with timed(_LOG, logging.INFO, f"reading {shown}"):
            node = read_node(path, shown)
        return self.extended(node, path, shown, chain)

    def extended(self, node: Node, path: Path, shown: str, chain: tuple[Path, ...]) -> Sibling:
        """Merge a scenario over the files it extends.

        Parameters
        ----------
        node : Node
            Its own values.
        path : Path
            Its file, in whose folder those files are looked for.
        shown : str
            What messages call it.
        chain : tuple of Path
            Files that led to it, itself included.
        """
        node = content(node)
        extends = node.value.get("extends")
        own = Node(
            {key: child for key, child in node.value.items() if key != "extends"}, node.where
        )
        if extends is None:
            return Sibling(own, frozenset((shown,)))
        base: Sibling | None = None
        for parent in self._parents(extends, path, chain):
            sibling = self.read(parent, chain)
            base = join(base, sibling) if base else sibling
        assert base is not None
        return Sibling(merge(base.node, own, self.changes), base.files | {shown})

    def _parents(self, extends: Node, path: Path, chain: tuple[Path, ...]) -> Iterator[Path]:
        named = extends.value if isinstance(extends.value, list) else [extends]
        if not named:
            raise ScenarioError([Problem(extends.where, "extends", "names no file")])
        for item in named:
            if not isinstance(item.value, str) or not item.value:
                message = "must be a file name or a list of them"
                raise ScenarioError([Problem(item.where, "extends", message)])
            parent = path.parent / item.value
            # Outside the root no message tells whether a file exists.
            if not inside(parent, self.root):
                raise outside_root(item.where, "extends", self.root)
            if not is_file(parent):
                raise ScenarioError([Problem(item.where, "extends", _missing(item.value, path))])
            if parent.resolve() in chain:
                names = " -> ".join(shown_path(file) for file in (*chain, parent.resolve()))
                message = f"goes round in a circle: {names}"
                raise ScenarioError([Problem(item.where, "extends", message)])
            if len(chain) >= MAX_CHAIN:
                message = f"is more than {MAX_CHAIN} files deep"
                raise ScenarioError([Problem(item.where, "extends", message)])
            yield parent


def _missing(name: str, path: Path) -> str:
    near = [file.name for file in path.parent.glob("*.yaml") if file.name != path.name]
    close = difflib.get_close_matches(name[:200], near, 1)
    return f"{cut(name, MAX_KEY)}: no such file" + (f"; did you mean {close[0]}?" if close else "")
