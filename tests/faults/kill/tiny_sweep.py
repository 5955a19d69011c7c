"""A sweep with nothing but the store in it: five cases of two units, made up in milliseconds.

Usage: python tiny_sweep.py STORE [SECONDS-A-UNIT]
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from dcsim.errors import OutputError
from dcsim.study.case import Case, missing_units
from dcsim.study.rows import OK, Rows, text_column, to_bytes
from dcsim.study.store import Store

CASES = [Case(f"n={n}", {"n": n}, {"n": str(n)}, model="tiny") for n in range(5)]
LAST, BLOCK = 8, 4


def rows(unit):
    numbers = np.arange(unit.first, unit.last + 1, dtype=float)
    n = unit.n_replications
    values = np.sin(numbers * (1 + unit.case.resolved["n"]))
    return Rows(
        {
            "replication": numbers,
            "status": text_column([OK] * n),
            "cause": text_column([None] * n),
            "value": values,
        },
        {"series": values[:, None] * np.ones(2000)},
        np.arange(2000).astype("datetime64[M]"),
    )


def sweep(path, seconds):
    n_computed = 0
    with Store.open(path, create=True) as store:
        store.remember("tiny", {"cases": [case.id for case in CASES]})
        pending = True
        while pending:
            store.refresh()
            for damage in store.check():
                store.drop(damage.key)
            pending = [
                unit
                for case in CASES
                for unit in missing_units(case, (1, LAST), store.covered(case.digest), block=BLOCK)
            ]
            for unit in pending:
                if store.claims.take([unit.key]).mine:
                    time.sleep(seconds)
                    store.put(unit, to_bytes(rows(unit)), seconds=seconds)
                    store.claims.release(unit.key)
                    n_computed += unit.n_replications
            time.sleep(seconds / 4)
    return n_computed


def main():
    try:
        n_computed = sweep(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
    except OutputError as error:
        print(error, file=sys.stderr)
        sys.exit(4)
    print(json.dumps({"computed": n_computed, "total": LAST * len(CASES)}))


if __name__ == "__main__":
    main()
