from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import dcsim
from dcsim.study.records import identity

HOUSE = Path(dcsim.__file__).parent


def house(folder):
    """A small package: a model, a figure, a study room."""
    for name in ("chain.py", "power/cooling.py", "supply/turbines/one.csv", "plots/style.py",
                 "cli/main.py", "study/store/store.py", "study/records/measure.py",
                 "notes.txt", "scenarios/load.csv"):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return folder


def test_the_version_of_the_model_is_that_of_the_package_and_twelve_digits():
    assert re.fullmatch(r"[^+]+\+[0-9a-f]{12}", identity.model_version())
    assert identity.model_version().endswith(identity.code_digest(HOUSE)[:12])


def test_what_makes_numbers_makes_the_version(tmp_path):
    place = house(tmp_path)
    before = identity.code_digest(place)
    for name in ("chain.py", "power/cooling.py", "supply/turbines/one.csv",
                 "study/records/measure.py"):  # fmt: skip
        (place / name).write_text("changed", encoding="utf-8")
        assert identity.code_digest(place) != before
        (place / name).write_text(name, encoding="utf-8")
    assert identity.code_digest(place) == before


def test_what_makes_no_numbers_leaves_the_version(tmp_path):
    place = house(tmp_path)
    before = identity.code_digest(place)
    for name in ("plots/style.py", "cli/main.py", "study/store/store.py", "notes.txt",
                 "scenarios/load.csv"):  # fmt: skip
        (place / name).write_text("changed", encoding="utf-8")
    assert identity.code_digest(place) == before


def test_a_name_and_a_new_file_count(tmp_path):
    place = house(tmp_path)
    before = identity.code_digest(place)
    (place / "chain.py").rename(place / "link.py")
    renamed = identity.code_digest(place)
    (place / "more.py").write_text("", encoding="utf-8")
    assert len({before, renamed, identity.code_digest(place)}) == 3


def test_a_copy_in_another_place_has_the_same_version(tmp_path):
    shutil.copytree(house(tmp_path / "one"), tmp_path / "two")
    assert identity.code_digest(tmp_path / "one") == identity.code_digest(tmp_path / "two")


def test_all_modules_of_studies_that_a_replication_passes_through_count():
    seen, wanted = set(), ["engine/unit_job"]
    while wanted:
        name = wanted.pop()
        seen.add(f"{name}.py")
        tree = ast.parse((HOUSE / "study" / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dcsim.study."):
                inner = "/".join((node.module or "").split(".")[2:])
                wanted += [inner] if f"{inner}.py" not in seen else []
    assert seen == set(identity.OF_STUDIES)


def test_the_profile_names_what_a_last_digit_may_depend_on():
    parts = identity.profile_parts()
    assert list(parts) == [
        "python", "machine", "system", "libc", "processor", "blas", *identity.PACKAGES,
    ]  # fmt: skip
    assert parts["numpy"] != "none"
    assert identity.numeric_profile().startswith(f"py{parts['python']}-numpy{parts['numpy']}-")


def profile_with(**environment):
    """The profile of a fresh process."""
    import os

    code = "from dcsim.study.records import identity; print(identity.numeric_profile())"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True,
        cwd=HOUSE.parent, env={**os.environ, "PYTHONPATH": str(HOUSE.parent), **environment},
    )  # fmt: skip
    return done.stdout.strip()


def test_processor_features_that_numpy_may_not_use_change_the_profile():
    from numpy._core import _multiarray_umath as umath

    extra = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__[name]]
    assert profile_with() == identity.numeric_profile()
    if extra:
        assert profile_with(NPY_DISABLE_CPU_FEATURES=extra[-1]) != identity.numeric_profile()


def test_both_are_found_fast_and_once():
    identity.model_version.cache_clear()
    began = time.perf_counter()
    identity.model_version()
    first = time.perf_counter() - began
    began = time.perf_counter()
    identity.model_version()
    assert time.perf_counter() - began < first / 10


def test_plugins_are_part_of_the_model(tidal):
    from dcsim.scenario.load import load
    from dcsim.study.run.replications import case_of

    scenario = load(tidal)
    model = identity.model_of(scenario.site.extension.packages)
    assert re.fullmatch(r"\S+\+[0-9a-f]{12} dcsim-tidal 0\.1\.0\+[0-9a-f]{12}", model)
    assert identity.model_of(()) == identity.model_version()
    assert case_of(scenario, "a").model == model
