"""Writes the reference page of the Python API, `docs/python.md`, from signatures and docstrings.

On the page stands what `dcsim`, `dcsim.plots` and `dcsim.plugins` export, and the types that one
meets through it. Griffe reads the source; nothing of dcsim is imported.

Run it from the project's root: ``python docs/make_python_reference.py`` (needs the extra `docs`); a
test keeps the page in step.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import griffe

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "python.md"
WIDTH = 92
"""Most characters of a line of code."""
FUNCTIONS = (
    *("load", "simulate", "replicate", "sweep", "compare", "explain", "relief", "size", "check"),
    *("read_run", "export"),
)
"""The order in which a planner needs them."""
SUMMARIES = ("Summary", "RunSummary", "ReplicatedSummary", "MilestoneSummary")
ELSEWHERE = {
    "Site": "scenario-reference.md",
    "MoneyPart": "scenario-reference.md#money",
    "Tariff": "scenario-reference.md#moneytariff",
} | dict.fromkeys(SUMMARIES, "results.md#summaryjson")
"""Types that another page explains."""
INTERNAL = frozenset(("Node", "Values", "CheckOptions", "Study", "Rows"))
"""Types that dcsim alone makes and reads; attributes and parameters that hold one leave it out."""
KEPT = ("Annotated", "TypeVar")
"""Beginnings of types that keep their own name where they are used."""
TABLES = ("Tabular", "Table")
"""Types that results of every kind have in common."""
HEAD = """# Python reference

Made from the docstrings; do not edit by hand (`python docs/make_python_reference.py`).

What stands on this page is what programs may build on. `import dcsim` brings the functions, the
types `Scenario` and `Result`, the errors, and the figures in `dcsim.plots`. Further types are met
as what the functions return, and need no import. Packages that add models import from
`dcsim.plugins`. All else may change with any release.
"""
SIGNS = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}


class Entry(NamedTuple):
    """Something public, under the name that users write."""

    name: str
    """Such as ``dcsim.load``, ``Table``, ``Table.to_pandas``."""
    item: griffe.Object
    level: int = 3
    """Of its heading."""


# What is public ---------------------------------------------------------------------------------


@functools.cache
def package() -> griffe.Module:
    """Return the source of dcsim as Griffe reads it."""
    return cast(griffe.Module, griffe.load("dcsim", search_paths=[ROOT], docstring_parser="numpy"))


def at_home(member: griffe.Object | griffe.Alias) -> griffe.Object:
    """Return what a name stands for, as it is where it is defined."""
    return cast(griffe.Object, member.final_target if member.is_alias else member)  # type: ignore[union-attr]


def exported(path: str) -> list[Entry]:
    """Return what a module of the package exports, but for modules."""
    try:
        module = package() if path == "dcsim" else package()[path.removeprefix("dcsim.")]
    except KeyError:
        return []
    found = {str(name): at_home(module.members[str(name)]) for name in module.exports or ()}
    return [Entry(f"{path}.{name}", one) for name, one in found.items() if not one.is_module]


def public_members(of: griffe.Object) -> dict[str, griffe.Object]:
    """Return the public attributes and methods that a class has of its own, in order."""
    return {
        name: cast(griffe.Object, member)
        for name, member in of.members.items()
        if not name.startswith("_")
        and name != "model_config"
        and (member.is_attribute or member.is_function)
        and str(getattr(member, "annotation", "")) not in INTERNAL
    }


def definition(part: Any) -> griffe.Object | None:
    """Return what a name in an annotation stands for, if it is a type or an alias of dcsim."""
    if not isinstance(part, griffe.ExprName) or not part.canonical_path.startswith("dcsim."):
        return None
    try:
        found = at_home(package()[part.canonical_path.removeprefix("dcsim.")])
    except (KeyError, griffe.AliasResolutionError):
        return None
    is_alias = found.is_attribute and not str(cast(griffe.Attribute, found).value).startswith(KEPT)
    return found if found.is_class or is_alias else None


def named_in(annotation: Any) -> Iterator[griffe.Object]:
    """Yield the classes of dcsim that an annotation names."""
    if not isinstance(annotation, griffe.Expr):
        return
    for part in annotation.iterate(flat=True):
        found = definition(part)
        if isinstance(found, griffe.Attribute):
            yield from named_in(found.value)
        elif found is not None:
            yield found


def leads_to(item: griffe.Object) -> Iterator[griffe.Object]:
    """Yield the types of dcsim that a user meets through something public."""
    if isinstance(item, griffe.Function):
        yield from named_in(item.returns)
        if is_of_module(item):
            for parameter in item.parameters:
                yield from named_in(parameter.annotation)
    elif isinstance(item, griffe.Attribute):
        yield from named_in(item.annotation)
    elif isinstance(item, griffe.Class):
        for base in item.bases:
            yield from named_in(base)
        for member in public_members(item).values():
            yield from leads_to(member)


def is_of_module(item: griffe.Object) -> bool:
    """Return True for a function, False for a method and for anything else."""
    return item.is_function and item.parent is not None and item.parent.is_module


@functools.cache
def sections() -> dict[str, list[Entry]]:
    """Return what the page explains, by section."""
    top = {entry.name.removeprefix("dcsim."): entry for entry in exported("dcsim")}
    found = {
        "Functions": [top.pop(name) for name in FUNCTIONS if name in top],
        "Scenario and results": [top.pop(name) for name in ("Scenario", "Result", "StageCache")],
        "Figures": exported("dcsim.plots"),
        "Errors": [entry for entry in top.values() if entry.item.is_class],
        "Other names": [entry for entry in top.values() if not entry.item.is_class],
    }
    plugins = exported("dcsim.plugins")
    returned, parts = types_met([e for group in (*found.values(), plugins) for e in group])
    found["Scenario and results"] += returned
    found |= {"Further types": parts, "Plug-ins": plugins}
    return {title: group for title, group in found.items() if group}


def types_met(public: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return the types that a user meets through what is public, but does not import.

    First those that functions return, and the tables that all of these have; then the rest.
    """
    waiting = [entry.item for entry in public]
    seen = {item.path for item in waiting}
    returned, parts = [], []
    while waiting:
        item = waiting.pop(0)
        for type_ in leads_to(item):
            if type_.path in seen or type_.name in INTERNAL.union(ELSEWHERE):
                continue
            seen.add(type_.path)
            waiting.append(type_)
            is_main = type_.name in TABLES or (
                is_of_module(item) and type_ in named_in(cast(griffe.Function, item).returns)
            )
            (returned if is_main else parts).append(Entry(type_.name, type_))
    return returned, parts


def entries() -> list[Entry]:
    """Return everything on the page that has a heading: what is public, and its methods."""
    tops = [entry for group in sections().values() for entry in group]
    return [entry for top in tops for entry in (top, *methods(top))]


def methods(of: Entry) -> list[Entry]:
    """Return the public methods of a class."""
    if not of.item.is_class:
        return []
    short = of.name.rpartition(".")[2]
    return [
        Entry(f"{short}.{name}", member, of.level + 1)
        for name, member in public_members(of.item).items()
        if member.is_function
    ]


# Text -------------------------------------------------------------------------------------------


@functools.cache
def links() -> dict[str, str]:
    """Return where each name that a docstring may mention is explained."""
    found = {}
    for entry in entries():
        anchor = "#" + re.sub(r"[^\w-]", "", entry.name.lower())
        short = entry.item.name if entry.item.is_class else entry.name.removeprefix("dcsim.")
        if not entry.item.is_attribute:
            found |= dict.fromkeys((entry.name, short), anchor)
    return ELSEWHERE | found


def prose(text: str, own: str = "") -> str:
    """Return a docstring as Markdown with links; of the class `own`, methods go by their name."""

    def code(match: re.Match[str]) -> str:
        target = links().get(f"{own}.{match[1]}") or links().get(match[1])
        return f"[`{match[1]}`]({target})" if target else f"`{match[1]}`"

    text = re.sub(r"(?<!`)`([\w.]+)`(?!`)", code, text).replace("``", "`")
    text = re.sub(r"^(?:\.\. )?\[(\d+)\]_?", r"\\[\1\\]", text, flags=re.MULTILINE)
    text = re.sub(r"\[(\d+)\]_", r"\\[\1\\]", text)
    literal = re.compile(r"::\n\n((?: {4}.*\n|\n)* {4}.*)(?=\n|$)")
    return literal.sub(lambda m: f":\n\n{fenced(textwrap.dedent(m[1]).strip())}", text)


def fenced(text: str, language: str = "text") -> str:
    """Return a block of code."""
    return f"```{language}\n{text}\n```"


def type_text(annotation: Any) -> str:
    """Return an annotation with the aliases of dcsim written out, without names of its modules."""
    if not isinstance(annotation, griffe.Expr):
        return str(annotation or "")
    text = ""
    for part in annotation.iterate(flat=True):
        found = definition(part)
        if isinstance(found, griffe.Attribute):
            text += type_text(found.value)
        elif found is not None:
            text = re.sub(r"[a-z_]+\.$", "", text) + found.name
        else:
            text += part.name if isinstance(part, griffe.ExprName) else str(part)
    text = re.sub(rf" \| (?:{'|'.join(sorted(INTERNAL))})\b", "", text)
    # Griffe takes the shape of an array for a call.
    return re.sub(r"^\((.+), shape\((\w+)\)\)$", r"\1, shape (\2,)", text)


def signature(entry: Entry) -> str:
    """Return how a function is called, with types; one parameter a line where it is long."""
    assert isinstance(entry.item, griffe.Function)
    parts: list[str] = []
    for one in entry.item.parameters:
        if one.name in ("self", "cls"):
            continue
        keyword_only = one.kind is griffe.ParameterKind.keyword_only
        if keyword_only and not any(part.startswith("*") for part in parts):
            parts.append("*")
        text = SIGNS.get(one.kind, "") + one.name
        text += f": {type_text(one.annotation)}" if one.annotation else ""
        variadic = one.kind in SIGNS
        parts.append(
            text if one.default is None or variadic else f"{text} = {type_text(one.default)}"
        )
    returns = f" -> {type_text(entry.item.returns)}" if entry.item.returns else ""
    line = f"{entry.name}({', '.join(parts)}){returns}"
    if len(line) <= WIDTH:
        return line
    return f"{entry.name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returns}"


def items(parts: Iterable[Any], own: str) -> Iterator[str]:
    """Yield a list of parameters, of what is returned, or of errors."""
    for part in parts:
        name = getattr(part, "name", "").replace("*", "\\*")
        name = f"**{name}**" if name else ""
        kind = re.sub(r"^\((.+)\)$", r"\1", type_text(part.annotation))  # a list, to Griffe a tuple
        kind = f"[{kind}]({links()[kind]})" if kind in links() else f"*{kind}*" if kind else ""
        head = " : ".join(text for text in (name, kind) if text)
        text = textwrap.indent(prose(part.description.strip(), own), "  ").strip()
        yield f"- {head}" + (f"  \n  {text}" if text else "")


def section_text(section: griffe.DocstringSection, own: str) -> str:
    """Return a section of a docstring as Markdown."""
    kind = section.kind.value
    if kind == "text":
        return prose(section.value, own)
    if kind == "examples":
        parts = [
            fenced(text, "pycon") if part.value == "examples" else prose(text, own)
            for part, text in section.value
        ]
        return "**Examples**\n\n" + "\n\n".join(parts)
    if kind == "admonition":
        return f"**{section.title}**\n\n{prose(section.value.description, own)}"
    return f"**{kind.capitalize()}**\n\n" + "\n".join(items(section.value, own))


def meanings(member: griffe.Object, own: str) -> Iterator[str]:
    """Yield the sentences of the docstring of an attribute, errors last, each as one line."""
    for section in member.docstring.parsed if member.docstring else ():
        if section.kind.value == "text":
            yield " ".join(prose(section.value, own).split())
        elif section.kind.value == "raises":
            for one in section.value:
                text = " ".join(prose(one.description, own).split())
                yield f"*{one.annotation}* {text[:1].lower()}{text[1:]}"


def attribute_table(of: griffe.Object) -> str:
    """Return the table of the public attributes that a class has of its own."""
    rows = []
    for name, member in public_members(of).items():
        if not isinstance(member, griffe.Attribute):
            continue
        kind = type_text(member.annotation).replace("|", "\\|")
        meaning = " ".join(meanings(member, of.name))
        rows.append(f"| `{name}` | `{kind}` | {meaning} |\n")
    heads = "| attribute | type | meaning |\n|---|---|---|\n"
    return heads + "".join(rows) if rows else ""


def bases(of: griffe.Object) -> str:
    """Return a line on what a class has from others of dcsim."""
    texts = of.bases if isinstance(of, griffe.Class) else []
    names = [prose(f"`{base.name}`") for text in texts for base in named_in(text)]
    return f"Has the attributes and methods of {' and '.join(names)}." if names else ""


def entry_text(entry: Entry) -> str:
    """Return the part of the page on one name."""
    own = entry.name.rpartition(".")[0] if entry.level > 3 else entry.item.name
    docstring = entry.item.docstring
    parsed = docstring.parsed if docstring else []
    parts = [f"{'#' * entry.level} {entry.name}"]
    if entry.item.is_function:
        parts.append(fenced(signature(entry)))
    parts += [section_text(section, own) for section in parsed]
    if entry.item.is_class:
        parts += [bases(entry.item), attribute_table(entry.item).rstrip()]
        parts += [entry_text(method) for method in methods(entry)]
    return "\n\n".join(part for part in parts if part)


def summary(of: griffe.Object) -> str:
    """Return the first paragraph of a docstring as one line."""
    text = of.docstring.value if of.docstring else ""
    return prose(" ".join(text.partition("\n\n")[0].split()))


def short_link(entry: Entry) -> str:
    """Return the last part of a name, with a link if it has a heading."""
    target = links().get(entry.name)
    return f"[`{entry.item.name}`]({target})" if target else f"`{entry.item.name}`"


def overview() -> str:
    """Return the table of functions, and the names of every other section."""
    functions, *others = sections().items()
    rows = [f"| {prose(f'`{entry.name}`')} | {summary(entry.item)} |" for entry in functions[1]]
    lists = [
        f"- [{title}](#{title.lower().replace(' ', '-')}): {', '.join(map(short_link, group))}"
        for title, group in others
    ]
    return "\n".join(("| function | what it does |", "|---|---|", *rows, "", *lists))


def section_body(group: list[Entry]) -> Iterator[str]:
    """Yield the parts of a section: one a class or function, then a table of all else."""
    yield from (entry_text(entry) for entry in group if not entry.item.is_attribute)
    values = [entry for entry in group if entry.item.is_attribute]
    rows = [f"| `{entry.name}` | {summary(entry.item)} |" for entry in values]
    if rows:
        yield "\n".join(("| name | meaning |", "|---|---|", *rows))


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD.rstrip(), overview()]
    for title, group in sections().items():
        parts += [f"## {title}", *section_body(group)]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
