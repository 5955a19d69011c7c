"""Sizes that were found: figures of program and simulation in; tables and a scenario file out."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from dcsim.errors import OutputError, ScenarioError
from dcsim.results.output_files import cannot_write, refuse_unwritable_file
from dcsim.results.run_folder import yaml_text
from dcsim.results.table import Table, table_of_records
from dcsim.results.tabular import Tabular
from dcsim.scenario.load import load
from dcsim.scenario.scenario import Scenario
from dcsim.scenario.text.overrides import overrides_from
from dcsim.study.sizing.gap import ShareGap
from dcsim.study.sizing.replay import YearFigures

CLOSE_FRAC = 1e-3
"""How far below its goal a share still counts as met."""


class AssetSize(NamedTuple):
    """One size of an asset, before and after."""

    asset: str
    """Key of the asset, such as ``solar.roof``."""
    measure: str
    """``power`` or ``energy``."""
    unit: str
    """``MW`` or ``MWh``."""
    before: float
    """As the scenario has it."""
    found: float
    """Of least cost."""


@dataclass(frozen=True, repr=False, eq=False)
class Sizes(Tabular):
    """Sizes of least cost for one year, with their figures by the program and by the simulation.

    The program knows the whole year beforehand, the simulation follows the policy of the scenario.
    The main table has a row for each power and energy that was sized.
    """

    scenario: Scenario
    """The scenario with the sizes, ready to be simulated."""
    original: Scenario
    """The scenario as it was."""
    year: int
    """Calendar year that was sized for."""
    cfe_frac: float | None
    """Hourly carbon-free share that was to be reached; None if none was. [1]"""
    cost_limit: float | None
    """Most the year was allowed to cost, in `currency`; None for no limit."""
    currency: str
    """Currency of all costs: that of the scenario's totals."""
    sizes: tuple[AssetSize, ...]
    """Sizes before and after, plants first."""
    program: YearFigures
    """Figures as the program expects them."""
    simulated: YearFigures
    """Figures of the simulation with the sizes."""
    before: YearFigures
    """Figures of the simulation as the scenario was."""
    overrides: tuple[str, ...]
    """Values that lay the sizes on the scenario, as ``key.path=value``."""
    gap: ShareGap | None = None
    """Why the simulation gives another share than the program; None where they are within 1 %."""

    @property
    def table(self) -> Table:
        """A row a size: asset, measure (power, energy), unit, before, found."""
        return table_of_records([size._asdict() for size in self.sizes], index=("asset", "measure"))

    @property
    def figures(self) -> Table:
        """Share, cost and unserved energy of the year: before, by the program, simulated."""
        units = {"cfe_frac": "1", "cost": self.currency, "unserved_mwh": "MWh"}
        rows = [
            {
                "figure": name,
                "unit": unit,
                "before": getattr(self.before, name),
                "program": getattr(self.program, name),
                "simulated": getattr(self.simulated, name),
            }
            for name, unit in units.items()
        ]
        return table_of_records(rows, index=("figure",))

    @property
    def is_met(self) -> bool:
        """True unless the simulation misses the share to be reached, or costs more than allowed."""
        if self.cost_limit is not None:
            return self.simulated.cost <= self.cost_limit * (1.0 + CLOSE_FRAC)
        return self.cfe_frac is None or self.simulated.cfe_frac >= self.cfe_frac - CLOSE_FRAC

    def save(self, path: str | Path) -> Path:
        """Write a scenario file that has the sizes.

        It extends the file of the scenario where there is one, by the sizes and all overrides;
        otherwise it holds the whole scenario.

        Parameters
        ----------
        path : str or Path
            New file.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        OutputError
            If the file is there already, or cannot be written.
        """
        out = Path(path)
        refuse_existing(out)
        part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.yaml")
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(yaml_text(self._layer(out.parent)), encoding="utf-8")
            if not _reads_as(part, self.scenario):
                part.write_text(yaml_text(self._whole(out)), encoding="utf-8")
            part.replace(out)
        except OSError as error:
            raise cannot_write(out, error) from None
        finally:
            if part.exists():
                part.unlink()
        return out

    def _layer(self, folder: Path) -> Mapping[str, Any]:
        """Return what turns the file of the scenario into the one with the sizes."""
        base = self.scenario.path
        if not base.is_file():
            return self.scenario.resolved
        texts = (*self.original.overrides, *self.overrides)
        layer = layer_of(texts, self.scenario.resolved)
        return {"extends": os.path.relpath(base, folder), **layer}

    def _whole(self, out: Path) -> Mapping[str, Any]:
        """Return the whole scenario, for where a layer does not come to the same."""
        home = self.scenario.path.parent
        if self.scenario.files and out.parent.resolve() != home.resolve():
            raise OutputError(f"{out}: the scenario names files in {home}; save it there")
        return self.scenario.resolved

    def _headline(self) -> str:
        share, cost = self.simulated.cfe_frac, self.simulated.cost / 1e6
        found = ", ".join(f"{one.asset} {one.found:,.1f} {one.unit}" for one in self.sizes)
        figures = f"{share:.1%} carbon-free for {cost:,.1f} mn {self.currency}"
        missed = "" if self.is_met else "; the simulation misses the goal"
        return f"{self.scenario.name}, {self.year}: {figures} with {found}{missed}"

    def _notebook_tables(self) -> dict[str, Table]:
        return {"Sizes": self.table, "Figures of the year": self.figures}


def refuse_existing(out: Path) -> None:
    """Refuse to write over a file or folder, or where nothing can be written."""
    if out.exists():
        raise OutputError(f"{out}: is there already; name a new file")
    refuse_unwritable_file(out)


def layer_of(overrides: Sequence[str], resolved: Mapping[str, Any]) -> dict[str, Any]:
    """Return overrides as the sections of a scenario file that extends another one.

    Parameters
    ----------
    overrides : sequence of str
        As ``key.path=value``; a later one wins.
    resolved : mapping
        The scenario that has them: it says which parts are lists of named things.

    Examples
    --------
    >>> layer_of(["solar.roof.capacity=6 MW", "step=3 h"], {"solar": [{"name": "roof"}]})
    {'solar': [{'name': 'roof', 'capacity': '6 MW'}], 'step': '3 h'}
    """
    layer: dict[str, Any] = {}
    for override in overrides_from(overrides):
        _put(layer, resolved, override.key.split("."), override.value.plain)
    return layer


def _put(layer: Any, shape: object, parts: Sequence[str], value: object) -> None:
    """Put a value at a key path of a layer, shaped as the scenario is there."""
    name, rest = parts[0], parts[1:]
    below = _child(shape, name)
    if isinstance(layer, list):
        item = _child(layer, name)
        if item is None:
            layer.append(item := {"name": name})
        if rest:
            _put(item, below, rest, value)
        elif isinstance(value, Mapping):
            item.update(value)
        return
    if not rest:
        layer[name] = value
        return
    if not isinstance(layer.get(name), dict | list):
        layer[name] = [] if isinstance(below, list) else {}
    _put(layer[name], below, rest, value)


def _child(plain: object, name: str) -> Any:
    """Return what plain data hold under a key, or a list as the thing of that name."""
    if isinstance(plain, Mapping):
        return plain.get(name)
    if isinstance(plain, list):
        things = (one for one in plain if isinstance(one, Mapping))
        return next((one for one in things if one.get("name") == name), None)
    return None


def _reads_as(path: Path, scenario: Scenario) -> bool:
    """Return True if a file is read as a scenario; what its folder may not read counts as no."""
    folders = (path.parent, scenario.options.root or scenario.path.parent)
    root = os.path.commonpath([folder.resolve() for folder in folders])
    try:
        read = load(path, root=root, check_files=False, allow_large=True)
    except ScenarioError:
        return False
    return read.resolved == scenario.resolved
