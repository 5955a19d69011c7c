"""The pages of the documentation say what dcsim does."""

from __future__ import annotations

import fnmatch
import importlib
import importlib.util
import itertools
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

import dcsim
from dcsim.cli import main as dcsim_command
from dcsim.entry_points import GROUPS
from dcsim.gpu_states import GPU_STATES
from dcsim.results.run_folder import LEDGER_COLUMNS, read_parquet

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LINKING = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "RELEASE.md", ROOT / "scenarios" / "SOURCES.md"]
NOTEBOOK = ROOT / "examples" / "plan_a_site.py"
"""Run cell by cell in `test_example_page.py`."""
EXAMPLES = sorted(set((ROOT / "examples").glob("*.py")) - {NOTEBOOK})
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NEW_FILE = re.compile(r"# \S+\.py\n")
"""First line of a block that is a file to add; `test_recipes.py` adds and runs it."""
BY_NAME = re.compile(r"`[a-z_]*(NAME|PRODUCT|SEGMENT|SOURCE)[a-z_]*`")


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


OUTPUTS = module_of("make_outputs")


def blocks(path: Path, language: str) -> list[str]:
    fences = OUTPUTS.fences(path.read_text(encoding="utf-8"))
    return [fence.text for fence in fences if fence.language == language]


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def programs(path: Path) -> list[str]:
    return [text for text in blocks(path, "python") if not NEW_FILE.match(text)]


@pytest.mark.parametrize("path", [p for p in PAGES if programs(p)], ids=page_id)
def test_python_of_a_page_runs(path, capsys):
    names: dict[str, Any] = {"__name__": "page"}
    for text in programs(path):
        exec(compile(text, str(path), "exec"), names)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.mark.parametrize("path", [p for p in PAGES if blocks(p, "py")], ids=page_id)
def test_python_of_a_page_that_needs_other_packages_can_be_read(path):
    for text in blocks(path, "py"):
        compile(text, str(path), "exec")


@pytest.mark.parametrize("name", OUTPUTS.PAGES)
def test_outputs_in_a_page_are_what_is_printed(name):
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert page == OUTPUTS.with_outputs(page)


def test_the_scenario_reference_is_made_from_the_schema():
    page = (ROOT / "docs" / "scenario-reference.md").read_text(encoding="utf-8")
    assert page == module_of("make_reference").page()


@pytest.mark.parametrize("name", module_of("make_reference").PAGES_WITH_TABLES)
def test_tables_of_results_are_made_from_the_records(name):
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert "<!-- table: " in page
    assert page == module_of("make_reference").with_tables(page)


def test_the_table_of_assets_has_a_row_for_each_kind_by_its_record():
    from dcsim.scenario.schema.assets.registry import KINDS

    page = (ROOT / "docs" / "models" / "assets.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| (.*) \| `?(\w*)`? \| (.+) \|$", page, re.M)
    assert {row[0]: (row[1], row[3]) for row in rows} == {
        kind.section: (" or ".join(kind.classes), kind.ledger_kind) for kind in KINDS
    }
    made = {section: (energy, columns) for section, _, energy, _, columns in rows}
    assert made["solar"] == ("renewable", "`solar_generation_mw`")
    assert made["chp"] == ("emitting at `carbon`", "`chp_generation_mw`")
    assert made["contracts"] == ("by `renewable` and `carbon`", "`NAME_generation_mw`")
    assert made["batteries"][0] == ""


# Commands ---------------------------------------------------------------------------------------


def commands(path: Path) -> Iterator[list[str]]:
    """Yield the words after `dcsim` of every command line that a page shows."""
    text = path.read_text(encoding="utf-8")
    lines = [line for fence in OUTPUTS.fences(text) for line in fence.text.splitlines()]
    lines += re.findall(r"`(dcsim [^`]+)`", text)
    for line in lines:
        for part in line.split("&&"):
            command = re.match(r"\s*(?:\$ )?(?:\S*/)?dcsim (.+)", part)
            if command and "…" not in part:
                yield shlex.split(command[1])


COMMANDS = [
    pytest.param(words, id=f"{path.name}: {shlex.join(words)}"[:90])
    for path in PAGES
    for words in commands(path)
]
ON_OWN_SCENARIOS = [
    param
    for param in COMMANDS
    if param.values[0][1:2]
    and param.values[0][1].startswith("scenarios/")
    and "/studies/" not in param.values[0][1]
    and "--root" not in param.values[0]
]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_that_is_shown_exists(words):
    group = dcsim_command
    options, rest, _ = group.make_parser(click.Context(group)).parse_args(words)
    if rest:
        assert rest[0] in group.commands
        command = group.commands[rest[0]]
        command.make_parser(click.Context(command)).parse_args(rest[1:])
    else:
        assert options


@pytest.mark.parametrize("words", ON_OWN_SCENARIOS)
def test_a_scenario_and_what_is_set_in_it_are_sound(words):
    overrides = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
    dcsim.load(words[1], overrides=overrides)


def shown_files() -> list[Any]:
    found = []
    for path in PAGES:
        fences = OUTPUTS.fences(path.read_text(encoding="utf-8"))
        for fence, after in itertools.zip_longest(fences, fences[1:]):
            is_wrong = after is not None and after.is_output
            if fence.text.startswith("# scenarios/") and not is_wrong:
                found.append(pytest.param(fence.text, id=f"{page_id(path)}:{fence.start}"))
    return found


@pytest.mark.parametrize("text", shown_files())
def test_a_scenario_file_that_is_shown_can_be_read(text):
    OUTPUTS.load_as_file(text)


def test_every_kind_of_distribution_is_explained():
    from dcsim.scenario.draws.distributions import DISTRIBUTIONS

    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert [kind for kind in DISTRIBUTIONS if f"| `{kind}` |" not in page] == []


# Results ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    scenario = dcsim.load(ROOT / "scenarios" / "ulsan-103mw.yaml", overrides=["end=2030-07-01"])
    folder = tmp_path_factory.mktemp("docs") / "run"
    dcsim.simulate(scenario).save(folder)
    return folder


def tables(heading: str) -> str:
    """Return the section of the page on results under a heading of any level."""
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    _, _, rest = page.partition(f"# {heading}\n")
    assert rest, f"results.md has no heading {heading}"
    return rest.partition("\n## ")[0]


def missing(names: list[str], text: str) -> list[str]:
    patterns = [match[0].strip("`") for match in BY_NAME.finditer(text)]
    shapes = [re.sub("NAME|PRODUCT|SEGMENT|SOURCE", r"\\w+", pattern) for pattern in patterns]
    return [
        name
        for name in names
        if f"`{name}`" not in text and not any(re.fullmatch(s, name) for s in shapes)
    ]


def test_every_key_of_the_summary_is_explained(run_folder):
    summary = json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))
    text = tables("summary.json")
    inner = {key for entry in ("works", "outages", "milestones") for key in summary[entry][0]}
    inner |= {*summary["provenance"], *summary["weather"], *summary["gpus_fit"]}
    inner |= {*summary["binding"][0]}
    assert missing([*summary, *sorted(inner), *summary["yearly"]], text) == []


def test_every_key_of_the_summary_that_is_explained_is_there(run_folder):
    summary = json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))
    firsts = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", tables("summary.json"), re.MULTILINE)
    named = {name for cell in firsts for name in re.findall(r"`(\w+)`", cell)}
    assert named - {*summary, *summary["yearly"]} == set()


@pytest.mark.parametrize("name", ["hourly.parquet", "events.parquet"])
def test_every_column_of_a_parquet_file_is_explained(run_folder, name):
    assert missing(list(read_parquet(run_folder / name)), tables(name)) == []


def test_every_column_and_kind_of_the_ledger_is_explained(run_folder):
    from dcsim.accounts.money.ledger import ledger_kinds

    text = tables("ledger.csv")
    assert missing([*LEDGER_COLUMNS, *ledger_kinds()], text) == []


def test_every_kind_of_line_in_the_timeline_is_explained(run_folder):
    lines = (run_folder / "timeline.csv").read_text(encoding="utf-8").splitlines()[1:]
    kinds = sorted({line.split(",")[1] for line in lines})
    assert missing(kinds, tables("timeline.csv")) == []


def test_every_file_of_a_run_is_explained(run_folder):
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert missing([path.name for path in run_folder.iterdir()], page) == []


def test_the_table_of_gpu_states_is_that_of_the_package():
    page = (ROOT / "docs" / "models" / "ramp.md").read_text(encoding="utf-8")
    table = page.partition("## States of a GPU")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ?(.*?) \| ?(?:`(\w+)` )?\|", table, re.MULTILINE)
    assert rows == [(s.name, s.cause or "", s.lifted_by or "") for s in GPU_STATES]


def test_every_figure_is_named():
    from dcsim.plots import FIGURES

    assert missing(list(FIGURES), tables("Figures")) == []


# Links ------------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    headings = HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", LINKING, ids=page_id)
def test_links_lead_somewhere(path):
    broken = []
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (path.parent / name).resolve() if name else path
        if not place.exists() or (anchor and anchor not in anchors(place)):
            broken.append(target)
    assert broken == []


def test_every_page_is_in_the_table_of_contents():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    toctree = index.partition("```{toctree}")[2].split()
    pages = {p.relative_to(ROOT / "docs").with_suffix("").as_posix() for p in PAGES[1:]}
    listed = {page for page in pages for name in toctree if fnmatch.fnmatch(page, name)}
    assert pages - {"index"} == listed


NAMED = re.compile(
    r"`(dcsim(?:\.\w+)+)(?:\(\))?`|`((?:dcsim|tests|docs|scenarios|examples)/[\w./-]+)`"
)
"""A module or a name of one, or a file or folder of the project, in code type."""
READ_BY_DEVELOPERS = [*LINKING, ROOT / "SECURITY.md"]


def exists(name: str) -> bool:
    """Return True if a dotted name is a module, a name in one, or a group of entry points."""
    if name in GROUPS:
        return True
    parts = name.split(".")
    for at in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:at]))
        except ModuleNotFoundError:
            continue
        for inner in parts[at:]:
            if not hasattr(found, inner):
                return False
            found = getattr(found, inner)
        return True
    return False


@pytest.mark.parametrize("path", READ_BY_DEVELOPERS, ids=page_id)
def test_modules_and_files_that_a_page_names_exist(path):
    named = NAMED.findall(path.read_text(encoding="utf-8"))
    missing_names = [dotted for dotted, _ in named if dotted and not exists(dotted)]
    missing_files = [file for _, file in named if file and not (ROOT / file).exists()]
    assert missing_names + missing_files == []


# Examples ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def example_runs():
    running = {
        path: subprocess.Popen(
            [sys.executable, path],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for path in EXAMPLES
    }
    return {path: (*run.communicate(timeout=120), run.returncode) for path, run in running.items()}


@pytest.mark.parametrize("path", EXAMPLES, ids=page_id)
def test_an_example_runs(path, example_runs):
    if path.name.startswith("pypsa"):
        pytest.importorskip("pypsa")
    out, err, code = example_runs[path]
    assert code == 0, err
    assert out


# Command line -----------------------------------------------------------------------------------


def test_the_page_on_the_command_line_lists_every_variable_with_its_option():
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(DCSIM_\w+)` \| `(--?\w[\w-]*)`", page, re.MULTILINE)
    commands = [dcsim_command, *dcsim_command.commands.values()]
    commands += [inner for one in commands[1:] for inner in getattr(one, "commands", {}).values()]
    options = [option for one in commands for option in one.params if option.envvar]
    assert {(option.envvar, name) for option in options for name in option.opts} >= set(listed)
    assert {name for name, _ in listed} == {option.envvar for option in options}


def test_the_page_on_the_command_line_lists_every_exit_code():
    from dcsim.cli import exit_codes

    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    table = page.partition("## Exit codes")[2].partition("\n## ")[0]
    codes = {value for name, value in vars(exit_codes).items() if name.startswith("EXIT_")}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == {0} | codes


def test_a_variable_that_is_wrong_is_told_as_the_page_shows():
    from click.testing import CliRunner

    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    shown = page.partition("$ DCSIM_WORKERS=many dcsim sweep")[2].partition("\n")[2]
    words = ["sweep", "scenarios/studies/grid-delay-by-gpu.yaml"]
    done = CliRunner().invoke(
        dcsim_command, words, prog_name="dcsim", env={"DCSIM_WORKERS": "many"}
    )
    assert done.stderr == shown.partition("```")[0]
