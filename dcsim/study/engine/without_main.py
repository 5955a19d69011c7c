"""Processes that leave the script of this one alone: a start in, processes without it out.

A process that is spawned runs the script of its parent again, under another name, so that functions
of the script can be found there. A worker needs none: it computes what dcsim sends it. Running the
script would only cost time, and one that asks for workers at its top level, without
``if __name__ == "__main__":``, would ask for more of them in every worker; the text of a notebook
or of standard input cannot be run again at all.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from multiprocessing import spawn
from typing import Any

_SCRIPT = ("init_main_from_name", "init_main_from_path")
"""Parts of what a new process is told, by which it would run the script."""


class _Patch:
    """The function of `multiprocessing` that is replaced while anybody needs it, and by whom."""

    lock = threading.Lock()
    n_users = 0
    usual: Callable[[str], dict[str, Any]]


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """Let processes that are spawned meanwhile, in whichever thread, not run the script."""
    with _Patch.lock:
        _Patch.n_users += 1
        if _Patch.n_users == 1:
            _Patch.usual = spawn.get_preparation_data
            # There is no option for it: joblib's loky, too, has a copy of this function for that.
            spawn.get_preparation_data = _without_script
    try:
        yield
    finally:
        with _Patch.lock:
            _Patch.n_users -= 1
            if not _Patch.n_users:
                spawn.get_preparation_data = _Patch.usual  # type: ignore[assignment]  # it is the same


def _without_script(name: str) -> dict[str, Any]:
    told = _Patch.usual(name)
    return {key: part for key, part in told.items() if key not in _SCRIPT}
