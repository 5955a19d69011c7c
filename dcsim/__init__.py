"""Capacity planning for AI data centers: dated build-up, hourly power, supply, money and carbon.

>>> import dcsim
>>> scenario = dcsim.load("scenarios/minimal.yaml")
>>> result = dcsim.simulate(scenario)
>>> result.summary["gpus_online_max"]
4000.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcsim import plots
    from dcsim.errors import DcsimError, OutputError, ScenarioError
    from dcsim.pipeline import simulate
    from dcsim.results.export import export
    from dcsim.results.read_run import read_run
    from dcsim.results.result import Result
    from dcsim.scenario.load import load
    from dcsim.scenario.scenario import Scenario
    from dcsim.stage_cache import StageCache
    from dcsim.study.attribution.explain import explain
    from dcsim.study.attribution.relief import relief
    from dcsim.study.checks.gate_check import check
    from dcsim.study.run.compare import compare
    from dcsim.study.run.replicate import replicate
    from dcsim.study.run.sweep import sweep
    from dcsim.study.sizing.size import size
    from dcsim.version import __version__

__all__ = [
    "DcsimError",
    "OutputError",
    "Result",
    "Scenario",
    "ScenarioError",
    "StageCache",
    "__version__",
    "check",
    "compare",
    "explain",
    "export",
    "load",
    "plots",
    "read_run",
    "relief",
    "replicate",
    "simulate",
    "size",
    "sweep",
]

_HOMES = {
    "__version__": "dcsim.version",
    "DcsimError": "dcsim.errors",
    "OutputError": "dcsim.errors",
    "Result": "dcsim.results.result",
    "Scenario": "dcsim.scenario.scenario",
    "ScenarioError": "dcsim.errors",
    "StageCache": "dcsim.stage_cache",
    "check": "dcsim.study.checks.gate_check",
    "compare": "dcsim.study.run.compare",
    "explain": "dcsim.study.attribution.explain",
    "export": "dcsim.results.export",
    "load": "dcsim.scenario.load",
    "read_run": "dcsim.results.read_run",
    "relief": "dcsim.study.attribution.relief",
    "replicate": "dcsim.study.run.replicate",
    "simulate": "dcsim.pipeline",
    "size": "dcsim.study.sizing.size",
    "sweep": "dcsim.study.run.sweep",
}


if not TYPE_CHECKING:  # to a type checker, a name that is not imported above is misspelt

    def __getattr__(name: str) -> Any:
        """Load what is asked for on first use (PEP 562), so that `import dcsim` stays light."""
        if name == "plots":
            return import_module("dcsim.plots")
        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module 'dcsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
