"""Each recipe of the guide to new models, followed to the letter in a copy of the project."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "add-a-model.md"
COPIED = ("dcsim", "scenarios", "docs", "tests", "pyproject.toml")
UNCOPIED = ("__pycache__", "images", "bench", "regression", "validation", "fuzz", "faults")
FENCE = re.compile(r"^```(python|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEW_FILE = re.compile(r"# (\S+\.py)\n")
FILE_OF_DIFF = re.compile(r"^--- (\S+)\n", re.MULTILINE)
CONTRACTS = {
    "A source or store": ["tests/contract/test_assets.py", "-k", "tidal"],
    "A cooling model": ["tests/unit/power/cooling/test_registry.py", "-k", "linear"],
    "A dispatch policy": ["tests/contract/test_assets.py", "-k", "no-export and (solar or chp)"],
    "A cause of delay": ["tests/unit/test_gpu_states.py"],
    "A result column": ["tests/unit/results/test_columns.py"],
    "A weather format": ["tests/unit/weather/formats/test_registry.py", "-k", "tabs or unique"],
    "A distribution": ["tests/property/test_distributions.py", "-k", "rayleigh"],
}
"""By recipe: the tests that read the registry, and so hold what is new to the contract."""


class Recipe(NamedTuple):
    """A section of the guide."""

    title: str
    new_files: dict[str, str]
    """Text by path."""
    edits: list[tuple[str, str]]
    """Path and the hunk of a diff."""

    @property
    def touched(self) -> list[str]:
        """Files of the package that it adds or edits."""
        paths = [*self.new_files, *(path for path, _ in self.edits)]
        return sorted({path for path in paths if path.startswith("dcsim/")})


def recipes() -> list[Recipe]:
    found = []
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        recipe = Recipe(section.partition("\n")[0], {}, [])
        for language, text in FENCE.findall(section):
            if language == "python":
                path = NEW_FILE.match(text)
                assert path, f"a block of {recipe.title} begins with no path"
                recipe.new_files[path[1]] = text[path.end() :]
            else:
                paths_and_hunks = FILE_OF_DIFF.split(text)[1:]
                for path, hunks in zip(paths_and_hunks[::2], paths_and_hunks[1::2], strict=True):
                    recipe.edits.extend((path, hunk) for hunk in hunks.split("@@\n"))
        found.append(recipe)
    return found


RECIPES = recipes()


def edited(text: str, hunk: str) -> str:
    """Return a file with the hunk of a diff applied, which must fit in one place alone.

    The last line may be cut, as that of a table is.
    """
    lines = [(line[:1], line[1:]) for line in hunk.splitlines()]
    # From the line break before it, so that a line fits with its indentation and no other.
    before, after = (
        "\n" + "\n".join(line for sign, line in lines if sign != other) for other in ("+", "-")
    )
    assert text.count(before) == 1, f"fits in {text.count(before)} places:\n{hunk}"
    return text.replace(before, after)


def follow(recipe: Recipe, project: Path) -> None:
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns(*UNCOPIED)
            shutil.copytree(ROOT / name, project / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, project / name)
    for path, text in recipe.new_files.items():
        assert not (project / path).exists()
        (project / path).write_text(text, encoding="utf-8")
    for path, hunk in recipe.edits:
        text = (project / path).read_text(encoding="utf-8")
        (project / path).write_text(edited(text, hunk), encoding="utf-8")


def passes(project: Path, *words: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_a_recipe_works_as_it_stands(recipe: Recipe, tmp_path: Path) -> None:
    follow(recipe, tmp_path)
    own = [path for path in recipe.new_files if path.startswith("tests/")]
    if own:
        passes(tmp_path, "pytest", "-q", "-p", "no:xdist", *own)
    passes(tmp_path, "pytest", "-q", "-p", "no:xdist", *CONTRACTS[recipe.title])
    if importlib.util.find_spec("ruff"):
        edits = {path for path, _ in recipe.edits}
        code = [path for path in [*recipe.new_files, *edits] if path.endswith(".py")]
        passes(tmp_path, "ruff", "check", "--no-cache", *code)
        passes(tmp_path, "ruff", "format", "--no-cache", "--check", *code)


def test_the_guide_has_a_recipe_for_each_contract() -> None:
    assert [recipe.title for recipe in RECIPES] == list(CONTRACTS)


def counted(recipe: Recipe) -> str:
    """Return the files of the package that a recipe touches, as the guide's table counts them."""
    new = [path for path in recipe.new_files if path.startswith("dcsim/")]
    n_edited = len(recipe.touched) - len(new)
    parts: list[Any] = [f"{len(new)} new"] * bool(new) + [f"{n_edited} edited"] * bool(n_edited)
    return ", ".join(parts)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_the_table_counts_the_files_of_a_recipe(recipe: Recipe) -> None:
    anchor = recipe.title.lower().replace(" ", "-")
    (row,) = re.findall(rf"^\| \[[^]]+\]\(#{anchor}\) .*$", PAGE.read_text(encoding="utf-8"), re.M)
    assert f"| {counted(recipe)} |" in row
