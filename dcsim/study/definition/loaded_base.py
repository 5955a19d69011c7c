"""A scenario in memory as the base of a study: settings in, the scenario with them out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from dcsim.errors import Problem, ScenarioError
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text import layers
from dcsim.scenario.text.document import Node
from dcsim.scenario.text.overrides import overrides_from, put_all
from dcsim.study.definition.axes import Setting
from dcsim.study.definition.bases import CaseParts, data_names, values_of_settings
from dcsim.study.definition.sampling import with_parameters
from dcsim.study.records.case import Resolved


class LoadedBase:
    """A scenario that cases derive from, with all that was set on it and fixed in it.

    It does the same as `dcsim.study.definition.bases.Bases` does for files; axes that name files
    are refused, since those would put aside what was set.
    """

    def __init__(self, loaded: Scenario, parameters: Node | None) -> None:
        self.loaded = loaded
        self.parameters = parameters

    @functools.cached_property
    def scenario(self) -> Scenario:
        """The base of the study, checked whole."""
        if self.parameters is None:
            return self.loaded
        with_parameters(self.loaded.node, self.parameters)
        return self.loaded.with_overrides(dict(self.parameters.value))

    def checked(self, settings: Sequence[Setting]) -> Scenario:
        """Return the scenario with some settings on it, checked whole.

        Raises
        ------
        ScenarioError
            If a setting names a file, or the settings do not fit the scenario.
        """
        _refuse_files(settings)
        return self.scenario.with_overrides(values_of_settings(settings))

    def variant(self, settings: Sequence[Setting]) -> Node:
        """Return the scenario with some settings on it, unchecked; raises as `checked`."""
        _refuse_files(settings)
        node = with_parameters(self.loaded.node, self.parameters)
        return put_all(node, overrides_from(values_of_settings(settings)), [])

    def parts(self, settings: Sequence[Setting]) -> CaseParts:
        """Return a case with some settings, unchecked; raises as `checked`."""
        if self.loaded.quantiles and settings:
            # Which of the fixed values are still uncertain, only the whole check tells.
            found = self.checked(settings)
            return CaseParts(Resolved(found.resolved), dict(found.files), found.quantiles)
        resolved = Resolved(self.variant(settings).plain)
        names = data_names(resolved)
        known = {name: self.loaded.files.get(name) or self._beside(name) for name in names}
        files = {name: file.resolve() for name, file in known.items() if file is not None}
        return CaseParts(resolved, files, self.scenario.quantiles)

    def content_digests(self) -> list[str]:
        """Return the hash of the scenario."""
        return [self.loaded.digest]

    def _beside(self, name: str) -> Path | None:
        """Return a data file beside that of the scenario, None if it is not there."""
        file, root = self.loaded.path.parent / name, self.loaded.options.root
        allowed = root is not None and layers.inside(file, root)
        return file if allowed and layers.is_file(file) else None


def _refuse_files(settings: Sequence[Setting]) -> None:
    for setting in settings:
        if setting.base is not None or setting.beside:
            key = f"{setting.key}.{'extends' if setting.beside else 'scenario'}"
            message = "names a file; a scenario in memory takes values, or write a study file"
            raise ScenarioError([Problem(setting.where, key, message)])
