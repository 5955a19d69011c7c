from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import dcsim
from dcsim.supply import make_flows
from dcsim.supply.dispatch import policies as dispatch
from dcsim.supply.kernels import compiled
from dcsim.supply.kernels import dispatch as loops
from dcsim.types import Outage

CaseOf = Callable[..., Any]


@pytest.fixture
def numba_as(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[object], None]]:
    """Put something in the place of numba; an exception is raised by its import."""

    def put(module: object) -> None:
        def load(name: str) -> object:
            if isinstance(module, Exception):
                raise module
            return module

        monkeypatch.setattr(compiled.importlib, "import_module", load)

    compiled.compiled_loops.cache_clear()
    yield put
    compiled.compiled_loops.cache_clear()
    compiled.prefer_plain()


def fake(version: str, njit: Callable[..., object] = lambda f, **options: f) -> object:
    return SimpleNamespace(__version__=version, njit=njit, register_jitable=lambda f: f)


def test_a_missing_compiler_leaves_dispatch_plain_and_the_line_names_the_extra(
    numba_as: Callable[[object], None],
) -> None:
    numba_as(ImportError("numba"))
    assert not compiled.prefer_compiled()
    assert compiled.preferred_loops() is None
    assert dispatch.policy_named("self-consumption") is dispatch.self_consumption
    assert "pip install 'dcsim[speed]'" in compiled.MISSING
    assert "\n" not in compiled.MISSING


@pytest.mark.parametrize(("version", "compiles"), [("0.67.9", False), ("0.68.0", True)])
def test_a_compiler_whose_cache_goes_by_dates_is_as_good_as_missing(
    numba_as: Callable[[object], None], version: str, compiles: bool
) -> None:
    numba_as(fake(version))
    assert compiled.prefer_compiled() is compiles


def test_without_a_place_to_keep_it_the_compiled_text_lives_as_long_as_the_process(
    numba_as: Callable[[object], None],
) -> None:
    asked: list[bool] = []

    def njit(function: object, *, cache: bool = False, error_model: str) -> object:
        asked.append(cache)
        if cache:
            raise RuntimeError("no locator available")
        return function

    numba_as(fake("1.0", njit))
    assert compiled.prefer_compiled()
    assert asked == [True, False] * len(compiled.Loops._fields)


def test_all_that_the_loops_call_is_known_to_the_compiler() -> None:
    functions = {
        function
        for _, function in inspect.getmembers(loops, inspect.isfunction)
        if function.__module__ == loops.__name__
    }
    assert functions == {*compiled.CALLED, loops.dispatch_steps, loops.sum_cases}


def test_dispatch_alone_never_loads_the_compiler() -> None:
    script = (
        "import sys, dcsim.supply.dispatch.sizes, dcsim.supply.dispatch.policies\n"
        "dcsim.supply.dispatch.policies.policy_named('self-consumption')\n"
        "print('numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=dcsim.__path__[0] + "/..",
    )
    assert done.stdout.strip() == "False"


def test_a_process_that_prefers_compiled_loops_makes_the_same_flows(case_of: CaseOf) -> None:
    pytest.importorskip("numba", reason="needs the extra speed")
    backup = {"name": "g", "units": 4, "unit_power": "1 MW", "carbon": "700 kg/MWh"}
    battery = {"name": "b", "power": "4 MW", "energy": "20 MWh", "reserve": 0.25}
    case = case_of(
        {"batteries": [battery], "gensets": [{**backup, "start_failure": 0.3}]},
        load_mw=9.0,
        capacity={"batteries.b": [(0, 4.0)], "gensets.g": [(0, 4.0)]},
        outages=[Outage("grid", 300, 900, 1.0, "forced")],
    )
    plain = make_flows(*case)
    try:
        assert compiled.prefer_compiled()
        assert dispatch.policy_named("self-consumption") is not dispatch.self_consumption
        fast = make_flows(*case)
    finally:
        compiled.prefer_plain()
    assert plain.unserved_mw.any()
    for name in ("grid_import_mw", "battery_stored_mwh", "unserved_mw", "battery_charge_mw"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(fast, name), err_msg=name)
    for key, made_mw in plain.asset_generation_mw.items():
        np.testing.assert_array_equal(made_mw, fast.asset_generation_mw[key], err_msg=key)
