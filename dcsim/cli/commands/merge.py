"""`dcsim merge`: finished runs of several stores in one."""

from __future__ import annotations

from pathlib import Path

import click

from dcsim.cli.options import FILE_PATH
from dcsim.cli.stores import damage_text
from dcsim.errors import OutputError, printable


@click.command("merge")
@click.argument("target", type=FILE_PATH)
@click.argument("sources", type=FILE_PATH, nargs=-1, required=True)
def merge_command(target: Path, sources: tuple[Path, ...]) -> None:
    """Copy the finished runs of the stores SOURCES into the store TARGET."""
    from dcsim.study.store.merge import merge_store
    from dcsim.study.store.store import ResultStore

    store = ResultStore.open(target, create=True)
    n_unfit = 0
    with store:
        for path in sources:
            merged = merge_store(store, ResultStore.open(path, create=False))
            n_copied, n_there = merged.copied, merged.unchanged
            click.echo(printable(f"{path}: {n_copied:,} files copied, {n_there:,} there"))
            unfit = [f"damaged, left out: {damage_text(damage)}" for damage in merged.damaged]
            unfit += [f"not alike in both, left as it was: {name}" for name in merged.differing]
            n_unfit += len(unfit)
            for line in unfit:
                click.echo(printable(line), err=True)
    click.echo(printable(f"{target}: {len(store.keys()):,} files, digest {store.digest()}"))
    if n_unfit:
        raise OutputError(f"{n_unfit} files were not taken over")
