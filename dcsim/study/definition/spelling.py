"""Ids of cases: keys and values in, names that any file system takes out."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

MAX_ID = 200
MAX_VALUE = 48

_WORDS = {r"%": " pct", r"(?<=\w)/(?=\w)": " per ", "°": "deg", "µ": "u"}


def short_keys(keys: Iterable[str]) -> dict[str, str]:
    """Return the end of each key path that tells it from the others, two parts at least.

    >>> short_keys(["works.grid-103mw.slip", "works.battery.slip"])
    {'works.grid-103mw.slip': 'grid-103mw.slip', 'works.battery.slip': 'battery.slip'}
    """
    paths = {key: key.split(".") for key in keys}
    return {key: _shortest(parts, paths.values()) for key, parts in paths.items()}


def _shortest(parts: list[str], all_parts: Iterable[list[str]]) -> str:
    for n in range(2, len(parts)):
        end = parts[-n:]
        if sum(other[-n:] == end for other in all_parts) == 1:
            return ".".join(end)
    return ".".join(parts)


def slug(text: str, most: int = MAX_VALUE) -> str:
    """Return a value as part of a name: letters, digits, ``.``, ``_``, ``+`` and ``-``.

    >>> slug("150 KRW/kWh"), slug("-24 months"), slug("7.5 %")
    ('150-KRW-per-kWh', '-24-months', '7.5-pct')
    """
    for sign, word in _WORDS.items():
        text = re.sub(sign, word, text)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9._+-]+", "-", plain).strip(".").rstrip("-.")
    # A minus stands before a number only; else it is what was left of a bracket.
    return _shortened(re.sub(r"^[-.]+(?=[^\d.])", "", words) or "x", most)


def _shortened(text: str, most: int) -> str:
    """Return text, its end replaced by a hash where it is too long, so that it stays unique."""
    if len(text) <= most:
        return text
    return f"{text[: most - 9]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def case_id(parts: Iterable[str]) -> str:
    """Return the id of a case from the spelled values that make it differ.

    >>> case_id(["slip=6-months", "gpu=gb300"]), case_id([])
    ('slip=6-months,gpu=gb300', 'base')
    """
    return _shortened(",".join(part for part in parts if part) or "base", MAX_ID - 8)


def unique(names: Iterable[str]) -> Iterator[str]:
    """Yield names, with a number behind those that came before; upper and lower case are equal.

    >>> list(unique(["a", "A", "b", "a"]))
    ['a', 'A~2', 'b', 'a~3']
    """
    seen: set[str] = set()
    for name in names:
        chosen, n = name, 1
        while chosen.casefold() in seen:
            n += 1
            chosen = f"{name}~{n}"
        seen.add(chosen.casefold())
        yield chosen
