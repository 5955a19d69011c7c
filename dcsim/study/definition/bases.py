"""Bases of a study: the settings of a case in, the scenario with these settings out."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dcsim.errors import MAX_KEY, Problem, ScenarioError, cut
from dcsim.scenario.load import from_layers
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.schema.assets.registry import all_kinds
from dcsim.scenario.schema.part import key_of
from dcsim.scenario.text import layers
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.layers import Layered
from dcsim.scenario.text.named_files import file_digest
from dcsim.scenario.text.overrides import overrides_from, put_all
from dcsim.study.definition.axes import Setting
from dcsim.study.definition.sampling import with_parameters
from dcsim.study.records.case import Resolved, digest_of


class Variant(NamedTuple):
    """A scenario with the settings of a case on it, not yet checked."""

    path: Path
    """File it derives from, in whose folder data files are looked for."""
    layered: Layered


class CaseParts(NamedTuple):
    """Everything that the runs of a case are made of."""

    resolved: Resolved
    """The scenario with the settings of the case on it, not yet checked."""
    files: dict[str, Path]
    """Data files by the names it gives them."""
    quantiles: Mapping[str, float]
    """Uncertain values that stand at a quantile in every replication."""


class Bases:
    """Reader of the files that cases derive from, each of them read once."""

    def __init__(self, base: Path, folder: Path, root: Path, parameters: Node | None) -> None:
        self.base = base
        self.folder = folder
        self.root = root
        self.parameters = parameters
        self.reader = layers.Reader(root)
        self.read: dict[tuple[Path, ...], Layered] = {}

    @functools.cached_property
    def scenario(self) -> Scenario:
        """The base of the study, checked whole."""
        path, layered = self._files(())
        return from_layers(path, layered, root=self.root)

    def checked(self, settings: Sequence[Setting]) -> Scenario:
        """Return the scenario with some settings on it, checked whole.

        Raises
        ------
        ScenarioError
            If a file cannot be read, or the settings do not fit the scenario.
        """
        if any(setting.base or setting.beside for setting in settings):
            # Values may be what makes such a file sound, so it is not checked without them.
            path, layered = self.variant(settings)
            return from_layers(path, layered, root=self.root)
        return self.scenario.with_overrides(values_of_settings(settings))

    def variant(self, settings: Sequence[Setting]) -> Variant:
        """Return the scenario with some settings on it, unchecked: files, then values in order.

        A sweep has up to a hundred thousand cases; each is checked where it runs.

        Raises
        ------
        ScenarioError
            If a file cannot be read, or a key path names what cannot be there.
        """
        path, layered = self._files(settings)
        changes = list(layered.changes)
        node = put_all(layered.node, overrides_from(values_of_settings(settings)), changes)
        return Variant(path, Layered(node, tuple(changes), layered.files))

    def _files(self, settings: Sequence[Setting]) -> tuple[Path, Layered]:
        path = self.base
        for setting in settings:
            if setting.base is not None:
                path = self.file(setting.base, f"{setting.key}.scenario")
        beside = [
            self.file(name, f"{setting.key}.extends")
            for setting in settings
            for name in setting.beside
        ]
        files = (path, *beside)
        if files not in self.read:
            layered = self.reader.layered(path, beside)
            node = with_parameters(layered.node, self.parameters)
            self.read[files] = layered._replace(node=node)
        return path, self.read[files]

    def file(self, name: Node, key: str) -> Path:
        """Return a file that the study names, relative to the study."""
        return found_file(name, key, self.folder, self.root)

    def parts(self, settings: Sequence[Setting]) -> CaseParts:
        """Return a case with some settings, unchecked; raises as `variant`."""
        path, layered = self.variant(settings)
        resolved = Resolved(layered.node.plain)
        return CaseParts(resolved, self._data_files(resolved, path), {})

    def content_digests(self) -> list[str]:
        """Return hashes of all that was read."""
        return [digest_of(layered.node.plain) for layered in self.read.values()]

    def _data_files(self, plain: Mapping[str, Any], path: Path) -> dict[str, Path]:
        """Return the data files that a resolved scenario names, those that are there."""
        names = {name: path.parent / name for name in data_names(plain)}
        return {
            name: file.resolve()
            for name, file in names.items()
            if layers.inside(file, self.root) and layers.is_file(file)
        }


def values_of_settings(settings: Sequence[Setting]) -> dict[str, Node]:
    """Return the values of settings in order; no two axes set the same key path."""
    return {key: value for setting in settings for key, value in setting.overrides}


def found_file(name: Node, key: str, folder: Path, root: Path) -> Path:
    """Return a file by its name relative to a folder.

    Parameters
    ----------
    name : Node
        The name, with its line.
    key : str
        Key path of the name, for messages.
    folder : Path
        Folder of the study file.
    root : Path
        Folder that the file must lie in.

    Raises
    ------
    ScenarioError
        If the file lies outside the root or does not exist.
    """
    path = folder / str(name.value)
    if not layers.inside(path, root):
        raise layers.outside_root(name.where, key, root)
    if not layers.is_file(path):
        itself = Path(name.where).name.partition(":")[0]
        near = [file.name for file in path.parent.glob("*.yaml") if file.name != itself]
        close = difflib.get_close_matches(path.name[:MAX_KEY], near, 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        message = f"{cut(name.value, MAX_KEY)}: no such file{hint}"
        raise ScenarioError([Problem(name.where, key, message)])
    return Path(path)


def digests(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the SHA-256 of each file by its name."""
    return {name: file_digest(path) for name, path in files.items()}


def data_names(plain: Mapping[str, Any]) -> list[str]:
    """Return the names of data files, those among which a distribution chooses included."""
    weather = plain.get("weather")
    names = list(_texts(weather.get("file"))) if isinstance(weather, dict) else []
    for kind in all_kinds():
        section = plain.get(kind.section)
        for item in section if isinstance(section, list) else ():
            for field in kind.file_fields if isinstance(item, dict) else ():
                texts = _texts(item.get(key_of(field)))
                names += [text for text in texts if text.endswith(".csv")]
    return list(dict.fromkeys(names))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict) and "value" in value:
        yield from _texts(value["value"])
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *_texts(item))
