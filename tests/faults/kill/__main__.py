"""The faults by hand, at any size: ``python -m tests.faults.kill kill9 --stores 20``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import harness as h


def kill9(args, sweep, folder, clean_run):
    for seed in range(args.seed, args.seed + args.stores):
        h.kill9(sweep, folder, kills=args.kills, seed=seed, clean_run=clean_run)
        print(f"store {seed}: {args.kills} kills, the same results")


def calls(args, sweep, folder, clean_run):
    for call in h.CALLS:
        found = h.points(sweep, folder / "points", call)[:: args.every]
        for n in found:
            h.kill_at(sweep, folder, call, n, clean_run.digest)
        print(f"{call}: killed at {len(found)} points, the same results")


def errors(args, sweep, folder, clean_run):
    for call, error in h.ERRORS:
        found = h.points(sweep, folder / "points", call)[:: args.every]
        codes = [
            h.fail_at(sweep, folder, (call, error), when, clean_run.digest)
            for n in found
            for when in (f"{n}", f"{n}+")
        ]
        counts = ", ".join(f"exit {code}: {codes.count(code)}" for code in sorted(set(codes)))
        print(f"{call} {error}: {len(codes)} refusals, the same results after each; {counts}")


def race(args, sweep, folder, clean_run):
    for number in range(args.rounds):
        n_computed, n_total = h.race([sweep] * args.writers, folder / "st", clean_run.digest)
        print(f"round {number + 1}: {n_computed} runs computed for {n_total}, the same results")


def clock(_args, sweep, _folder, clean_run):
    for n_computed in h.clock(sweep, clean_run):
        print(f"{n_computed} runs computed again")


FAULTS = {"kill9": kill9, "calls": calls, "errors": errors, "race": race, "clock": clock}


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.add_argument("fault", choices=FAULTS)
    parser.add_argument("--tiny", action="store_true", help="a sweep with only the store in it")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--stores", type=int, default=20, help="kill9: stores")
    parser.add_argument("--kills", type=int, default=3, help="kill9: kills of each")
    parser.add_argument("--seed", type=int, default=0, help="kill9: of the moments")
    parser.add_argument("--every", type=int, default=1, help="calls, errors: every n-th point")
    parser.add_argument("--writers", type=int, default=3, help="race: sweeps at once")
    parser.add_argument("--rounds", type=int, default=10, help="race: rounds")
    args = parser.parse_args()
    sweep = h.tiny(0.02) if args.tiny else h.program(args.workers)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        clean_run = h.clean(sweep, Path(name) / "clean")
        FAULTS[args.fault](args, sweep, Path(name), clean_run)
    print(f"passed in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
