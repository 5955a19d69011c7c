from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import dcsim
from dcsim.version import version_of

HOUSE = Path(dcsim.__file__).parent


def test_the_version_is_that_of_the_installed_package():
    assert dcsim.__version__ == version("dcsim")


def test_a_package_that_is_not_installed_has_a_version_that_says_so():
    assert version_of("no-such-package") == "unknown"
    assert version_of("no-such-package", "") == ""


def test_a_bare_folder_on_the_path_runs_and_says_that_it_is_not_installed(tmp_path):
    # -S leaves out the folder of installed packages, so their metadata cannot be found.
    (tmp_path / "dcsim").symlink_to(HOUSE)
    code = "import dcsim; print(dcsim.__version__)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "unknown\n"


def test_type_checkers_are_told_that_the_package_has_types():
    assert (HOUSE / "py.typed").is_file()
