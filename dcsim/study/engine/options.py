"""Options of the engine: keywords of a public function in, the checked engine out."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypedDict

from dcsim.errors import Problem, ScenarioError
from dcsim.limits import MAX_WORKERS, positive_number, switch, whole_number
from dcsim.study.engine.engine import Engine


class EngineOptions(TypedDict, total=False):
    """Keywords of all functions that compute many runs: where, and for how long at most."""

    workers: int
    """Processes on this machine; more than one need the extra ``cluster``. 1 by default."""
    cluster: str | None
    """Address of the scheduler of a running Dask cluster, such as ``tls://login1:8786``."""
    unit_timeout_s: float | None
    """Time after which a unit of some runs counts as hung; 600 by default. [s]"""
    allow_insecure: bool
    """True allows a cluster on another machine without ``tls://``."""


def engine_from(options: Mapping[str, object], function: str) -> Engine:
    """Return the engine that keywords ask for.

    Parameters
    ----------
    options : mapping
        Keywords as in `EngineOptions`.
    function : str
        Name of the public function that got them, for messages.

    Returns
    -------
    Engine

    Raises
    ------
    TypeError
        If a keyword is none of `EngineOptions`.
    ScenarioError
        If a value is outside its limits.

    Examples
    --------
    >>> engine_from({"workers": 2}, "replicate").workers
    2
    """
    known = EngineOptions.__annotations__
    for name in options:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}{hint}")
    limit_s = options.get("unit_timeout_s", Engine.unit_timeout_s)
    return Engine(
        whole_number(options.get("workers", 1), "workers", least=1, most=MAX_WORKERS),
        _address(options.get("cluster")),
        None if limit_s is None else positive_number(limit_s, "unit_timeout_s"),
        allow_insecure=switch(options.get("allow_insecure", False), "allow_insecure"),
    )


def _address(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    message = "must be the address of a scheduler, such as 'tls://login1:8786'"
    raise ScenarioError([Problem("", f"cluster {value!r}", message)])
