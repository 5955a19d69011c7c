"""Sources: the nodes of a scenario in, sources that are faulty or missing from its block out."""

from __future__ import annotations

import difflib
import re

from dcsim.errors import Problem
from dcsim.scenario.draws.values import Values
from dcsim.scenario.text.document import Node


def unknown_sources(node: Node, values: Values) -> list[Problem]:
    """Return the problems of the sources block and of the values that cite its keys."""
    sources = node.value.get("sources")
    if sources is None or sources.value is None:
        known: dict[str, Node] = {}
    elif isinstance(sources.value, dict):
        known = sources.value
    else:
        return [Problem(sources.where, "sources", "must be a mapping of keys")]
    problems = [
        Problem(about.where, f"sources.{name}", message)
        for name, about in known.items()
        if (message := _fault_of_source(name, about))
    ]
    for where, key, named in values.cited:
        unknown = [name for name in named.split() if name not in known]
        if unknown:
            close = difflib.get_close_matches(unknown[0][:200], known, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            message = f"{unknown[0]} is not in the sources block{hint}"
            problems.append(Problem(where, key, message))
    return problems


def _fault_of_source(name: str, about: Node) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name, re.ASCII):
        return "is not a name: use letters, digits, '.', '-' or '_', no spaces"
    if not isinstance(about.value, dict):
        return "must be a mapping such as {title: …, year: 2025, where: …}"
    nested = [key for key, child in about.value.items() if isinstance(child.value, dict | list)]
    return f"{nested[0]} must be text or a number" if nested else ""
