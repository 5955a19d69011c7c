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
from dcsim.supply.kernels import battery, compiled
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

    compiled.compiled_kernel.cache_clear()
    yield put
    compiled.compiled_kernel.cache_clear()
    compiled.prefer_plain()


def fake(version: str, njit: Callable[..., object] = lambda f, **options: f) -> object:
    return SimpleNamespace(__version__=version, njit=njit)


def test_a_missing_compiler_leaves_dispatch_plain_and_the_line_names_the_extra(
    numba_as: Callable[[object], None],
) -> None:
    numba_as(ImportError("numba"))
    assert not compiled.prefer_compiled()
    assert compiled.preferred_kernel() is None
    assert "pip install 'dcsim[speed]'" in compiled.NOT_COMPILED
    assert "\n" not in compiled.NOT_COMPILED


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
    assert asked == [True, False]


def test_the_kernel_calls_nothing_of_its_module_so_the_cache_knows_all_of_it() -> None:
    functions = inspect.getmembers(battery, inspect.isfunction)
    own = [name for name, function in functions if function.__module__ == battery.__name__]
    assert own == ["battery_kernel"]


def test_dispatch_alone_never_loads_the_compiler() -> None:
    script = (
        "import sys, numpy as np\n"
        "from dcsim.supply.dispatch.policies import POLICIES\n"
        "from dcsim.supply.dispatch.battery import BatteryUnit\n"
        "from dcsim.supply.availability import AvailableSupply\n"
        "one = np.ones(3)\n"
        "available = AvailableSupply(one, one, stores={'b': BatteryUnit(one, 1.0, 1.0)})\n"
        "POLICIES['self-consumption'](one, available, 1.0)\n"
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


def test_a_process_that_prefers_the_compiled_kernel_makes_the_same_flows(case_of: CaseOf) -> None:
    pytest.importorskip("numba", reason="needs the extra speed")
    gensets = {"name": "g", "units": 4, "unit_power": "1 MW", "carbon": "700 kg/MWh"}
    storage = {"name": "b", "power": "4 MW", "energy": "20 MWh", "reserve": 0.25}
    case = case_of(
        {"batteries": [storage], "gensets": [{**gensets, "start_failure": 0.3}]},
        load_mw=9.0,
        capacity={"batteries.b": [(0, 4.0)], "gensets.g": [(0, 4.0)]},
        outages=[Outage("grid", 300, 900, 1.0, "forced")],
    )
    plain = make_flows(*case)
    try:
        assert compiled.prefer_compiled()
        fast = make_flows(*case)
    finally:
        compiled.prefer_plain()
    assert plain.unserved_mw.any()
    for name in ("grid_import_mw", "battery_stored_mwh", "unserved_mw", "battery_charge_mw"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(fast, name), err_msg=name)
    for key, made_mw in plain.asset_generation_mw.items():
        np.testing.assert_array_equal(made_mw, fast.asset_generation_mw[key], err_msg=key)
