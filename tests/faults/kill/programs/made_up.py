"""`dcsim` with runs that are made up: all is the program's own but the model.

``MADE_UP_SECONDS`` a run takes, ``MADE_UP_BAD`` is JSON of what goes wrong in which case, and with
``MADE_UP_CLOCK`` the clock of the machine jumps by a day, to and fro, whenever it is looked at.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path


def let_the_clock_jump():
    look, days = time.time, itertools.cycle((1, -1))

    def jumping():
        return look() + 86_400 * next(days)

    time.time, time.time_ns = jumping, lambda: int(jumping() * 1e9)


def main():
    sys.path.insert(0, str(Path(__file__).parent))
    from made_up_runs import compute_unit

    from dcsim.cli import main as command
    from dcsim.study.run import runner

    if os.environ.get("MADE_UP_CLOCK"):
        let_the_clock_jump()
    runner.compute_unit = compute_unit
    command()


if __name__ == "__main__":  # workers import this file
    main()
