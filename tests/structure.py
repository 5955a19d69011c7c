"""Counts that say how well the package can be read: sizes, circles, names, tests and docstrings.

``python tests/structure.py [ROOT]`` reads the package below ``ROOT`` (this checkout when left out)
without importing it, so that two commits can be compared by two runs.
"""

from __future__ import annotations

import argparse
import ast
import io
import statistics
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "dcsim"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """One file of the package: its dotted name, text and syntax tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module
    is_package: bool = False

    @property
    def n_lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def room(self) -> str:
        """The package below the top one that the module stands in; its own name on the top."""
        return self.name.split(".")[1] if "." in self.name else self.name


@dataclass(frozen=True)
class Place:
    """A function or class by its module and its name in it, methods as ``Class.method``."""

    module: str
    name: str
    node: Definition

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


def read_package(root: Path, package: str = PACKAGE) -> list[Module]:
    """Return all modules of a package, in order of their paths."""
    modules = []
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        text = path.read_text(encoding="utf-8")
        modules.append(Module(name, path, text, ast.parse(text), is_package))
    return modules


def functions(module: Module) -> Iterator[Place]:
    """Yield every function of a module, methods and inner functions included."""
    yield from (place for place in _definitions(module) if isinstance(place.node, Function))


def public_definitions(module: Module) -> Iterator[Place]:
    """Yield functions and classes that anyone may use: no part of the name begins with ``_``."""
    for place in _definitions(module, inside_functions=False):
        if not any(part.startswith("_") for part in place.name.split(".")):
            yield place


def _definitions(module: Module, *, inside_functions: bool = True) -> Iterator[Place]:
    def below(body: Iterable[ast.stmt], prefix: str) -> Iterator[Place]:
        for node in body:
            if isinstance(node, Definition):
                yield Place(module.name, prefix + node.name, node)
                if inside_functions or isinstance(node, ast.ClassDef):
                    yield from below(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.If | ast.Try | ast.With):
                yield from below(node.body, prefix)

    yield from below(module.tree.body, "")


def code_lines(function: Function) -> int:
    """Return the lines of a function from ``def`` to its end, without its docstring."""
    n_lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        n_lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return n_lines


def parameters(function: Function) -> list[str]:
    """Return the names of all parameters but ``self`` and ``cls``."""
    arguments = function.args
    names = [
        a.arg
        for a in (*arguments.posonlyargs, *arguments.args, arguments.vararg)
        if a is not None and a.arg not in ("self", "cls")
    ]
    names += [a.arg for a in (*arguments.kwonlyargs, arguments.kwarg) if a is not None]
    return names


def top_level_names(module: Module) -> list[str]:
    """Return the functions, classes and constants that a module defines, ``__dunder__`` excepted.

    Imported names are not defined here, and neither are those a checker of types alone reads.
    """
    names: list[str] = []
    for node in module.tree.body:
        if isinstance(node, Definition):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                names += [part.id for part in parts if isinstance(part, ast.Name)]
    return list(dict.fromkeys(name for name in names if not name.startswith("__")))


def defined_twice(modules: Iterable[Module]) -> dict[str, list[str]]:
    """Return the names that two modules or more define, with those modules."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for module in modules:
        for name in top_level_names(module):
            places[name].append(module.name)
    return {name: homes for name, homes in sorted(places.items()) if len(homes) > 1}


def imported(module: Module, names: set[str]) -> set[str]:
    """Return the modules of the package that any import reaches, late ones included."""
    reached = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            reached |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                reached.add(inner if inner in names else node.module)
    return (reached & names) - {module.name}


def circles(modules: Iterable[Module]) -> list[list[str]]:
    """Return the groups of modules in which each reaches all the others by imports."""
    listed = list(modules)
    names = {module.name for module in listed}
    reached = {module.name: imported(module, names) for module in listed}
    for middle, beyond in reached.items():
        for known in reached.values():
            if middle in known:
                known.update(beyond)
    groups: list[list[str]] = []
    for name, known in reached.items():
        group = sorted(other for other in known if name in reached[other])
        if group and group not in groups:
            groups.append(group)
    return groups


def re_exports_only(module: Module) -> bool:
    """Tell whether a module holds nothing but imports, its docstring and ``__all__``."""
    for node in module.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            continue
        return False
    return True


def home_of_test(module: Module, root: Path) -> Path:
    """Return where the test of a module belongs: a.b -> tests/unit/a/test_b.py."""
    *rooms, own = module.name.split(".")[1:]
    return root.joinpath("tests", "unit", *rooms, f"test_{own.lstrip('_')}.py")


def untested(modules: Iterable[Module], root: Path) -> list[str]:
    """Return the modules without a test of their own path, ``__init__`` and re-exports excepted."""
    return [
        module.name
        for module in modules
        if not module.is_package
        and not re_exports_only(module)
        and not home_of_test(module, root).is_file()
    ]


def undocumented(modules: Iterable[Module]) -> tuple[list[Place], int]:
    """Return the public functions and classes without a docstring, and how many there are."""
    public = [place for module in modules for place in public_definitions(module)]
    return [place for place in public if not ast.get_docstring(place.node)], len(public)


def without_parameters_section(modules: Iterable[Module], least: int = 3) -> list[Place]:
    """Return public functions of so many parameters whose docstring does not list them.

    The docstring of a command is its help text, which lists the options by itself.
    """
    return [
        place
        for module in modules
        for place in public_definitions(module)
        if isinstance(place.node, Function)
        and not any(".command(" in ast.unparse(mark) for mark in place.node.decorator_list)
        and len([name for name in parameters(place.node) if not name.startswith("_")]) >= least
        and "Parameters\n-" not in (ast.get_docstring(place.node) or "")
    ]


def comment_lines(module: Module) -> int:
    """Return the lines that hold a comment for a reader; directives to tools do not count."""
    comments = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT
        and not token.string.startswith(("# noqa", "# type:", "# pragma", "#!"))
    }
    return len(comments)


def percentile(values: Iterable[int], share: float) -> int:
    """Return the smallest value that at least a share of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def report(root: Path, package: str = PACKAGE) -> str:
    """Return all counts as aligned lines, each list of names below its count."""
    modules = read_package(root, package)
    return "\n".join(
        [*_sizes(modules), *_names(modules), *_tests(modules, root), *_docstrings(modules)]
    )


def _line(label: str, value: object) -> str:
    return f"{label:<44} {value}"


def _below(lines: Iterable[object]) -> list[str]:
    return [f"    {line}" for line in lines]


def _sizes(modules: list[Module]) -> Iterator[str]:
    largest = max(modules, key=lambda module: module.n_lines)
    rooms = Counter(module.room for module in modules if module.name.count(".") > 1)
    lengths = {place: code_lines(place.node) for m in modules for place in functions(m)}
    longest = max(lengths, key=lambda place: lengths[place])
    yield _line("modules, lines", f"{len(modules)}, {sum(m.n_lines for m in modules)}")
    yield _line("modules a room", ", ".join(f"{room} {n}" for room, n in sorted(rooms.items())))
    yield _line("largest module", f"{largest.n_lines} lines: {largest.name}")
    yield _line("modules above 400 lines", sum(m.n_lines > 400 for m in modules))
    yield _line(
        "lines of code a function",
        f"median {statistics.median(lengths.values()):g}, 95 % {percentile(lengths.values(), 0.95)}"
        f", most {lengths[longest]}: {longest}",
    )
    yield _line("functions above 40 lines", sum(n > 40 for n in lengths.values()))


def _names(modules: list[Module]) -> Iterator[str]:
    groups = circles(modules)
    yield _line("circles of imports, late ones included", len(groups))
    yield from _below(f"{len(group)} modules: {', '.join(group[:4])}" for group in groups)
    twice = defined_twice(modules)
    yield _line("names defined in two modules or more", len(twice))
    yield from _below(
        f"{name} {len(homes)}: {', '.join(home.removeprefix(PACKAGE + '.') for home in homes[:3])}"
        for name, homes in sorted(twice.items(), key=lambda item: -len(item[1]))[:12]
    )


def _tests(modules: list[Module], root: Path) -> Iterator[str]:
    names = untested(modules, root)
    yield _line("modules without a test of their own path", len(names))
    yield from _below(names[:12])


def _docstrings(modules: list[Module]) -> Iterator[str]:
    missing, n_public = undocumented(modules)
    n_lines = sum(module.n_lines for module in modules)
    n_comments = sum(comment_lines(module) for module in modules)
    listless = without_parameters_section(modules)
    yield _line(
        "public functions and classes with docstring",
        f"{1 - len(missing) / n_public:.1%} of {n_public}",
    )
    yield _line("comment lines in 1,000 lines", f"{1000 * n_comments / n_lines:.1f}")
    yield _line("3 or more parameters, no Parameters section", len(listless))
    yield from _below(listless[:12])


def main() -> None:
    """Print the counts of the checkout that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT)
    print(report(parser.parse_args().root))


if __name__ == "__main__":
    main()
