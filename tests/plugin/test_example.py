"""The example of a plug-in, built and installed in an environment of its own outside the project.

The environment sees the libraries of this one through a path file, so that only dcsim and the
plug-in are built and installed; nothing is imported from the project's folder.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "plugin"
SOURCES = ("dcsim", "scenarios", "examples", "pyproject.toml", "README.md", "LICENSE")
"""What the build of a wheel reads."""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pip") is None, reason="needs pip, to install what is built"
)


class Place:
    """A folder with an environment, and what was installed there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "env" / "bin" / "python"
        if os.name == "nt":
            self.python = folder / "env" / "Scripts" / "python.exe"

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run Python there, outside the project; `code` is the exit code that is expected."""
        names = ("PYTHONPATH", "PYTHONHOME", "COVERAGE_PROCESS_START")
        env = {key: value for key, value in os.environ.items() if key not in names}
        done = subprocess.run(
            [str(self.python), *words],
            capture_output=True, text=True, check=False, cwd=self.folder, env=env, timeout=300,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def pip(self, *words: str) -> None:
        """Change what is installed there, with the pip of this environment."""
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "--quiet", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr


def copied(folder: Path) -> Path:
    """The sources of dcsim without what a build does not read."""
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("plugin")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    found = Place(folder)
    inside = Path(
        found.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout[:-1]
    )
    libraries = sysconfig.get_path("purelib")
    (inside / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    isolated = [] if importlib.util.find_spec("hatchling") is None else ["--no-build-isolation"]
    sources = folder / "sources"
    sources.mkdir()
    found.pip("install", "--no-deps", "--ignore-installed", *isolated, str(copied(sources)))
    shutil.copytree(EXAMPLE, folder / "plugin", ignore=shutil.ignore_patterns("__pycache__"))
    found.pip("install", "--no-deps", *isolated, str(folder / "plugin"))
    shutil.rmtree(sources)
    return found


@pytest.fixture(scope="module")
def summary(place: Place) -> dict[str, object]:
    """The summary of the run of its scenario, by the command line."""
    done = place.run("-m", "dcsim", "run", "plugin/scenario.yaml", "--out", "run")
    assert "2 MW tidal capacity" in done.stdout
    text = (place.folder / "run" / "summary.json").read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(text)
    return found


def test_nothing_is_imported_from_the_project(place):
    code = "import dcsim, dcsim_tidal; print(dcsim.__file__, dcsim_tidal.__file__, sep='\\n')"
    for line in place.run("-c", code).stdout.splitlines():
        assert Path(line).is_relative_to(place.folder / "env")


def test_its_models_are_listed(place):
    rows = json.loads(place.run("-m", "dcsim", "plugins", "--json").stdout)
    assert {row["kind"] for row in rows} == {"assets", "cooling", "policies", "metrics"}
    assert not any(row["fault"] for row in rows)


def test_its_own_tests_pass_where_it_is_installed(place):
    done = place.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "plugin/tests")
    assert "6 passed" in done.stdout


def test_the_run_says_which_plugin_and_which_code_it_used(summary):
    assert summary["provenance"]["plugins"].keys() == {"dcsim-tidal"}
    assert summary["provenance"]["plugins"]["dcsim-tidal"].startswith("0.1.0+")
    assert summary["import_rise_max_mw"] > 0


def test_its_metric_can_be_judged_explained_and_studied(place, summary):
    done = place.run("-m", "dcsim", "check", "plugin/scenario.yaml")
    assert f"{summary['import_rise_max_mw']:.4g} MW" in done.stdout
    other = place.folder / "plugin" / "half.yaml"
    other.write_text(
        "format: 1\nextends: scenario.yaml\ntidal: [{name: strait, capacity: 1 MW}]\n",
        encoding="utf-8",
    )
    explained = place.run(
        "-m", "dcsim", "explain", "plugin/scenario.yaml", "plugin/half.yaml",
        "--metric", "import_rise_max_mw", "--json",
    )  # fmt: skip
    assert [part["changed"] for part in json.loads(explained.stdout)["parts"]] == ["tidal"]


def test_studies_run_on_many_workers_and_are_found_again(place):
    study = place.folder / "plugin" / "study.yaml"
    study.write_text(
        "format: 1\nscenario: scenario.yaml\nreplications: 2\n"
        "grid: {tidal.strait.capacity: [1 MW, 2 MW]}\n",
        encoding="utf-8",
    )
    sweep = ("-m", "dcsim", "sweep", "plugin/study.yaml", "--store", "store")
    place.run(*sweep, "--workers", "2")
    query = ("-m", "dcsim", "query", "store", "select count(import_rise_max_mw) as n from runs")
    assert place.run(*query).stdout.split()[-1] == "4"


def digest_and_model(place: Place) -> list[str]:
    code = (
        "import dcsim, sys\n"
        "from dcsim.study.run.replications import case_of\n"
        "scenario = dcsim.load('plugin/scenario.yaml')\n"
        "print(scenario.digest, case_of(scenario, 'a').model.split()[-1])"
    )
    return place.run("-c", code).stdout.split()


def test_the_digest_goes_by_the_version_and_stored_results_by_the_code(
    place: Place, restored: Callable[[], None]
):
    digest, model = digest_and_model(place)
    code = "import dcsim_tidal.power; print(dcsim_tidal.power.__file__)"
    module = Path(place.run("-c", code).stdout.strip())
    module.write_text(module.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    edited_digest, edited = digest_and_model(place)
    assert edited_digest == digest
    assert edited != model
    version = place.folder / "plugin" / "pyproject.toml"
    text = version.read_text(encoding="utf-8")
    version.write_text(text.replace('version = "0.1.0"', 'version = "0.1.1"'), encoding="utf-8")
    restored()
    assert digest_and_model(place)[0] != digest


@pytest.fixture
def restored(place: Place):
    """Install what stands in the folder of the plug-in, and at the end what stood there before."""
    isolated = [] if importlib.util.find_spec("hatchling") is None else ["--no-build-isolation"]

    def install() -> None:
        words = ("install", "--no-deps", "--force-reinstall", *isolated)
        place.pip(*words, str(place.folder / "plugin"))

    yield install
    shutil.copy(EXAMPLE / "pyproject.toml", place.folder / "plugin" / "pyproject.toml")
    install()


def test_without_the_plugin_its_scenario_says_what_is_missing(place, restored):
    place.pip("uninstall", "--yes", "dcsim-tidal")
    done = place.run("-m", "dcsim", "run", "plugin/scenario.yaml", "--out", "none", code=2)
    line = next(
        number
        for number, text in enumerate(
            (place.folder / "plugin" / "scenario.yaml").read_text(encoding="utf-8").splitlines(), 1
        )
        if text.startswith("plugins:")
    )
    assert done.stderr.splitlines() == [
        f"plugin/scenario.yaml:{line}: plugins: needs the plug-in dcsim-tidal, which is not "
        "installed: pip install 'dcsim-tidal>=0.1'"
    ]
    assert not (place.folder / "none").exists()
