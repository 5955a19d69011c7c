"""A sweep with nothing but the store in it: cases of two units, made up in milliseconds."""

from __future__ import annotations

import argparse
import json
import sys
import time

from made_up_runs import made_up_rows

from dcsim.errors import OutputError
from dcsim.study.records.case import Case, missing_units
from dcsim.study.records.rows import to_bytes
from dcsim.study.store.store import ResultStore

LAST, BLOCK = 8, 4


def sweep(path, cases, seconds=0.0):
    """Fill a store; return the names of the units that were computed here."""
    computed = []
    with ResultStore.open(path, create=True) as store:
        store.remember("tiny", {"cases": [case.id for case in cases]})
        pending = True
        while pending:
            store.refresh()
            for damage in store.check(store.keys()):
                store.drop(damage.key)
            pending = [
                unit
                for case in cases
                for unit in missing_units(case, (1, LAST), store.covered(case.digest), block=BLOCK)
            ]
            for unit in pending:
                if store.claims.take([unit.key]).mine:
                    time.sleep(seconds)
                    rows = made_up_rows(unit.case.resolved["n"], unit.first, unit.last)
                    # Whoever computes a unit comes to the same bytes.
                    assert store.put(unit, to_bytes(rows), seconds=seconds) != "differs"
                    store.claims.release(unit.key)
                    computed.append(unit.key)
            time.sleep(seconds / 4)
    return computed


def cases(first, last, model="tiny"):
    return [Case(f"n={n}", {"n": n}, {"n": str(n)}, model=model) for n in range(first, last)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store")
    parser.add_argument("--cases", type=int, nargs=2, default=(0, 5), help="from and to before")
    parser.add_argument("--model", default="tiny", help="version of the model")
    parser.add_argument("--seconds", type=float, default=0.0, help="that each unit takes")
    args = parser.parse_args()
    try:
        computed = sweep(args.store, cases(*args.cases, args.model), args.seconds)
    except OutputError as error:
        print(error, file=sys.stderr)
        sys.exit(4)
    n_total = (args.cases[1] - args.cases[0]) * LAST
    print(json.dumps({"computed": len(computed) * BLOCK, "total": n_total, "units": computed}))


if __name__ == "__main__":
    main()
