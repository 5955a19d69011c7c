"""One name means one thing, and it is the word of the field: old words do not come back.

Python names, help texts and headings are searched; keys of scenarios, columns of results, keys of
summaries and of stores keep their names, since files written before hold them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import click
import pytest

from dcsim.cli.main import COMMANDS, main
from tests import structure

ROOT = structure.ROOT
MODULES = structure.read_package(ROOT)
NAME, PARAMETER, ATTRIBUTE, TEXT = "name", "parameter", "attribute", "text"
NAMES = (NAME, PARAMETER, ATTRIBUTE)


@dataclass(frozen=True)
class Use:
    """A word or text of the package, and the place a reader finds it at."""

    kind: str
    words: str
    """Of a name ``snake_case`` without leading ``_``; of a text the lower-case sentence."""
    place: str


@dataclass(frozen=True)
class Old:
    """A word that is not used in this sense any more."""

    pattern: str
    write: str
    kinds: tuple[str, ...] = (*NAMES, TEXT)
    whole: bool = False
    """Only where the word is the whole name; inside longer names it has its plain meaning."""
    inside: str = ""
    """Only below this package."""
    outside: tuple[str, ...] = ()
    """Packages and pages where the word is the term of the field."""


OLD = (
    Old("luck|lucky", "random numbers, common random numbers, replication"),
    Old("promises?|promised", "milestone confidence, P80 date"),
    Old("impossible|proofs?", "infeasible, feasibility"),
    Old("offers?|offered|offering", "available supply, availability"),
    Old("guides?|guided|steer|steers|steered|steering", "storage policy, storage limits"),
    Old("walk|walks|walked", "battery kernel, dispatch kernel"),
    Old("loops?", "battery kernel, dispatch kernel", (NAME,), whole=True),
    Old("one_pass", "battery kernel, dispatch kernel", NAMES),
    Old("shel(?:f|ves)", "profile cache, stage cache"),
    Old("reuse|kept|made", "profile cache, stage cache, cached", (NAME,), whole=True),
    Old(
        "places|spaces?|pools?",
        "hall space, power headroom, crew pool",
        (NAME,),
        whole=True,
        inside="dcsim.ramp",
    ),
    Old("agenda|put_down", "event batch, schedule"),
    Old("workshops?", "repair shop"),
    Old("falls|calls", "failure events, repair requests", (NAME,), whole=True),
    Old("world", "rack flow, ramp state", NAMES),
    Old(
        "hybrids?",
        "mixed scenario",
        outside=("dcsim.power.cooling", "dcsim.scenario.schema.power", "docs/models/cooling.md"),
    ),
    Old("go_together", "dependent groups", NAMES),
    Old("parcels?", "job"),
    Old("pieces?|how", "job, status", NAMES),
    Old("crews?", "scheduler, workers", NAMES, inside="dcsim.study"),
    Old("turns?|handfuls?", "batch", NAMES),
    Old("asked|choices", "request, options", NAMES),
    Old("strangers?", "untrusted input"),
    Old("laid|taken|found|told", "generated, allocated, result, record", (NAME,), whole=True),
    Old("chain", "pipeline", (NAME,), whole=True),
    Old("stages", "types", (NAME,), whole=True, outside=("dcsim.pipeline",)),
    Old("said|unsaid", "message, restore point", NAMES),
    Old("unsaid", "restore point", (TEXT,)),
)
"""The table: what is not written any more, and what is written instead."""

KEYS = {
    "turn_deg": "from the scenario key `turn` of solar plants: the way that they face",
    "promised": "summary key of milestones",
    "funds_promised_usd": "summary key of money",
}
"""Names that files written before hold, each with the file."""

RIDDLES = ("what", "how", "who", "whoever", "whose", "whether", "which", "when", "why")
"""A summary that begins so asks instead of saying what is returned or done."""


def snake(name: str) -> str:
    """Return a name in lower case, its words joined by ``_``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).strip("_").lower()


def names_of(module: structure.Module) -> Iterator[Use]:
    yield Use(NAME, snake(module.name.rsplit(".", 1)[-1]), module.name)
    for name in structure.top_level_names(module):
        yield Use(NAME, snake(name), f"{module.name}.{name}")
    for place in structure.functions(module):
        yield Use(NAME, snake(place.name.rsplit(".", 1)[-1]), str(place))
        for parameter in structure.parameters(place.node):
            yield Use(PARAMETER, snake(parameter), f"{place}({parameter})")
    for node in ast.walk(module.tree):
        for field in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                place = f"{module.name}.{node.name}.{field.target.id}"
                yield Use(ATTRIBUTE, snake(field.target.id), place)


def summaries_of(module: structure.Module) -> Iterator[Use]:
    """Yield the first lines of the docstrings of a module and of what is public in it."""
    own = ast.get_docstring(module.tree)
    texts = [(module.name, own)]
    texts += [(str(p), ast.get_docstring(p.node)) for p in structure.public_definitions(module)]
    for place, text in texts:
        if text:
            yield Use(TEXT, text.splitlines()[0].lower(), place)


def headings() -> Iterator[Use]:
    pages = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for page in sorted(pages):
        code = False
        for line in page.read_text(encoding="utf-8").splitlines():
            code ^= line.startswith(("```", "~~~"))
            if line.startswith("#") and not code:
                yield Use(TEXT, line.strip("# ").lower(), str(page.relative_to(ROOT)))


def help_texts() -> Iterator[Use]:
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        yield Use(TEXT, (command.help or "").lower(), f"dcsim {name} --help")
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.help:
                yield Use(TEXT, parameter.help.lower(), f"dcsim {name} {parameter.opts[0]}")


def all_uses() -> list[Use]:
    uses = [use for module in MODULES for use in (*names_of(module), *summaries_of(module))]
    return [use for use in (*uses, *headings(), *help_texts()) if use.words not in KEYS]


USES = all_uses()


def is_used(old: Old, use: Use) -> bool:
    if use.kind not in old.kinds or use.place.startswith(old.outside or ("\0",)):
        return False
    if not use.place.startswith(old.inside):
        return False
    if old.whole and use.kind != TEXT:
        return re.fullmatch(old.pattern, use.words) is not None
    separator = r"\b" if use.kind == TEXT else "(?:^|_|$)"
    return re.search(f"{separator}(?:{old.pattern}){separator}", use.words) is not None


@pytest.mark.parametrize("old", OLD, ids=lambda old: old.pattern)
def test_old_words_are_gone(old):
    places = sorted({f"{use.place}: {use.words}" for use in USES if is_used(old, use)})
    assert not places, f"write {old.write}"


def test_there_is_one_site():
    places = [
        module.name
        for module in MODULES
        if {"Site", "World"} & set(structure.top_level_names(module))
    ]
    assert places == ["dcsim.scenario.schema.site"]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_summaries_are_no_riddles(module):
    riddles = [
        f"{use.place}: {use.words}"
        for use in summaries_of(module)
        if re.match(r"[\w]+", use.words) and re.match(r"[\w]+", use.words)[0] in RIDDLES
    ]
    assert not riddles, "begin with 'Return the …', a noun or an imperative"


@pytest.mark.parametrize(
    ("old", "use", "used"),
    [
        (Old("luck", "x"), Use(NAME, "life_luck", "a"), True),
        (Old("luck", "x"), Use(NAME, "lucky", "a"), False),
        (Old("luck", "x"), Use(TEXT, "runs that share their luck.", "a"), True),
        (Old("luck", "x"), Use(TEXT, "pluck", "a"), False),
        (Old("found", "x", whole=True), Use(NAME, "found", "a"), True),
        (Old("found", "x", whole=True), Use(NAME, "not_found", "a"), False),
        (Old("found", "x", (NAME,)), Use(PARAMETER, "found", "a"), False),
        (Old("crew", "x", inside="dcsim.study"), Use(NAME, "crew", "dcsim.ramp.works"), False),
        (Old("crew", "x", outside=("dcsim.ramp",)), Use(NAME, "crew", "dcsim.ramp.works"), False),
        (Old("crew", "x", outside=("dcsim.ramp",)), Use(NAME, "crew", "dcsim.study.run"), True),
    ],
)
def test_words_are_matched_in_the_sense_meant(old, use, used):
    assert is_used(old, use) is used


def test_names_are_split_into_their_words():
    assert [snake(name) for name in ("CrewPool", "_Found", "MAX_CHAIN", "to_json2Text")] == [
        "crew_pool",
        "found",
        "max_chain",
        "to_json2_text",
    ]


def test_keys_are_still_there():
    """An exception that is no longer needed is taken out of the list."""
    names = {use.words for module in MODULES for use in names_of(module)}
    assert set(KEYS) <= names


OPTION = re.compile(r"(?:^|[\s('])(--[a-z][a-z-]+)")
OF_BOTH = {
    ("dcsim.scenario.checks.effort", "--allow-large"),
    ("dcsim.scenario.text.layers", "--root"),
    ("dcsim.scenario.text.overrides", "--set"),
    ("dcsim.study.engine.cluster", "--i-know-insecure"),
}
"""Messages that name an option and, beside it, what to write in Python."""
OF_GIT = ("dcsim.study.checks.commit", "dcsim.study.checks.commit_files")
"""Modules that call git, and that only the option ``--against`` calls."""


def test_messages_below_the_command_line_name_no_options_of_it():
    found = {
        (module.name, option)
        for module in MODULES
        if not module.name.startswith("dcsim.cli") and module.name not in OF_GIT
        for text in _plain_texts(module.tree)
        for option in OPTION.findall(text)
    }
    assert found == OF_BOTH


def _plain_texts(tree: ast.Module) -> Iterator[str]:
    """Yield the texts of a module but for those that stand alone, its docstrings."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value
