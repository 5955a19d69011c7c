"""`dcsim plugins`: the installed packages that add models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from dcsim.cli.options import JSON
from dcsim.errors import PluginError, printable, printable_json

if TYPE_CHECKING:
    from dcsim.entry_points import ModelEntry, PluginPackage


class PluginRow(NamedTuple):
    """One entry point of an installed plug-in."""

    package: str
    version: str
    kind: str
    """Last part of its group, such as ``assets``."""
    name: str
    """Name of the model in a scenario."""
    fault: str
    """What is wrong with it; empty where nothing is."""


@click.command("plugins")
@JSON
def plugins_command(as_json: bool) -> None:
    """List the installed plug-ins, their models, and what is wrong with them."""
    from dcsim.entry_points import installed_plugins

    rows = [row for package in installed_plugins() for row in plugin_rows(package)]
    if as_json:
        click.echo(printable_json(json.dumps([row._asdict() for row in rows], indent=1)))
        return
    for line in plugin_lines(rows):
        click.echo(printable(line))


def plugin_rows(package: PluginPackage) -> Iterator[PluginRow]:
    """Yield a row for each entry point of a plug-in; each is imported and checked."""
    from dcsim.entry_points import installed_plugin

    try:
        installed_plugin(package.name)
        whole = ""
    except PluginError as error:
        whole = str(error)
    for entry in package.entries:
        kind = entry.group.rpartition(".")[2]
        fault = whole or _fault_of(entry)
        yield PluginRow(package.name, package.version, kind, entry.name, fault)


def _fault_of(entry: ModelEntry) -> str:
    from dcsim.entry_points import model_of_entry
    from dcsim.scenario.checks.plugin_models import checked_model

    try:
        checked_model(entry, model_of_entry(entry))
    except PluginError as error:
        return str(error).removeprefix(f"{entry}: ")
    return ""


def plugin_lines(rows: list[PluginRow]) -> Iterator[str]:
    """Yield the lines of a table of plug-ins."""
    from dcsim.cli.output.tables import text_table

    if not rows:
        yield "no plug-in is installed"
        return
    heads = ("package", "version", "kind", "name", "state")
    yield from text_table(heads, [(*row[:4], row.fault or "ready") for row in rows])
