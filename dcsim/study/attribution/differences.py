"""Differences: two scenarios in, the assumptions that are not the same in both out."""

from __future__ import annotations

from typing import NamedTuple

from dcsim.scenario.scenario import Scenario


class Assumption(NamedTuple):
    """A value that is not the same in two scenarios."""

    key: str
    """Key path of the value."""
    before: str | None
    """As written; None where the first has none."""
    after: str | None
    """As written; None where the second has none."""
    source: str | None
    """Of what stands afterwards, of what stood before if nothing does."""


def changed_assumptions(before: Scenario, after: Scenario) -> list[Assumption]:
    """Return the effective values that differ, in the order of the first scenario."""
    old = {leaf.key: leaf for leaf in before.leaves}
    new = {leaf.key: leaf for leaf in after.leaves}
    changed = []
    for key in dict.fromkeys([*old, *new]):
        one, other = old.get(key), new.get(key)
        if one is not None and other is not None and one.text == other.text:
            continue
        source = (other or one).source  # type: ignore[union-attr]  # one of them has the key
        changed.append(Assumption(key, one and one.text, other and other.text, source))
    return changed
