"""Events of YAML 1.2: text in; scalars, starts and ends of lists and mappings out, with lines.

There are two sources. libyaml, through PyYAML, takes a twentieth of the time. It follows YAML 1.1,
so it only gets text that it reads as YAML 1.2 does, see `is_alike`. ruamel.yaml reads everything
else. Its messages are also the ones that are shown: what libyaml refuses is read again by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

_LIBYAML = getattr(yaml, "CBaseLoader", None)
"""Loader of PyYAML that is written in C; None where PyYAML was built without libyaml."""

_READ_OTHERWISE = re.compile(
    r"""
      [\t\x85\u2028\u2029\ufeff]         # tabs, ends of lines and marks that are text or not
    | \?(?<![^\s\[{,]\?)               # a key after a question mark: '[?::a]', '[? \n]'
    | :(?<=["']:)(?=\S)                # '["a":1]', refused in a list by ruamel.yaml
    | [|>][-+0-9]*[ ]*                 # the first line of a block of text, followed by
      (?: \#                           #   a comment, also where no space parts the two
        | (?>\r\n?|\n)[ ]*[\r\n] )     #   an empty line, more indented than the text
    | \.\.\.(?<![^\r\n]\.\.\.)         # the end of the document, given twice
    """,
    re.VERBOSE,
)


class InvalidYamlError(Exception):
    """Text that is not YAML. Its arguments are the reason and the number of the line, or 0."""


def is_alike(text: str) -> bool:
    """Tell whether libyaml is there and gives the events of YAML 1.2 for `text`, or refuses it.

    The answer is no for all text with a construct that the two sources are known to read in
    different ways. Most of them are rare, and a wrong no only costs time.
    """
    return _LIBYAML is not None and not _READ_OTHERWISE.search(text)


def libyaml_events(text: str) -> Iterator[Any]:
    """Yield the events of libyaml one by one, as they are asked for.

    Raises
    ------
    InvalidYamlError
        If the text is not YAML, without a reason: ruamel.yaml is to be asked for it.
    """
    try:
        yield from yaml.parse(text, Loader=_LIBYAML)
    except (yaml.YAMLError, ValueError):
        raise InvalidYamlError("", 0) from None


def ruamel_events(text: str) -> Iterator[Any]:
    """Yield the events of ruamel.yaml one by one, as they are asked for.

    Raises
    ------
    InvalidYamlError
        If the text is not YAML.
    """
    # Most files do without it, and it takes longer to import than most files to read.
    from ruamel.yaml import YAML  # noqa: PLC0415  (start-up time)
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415  (start-up time)
    from ruamel.yaml.reader import ReaderError  # noqa: PLC0415  (start-up time)

    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or ""
        raise InvalidYamlError(reason, mark.line + 1 if mark else 0) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        raise InvalidYamlError(f"holds the character U+{code:04X}", line) from None
    except (YAMLError, ValueError, AssertionError, RecursionError) as error:
        raise InvalidYamlError(str(error) or type(error).__name__, 0) from None
