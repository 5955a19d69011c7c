"""The package as users get it: built, installed from wheels alone, tried outside the repository.

Needs a package index and a minute or two, so the suite leaves this folder out; `.ci/run` has it as
a leg: ``python -m pytest tests/packaging``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USER_PROGRAM = """\
import dcsim

r = dcsim.simulate(dcsim.load("x.yaml"))
reveal_type(r)
reveal_type(dcsim.__version__)
"""


def run(*words: str | Path, cwd: Path, fails: bool = False) -> str:
    """Run a program as a user would, with nothing of this checkout on the path of modules."""
    alone = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name not in alone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout."""
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "build", "--sdist", "--outdir", folder, ROOT, cwd=folder)
    (found,) = folder.glob("*.tar.gz")
    return found


@pytest.fixture(scope="session")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the source distribution."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder)
    return folder / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="session")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution: what that lacks, this lacks too."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, unpacked, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the repository with an environment that came from wheels alone."""
    folder = tmp_path_factory.mktemp("home")
    run(sys.executable, "-m", "venv", "env", cwd=folder)
    wanted = f"dcsim[test] @ {wheel.as_uri()}"
    run("env/bin/pip", "install", "--quiet", "--only-binary", ":all:", wanted, cwd=folder)
    return folder


def test_the_sdist_holds_every_file_of_the_repository(unpacked):
    tracked = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    assert [name for name in tracked if name and not (unpacked / name).is_file()] == []


def test_the_wheel_holds_the_package_and_what_ships_with_it(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    shipped = run("git", "ls-files", "-z", "dcsim", "scenarios", cwd=ROOT).split("\0")
    wanted = {re.sub("^scenarios/", "dcsim/scenarios/", name) for name in shipped if name}
    assert {name for name in names if ".dist-info/" not in name} == wanted


def test_the_first_site_runs_from_the_installed_package(home):
    code = "import dcsim; print(dcsim.Scenario.shipped_folder())"
    folder = Path(run("env/bin/python", "-c", code, cwd=home).strip())
    assert folder.is_relative_to(home)
    found = "import importlib.resources as r; print(r.files('dcsim') / 'scenarios')"
    assert run("env/bin/python", "-c", found, cwd=home).strip() == str(folder)
    said = run("env/bin/dcsim", "run", folder / "ulsan-103mw.yaml", "--out", "first", cwd=home)
    assert "phase-2-power" in said
    summary = json.loads((home / "first" / "summary.json").read_text(encoding="utf-8"))
    version = summary["provenance"]["versions"]["dcsim"]
    assert run("env/bin/dcsim", "--version", cwd=home) == f"dcsim {version}\n"
    assert version != "unknown"


def test_a_study_that_ships_is_read_where_it_is_installed(home):
    code = (
        "import dcsim; from dcsim.study.definition.expand import read_study; "
        "folder = dcsim.Scenario.shipped_folder() / 'studies'; "
        "print(*(len(list(read_study(file).cases())) for file in folder.glob('*.yaml')))"
    )
    assert "0" not in run("env/bin/python", "-c", code, cwd=home).split()


def test_a_type_checker_sees_the_types_of_the_installed_package(home):
    (home / "user.py").write_text(USER_PROGRAM, encoding="utf-8")
    said = run("env/bin/python", "-m", "mypy", "--strict", "user.py", cwd=home)
    assert 'Revealed type is "dcsim.results.result.Result"' in said
    assert 'Revealed type is "str"' in said.replace("builtins.", "")


def test_a_misspelt_name_is_an_error_of_the_type_checker(home):
    (home / "misspelt.py").write_text("import dcsim\n\ndcsim.nonsense\n", encoding="utf-8")
    said = run("env/bin/python", "-m", "mypy", "--strict", "misspelt.py", cwd=home, fails=True)
    assert 'Module has no attribute "nonsense"' in said
