"""What all tests share."""

from __future__ import annotations

import copy
import functools
import importlib
import os
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dcsim.pipeline import simulate
from dcsim.results.result import Result
from dcsim.scenario.load import load
from dcsim.scenario.plan import Plan
from dcsim.scenario.schema.site import Site

os.environ.setdefault("DCSIM_NO_CHANCE", "1")  # fifty replications after each run take their time
ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"


@pytest.fixture(scope="session")
def scenarios() -> Path:
    """The folder of scenarios that ship."""
    return SCENARIOS


@pytest.fixture(scope="session")
def minimal_text() -> str:
    """The minimal scenario as it ships."""
    return (ROOT / "scenarios" / "minimal.yaml").read_text(encoding="utf-8")


@pytest.fixture(params=["libyaml", "ruamel.yaml"])
def yaml_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each reader of YAML in turn; where libyaml is, ruamel.yaml alone is there for the second."""
    if request.param == "ruamel.yaml":
        monkeypatch.setattr("dcsim.scenario.text.events._LIBYAML", None)
    reader: str = request.param
    return reader


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real weather and series from outside the project; tests that need them skip without."""
    place = Path(os.environ.get("DCSIM_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not place.is_dir():
        pytest.skip("no folder of shared data beside the project; set DCSIM_SHARED_DATA to one")
    return place


MINIMAL_SITE: dict[str, Any] = {
    "name": "Test site",
    "start": "2030-01-01",
    "end": "2031-01-01",
    "time_zone": "Asia/Seoul",
    "latitude": "35.5 degree",
    "longitude": "129.3 degree",
    "power": {"basis": "facility", "design_pue": 1.2, "steps": [{"name": "only", "adds": "10 MW"}]},
    "halls": [{"name": "a", "racks": 400, "it_power": "8 MW"}],
    "products": [
        {
            "name": "server",
            "power": "1.79 kW",
            "server_size": "8 GPU",
            "rack_size": "16 GPU",
            "peak": 0.82,
        }
    ],
    "orders": [
        {
            "name": "first",
            "product": "server",
            "gpus": "1600 GPU",
            "placed": "2030-01-01",
            "lead_time": "4 weeks",
        }
    ],
    "deployment": {"crews": 4, "install": "8 h", "slots": 20, "commissioning": "72 h"},
    "demand": [{"name": "all", "use": "training", "gpus": "1200 GPU", "at": "2030-01-01"}],
    "weather": {
        "climate": {
            "temp_mean": [f"{t} degC" for t in (2, 4, 8, 13, 18, 21, 25, 26, 22, 16, 10, 4)],
            "temp_max": [f"{t} degC" for t in (6, 9, 13, 19, 23, 26, 28, 30, 26, 21, 16, 10)],
            "temp_min": [f"{t} degC" for t in (-2, -1, 3, 8, 12, 17, 21, 23, 18, 11, 5, 0)],
            "humidity": [0.41, 0.46, 0.6, 0.62, 0.71, 0.72, 0.8, 0.78, 0.8, 0.65, 0.62, 0.43],
            "wind": ["2 m/s"] * 12,
            "ghi_kwh_m2_day": [2.2, 3.0, 3.4, 4.7, 5.0, 4.3, 3.9, 4.7, 3.6, 3.6, 2.6, 2.3],
            "temp_deviation": "2.5 delta_degC",
            "persistence": 0.7,
            "cloud_persistence": 0.3,
        }
    },
    "cooling": {"model": "fixed", "overhead": 0.1},
    "grid": {"carbon": "417 kg/MWh", "carbon_free": 0.39},
}


@pytest.fixture
def minimal_site() -> dict[str, Any]:
    """The keys a site must have, free to change; for ``Site.model_validate``."""
    return copy.deepcopy(MINIMAL_SITE)


@pytest.fixture(scope="session")
def plan_of() -> Callable[..., Plan]:
    """Make the plan of the minimal site, with the given keys in place of its own."""

    def make(replication: int = 0, **keys: Any) -> Plan:
        return Plan(Site.model_validate({**copy.deepcopy(MINIMAL_SITE), **keys}), replication)

    return make


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-regression",
        action="store_true",
        help="rewrite the saved results that regression tests compare with",
    )
    parser.addoption(
        "--long-faults",
        action="store_true",
        help="kill, starve and damage sweeps at every point instead of at some: half an hour",
    )


def pytest_configure(config: pytest.Config) -> None:
    # Options that the shell of a developer sets are none of the tests'.
    for name in list(os.environ):
        if name.startswith("DCSIM_") and name != "DCSIM_SHARED_DATA":
            del os.environ[name]
    config.addinivalue_line("markers", "long_faults: takes minutes; runs with --long-faults only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long-faults"):
        return
    for item in items:
        if item.get_closest_marker("long_faults"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; runs with --long-faults"))


@pytest.fixture(scope="session")
def long_faults(pytestconfig: pytest.Config) -> bool:
    """Whether faults are tried at every point, with ``--long-faults``, or at some."""
    return bool(pytestconfig.getoption("--long-faults"))


@pytest.fixture(scope="session")
def runs() -> Callable[[str], Result]:
    """The single run of a shipped scenario by name, each simulated once a session."""
    return functools.cache(lambda name: simulate(load(SCENARIOS / f"{name}.yaml")))


@pytest.fixture
def install_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Path]]:
    """Install packages for one test: files by name, and entry points by group and name."""
    folder = tmp_path / "site-packages"

    def install(
        name: str,
        files: dict[str, str],
        entries: dict[str, dict[str, str]],
        *,
        version: str = "0.1.0",
        requires: tuple[str, ...] = (),
    ) -> Path:
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {needed}" for needed in requires]
        (info / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
        groups = [
            "\n".join([f"[{group}]", *(f"{one} = {target}" for one, target in targets.items())])
            for group, targets in entries.items()
        ]
        (info / "entry_points.txt").write_text("\n\n".join(groups) + "\n", encoding="utf-8")
        monkeypatch.syspath_prepend(folder)
        _forget_plugins()
        return folder

    before = set(sys.modules)
    yield install
    for module in set(sys.modules) - before:
        if str(folder) in str(getattr(sys.modules[module], "__file__", "")):
            del sys.modules[module]
    _forget_plugins()


def _forget_plugins() -> None:
    """Take back what this process has loaded of plug-ins."""
    from dcsim import entry_points
    from dcsim.scenario import extension
    from dcsim.scenario.schema import model_records
    from dcsim.scenario.schema.assets import registry

    for cached in (
        entry_points.installed_plugin,
        entry_points.model_of_entry,
        entry_points.plugin_with,
        extension._loaded,
        extension._site_class,
        extension._warn_once,
    ):
        cached.cache_clear()
    for known in (registry._PLUGGED, model_records._COOLING, model_records._METRICS):
        known.clear()
    for of_models in (extension._OWNERS, extension._CLASSES):
        of_models.clear()
    importlib.invalidate_caches()


EXAMPLE = ROOT / "examples" / "plugin"


@pytest.fixture
def tidal(install_plugin: Callable[..., Path]) -> Path:
    """The example plug-in installed, in the version it states; its scenario is returned."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source = EXAMPLE / "src"
    files = {
        file.relative_to(source).as_posix(): file.read_text(encoding="utf-8")
        for file in source.rglob("*.py")
    }
    install_plugin(
        project["name"], files, project["entry-points"], version=project["version"],
        requires=tuple(project["dependencies"]),
    )  # fmt: skip
    return EXAMPLE / "scenario.yaml"
