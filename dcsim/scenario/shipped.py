"""Scenarios that ship: nothing in, the folder that holds them out."""

from __future__ import annotations

from pathlib import Path

from dcsim.errors import OutputError

INSTALLED = Path(__file__).parents[1]


def shipped_scenarios(package: Path = INSTALLED) -> Path:
    """Return the folder of the scenarios that ship, with their parts, studies, sources and schema.

    A wheel holds them in the package; in a checkout, installed as editable or not, they stand
    beside it.

    Raises
    ------
    OutputError
        If they were left out of the installation.

    Examples
    --------
    >>> sorted(file.name for file in shipped_scenarios().glob("m*.yaml"))
    ['minimal.yaml']
    """
    for place in (package, package.parent):
        if (place / "scenarios" / "scenario.schema.json").is_file():
            return place / "scenarios"
    raise OutputError(f"{package / 'scenarios'}: the scenarios that ship are not installed")
