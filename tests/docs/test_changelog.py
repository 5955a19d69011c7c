"""What a release is made of: fragments of the changelog, citation, hooks before a commit."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TYPES = {one["directory"]: one["name"] for one in PROJECT["tool"]["towncrier"]["type"]}
NO_FRAGMENTS = {"README.md", "template.md.jinja"}
FRAGMENTS = sorted(
    path for path in (ROOT / "changelog.d").iterdir() if path.name not in NO_FRAGMENTS
)


def yaml_of(name: str):
    return YAML(typ="safe", pure=True).load((ROOT / name).read_text(encoding="utf-8"))


# Fragments --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_has_a_known_type_and_full_sentences(path):
    assert re.fullmatch(rf"[a-z0-9]+(-[a-z0-9.]+)*\.({'|'.join(TYPES)})\.md", path.name)
    text = path.read_text(encoding="utf-8")
    assert text == text.strip() + "\n"
    assert text[0].isupper() or text[0] in "`-[" or text.startswith("dcsim ")
    for paragraph in text.strip().split("\n\n"):  # a table or an example may stand among them
        assert paragraph.endswith((".", ":", "|", "```")), "full sentences end with a dot"
    assert not re.search(r"^#", text, re.MULTILINE), "the changelog has the headings"


@pytest.mark.parametrize("name", ["changelog.d/README.md", "CHANGELOG.md"])
def test_the_types_are_those_that_are_written_down(name):
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert re.search(rf"types (are )?{', '.join(TYPES)}\b", text)


def built(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Assemble the changelog of a copy of what it is made of."""
    pytest.importorskip("towncrier")
    if not (folder / "pyproject.toml").exists():
        shutil.copytree(ROOT / "changelog.d", folder / "changelog.d")
        for name in ("pyproject.toml", "CHANGELOG.md"):
            shutil.copy(ROOT / name, folder / name)
    command = [sys.executable, "-m", "towncrier", "build", "--version", "9.8.7"]
    command += ["--date", "2031-02-03", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_draft_holds_each_fragment_under_its_type(tmp_path):
    done = built(tmp_path, "--draft")
    assert done.returncode == 0, done.stderr
    draft = done.stdout
    assert draft.lstrip().startswith("## 9.8.7 (2031-02-03)\n")
    used = {path.name.split(".")[-2] for path in FRAGMENTS}
    assert re.findall("^### (.+)$", draft, re.MULTILINE) == [TYPES[t] for t in TYPES if t in used]
    parts = re.split("^### (.+)$", draft, flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    for path in FRAGMENTS:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert f"- {first}\n" in sections[TYPES[path.name.split(".")[-2]]]
    assert (tmp_path / "CHANGELOG.md").read_text() == (ROOT / "CHANGELOG.md").read_text()


def test_a_release_moves_the_fragments_into_the_changelog(tmp_path):
    draft = built(tmp_path, "--draft").stdout.strip()
    done = built(tmp_path, "--yes")
    assert done.returncode == 0, done.stderr
    before, section = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## 9.8.7", 1)
    assert before.startswith("# Changelog")
    assert f"## 9.8.7{section}".startswith(draft)
    assert {path.name for path in (tmp_path / "changelog.d").iterdir()} == NO_FRAGMENTS


def test_a_fragment_of_another_type_is_refused(tmp_path):
    built(tmp_path, "--draft")
    (tmp_path / "changelog.d" / "wind.feature.md").write_text("Wind.\n", encoding="utf-8")
    done = built(tmp_path, "--draft")
    assert done.returncode != 0
    assert "wind.feature.md" in done.stderr


# Citation, hooks --------------------------------------------------------------------------------


def test_the_citation_is_of_this_version():
    citation, project = yaml_of("CITATION.cff"), PROJECT["project"]
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert citation["authors"] == [{"name": author["name"]} for author in project["authors"]]


def test_hooks_before_a_commit_run_what_ci_runs_before_its_tests():
    hooks = [hook for repo in yaml_of(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    run = {re.sub(" --force-exclude", "", hook["entry"]) for hook in hooks}
    script = (ROOT / ".ci" / "leg").read_text(encoding="utf-8")
    tools = re.findall(r"^ *\.venv/bin/((?:ruff|mypy).*?)(?: \.)?$", script, re.MULTILINE)
    assert len(tools) == 3
    assert set(tools) <= run
