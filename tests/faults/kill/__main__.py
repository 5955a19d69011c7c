"""The faults by hand, at any size: ``python -m tests.faults.kill kill9 --stores 20``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import damage
import moments
import sweeps
import tampering


def kill9(args, sweep, folder, clean_run):
    count = Counter()
    for seed in range(args.seed, args.seed + args.stores):
        count += moments.kill9(sweep, folder, kills=args.kills, seed=seed, clean_run=clean_run)
    print(", ".join(f"{number} {name}" for name, number in count.items()))


def calls(args, sweep, folder, clean_run):
    for call, points in tampering.points(sweep, folder / "points").items():
        found = points[:: args.every]
        for n in found:
            tampering.kill_at(sweep, folder, call, n, clean_run.digest)
        print(f"{call}: killed at {len(found)} points, the same results")


def errors(args, sweep, folder, clean_run):
    points = tampering.points(sweep, folder / "points")
    for call, error in tampering.ERRORS:
        codes = [
            tampering.fail_at(sweep, folder, (call, error), when, clean_run.digest)
            for n in points[call][:: args.every]
            for when in (f"{n}", f"{n}+")
        ]
        counts = ", ".join(f"exit {code}: {codes.count(code)}" for code in sorted(set(codes)))
        print(f"{call} {error}: {len(codes)} refusals, the same results after each; {counts}")


def corrupt(args, _sweep, folder, _clean_run):
    print(damage.corrupt(folder / "st", args.cases, n_flips=20))


def race(args, sweep, folder, clean_run):
    for number in range(args.rounds):
        computed, total = moments.race([sweep] * args.writers, folder / "st", clean_run.digest)
        print(f"round {number + 1}: {computed} runs computed for {total}, the same results")


def orphan(args, sweep, folder, clean_run):
    found = moments.orphan(sweep, folder, kills=args.kills, seed=args.seed, clean_run=clean_run)
    print(f"{found} of {args.kills} kills met workers, none outlived it")


def clock(_args, sweep, _folder, clean_run):
    for n_computed in moments.clock(sweep, clean_run):
        print(f"{n_computed} runs computed again")


FAULTS = {one.__name__: one for one in (kill9, calls, errors, corrupt, race, orphan, clock)}
SWEEPS = {
    "program": sweeps.program,
    "uncompiled": lambda _workers: sweeps.uncompiled(),
    "made-up": sweeps.made_up,
    "tiny": lambda _workers: sweeps.tiny(0.02),
}


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.add_argument("fault", choices=FAULTS)
    parser.add_argument("--sweep", choices=SWEEPS, default="program", help="what it befalls")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--stores", type=int, default=20, help="kill9: stores")
    parser.add_argument("--kills", type=int, default=3, help="kill9, orphan: kills of each store")
    parser.add_argument("--seed", type=int, default=0, help="kill9, orphan: of the moments")
    parser.add_argument("--every", type=int, default=1, help="calls, errors: every n-th point")
    parser.add_argument("--cases", type=int, default=20, help="corrupt: cases")
    parser.add_argument("--writers", type=int, default=3, help="race: sweeps at once")
    parser.add_argument("--rounds", type=int, default=10, help="race: rounds")
    args = parser.parse_args()
    sweep = SWEEPS[args.sweep](args.workers)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        clean_run = sweeps.clean(sweep, Path(name) / "clean")
        FAULTS[args.fault](args, sweep, Path(name), clean_run)
    print(f"passed in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
